"""The coordinate doctor on a drawn country: what it mends, what it leaves alone, what it only says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from geodata import crs
from geodata.analysis.coordinates import Counties, examine
from geodata.analysis.readings import parse_angle

# Three counties of 0.3 by 0.3 degrees (about 26 by 33 km) side by side, west to east, around 110.3° E, 30.4° N.
WEST, SOUTH, SIDE = 110.15, 30.3, 0.3


def counties() -> Counties:
    boxes = [
        shapely.segmentize(shapely.box(WEST + SIDE * n, SOUTH, WEST + SIDE * (n + 1), SOUTH + SIDE), 0.01)
        for n in range(3)
    ]
    return Counties(
        np.array(["420101", "420102", "420203"]), crs.geometries_to_equal_area(np.array(boxes, dtype=object))
    )


LAND = counties()


def one(x: float, y: float, county: int = 1) -> pd.Series:
    return examine([x], [y], [county], LAND).iloc[0]


def inside(county: int = 1, count: int = 1, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    lon = WEST + SIDE * county + dice.uniform(0.05, 0.12, count)
    return lon, SOUTH + dice.uniform(0.05, 0.12, count)


LON, LAT = (float(values[0]) for values in inside())


def project(to: str) -> tuple[float, float]:
    return Transformer.from_crs("EPSG:4326", to, always_xy=True).transform(LON, LAT)


def packed(value: float, *, seconds: bool) -> float:
    degrees, minutes = divmod(value * 60, 60)
    if not seconds:
        return degrees * 100 + minutes
    return degrees * 10_000 + divmod(minutes, 1)[0] * 100 + divmod(minutes, 1)[1] * 60


@pytest.mark.parametrize(
    ("x", "y", "fix"),
    [
        (LAT, LON, "swapped"),
        (packed(LON, seconds=False), packed(LAT, seconds=False), "packed_dm"),
        (packed(LON, seconds=True), packed(LAT, seconds=True), "packed_dms"),
        (*project("EPSG:3857"), "web_mercator"),
        (*project("EPSG:3857")[::-1], "web_mercator"),
        (*project("EPSG:4525"), "gauss_krueger"),  # 3 degree zone 37, eastings with the zone
        (*project("EPSG:4546"), "gauss_krueger"),  # central meridian 111, without
        (*project("EPSG:4546")[::-1], "gauss_krueger"),
        (*project("EPSG:4497"), "gauss_krueger"),  # 6 degree zone 19
    ],
)
def test_what_cannot_be_degrees_is_read_as_what_it_is(x: float, y: float, fix: str) -> None:
    found = one(x, y)
    assert found["fix"] == found["finding"] == fix
    # CGCS2000 and WGS-84 agree within decimetres, so a metre is generous.
    assert np.hypot(found["fixed_lon"] - LON, found["fixed_lat"] - LAT) * 111_000 < 1.0


def test_a_good_point_is_left_alone() -> None:
    found = one(LON, LAT)
    assert (found["finding"], found["fix"], found["outside_m"]) == ("ok", "", 0.0)


def test_a_point_in_another_county_is_said_and_not_mended() -> None:
    found = one(LON, LAT, county=0)
    assert (found["finding"], found["fix"]) == ("outside_county", "")
    assert 4_000 < found["outside_m"] < 12_000


def test_a_point_just_over_the_border_is_good() -> None:
    assert one(WEST + SIDE - 0.001, LAT)["finding"] == "ok"  # 96 m west of county 1
    assert one(WEST + SIDE - 0.005, LAT)["finding"] == "outside_county"  # 480 m


def test_a_point_nowhere_is_said() -> None:
    assert one(90.0, 40.0)["finding"] == "nowhere"
    assert one(0.0, 0.0)["finding"] == "nowhere"
    assert one(np.nan, np.nan)["finding"] == "nowhere"


def test_without_a_county_only_what_cannot_be_degrees_is_mended() -> None:
    assert one(LAT, LON, county=-1)["fix"] == "swapped"
    assert one(*project("EPSG:4525"), county=-1)["fix"] == "gauss_krueger"
    assert one(*project("EPSG:4546"), county=-1)["fix"] == "", "21 meridians fit, and nothing chooses"
    assert one(LON, LAT, county=-1)["finding"] == "ok"


def test_the_middle_of_a_county_is_no_address() -> None:
    middle = shapely.get_coordinates(shapely.centroid(LAND.plane))
    lon, lat = crs.wgs84_from_equal_area(middle[:, 0], middle[:, 1])
    for x, y in (
        (lon, lat), crs.gcj02_from_wgs84(lon, lat), crs.bd09_from_gcj02(*crs.gcj02_from_wgs84(lon, lat)),
    ):  # fmt: skip
        found = examine(x, y, np.arange(3), LAND)
        assert (found["finding"] == "centroid").all()
        assert (found["fix"] == "withdraw").all()
        assert found["fixed_lon"].isna().all()


def test_the_middle_of_a_prefecture_is_none_either() -> None:
    two = shapely.get_coordinates(shapely.centroid(LAND.plane))[:2].mean(axis=0)  # two counties of equal area
    lon, lat = crs.wgs84_from_equal_area(*two)
    assert one(float(lon), float(lat), county=-1)["finding"] == "centroid"


def test_one_point_for_three_rows_is_said() -> None:
    found = examine([LON] * 3, [LAT] * 3, [1, 1, 1], LAND)
    assert (found["finding"] == "shared_point").all()
    assert (found["fix"] == "").all()


def near_border(shift: int, count: int = 24) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of county 1, half of them 300 m inside its eastern border, and as GCJ-02 (1) or BD-09 (2)."""
    dice = np.random.default_rng(3)
    lon = np.where(np.arange(count) % 2, WEST + 2 * SIDE - 0.003, WEST + SIDE + 0.1)
    lat = SOUTH + dice.uniform(0.02, 0.13, count)
    x, y = crs.gcj02_from_wgs84(lon, lat)
    if shift == 2:
        x, y = crs.bd09_from_gcj02(x, y)
    return x, y, np.column_stack([lon, lat])


def test_a_whole_file_in_gcj_is_found_by_those_that_leave_their_county() -> None:
    x, y, truth = near_border(1)
    found = examine(x, y, np.ones(len(x), dtype=int), LAND)
    # Undone as BD-09, which shifts farther, the points lie in the county too: which of the two, nobody can say.
    assert set(found["fix"]) <= {"gcj02", "bd09", ""}
    far = np.where(np.arange(len(x)) % 3 == 0, WEST + SIDE + 0.004, truth[:, 0])  # and some 400 m inside the western
    x, y = crs.gcj02_from_wgs84(far, truth[:, 1])
    found = examine(x, y, np.ones(len(x), dtype=int), LAND)
    assert (found["fix"] == "gcj02").all()
    assert np.allclose(found["fixed_lon"], far, atol=1e-8)
    assert found["moved_m"].between(100, 800).all()


def test_a_single_point_over_the_border_does_not_condemn_the_file() -> None:
    x, y, _ = near_border(2)
    found = examine(x[:2], y[:2], [1, 1], LAND)
    assert list(found["fix"]) == ["", ""]
    assert list(found["finding"]) == ["ok", "datum_unsure"]


def test_degrees_that_are_minutes_are_seen_in_the_whole_file() -> None:
    dice = np.random.default_rng(8)
    minutes_lon, minutes_lat = dice.integers(28, 44, 12), dice.integers(19, 35, 12)  # within county 1
    seconds = dice.integers(0, 60, 12)
    x, y = 110 + minutes_lon / 100 + seconds / 10_000, 30 + minutes_lat / 100 + seconds / 10_000
    found = examine(x, y, np.ones(12, dtype=int), LAND)
    assert (found["fix"] == "dotted_dms").all()
    assert np.allclose(found["fixed_lon"], 110 + minutes_lon / 60 + seconds / 3600, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True),
            st.integers(-1, 2),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_any_numbers_get_a_finding_and_a_fix_lies_in_its_county(rows: list[tuple[float, float, int]]) -> None:
    found = examine(*zip(*rows, strict=True), LAND)
    assert len(found) == len(rows)
    assert (found["finding"] != "").all()
    mended = found[found["fixed_lon"].notna()]
    assert (mended["fix"] != "").all()
    assert mended["fixed_lon"].between(73, 136).all()
    assert found.loc[found["finding"] == "ok", "fix"].eq("").all()


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("116.25", 116.25),
        ("116°15'00\"E", 116.25),
        ("东经116度15分", 116.25),
        ("116 15 36", 116.26),
        ("北纬40.5°", 40.5),
        ("30°30\u2032S", -30.5),
        ("-30.5", -30.5),
        ("116：15：36", 116.26),
    ],
)
def test_angles_as_people_write_them(text: str, degrees: float) -> None:
    assert parse_angle(text) == pytest.approx(degrees)


@pytest.mark.parametrize("text", ["", "east", "116 75", "1 2 3 4", "nan", "12,5", "116.2.3"])
def test_what_is_no_angle_is_none(text: str) -> None:
    assert parse_angle(text) is None
