"""Root finding by halving: slow, sure, and the same bits everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geodata.analysis.estimate.types import Floats

# 80 halvings of an interval of 24 leave 2e-23: below what a double tells apart.
HALVINGS = 80


def solve_increasing(total_of: Callable[[Floats], Floats], target: float, *, log_low: float = -12.0,
                     log_high: float = 12.0, shape: tuple[int, ...] = ()) -> Floats:  # fmt: skip
    """The positive x, one for each entry of `shape`, with total_of(x) == target; total_of must not fall as x grows.

    Halves the interval of log x, so the answer does not depend on a starting point. Where the target cannot be
    reached, the end of the interval nearer to it is returned: the caller compares totals.
    """
    low = np.full(shape, log_low)
    high = np.full(shape, log_high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = total_of(np.exp(middle)) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(np.exp((low + high) / 2), dtype=np.float64)


def total(values: Floats) -> Floats:
    """Sum over units, the axis kept where there are draws, so that it multiplies units again."""
    return np.asarray(values.sum(axis=-1, keepdims=values.ndim > 1), dtype=np.float64)
