"""Fewer sites that reach everybody: one out, one in, and rows that stay unreached gain weight, compiled.

Row weighting local search (Gao, Weise & Li 2015): whenever everybody is reached, the plan is kept and a site leaves.
Then, step by step, the site that is missed least leaves (not the one that came last), and of the candidates of a
random unreached row the one that reaches most weight comes, first of those around which something changed since they
left.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geodata.analysis.siting.random_kernels import random_below


@njit(cache=True, nogil=True)
def fewer(by_site, rows, allowed, state, seed, steps, enough):
    """Make so many steps; return the size of the best plan, which `state` keeps. Ends early at `enough` sites.

    `state`: best plan (open or not, by candidate; every row reached), plan now, weight of rows, whether a candidate may
    come back, when it last moved, and [step]. Only `allowed` candidates move.
    """
    best, now, weight, may_come, moved, clock = state
    count, score, unreached, place = _begun(by_site, rows, now, weight)
    left, size, most = int((count == 0).sum()), int((now & allowed).sum()), int((best & allowed).sum())
    opened = np.empty(len(now), dtype=np.int64)
    opened[:size] = np.flatnonzero(now & allowed)
    last = -1
    for _ in range(steps):
        clock[0] += 1
        while left == 0:
            best[:] = now
            most = size
            if most <= enough or most == 0:
                return most
            out = _missed_least(opened[:size], score, moved, -1)
            left = _flip(out, -1, by_site, rows, now, weight, may_come, count, score, unreached, place, left)
            moved[out] = clock[0]
            size = _without(out, opened, size)
        out = _missed_least(opened[:size], score, moved, last)
        if out >= 0:
            left = _flip(out, -1, by_site, rows, now, weight, may_come, count, score, unreached, place, left)
            moved[out] = clock[0]
            size = _without(out, opened, size)
        last = _comer(unreached[random_below(seed, left)], rows, allowed, score, may_come, moved)
        if last >= 0:
            left = _flip(last, 1, by_site, rows, now, weight, may_come, count, score, unreached, place, left)
            moved[last] = clock[0]
            opened[size] = last
            size += 1
        _weigh(unreached[:left], rows, weight, score)
    return most


@njit(cache=True, nogil=True)
def _begun(by_site, rows, now, weight):
    """Covers of each row, score of each candidate (weight it reaches alone), the unreached rows and their places."""
    ptr, idx = by_site
    row_ptr, row_idx = rows
    n = len(weight)
    count, score = np.zeros(n, dtype=np.int64), np.zeros(len(now))
    for option in np.flatnonzero(now):
        count[idx[ptr[option] : ptr[option + 1]]] += 1
    unreached, place, left = np.empty(n, dtype=np.int64), np.full(n, -1), 0
    for j in range(n):
        if count[j] == 0:
            unreached[left] = j
            place[j] = left
            left += 1
        for other in row_idx[row_ptr[j] : row_ptr[j + 1]]:
            if count[j] == 0 or (count[j] == 1 and now[other]):
                score[other] += weight[j]
    return count, score, unreached, place


@njit(cache=True, nogil=True)
def _missed_least(opened, score, moved, last):
    """The open candidate with the least weight of its own; of equals whoever moved longest ago; not `last`."""
    best = -1
    for option in opened:
        if option == last:
            continue
        if best < 0 or score[option] < score[best] or (score[option] == score[best] and moved[option] < moved[best]):
            best = option
    return best


@njit(cache=True, nogil=True)
def _without(out, opened, size):
    """Take `out` off the list of open candidates; return how many are left."""
    for at in range(size):
        if opened[at] == out:
            opened[at] = opened[size - 1]
            return size - 1
    return size


@njit(cache=True, nogil=True)
def _comer(j, rows, allowed, score, may_come, moved):
    """The candidate of row j that reaches most weight, of equals whoever moved longest ago; those that may come first.

    Where none may come, one comes all the same: else a row with a single candidate would cost a site for good.
    """
    row_ptr, row_idx = rows
    best = -1
    for option in row_idx[row_ptr[j] : row_ptr[j + 1]]:
        if not allowed[option]:
            continue
        first = best < 0 or (may_come[option] and not may_come[best])
        alike = best >= 0 and may_come[option] == may_come[best]
        equal = alike and score[option] == score[best]
        if first or (alike and score[option] > score[best]) or (equal and moved[option] < moved[best]):
            best = option
    return best


@njit(cache=True, nogil=True)
def _weigh(unreached, rows, weight, score):
    """Unreached rows gain weight."""
    row_ptr, row_idx = rows
    for j in unreached:
        weight[j] += 1.0
        for option in row_idx[row_ptr[j] : row_ptr[j + 1]]:
            score[option] += 1.0


@njit(cache=True, nogil=True)
def _flip(option, sign, by_site, rows, now, weight, may_come, count, score, unreached, place, left):
    """Open (`sign` 1) or close (-1) a candidate; keep counts, scores and the unreached rows; return how many these."""
    ptr, idx = by_site
    row_ptr, row_idx = rows
    now[option] = sign > 0
    may_come[option] = sign > 0
    for j in idx[ptr[option] : ptr[option + 1]]:
        old = count[j]
        count[j] += sign
        new = count[j]
        if min(old, new) == 0:
            if new == 0:
                unreached[left] = j
                place[j] = left
                left += 1
            else:
                left -= 1
                moved = unreached[left]
                unreached[place[j]] = moved
                place[moved] = place[j]
                place[j] = -1
        for other in row_idx[row_ptr[j] : row_ptr[j + 1]]:
            if other == option:
                continue
            may_come[other] = True
            # Alone at the row, or free to be: what counts before and after, for an open and for a closed one.
            counted = old == 1 if now[other] else old == 0
            counts = new == 1 if now[other] else new == 0
            if counted != counts:
                score[other] += weight[j] if counts else -weight[j]
    # The flipped candidate's own score stays: the rows it reaches alone when open are those nobody reaches when closed.
    return left
