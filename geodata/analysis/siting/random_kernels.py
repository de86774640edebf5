"""Random numbers inside compiled kernels: a stream of its own a run, so that a seed gives the same plan again."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def random_below(seed, below):
    """xorshift64*: the next number under `below`; `seed` is an array of one number that changes."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return int((x * np.uint64(2685821657736338717) >> np.uint64(33)) % np.uint64(below))
