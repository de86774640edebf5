"""Nearest centres against every pair measured on the ellipsoid, and what the spherical peer gets wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.analysis.distance import geodesic_m, k_nearest, nearest, uncertain_m
from geodata.analysis.distance_kernels import SHORT_M, short_geodesics
from geodata.crs import ecef_from_wgs84

GEOD = Geod(ellps="WGS84")
# Ten nanometres: coordinates in double precision are good to four.
NEARLY_M = 1e-8
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
        assert list(metres[row, : len(expected)]) == pytest.approx([far for far, _ in expected], rel=0, abs=NEARLY_M)
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


@pytest.mark.parametrize("longest_m", [1.0, 1_000.0, SHORT_M])
def test_short_geodesics_are_karneys_all_over_the_earth(longest_m: float) -> None:
    dice, pairs = np.random.default_rng(11), 20_000
    lon, lat = dice.uniform(-180, 180, pairs), np.degrees(np.arcsin(dice.uniform(-1, 1, pairs)))
    lat[:8] = [90.0, -90.0, 0.0, 0.0, 89.9999, -89.9999, 90.0, 0.0]
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, dice.uniform(0, 360, pairs), dice.uniform(0, longest_m, pairs))
    from_, to, pair = ecef_from_wgs84(lon, lat), ecef_from_wgs84(end_lon, end_lat), np.arange(pairs)
    expected = GEOD.inv(lon, lat, end_lon, end_lat)[2]
    assert np.abs(short_geodesics(from_, to, pair, pair) - expected).max() < NEARLY_M
    assert (short_geodesics(from_, from_, pair, pair) == 0.0).all()


@pytest.mark.parametrize(("spread_deg", "targets", "k"), [(30.0, 5, 1), (30.0, 40, 1), (30.0, 40, 3), (0.01, 40, 1)])
def test_neighbours_who_ask_together_hear_what_each_would_hear_alone(spread_deg: float, targets: int, k: int) -> None:
    """So many points for each target that they ask in groups; one by one they are too few for that."""
    dice = np.random.default_rng(12)
    to = np.array([105.0, 35.0]) + dice.uniform(-15, 15, (targets, 2))
    from_ = to[dice.integers(targets, size=33 * targets)] + dice.normal(0, spread_deg / 4, (33 * targets, 2))
    from_[0] = to[0]
    index, metres = k_nearest(from_[:, 0], np.clip(from_[:, 1], -89, 89), to[:, 0], to[:, 1], k=k)
    for row, point in enumerate(np.column_stack([from_[:, 0], np.clip(from_[:, 1], -89, 89)])):
        expected = slow_k_nearest(tuple(point), to, k)
        assert list(index[row]) == [place for _, place in expected]
        assert list(metres[row]) == pytest.approx([far for far, _ in expected], rel=0, abs=NEARLY_M)


def test_places_without_coordinates_are_neither_measured_nor_chosen() -> None:
    index, metres = nearest([110.0, np.nan], [30.0, 30.0], [np.nan, 112.0], [30.0, 30.0])
    assert list(index) == [1, -1]
    assert metres[0] == geodesic_m([110.0], [30.0], [112.0], [30.0])[0]
    assert np.isnan(metres[1])


def test_no_neighbour_asked_for_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        k_nearest([110.0], [30.0], [110.0], [30.0], k=0)
