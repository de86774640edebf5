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
from etl.pipeline.access import weak_where_moved
from etl.pipeline.travel import RawTravel, Times, TravelChoice, note_travel, read_travel, travel_times, travel_words
from etl.read.sources import read_sources
from etl.report import Report
from geodata.catalogue.travel import TravelAssumptions, load_travel, travel_with
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
        "type": "childrens_place",
        "services": ["healthcare", "", "life_skills"],
        "capacity": [1200.0, np.nan, np.nan],
    }
)
CHILDREN = pd.DataFrame({"code": ["110101", "110102"], "state": "value", "quality": "modelled"})


def minutes(travel: RawTravel | None, others: tuple[str, ...] = ()) -> np.ndarray:
    return times(travel, others).minutes.central


def times(
    travel: RawTravel | None, others: tuple[str, ...] = (), villages: pd.DataFrame = VILLAGES,
    centres: pd.DataFrame = CENTRES, assumed: TravelAssumptions | None = None,
    standards: dict[str, float] | None = None,
) -> Times:  # fmt: skip
    return travel_times(
        travel, villages, centres, pd.Series(others, dtype=str), assumed or load_travel(), standards or {}
    )


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
    taken = times(travel, villages=places)
    assert taken.relief.tolist() == ["flat", "flat", "mountain", "unknown"]
    found = taken.minutes
    straight = near["distance_m"].to_numpy() / 25_000 * 60
    assert found.central == pytest.approx(straight * [1.25, 1.25, 1.45, 1.33])
    assert (found.low <= found.central).all()
    assert (found.central[1:] < found.high[1:]).all()
    with pytest.raises(UserError, match="no settlement"):
        times(travel, villages=places.assign(lon=90.0))


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


def test_who_lives_beside_a_centre_does_not_walk_to_the_road_and_back(tmp_path: Path) -> None:
    """The only junction near lies a kilometre away: village and centre are 100 m apart."""
    head = "start_lon,start_lat,end_lon,end_lat,minutes\n"
    travel = read_travel(table(tmp_path, "roads", head + "110.005,30.005,110.015,30.005,7\n"))
    villages = VILLAGES.assign(lon=[110.006, 110.015, 110.035, 120.0])
    taken = times(travel, villages=villages, standards={"childrens_place": 2.0})
    assert taken.minutes.central[0] == pytest.approx(96.5 * WALKING, abs=0.02)
    assert taken.minutes.central[1] == pytest.approx(2 * 1_108 * WALKING + 7, abs=0.1)
    assert taken.gap is not None
    assert taken.gap.central[:2].sum(axis=0)[:2].tolist() == pytest.approx([1000, 0])


def test_a_pair_that_a_matrix_does_not_list_cannot_be_travelled(tmp_path: Path) -> None:
    centres = CENTRES.assign(type=["childrens_place", "school", "school"])
    travel = read_travel(table(tmp_path, "minutes", "origin,destination,minutes\na,x,5\nb,nowhere,7\n"))
    kinds = times(travel, centres=centres).by_kind.set_index(["type", "settlement_id"])["minutes"]
    assert kinds["childrens_place"][["a", "b"]].tolist() == [5, np.inf]
    assert kinds["school"][["a", "b"]].tolist() == [np.inf, 7]
    assert kinds["school"][["c", "far"]].isna().all(), "no row at all: nobody knows"


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
    titles = travel_words(travel, read_sources(), load_travel())
    assert titles["title_en"].startswith("Least-cost path over a friction surface (from barriers on foot")
    assert titles["title_en"].endswith("within 5 km): Walking 2020")
    assert titles["title_zh"].endswith("：Walking 2020")
    assert travel.sha256 == hashlib.sha256((tmp_path / "friction.tif").read_bytes()).hexdigest()
    report = Report()
    note_travel(report, travel, times(travel), VILLAGES["children"], load_travel())
    said = {row["item"]: row["value"] for row in report.rows}
    assert said["SHA-256"] == travel.sha256
    assert (said["settlements: reach no centre"], said["settlements: not known"]) == ("1", "1")
    assert said["children: not known"] == "200"


def test_every_way_knows_each_kind_of_centre(tmp_path: Path) -> None:
    """Two kinds: one near village a, one near c; the least of both is the minutes to any."""
    other = pd.DataFrame(
        {"centre_id": ["y"], "lon": [110.035], "lat": [29.995], "status": ["open"], "type": ["childrens_centre"],
         "services": ["life_skills, healthcare"], "capacity": [10.0]}
    )  # fmt: skip
    centres = pd.concat([CENTRES, other], ignore_index=True)
    found = times(surface(tmp_path), centres=centres)
    by_kind = found.by_kind.set_index(["type", "services", "settlement_id"])["minutes"]
    place = by_kind["childrens_place", "healthcare"]
    assert place[["a", "b"]].tolist() == pytest.approx([0, 11.58], abs=0.02)
    assert np.isposinf(place["c"])
    centre = by_kind["childrens_centre", "healthcare,life_skills"]
    assert np.isposinf(centre["a"])
    assert centre["c"] == 0
    assert np.isnan(centre["far"])
    assert found.minutes.central[:3] == pytest.approx([0, 11.58, 0], abs=0.02)
    assert times(None, centres=centres).by_kind.empty, "along the straight line minutes follow from the settlements"


def test_who_lives_on_a_barrier_walks_to_the_nearest_cell_that_can_be_crossed(tmp_path: Path) -> None:
    """The third cell is a barrier: 110.0215 is nearer to the second cell (110.015), whose minutes count from there."""
    villages = VILLAGES.assign(lon=[110.005, 110.0215, 110.0285, 120.0])
    found = times(surface(tmp_path), villages=villages)
    assert found.moved_m[1] == pytest.approx(627, abs=2)
    assert found.minutes.central[1] == pytest.approx(11.58 + 627 * WALKING, abs=0.1)
    # The other side of the barrier is nearer, and no centre is there.
    assert np.isposinf(found.minutes.central[2])
    assert np.isnan(found.moved_m[[0, 3]]).all()
    strict = times(surface(tmp_path), villages=villages, assumed=travel_with({"snap_within_m": 500}, load_travel()))
    assert np.isposinf(strict.minutes.central[1]), "farther than allowed: as it was"
    report = Report()
    note_travel(report, surface(tmp_path), found, villages["children"], load_travel())
    said = {row["item"]: row["value"] for row in report.rows}
    assert (said["settlements: moved off a barrier"], said["children: moved off a barrier"]) == ("2", "800")
    assert said["moved off a barrier at most, m"] == "5,000"


def test_minutes_of_counties_that_mostly_live_on_barriers_are_weak() -> None:
    figures = pd.DataFrame(
        [
            {"code": code, "measure": measure, "quality": quality}
            for code in ("110101", "110102")
            for measure in ("children_minutes", "children_km")
            for quality in ("modelled", "demonstration")
        ]
    )
    found = weak_where_moved(figures, VILLAGES, np.array([700.0, np.nan, np.nan, np.nan]))
    changed = found[found["quality"] != figures["quality"]]
    assert changed[["code", "measure", "quality"]].to_numpy().tolist() == [
        ["110101", "children_minutes", "modelled_weak"]
    ]


@pytest.mark.parametrize("way", ["line", "surface", "roads", "matrix"])
def test_the_gap_by_minutes_has_three_parts_that_are_the_whole(way: str, tmp_path: Path) -> None:
    """Centre x has 1,200 places: all of a (1,000) and 200 of b, if b is within the standard; the rest is beyond it."""
    head = "start_lon,start_lat,end_lon,end_lat,minutes\n"
    travel = {
        "line": lambda: None,
        "surface": lambda: surface(tmp_path),
        "roads": lambda: read_travel(table(tmp_path, "roads", head + "110.005,29.995,110.015,29.995,3\n")),
        "matrix": lambda: read_travel(table(
            tmp_path, "minutes", "origin,destination,minutes\na,x,0\nb,x,3\nc,x,60.001\n"
        )),
    }[way]()  # fmt: skip
    near = times(travel, standards={"childrens_place": 60.0 if way == "surface" else 3.2}).gap
    assert near is not None
    known = ~np.isnan(near.central[0])
    assert near.central.sum(axis=0)[known] == pytest.approx(VILLAGES["children"][known])
    assert near.central[0, :2].tolist() == pytest.approx([1000, 200])
    assert near.central[1, :2].tolist() == pytest.approx([0, 300])
    if known[2]:
        assert near.central[:, 2].tolist() == [0, 0, 300]
    assert times(travel, standards={"school": 60.0}).gap is None, "no centre of a type with a standard"
    if way == "line":
        assert near.favourable[2].sum() <= near.central[2].sum() <= near.unfavourable[2].sum()
        assert near.unfavourable[2, 1] == 500, "b takes 3.1 minutes, 4.3 at worst"


def test_sixty_minutes_are_within_sixty_in_the_gap_too(tmp_path: Path) -> None:
    text = "origin,destination,minutes\na,x,60\nb,x,60.001\n"
    gap = times(read_travel(table(tmp_path, "minutes", text)), standards={"childrens_place": 60.0}).gap
    assert gap is not None
    assert gap.central[0, 0] == 1000
    assert gap.central[2, 1] == 500


def test_a_build_may_say_how_fast_and_how_far_round() -> None:
    stated = travel_with({"mode": "walk", "speed_km_h": 4.0, "detour": {"unknown": 1.5}}, load_travel())
    assert stated.detour.flat == load_travel().detour.flat
    near = access.nearest_centres(VILLAGES, CENTRES)
    assert times(None, assumed=stated).minutes.central == pytest.approx(near["distance_m"] * 1.5 / 4_000 * 60)
    words = travel_words(None, read_sources(), stated)
    assert "1.5" in words["title_en"]
    assert "on foot at 4 km/h" in words["title_en"]
    assert "步行每小时4公里" in words["title_zh"]
    for wrong in ({"speed_km_h": 0}, {"detour": {"flat": 0.9}}, {"detour": {"steep": 2}}, {"mode": "train"}):
        with pytest.raises(UserError):
            travel_with(wrong, load_travel())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--speed-km-h", "0"], "speed_km_h"),
        (["--detour", "flat"], "mountain=1.6"),
        (["--detour", "steep=2"], "steep"),
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
