"""Intervals, ranks and differences a second time: by sorting and counting, one unit after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geodata.analysis.estimate.draws import at_range_ends, median_change
from geodata.analysis.estimate.intervals import interval, not_clearly_different, summed
from geodata.analysis.estimate.ranking import placing, rank_interval, ranks
from geodata.analysis.estimate.types import Estimate

# Few different values make ties; 2 to 45 draws cut off nothing, one or two at either end.
worlds = arrays(np.int64, st.tuples(st.integers(2, 45), st.integers(1, 4)), elements=st.integers(0, 9)).map(
    lambda draws: draws.astype(np.float64)
)


def slow_interval(values: list[float]) -> tuple[float, float]:
    """Cut off one value in twenty of all but the last, below and above."""
    ordered = sorted(values)
    cut = math.floor((len(values) - 1) / 20)
    return ordered[cut], ordered[len(values) - 1 - cut]


def slow_ranks(values: list[float]) -> list[int]:
    return [1 + sum(1 for other in values if other > value) for value in values]


@given(worlds)
def test_intervals(draws: np.ndarray) -> None:
    low, high = interval(draws)
    assert [slow_interval(list(column)) for column in draws.T] == list(zip(low, high, strict=True))


def test_of_500_draws_the_25th_from_either_end_bounds() -> None:
    low, high = interval(np.arange(500.0)[:, None])
    assert (low[0], high[0]) == (24.0, 475.0)


@given(worlds)
def test_ranks_and_their_intervals(draws: np.ndarray) -> None:
    expected = [slow_ranks(list(row)) for row in draws]
    assert ranks(draws).tolist() == expected
    bounds = [slow_interval([float(row[unit]) for row in expected]) for unit in range(draws.shape[1])]
    best, worst = rank_interval(draws)
    assert bounds == list(zip(best, worst, strict=True))
    placed = placing(draws)
    assert (placed.best == best).all()
    assert (placed.worst == worst).all()


@given(worlds)
def test_not_clearly_different(draws: np.ndarray) -> None:
    for unit in range(draws.shape[1]):
        said = not_clearly_different(draws, unit)
        for other in range(draws.shape[1]):
            wins = 2 * sum(row[unit] > row[other] for row in draws) + sum(row[unit] == row[other] for row in draws)
            # In whole numbers: at least 18 of 20 for one or the other is clear.
            clear = 20 * wins >= 18 * 2 * len(draws) or 20 * wins <= 2 * 2 * len(draws)
            assert said[other] == (not clear)
        # Itself apart.
        assert placing(draws).alike[unit] == said.sum() - 1


@given(worlds)
def test_sums_of_groups(draws: np.ndarray) -> None:
    group = np.array([["b", "a"][unit % 2] for unit in range(draws.shape[1])])
    names, sums = summed(draws, group)
    for name, column in zip(names, sums.T, strict=True):
        assert list(column) == [sum(row[u] for u in range(len(row)) if group[u] == name) for row in draws]


def test_sensitivity_moves_one_assumption_at_a_time() -> None:
    ends = at_range_ends()
    assert len(ends) == 12
    assert (ends["kappa", 1.2].kappa, ends["kappa", 1.2].rho, ends["rho", 0.6].rho) == (1.2, 0.5, 0.6)
    nothing = np.zeros(4)
    point = Estimate(nothing, nothing, nothing, np.array([50.0, 100, 0, 10]), np.array([50.0, 0, 0, 0]), nothing)
    other = Estimate(nothing, nothing, nothing, np.array([110.0, 80, 9, 90]), nothing, nothing)
    # 10 %, 20 %, nothing to compare with, and one that is left out.
    assert median_change(point, other, np.array([True, True, True, False])) == pytest.approx(15)
