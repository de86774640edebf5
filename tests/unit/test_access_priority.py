"""Composite index, its reasons and its steadiness; nine classes of need and coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.access.bivariate import bivariate
from geodata.analysis.access.priority import priority, rank_stability, scores

NAN = float("nan")
NEED_AND_COVERAGE = [True, False]
tables = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=15)


def test_index_rank_and_reason_by_hand() -> None:
    # Left-behind share (more is worse) and coverage (less is worse).
    found = priority([[10, 0], [30, 50], [20, 80], [NAN, 0]], weights=[3, 1], higher_is_worse=NEED_AND_COVERAGE)
    assert found.parts[:3].tolist() == [[0, 25], [75, 12.5], [37.5, 0]]
    assert found.index[:3].tolist() == [25, 87.5, 37.5]
    assert found.rank[:3].tolist() == [3, 1, 2]
    assert np.isnan([found.index[3], found.rank[3]]).all()
    assert found.reason.tolist() == [1, 0, 0, -1]


def test_ties_share_their_rank() -> None:
    found = priority([[1], [5], [5], [9]], weights=[1], higher_is_worse=[True])
    assert found.rank.tolist() == [4, 2.5, 2.5, 1]
    assert scores([[3.0]], higher_is_worse=[True]).tolist() == [[0.5]]


@pytest.mark.parametrize("weights", [[0, 0], [1], [-1, 2], [NAN, 1]])
def test_senseless_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        priority([[1, 2], [2, 1]], weights=weights, higher_is_worse=NEED_AND_COVERAGE)
    with pytest.raises(ValueError, match="every component"):
        priority([[1, 2]], weights=[1, 1], higher_is_worse=[True])


@settings(max_examples=50)
@given(tables, st.floats(0.1, 5), st.floats(0.1, 5), st.floats(0.5, 40))
def test_only_proportions_of_weights_and_orders_of_values_count(
    table: list[tuple[int, int]], first: float, second: float, times: float
) -> None:
    rows = np.array(table, dtype=float)
    plain = priority(rows, weights=[first, second], higher_is_worse=NEED_AND_COVERAGE)
    scaled = priority(rows**3 + 7, weights=[first * times, second * times], higher_is_worse=NEED_AND_COVERAGE)
    np.testing.assert_allclose(scaled.index, plain.index, atol=1e-9)
    order = np.arange(len(rows))[::-1]
    mixed = priority(rows[order], weights=[first, second], higher_is_worse=NEED_AND_COVERAGE)
    np.testing.assert_allclose(mixed.rank, plain.rank[order])
    # Whoever is worse in everything stands before.
    for one in range(len(rows)):
        for other in range(len(rows)):
            if rows[one, 0] > rows[other, 0] and rows[one, 1] < rows[other, 1]:
                assert plain.rank[one] < plain.rank[other]


def test_who_is_worst_in_everything_stays_first_whatever_the_weights() -> None:
    table = np.array([[9, 0], [5, 1], [1, 9], [6, 8], [NAN, 1]])
    asked = {"weights": [1, 1], "higher_is_worse": NEED_AND_COVERAGE, "first": 1, "seed": 3}
    found = rank_stability(table, **asked)
    assert (found.rank_best[0], found.rank_worst[0], found.share_among_first[0]) == (1, 1, 1)
    assert found.rank_best[3] < found.rank_worst[3]
    assert np.isnan([found.rank_best[4], found.share_among_first[4]]).all()
    again, other = rank_stability(table, **asked), rank_stability(table, **(asked | {"seed": 4, "draws": 3}))
    np.testing.assert_array_equal(again.share_among_first, found.share_among_first)
    assert (other.rank_best[:4] >= 1).all()


def test_a_weight_of_nought_stays_nought() -> None:
    table = np.array([[9, 0], [5, 1], [1, 9]])
    found = rank_stability(table, weights=[1, 0], higher_is_worse=NEED_AND_COVERAGE, first=1, seed=1)
    assert found.rank_best.tolist() == found.rank_worst.tolist() == [1, 2, 3]


def test_nine_classes_by_hand() -> None:
    found = bivariate([1, 2, 3, NAN, 3], [30, 20, 10, 10, NAN])
    assert found.need.tolist() == [0, 1, 2, -1, -1]
    assert found.coverage.tolist() == [2, 1, 0, -1, -1]
    assert found.cell.tolist() == [2, 4, 6, -1, -1]
    assert (found.need_breaks, found.coverage_breaks) == ((1, 2), (10, 20))
    assert bivariate([NAN], [1]).cell.tolist() == [-1]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_equal_values_share_a_class_and_order_is_kept(table: list[tuple[int, int]]) -> None:
    need, coverage = np.array(table, dtype=float).T
    found = bivariate(need, coverage)
    for values, classes in ((need, found.need), (coverage, found.coverage)):
        by_value = {value: set(classes[values == value].tolist()) for value in set(values.tolist())}
        assert all(len(own) == 1 for own in by_value.values())
        ordered = [by_value[value].copy().pop() for value in sorted(by_value)]
        assert ordered == sorted(ordered)
        # Ties apart, no more than a third lies above the second break.
        assert 3 * (classes == 2).sum() <= len(values)
