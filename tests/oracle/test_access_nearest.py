"""Nearest centres against every pair measured on the ellipsoid, and what the spherical peer gets wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.analysis.distance import geodesic_m, k_nearest, nearest, uncertain_m
from geodata.crs import ecef_from_wgs84

GEOD = Geod(ellps="WGS84")
# Half-degree steps make equal places and equal distances likely; free coordinates make all else.
lon = st.one_of(st.integers(150, 260).map(lambda n: n / 2), st.floats(73.5, 135.1))
lat = st.one_of(st.integers(8, 106).map(lambda n: n / 2), st.floats(3.8, 53.6))
places = st.lists(st.tuples(lon, lat), min_size=1, max_size=14)


def slow_k_nearest(point: tuple[float, float], targets: np.ndarray, k: int) -> list[tuple[float, int]]:
    """Every target measured, sorted by distance and then by position."""
    return sorted((GEOD.inv(*point, *target)[2], place) for place, target in enumerate(targets))[:k]


@settings(max_examples=60)
@given(places, places, st.integers(1, 5))
def test_the_k_nearest_are_the_first_of_all_sorted(
    points: list[tuple[float, float]], targets: list[tuple[float, float]], k: int
) -> None:
    from_, to = np.array(points), np.array(targets)
    index, metres = k_nearest(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1], k=k)
    for row, point in enumerate(points):
        expected = slow_k_nearest(point, to, k)
        assert list(index[row, : len(expected)]) == [place for _, place in expected]
        assert list(metres[row, : len(expected)]) == [far for far, _ in expected]
        assert (index[row, len(expected) :] == -1).all()
        assert np.isnan(metres[row, len(expected) :]).all()


def test_a_contest_of_nearly_equal_chords_is_decided_by_the_geodesic() -> None:
    # Due north and due east the ellipsoid bends differently, so chord and geodesic change their minds apart.
    point, east = (105.0, 30.0), (120.0, 30.0)
    wins = set()
    for north_lat in np.linspace(43.01, 43.05, 401):
        targets = np.array([east, (105.0, north_lat)])
        index, _ = nearest([point[0]], [point[1]], targets[:, 0], targets[:, 1])
        assert index[0] == int(np.argmin([GEOD.inv(*point, *target)[2] for target in targets]))
        wins.add(int(index[0]))
    assert wins == {0, 1}


@given(st.floats(73, 135), st.floats(4, 54), st.floats(0, 360), st.floats(1.0, 3_000_000.0))
def test_what_a_chord_may_hide_is_bounded(lon: float, lat: float, azimuth: float, far_m: float) -> None:
    """Two geodesics whose chords differ by more than `uncertain_m` stand in the order of their chords."""

    def chord(turn: float, metres: float) -> float:
        end_lon, end_lat, _ = GEOD.fwd(lon, lat, turn, metres)
        return float(np.linalg.norm(ecef_from_wgs84(end_lon, end_lat) - ecef_from_wgs84(lon, lat)))

    here, there = chord(azimuth, far_m), chord(azimuth + 90.0, far_m)
    assert abs(here - there) <= uncertain_m(np.array([min(here, there)]))[0]


def test_of_equal_distances_the_first_target_is_taken_in_any_company() -> None:
    # Mirror images about the point's meridian are equally far to the last bit.
    index, _ = nearest([110.0], [30.0], [111.0, 109.0, 111.0, 109.0], [30.0] * 4)
    assert index[0] == 0
    index, metres = k_nearest([110.0], [30.0], [111.0, 109.0, 111.0, 109.0], [30.0] * 4, k=3)
    assert list(index[0]) == [0, 1, 2]
    assert len(set(metres[0])) == 1


def test_places_without_coordinates_are_neither_measured_nor_chosen() -> None:
    index, metres = nearest([110.0, np.nan], [30.0, 30.0], [np.nan, 112.0], [30.0, 30.0])
    assert list(index) == [1, -1]
    assert metres[0] == geodesic_m([110.0], [30.0], [112.0], [30.0])[0]
    assert np.isnan(metres[1])


def test_no_neighbour_asked_for_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        k_nearest([110.0], [30.0], [110.0], [30.0], k=0)
