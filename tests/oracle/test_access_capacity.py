"""Assignment to limited places against children and places taken one by one; the parts of the gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from geodata.analysis.access.capacity import assign
from geodata.analysis.access.catchments import Reach
from geodata.analysis.access.travel import TravelTable

NAN = float("nan")


def reach(origin: list[int], destination: list[int], cost: list[float], points: int, centres: int) -> Reach:
    return Reach.of_table(TravelTable.of(origin, destination, cost, points, centres))


def test_three_parts_by_hand() -> None:
    # Point 0 is near both centres, point 1 near the second only, point 2 near one that is full, point 3 near none.
    at = reach([0, 0, 1, 2], [0, 1, 1, 2], [1.0, 0.5, 2.0, 1.0], 4, 3)
    gap = assign(at, [30.0, 40.0, 10.0, 25.0], [20.0, 50.0, 4.0])
    # All of the first two can be served only if ten or more of point 0 take the farther centre.
    assert gap.method == "optimal"
    assert gap.served.tolist() == pytest.approx([30, 40, 4, 0])
    assert gap.without_place.tolist() == pytest.approx([0, 0, 6, 0])
    assert gap.out_of_reach.tolist() == [0, 0, 0, 25]
    assigned = zip(gap.assigned.point, gap.assigned.centre, gap.children.round(5), strict=True)
    assert set(assigned) == {(0, 0, 20.0), (0, 1, 10.0), (1, 1, 40.0), (2, 2, 4.0)}


def test_nearest_first_may_serve_fewer_and_says_which_way_it_took() -> None:
    at = reach([0, 0, 1], [0, 1, 1], [1.0, 0.5, 2.0], 2, 2)
    best, quick = (assign(at, [30.0, 40.0], [20.0, 40.0], method=method) for method in ("optimal", "nearest_first"))
    assert (best.served.sum(), best.method) == (pytest.approx(60.0), "optimal")
    assert (quick.served.tolist(), quick.method) == ([30.0, 10.0], "nearest_first")


def test_a_centre_whose_places_nobody_knows_promises_none() -> None:
    gap = assign(reach([0], [0], [1.0], 1, 1), [30.0], [NAN])
    assert (gap.served[0], gap.without_place[0], gap.out_of_reach[0]) == (0.0, 30.0, 0.0)


def test_without_any_centre_all_are_out_of_reach() -> None:
    gap = assign(reach([], [], [], 2, 0), [30.0, 0.0], [])
    assert gap.out_of_reach.tolist() == [30.0, 0.0]


@pytest.mark.parametrize(
    ("children", "places"), [([-1.0], [1.0]), ([NAN], [1.0]), ([1.0], [-1.0]), ([1.0, 2.0], [1.0])]
)
def test_senseless_counts_are_refused(children: list[float], places: list[float]) -> None:
    with pytest.raises(ValueError, match="children"):
        assign(reach([0], [0], [1.0], 1, 1), children, places)


def one_by_one(at: Reach, children: np.ndarray, places: np.ndarray) -> tuple[int, float]:
    """Every child a row, every place a column: most children served, then least travel."""
    pairs = at.all_pairs()
    cost = {(i, j): c for i, j, c in zip(pairs.point, pairs.centre, pairs.cost, strict=True)}
    rows, columns = np.repeat(np.arange(len(children)), children), np.repeat(np.arange(len(places)), places)
    unreachable = 1e6
    table = np.array([[cost.get((i, j), unreachable) for j in columns] for i in rows]).reshape(len(rows), len(columns))
    taken = [table[pair] for pair in zip(*linear_sum_assignment(table), strict=True) if table[pair] < unreachable]
    return len(taken), float(sum(taken))


instances = st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(0, 10_000))


def drawn(instance: tuple[int, int, int]) -> tuple[Reach, np.ndarray, np.ndarray]:
    points, centres, seed = instance
    dice = np.random.default_rng(seed)
    origin, destination = np.nonzero(dice.random((points, centres)) < 0.6)
    at = reach(origin, destination, dice.integers(1, 20, len(origin)) * 1.0, points, centres)
    return at, dice.integers(0, 7, points), dice.integers(0, 9, centres)


@settings(max_examples=60)
@given(instances)
def test_the_optimum_is_that_of_one_child_a_place(instance: tuple[int, int, int]) -> None:
    at, children, places = drawn(instance)
    gap = assign(at, children, places)
    served, travel = one_by_one(at, children, places)
    assert gap.served.sum() == pytest.approx(served, abs=1e-5)
    assert (gap.assigned.cost * gap.children).sum() == pytest.approx(travel, abs=1e-3)


@settings(max_examples=60)
@given(instances, st.sampled_from(["optimal", "nearest_first"]))
def test_parts_sum_to_the_whole_and_no_place_is_given_twice(instance: tuple[int, int, int], method: str) -> None:
    at, children, places = drawn(instance)
    gap = assign(at, children, places, method=method)
    np.testing.assert_allclose(gap.served + gap.without_place + gap.out_of_reach, children, atol=1e-9)
    for part in (gap.served, gap.without_place, gap.out_of_reach):
        assert (part >= 0).all()
    given_out = np.bincount(gap.assigned.centre, gap.children, minlength=len(places))
    assert (given_out <= places + 1e-5).all()


@settings(max_examples=40)
@given(instances)
def test_one_more_place_or_centre_never_serves_fewer(instance: tuple[int, int, int]) -> None:
    at, children, places = drawn(instance)
    before = assign(at, children, places)
    assert assign(at, children, places + 1).served.sum() >= before.served.sum() - 1e-5
    # Every child served takes a place, so nearest-first never serves more than the optimum.
    assert assign(at, children, places, method="nearest_first").served.sum() <= before.served.sum() + 1e-5
    pairs = at.all_pairs()
    kept = pairs.centre > 0
    fewer = reach(pairs.point[kept], pairs.centre[kept], pairs.cost[kept], at.points, at.centres)
    without_first = assign(fewer, children, places)
    assert without_first.served.sum() <= before.served.sum() + 1e-5
    assert without_first.out_of_reach.sum() >= before.out_of_reach.sum()
