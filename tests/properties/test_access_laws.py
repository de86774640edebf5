"""Laws of distance and of access that hold whatever the data."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.access.catchments import centres_in_reach, within
from geodata.analysis.access.nearest import spread
from geodata.analysis.access.travel import TravelTable
from geodata.analysis.distance import geodesic_m, nearest

spot = st.tuples(st.floats(73.5, 135.1), st.floats(3.8, 53.6))
spots = st.lists(spot, min_size=1, max_size=10)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(geodesic_m([one[0]], [one[1]], [other[0]], [other[1]])[0])


@given(spot, spot, spot)
def test_distance_is_a_distance(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    assert metres(a, a) == 0
    assert abs(metres(a, b) - metres(b, a)) < 1e-6
    assert metres(a, c) <= metres(a, b) + metres(b, c) + 1e-6


@given(spots, spots, spot)
def test_one_more_centre_is_never_farther_and_the_order_of_centres_does_not_matter(
    points: list[tuple[float, float]], centres: list[tuple[float, float]], more: tuple[float, float]
) -> None:
    from_, to = np.array(points), np.array(centres)
    _, before = nearest(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1])
    grown = np.vstack([to, more])
    _, after = nearest(from_[:, 0], from_[:, 1], grown[:, 0], grown[:, 1])
    assert (after <= before).all()
    _, turned = nearest(from_[:, 0], from_[:, 1], grown[::-1, 0], grown[::-1, 1])
    np.testing.assert_array_equal(turned, after)


@settings(max_examples=50)
@given(spots, spots, st.floats(1_000, 3_000_000))
def test_in_reach_of_any_centre_is_as_near_as_the_nearest(
    points: list[tuple[float, float]], centres: list[tuple[float, float]], radius_m: float
) -> None:
    """Two roads to coverage: counting pairs within the radius, and comparing the nearest with it."""
    from_, to = np.array(points), np.array(centres)
    _, far = nearest(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1])
    reach = within(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1], radius_m=radius_m)
    np.testing.assert_array_equal(centres_in_reach(reach) > 0, far <= radius_m)


@given(st.lists(st.tuples(st.floats(0.5, 90), st.floats(0, 80)), min_size=1, max_size=12), st.floats(0.01, 9))
def test_going_farther_never_lowers_what_is_within_a_band(points: list[tuple[float, float]], more: float) -> None:
    people, far = np.array(points).T
    unit = np.zeros(len(people), dtype=np.int64)
    near, farther = (spread(unit, people, d, units=1, bands=(1, 5, 30)) for d in (far, far + more))
    assert (np.cumsum(near.in_band) >= np.cumsum(farther.in_band) - 1e-9).all()
    assert near.median[0] <= near.p90[0]
    assert near.median[0] <= farther.median[0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.floats(0, 90)), max_size=15), st.floats(0, 90))
def test_a_longer_limit_keeps_every_pair_of_a_shorter_one(rows: list[tuple[int, int, float]], limit: float) -> None:
    origin, destination, minutes = ([row[column] for row in rows] for column in range(3))
    table = TravelTable.of(origin, destination, minutes, 5, 4)

    def pairs(at_most: float) -> set[tuple[int, int]]:
        kept = table.within(at_most)
        return set(zip(kept.origin.tolist(), kept.destination.tolist(), strict=True))

    assert pairs(limit) <= pairs(limit + 5)
    index, best = table.nearest()
    assert all((place == -1) == bool(np.isinf(took)) for place, took in zip(index, best, strict=True))
    assert sum(place >= 0 for place in index) == len({one for one, _ in pairs(1e9)})
