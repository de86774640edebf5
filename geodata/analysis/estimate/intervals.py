"""What draws say: intervals of counts, intervals of ranks, and which two units are not clearly different.

All functions take draws of shape (draws, units) and keep draws paired: two units are compared within each draw, so
what moves both alike, a national assumption or the factor of their province, does not hide a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from geodata.analysis.estimate.types import Floats

Ints = NDArray[np.int64]
# 5 % of the draws lie below an interval and 5 % above it; two units differ clearly where as many draws, 90 %, agree.
TAIL = 0.05
CLEAR = 1 - 2 * TAIL
# A unit whose half-width passes 60 % of its estimate is to be shaded.
WIDE = 0.60
# Draws that are counted in bytes before the counts are added up.
DRAWS_A_BYTE = 255


@dataclass(frozen=True)
class Placing:
    """Best and worst rank of each unit among the units given, and how many of the others it cannot be told from."""

    best: Ints
    worst: Ints
    alike: Ints


def interval(draws: Floats) -> tuple[Floats, Floats]:
    """5th and 95th percentile of each unit: values that were drawn, the wider ones where a percentile falls between.

    At least 90 % of the draws lie within, ends included; at most 5 % below and 5 % above.
    """
    last = len(draws) - 1
    outside = int(TAIL * last)
    ordered = np.partition(draws, (outside, last - outside), axis=0)
    return ordered[outside], ordered[last - outside]


def half_width(low: Floats, high: Floats, estimate: Floats) -> Floats:
    """Half of the interval per estimate (0.4 = give or take 40 %); NaN where the estimate is not positive."""
    width = np.full(len(estimate), np.nan)
    np.divide((high - low) / 2, estimate, out=width, where=estimate > 0)
    return width


def summed(draws: Floats, group: NDArray[np.str_]) -> tuple[NDArray[np.str_], Floats]:
    """Group names, sorted, and the draws of their sums, shape (draws, groups).

    An interval of a sum comes from summed draws: errors of counties partly cancel, those they share do not.
    """
    names, at = np.unique(group, return_inverse=True)
    sums = np.zeros((len(draws), len(names)))
    for column in range(len(names)):
        sums[:, column] = draws[:, at == column].sum(axis=1)
    return names, sums


def ranks(values: Floats) -> Ints:
    """Ranks along the last axis, 1 the highest; equal values share the better rank."""
    return np.asarray(rankdata(-np.asarray(values), method="min", axis=-1), dtype=np.int64)


def rank_interval(draws: Floats) -> tuple[Ints, Ints]:
    """Best and worst rank of each unit among the units given: "between 3rd and 11th"."""
    return _bounds(ranks(draws))


def placing(draws: Floats) -> Placing:
    """Rank intervals and `alike`, ranking each draw once."""
    placed = ranks(draws)
    best, worst = _bounds(placed)
    return Placing(best, worst, _alike(placed, best, worst))


def _alike(placed: Ints, best: Ints, worst: Ints) -> Ints:
    """How many of the other units are `not_clearly_different` from each, from the ranks of every draw.

    Ranks say who lies above whom in a quarter of the bytes. Each pair is compared once, and only where its rank
    intervals touch: 1,900 counties in 500 draws take about half a second, not eight.
    """
    draws, units = placed.shape
    order = np.argsort(best, kind="stable")
    ends = np.searchsorted(best[order], worst[order], side="right")
    small: NDArray[Any] = placed[:, order].astype(np.uint16 if units <= np.iinfo(np.uint16).max else np.uint32)
    found = np.zeros(units, dtype=np.int64)
    no_ties = bool((np.diff(np.sort(small, axis=1), axis=1) > 0).all())
    for unit in range(units):
        one, others = small[:, [unit]], small[:, unit + 1 : ends[unit]]
        above = _count(one < others)
        lead = 2 * above - draws if no_ties else above - _count(one > others)
        same = np.abs(lead) < (2 * CLEAR - 1) * draws
        found[unit] += same.sum()
        found[unit + 1 : ends[unit]] += same
    back = np.empty_like(found)
    back[order] = found
    return back


def _bounds(placed: Ints) -> tuple[Ints, Ints]:
    best, worst = interval(placed.astype(np.float64))
    return best.astype(np.int64), worst.astype(np.int64)


def _count(true: NDArray[np.bool_]) -> Ints:
    """Number of true entries by column; bytes are added first, which a processor does many at a time."""
    found = np.zeros(true.shape[1], dtype=np.int64)
    for start in range(0, len(true), DRAWS_A_BYTE):
        found += np.add.reduce(true[start : start + DRAWS_A_BYTE].view(np.uint8), axis=0, dtype=np.uint8)
    return found


def share_above(draws: Floats, unit: int) -> Floats:
    """Share of the draws in which `unit` lies above each unit; equal values count half. Shape (units,)."""
    one = draws[:, [unit]]
    return np.asarray((one > draws).mean(axis=0) + 0.5 * (one == draws).mean(axis=0), dtype=np.float64)


def not_clearly_different(draws: Floats, unit: int) -> NDArray[np.bool_]:
    """Which units are not clearly different from `unit`: neither lies above the other in 90 % of the draws.

    A unit is never clearly different from itself; two units whose intervals do not touch always are.
    """
    one = draws[:, [unit]]
    # Wins less losses are whole numbers, so that both units are told the same to the last draw.
    lead = (one > draws).sum(axis=0) - (one < draws).sum(axis=0)
    return np.asarray(np.abs(lead) < (2 * CLEAR - 1) * len(draws))


def covered(low: float, high: float, published: float) -> bool:
    """Whether a published figure lies within its interval, ends included."""
    return low <= published <= high
