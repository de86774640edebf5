"""Making one clean coverage out of county outlines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from etl.place import boundaries
from geodata import crs
from geodata.errors import UserError

# A plane of squares of 10 km near Xi'an; metres of the equal-area plane.
KM = 1_000.0
X0, Y0 = (float(v) for v in crs.equal_area_from_wgs84(109.0, 34.0))


def square(column: float, row: float, width: float = 1.0, height: float = 1.0) -> shapely.Polygon:
    """A rectangle in units of 10 km."""
    side = 10 * KM
    return box(X0 + column * side, Y0 + row * side, X0 + (column + width) * side, Y0 + (row + height) * side)


def counties(codes: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code": codes,
            "prefecture_code": [code[:4] + "00" for code in codes],
            "province_code": [code[:2] + "0000" for code in codes],
        }
    )


FOUR = ["610101", "610102", "610201", "620101"]
SQUARES = np.array([square(0, 0), square(1, 0), square(0, 1), square(1, 1)])


def test_levels_are_made_of_the_counties() -> None:
    found, gaps = boundaries.build_coverages(counties(FOUR), SQUARES)
    assert gaps == []
    assert {level: list(coverage.codes) for level, coverage in found.items()} == {
        "county": FOUR,
        "prefecture": ["610100", "610200", "620100"],
        "province": ["610000", "620000"],
        "nation": ["100000"],
    }
    areas = {level: shapely.area(coverage.plane).sum() / 1e6 for level, coverage in found.items()}
    # 400 km²; degrees rounded to six decimals move a corner by 0.1 m at most.
    assert areas == pytest.approx(dict.fromkeys(found, 400.0), abs=0.05)


def test_all_outlines_are_multipolygons_in_degrees() -> None:
    found, _ = boundaries.build_coverages(counties(FOUR), SQUARES)
    for coverage in found.values():
        assert set(shapely.get_type_id(coverage.lonlat)) == {shapely.GeometryType.MULTIPOLYGON}
        # 20 km are 0.22 degrees of longitude and 0.18 of latitude here; the plane leans a little.
        assert shapely.total_bounds(coverage.lonlat) == pytest.approx([109.0, 34.0, 109.22, 34.18], abs=0.02)


def test_a_small_gap_goes_to_the_county_with_the_longest_border_to_it() -> None:
    # The middle one of three squares in a row lacks a bite of 1 km² in its upper edge: three sides of it are its own.
    bitten = shapely.difference(square(1, 0), square(1.4, 0.9, 0.1, 0.1))
    shore = [shape.exterior.coords for shape in (square(0, 0), bitten, square(2, 0))]
    edge = sorted({(x, y) for ring in shore for x, y in ring if y == Y0 + 10 * KM})
    above = shapely.Polygon([*edge, (edge[-1][0], Y0 + 20 * KM), (edge[0][0], Y0 + 20 * KM)])
    row = np.array([square(0, 0), bitten, square(2, 0), above])
    closed, gaps = boundaries.close_gaps(row, np.array(["left", "middle", "right", "above"]))
    assert [gap.code for gap in gaps] == ["middle"]
    assert gaps[0].area_km2 == pytest.approx(1.0)
    assert shapely.area(closed).sum() == pytest.approx(600e6)
    assert shapely.coverage_is_valid(closed)


def test_a_missing_county_is_no_gap_to_close() -> None:
    ring = np.array([square(c, r) for c in range(3) for r in range(3) if (c, r) != (1, 1)])
    with pytest.raises(UserError, match=r"leave a hole.*100\.0 km²"):
        boundaries.close_gaps(ring, np.array([str(n) for n in range(8)]))


def test_overlapping_counties_are_refused_by_code() -> None:
    overlapping = SQUARES.copy()
    overlapping[1] = square(0.8, 0, 1.2, 1)
    with pytest.raises(UserError, match="not a clean coverage") as caught:
        boundaries.build_coverages(counties(FOUR), overlapping)
    assert "610102" in str(caught.value)


def test_the_point_of_a_crescent_lies_inside_it() -> None:
    crescent = shapely.difference(square(0, 0, 3, 3), square(1, 0, 2, 2))
    assert not crescent.contains(crescent.centroid)
    coverage = boundaries.Coverage(
        np.array(["610101"]), crs.geometries_from_equal_area(np.array([crescent])), np.array([crescent])
    )
    lon, lat = boundaries.points_on_surface(coverage)
    assert shapely.contains_xy(coverage.lonlat, lon, lat).all()
    assert 109.0 < lon[0] < 109.4
