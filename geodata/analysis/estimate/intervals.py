"""What draws say: intervals of counts, and which two units are not clearly different. Ranks: `ranking`.

All functions take draws of shape (draws, units) and keep draws paired: two units are compared within each draw, so
what moves both alike, a national assumption or the factor of their province, does not hide a difference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.types import Floats

# 5 % of the draws lie below an interval and 5 % above it; two units differ clearly where as many draws, 90 %, agree.
TAIL = 0.05
CLEAR = 1 - 2 * TAIL
# A unit whose half-width passes 60 % of its estimate is to be shaded.
WIDE = 0.60


def interval(draws: Floats) -> tuple[Floats, Floats]:
    """5th and 95th percentile of each unit: values that were drawn, the wider ones where a percentile falls between.

    At least 90 % of the draws lie within, ends included; at most 5 % below and 5 % above.
    """
    last = len(draws) - 1
    outside = int(TAIL * last)
    ordered = np.partition(draws, (outside, last - outside), axis=0)
    return ordered[outside], ordered[last - outside]


def summed(draws: Floats, group: NDArray[np.str_]) -> tuple[NDArray[np.str_], Floats]:
    """Group names, sorted, and the draws of their sums, shape (draws, groups).

    An interval of a sum comes from summed draws: errors of counties partly cancel, those they share do not.
    """
    names, at = np.unique(group, return_inverse=True)
    sums = np.zeros((len(draws), len(names)))
    for column in range(len(names)):
        sums[:, column] = draws[:, at == column].sum(axis=1)
    return names, sums


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
