"""Minutes of a release: the straight line, or a file of the user's; what is unknown and what is unreachable."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from etl.__main__ import main
from etl.measure import access
from etl.pipeline.travel import RawTravel, TravelChoice, minutes_to_centres, note_travel, read_travel, travel_titles
from etl.read.sources import read_sources
from etl.report import Report
from geodata.errors import ManyErrors, UserError

WALKING = 60 / 5_000  # minutes a metre at 5 km/h
# Three villages in a row, 0.01 degrees (965 m) apart, and one far off.
VILLAGES = pd.DataFrame(
    {
        "settlement_id": ["a", "b", "c", "far"],
        "code": ["110101", "110101", "110101", "110102"],
        "lon": [110.005, 110.015, 110.035, 120.0],
        "lat": [29.995] * 4,
        "children": [1000.0, 500.0, 300.0, 200.0],
    }
)
CENTRES = pd.DataFrame(
    {
        "centre_id": ["x", "shut", "nowhere"],
        "lon": [110.005, 110.035, np.nan],
        "lat": [29.995, 29.995, np.nan],
        "status": ["open", "closed", "open"],
    }
)
CHILDREN = pd.DataFrame({"code": ["110101", "110102"], "state": "value", "quality": "modelled"})


def minutes(travel: RawTravel | None, others: tuple[str, ...] = ()) -> np.ndarray:
    near = access.nearest_centres(VILLAGES, CENTRES)
    return minutes_to_centres(travel, VILLAGES, CENTRES, near, pd.Series(others, dtype=str)).central


def sums(took: np.ndarray) -> pd.DataFrame:
    near = access.nearest_centres(VILLAGES, CENTRES).assign(minutes=took)
    return access.county_sums(VILLAGES, near, CHILDREN).set_index("code")


def surface(tmp_path: Path) -> RawTravel:
    """Five cells from 110 to 110.05 degrees, the third a barrier."""
    file = tmp_path / "friction.tif"
    with rasterio.open(
        file, "w", driver="GTiff", height=1, width=5, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(0.01, 0, 110.0, 0, -0.01, 30.0), nodata=-1.0,
    ) as raster:  # fmt: skip
        raster.write(np.array([[WALKING, WALKING, -1, WALKING, WALKING]], dtype="float32"), 1)
    return read_travel(TravelChoice("friction", file, title="Walking 2020"))


def table(tmp_path: Path, method: str, text: str) -> TravelChoice:
    file = tmp_path / f"{method}.csv"
    file.write_text(text, encoding="utf-8")
    return TravelChoice("roads" if method == "roads" else "minutes", file)


def test_without_a_file_minutes_are_those_of_the_straight_line() -> None:
    near = access.nearest_centres(VILLAGES, CENTRES)
    assert minutes(None) == pytest.approx(near["distance_m"] * 1.33 / 25_000 * 60)


def test_heights_choose_the_detour_and_keep_the_span(tmp_path: Path) -> None:
    """Flat ground at the first villages, a mountain of 900 m two kilometres from the third, nothing known far off."""
    file = tmp_path / "heights.tif"
    heights = np.full((40, 40), 100.0)
    heights[:, 39] = 1_000.0  # 110.39 to 110.40 degrees
    with rasterio.open(
        file, "w", driver="GTiff", height=40, width=40, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(0.01, 0, 110.0, 0, -0.01, 30.2), nodata=-1.0,
    ) as raster:  # fmt: skip
        raster.write(heights.astype("float32"), 1)
    places = VILLAGES.assign(lon=[110.005, 110.015, 110.37, 120.0])
    near = access.nearest_centres(places, CENTRES)
    travel = read_travel(TravelChoice("elevation", file))
    found = minutes_to_centres(travel, places, CENTRES, near, pd.Series(dtype=str))
    straight = near["distance_m"].to_numpy() / 25_000 * 60
    assert found.central == pytest.approx(straight * [1.25, 1.25, 1.45, 1.33])
    assert (found.low <= found.central).all()
    assert (found.central[1:] < found.high[1:]).all()
    with pytest.raises(UserError, match="no settlement"):
        minutes_to_centres(travel, places.assign(lon=90.0), CENTRES, near, pd.Series(dtype=str))


def test_what_lies_behind_a_barrier_is_unreachable_and_what_lies_off_the_surface_unknown(tmp_path: Path) -> None:
    took = minutes(surface(tmp_path))
    assert took[:2] == pytest.approx([0, 11.58], abs=0.02)
    assert np.isposinf(took[2])
    assert np.isnan(took[3])
    found = sums(took)
    assert found.loc["110101", ["children_timed", "children_reaching", "children_unreachable"]].tolist() == [
        1800, 1500, 300,
    ]  # fmt: skip
    # Who reaches nothing is beyond sixty minutes and adds no minutes.
    assert found.loc["110101", "children_beyond_60min"] == 300
    assert found.loc["110101", "children_minutes"] == pytest.approx(500 * 11.58, rel=2e-3)
    assert np.isnan(found.loc["110102", "children_timed"])
    assert found.loc["110102", "children_measured"] == 200, "its distance is known all the same"


def test_on_roads_the_walk_to_the_road_counts_and_islands_of_road_reach_nothing(tmp_path: Path) -> None:
    head = "start_lon,start_lat,end_lon,end_lat,minutes\n"
    took = minutes(read_travel(table(tmp_path, "roads", head + (
        "110.005,29.995,110.015,29.995,7\n"  # from the centre to village b
        "110.035,29.995,110.045,29.995,7\n"  # village c has a road of its own
    ))))  # fmt: skip
    assert took[:2] == pytest.approx([0, 7])
    assert np.isposinf(took[2])
    assert np.isnan(took[3]), "more than ten kilometres from any road nobody knows the way"


def test_sixty_minutes_of_a_matrix_are_within_sixty_and_empty_cells_are_no_way(tmp_path: Path) -> None:
    text = "origin,destination,minutes\na,x,60\nb,x,60.001\nb,shut,1\nc,x,\nabroad,x,5\n"
    took = minutes(read_travel(table(tmp_path, "minutes", text)), others=("abroad",))
    assert took[:2].tolist() == [60, 60.001], "a closed centre is no way out"
    assert np.isposinf(took[2])
    assert np.isnan(took[3])
    assert sums(took).loc["110101", "children_beyond_60min"] == 500 + 300


def test_a_matrix_may_lead_to_a_centre_without_a_place(tmp_path: Path) -> None:
    took = minutes(read_travel(table(tmp_path, "minutes", "origin,destination,minutes\na,x,60\na,nowhere,5\n")))
    assert took[0] == 5


def test_a_matrix_of_unknown_places_is_refused_row_by_row(tmp_path: Path) -> None:
    choice = table(tmp_path, "minutes", "origin,destination,minutes\na,x,1\nzz,x,1\na,yy,1\na,x,-3\n")
    with pytest.raises(ManyErrors, match=r"(?s)row 3.*row 4.*row 5"):
        minutes(read_travel(choice))


def test_the_release_names_file_title_and_hash(tmp_path: Path) -> None:
    travel = surface(tmp_path)
    titles = travel_titles(travel, read_sources())
    assert titles["title_en"] == "Least-cost path over a friction surface: Walking 2020"
    assert titles["title_zh"].endswith("：Walking 2020")
    assert travel.sha256 == hashlib.sha256((tmp_path / "friction.tif").read_bytes()).hexdigest()
    report = Report()
    note_travel(report, travel, minutes(travel), VILLAGES["children"])
    said = {row["item"]: row["value"] for row in report.rows}
    assert said["SHA-256"] == travel.sha256
    assert (said["settlements: reach no centre"], said["settlements: not known"]) == ("1", "1")
    assert said["children: not known"] == "200"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--friction", "none.tif"], "none.tif"),
        (["--roads", "none.csv"], "start_lon"),
        (["--elevation", "none.tif"], "heights"),
        (["--minutes", "none.csv"], "origin"),
        (["--nodes", "none.csv"], "--roads"),
        (["--minutes", "none.csv", "--nodes", "none.csv"], "Only roads"),
    ],
)
def test_a_wrong_file_is_one_error_and_leaves_the_old_release(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GEODATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("CENTRES", raising=False)
    assert main(["build", *arguments]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.count("Error:") == 1
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()


def test_two_files_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FRICTION", "a.tif")
    monkeypatch.setenv("MINUTES", "b.csv")
    assert main(["build"]) == 1
    assert "FRICTION, MINUTES" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["build", "--friction", "a.tif", "--minutes", "b.csv"])


def test_nodes_belong_to_roads(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Only roads"):
        read_travel(TravelChoice("minutes", tmp_path / "m.csv", tmp_path / "n.csv"))
