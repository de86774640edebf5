"""Which pairs of units are not clearly different, compiled: three times as fast as comparing whole columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def count_alike(placed: NDArray[Any], ends: NDArray[np.intp], clear: float) -> NDArray[np.int64]:
    """How many of the other units each unit leads, and is led by, in fewer than `clear` draws more than the reverse.

    placed
        Ranks, (units, draws), units in the order of their best ranks.
    ends
        Of each unit, the first of the later ones whose rank interval cannot touch its own.
    """
    units, draws = placed.shape
    found = np.zeros(units, np.int64)
    for i in range(units):
        one = placed[i]
        for j in range(i + 1, ends[i]):
            other = placed[j]
            # Four bytes: a processor then adds eight draws at a time, not four.
            lead = np.int32(0)
            for d in range(draws):
                lead = np.int32(lead + np.int32(one[d] < other[d]) - np.int32(one[d] > other[d]))
            if abs(lead) < clear:
                found[i] += 1
                found[j] += 1
    return found
