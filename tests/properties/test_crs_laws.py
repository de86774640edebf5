"""Laws of re-projection: there and back is where one was, and shared vertices stay shared."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import crs

longitudes = st.floats(73.5, 135.1)
latitudes = st.floats(3.8, 53.6)


@given(longitudes, latitudes)
def test_gcj02_there_and_back(lon: float, lat: float) -> None:
    there = crs.gcj02_from_wgs84(lon, lat)
    assert np.allclose(crs.wgs84_from_gcj02(*there), (lon, lat), rtol=0, atol=1e-11)


@given(longitudes, latitudes)
def test_bd09_there_and_back_within_half_a_metre(lon: float, lat: float) -> None:
    there = crs.bd09_from_gcj02(*crs.gcj02_from_wgs84(lon, lat))
    assert np.allclose(crs.wgs84_from_bd09(*there), (lon, lat), rtol=0, atol=5e-6)


@given(longitudes, latitudes)
def test_plane_there_and_back(lon: float, lat: float) -> None:
    there = crs.equal_area_from_wgs84(lon, lat)
    assert np.allclose(crs.wgs84_from_equal_area(*there), (lon, lat), rtol=0, atol=1e-9)


@given(st.lists(st.tuples(longitudes, latitudes), min_size=1, max_size=40))
def test_a_vertex_moves_alike_in_whatever_company(points: list[tuple[float, float]]) -> None:
    together = np.column_stack(crs.wgs84_from_gcj02(*np.array(points).T))
    # Company decides how many rounds there are, so the last digits may differ; 1e-11 degrees is a micrometre.
    alone = np.array([[float(v) for v in crs.wgs84_from_gcj02(lon, lat)] for lon, lat in points])
    assert np.allclose(together, alone, rtol=0, atol=1e-11)


def test_neighbours_still_meet() -> None:
    left, right = shapely.box(116.0, 39.0, 116.1, 39.1), shapely.box(116.1, 39.0, 116.2, 39.1)
    moved = crs.geometries_to_wgs84(np.array([left, right]))
    assert shapely.coverage_is_valid(moved)
    assert moved[0].intersection(moved[1]).length == pytest.approx(0.1, abs=1e-3)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="could not be inverted"):
        crs.wgs84_from_gcj02([116.0, np.nan], [39.0, 39.0])
