"""Sets of demand points whose cuts a fractional plan breaks, found by growing small ones, compiled.

`y` is how far each candidate is open and `missed` how far each point is left out, so that each point j has
`y(reach of j) + missed[j] >= 1`; `slack[j]` is by how much more. For a set of points, with k the number of them that a
candidate reaches, every plan keeps (halves rounded up: Gomory 1958, Caprara & Fischetti 1996)

    odd:    sum of ceil(k / 2) y + sum of missed >= (size + 1) / 2        (an odd number of points)
    common: sum of y with k >= 1 + sum of y with k = size + sum of missed >= 2          (Balas & Ng 1989)
"""

from __future__ import annotations

import numpy as np
from numba import njit

ODD, COMMON = 1, 2
# Candidates less open than this are not looked at; points with more slack are in no broken cut.
_OPEN, _SLACK = 2e-3, 0.3
_LEAST_OVERLAP, _LEAST_GAIN = 0.15, 1e-3
_FIRSTS, _MOST_ODD = 8, 9


@njit(cache=True, nogil=True)
def triples(reach, by_site, y, slack, usable, least, found, broken):
    """Fill `found` with triples of points, for each pair the best third, broken by `least` or more; return how many."""
    ptr, idx = reach
    n = len(slack)
    shared, near = np.zeros(n), np.empty(n, dtype=np.int64)
    with_b, all_three, thirds = np.zeros(n), np.zeros(n), np.empty(n, dtype=np.int64)
    mine = np.zeros(len(y), dtype=np.bool_)
    count = 0
    for a in range(n):
        if not usable[a] or slack[a] > _SLACK:
            continue
        mine[idx[ptr[a] : ptr[a + 1]]] = True
        size = _overlaps(a, reach, by_site, y, usable, shared, near)
        for b in near[:size]:
            if b <= a or slack[b] > _SLACK or shared[b] < _LEAST_OVERLAP:
                continue
            third, most = _third(b, reach, by_site, y, slack, shared, mine, with_b, all_three, thirds)
            by_how_much = shared[b] + most - 1.0 - slack[a] - slack[b]
            if third >= 0 and by_how_much > least and count < len(found):
                found[count, 0], found[count, 1], found[count, 2] = a, b, third
                broken[count] = by_how_much
                count += 1
        shared[near[:size]] = 0.0
        mine[idx[ptr[a] : ptr[a + 1]]] = False
    return count


@njit(cache=True, nogil=True)
def _overlaps(a, reach, by_site, y, usable, shared, near):
    """Add up in `shared` how much open candidates point `a` shares with each other point; list these in `near`."""
    ptr, idx = reach
    site_ptr, site_idx = by_site
    size = 0
    for i in idx[ptr[a] : ptr[a + 1]]:
        if y[i] < _OPEN:
            continue
        for b in site_idx[site_ptr[i] : site_ptr[i + 1]]:
            if not usable[b]:
                continue
            if shared[b] == 0.0:
                near[size] = b
                size += 1
            shared[b] += y[i]
    return size


@njit(cache=True, nogil=True)
def _third(b, reach, by_site, y, slack, shared, mine, with_b, all_three, thirds):
    """The third point c with the most y on candidates that reach two of a, b, c, besides those of a and b; how much."""
    ptr, idx = reach
    site_ptr, site_idx = by_site
    size = 0
    for i in idx[ptr[b] : ptr[b + 1]]:
        if y[i] < _OPEN:
            continue
        for c in site_idx[site_ptr[i] : site_ptr[i + 1]]:
            if c <= b or shared[c] == 0.0:
                continue
            if with_b[c] == 0.0:
                thirds[size] = c
                size += 1
            with_b[c] += y[i]
            if mine[i]:
                all_three[c] += y[i]
    third, most = -1, -np.inf
    for c in thirds[:size]:
        worth = shared[c] + with_b[c] - 2 * all_three[c] - slack[c]
        with_b[c] = all_three[c] = 0.0
        if worth > most:
            third, most = c, worth
    return third, most


@njit(cache=True, nogil=True)
def grow(reach, by_site, y, missed, slack, seeds, least, sets, kinds, broken):
    """Grow each triple of `seeds` both ways; fill `sets` (-1 behind the last point), `kinds`, `broken`; how many."""
    cover, place = np.zeros(len(y), dtype=np.int64), np.zeros(len(slack), dtype=np.int64)
    near = np.empty(len(slack), dtype=np.int64)
    count, stamp = 0, 0
    for seed in range(len(seeds)):
        for kind in (ODD, COMMON):
            chosen = sets[count]
            chosen[:] = -1
            chosen[:3] = seeds[seed]
            stamp += 1
            for j in chosen[:3]:
                _put(j, 1, reach, cover, place, stamp)
            around = _surround(chosen, reach, by_site, y, place, stamp, near)
            if kind == ODD:
                worth, size = _grow_odd(chosen, near[:around], reach, y, slack, cover, place, stamp)
            else:
                worth, size = _grow_common(chosen, near[:around], reach, y, missed, cover, place, stamp)
            for j in chosen[:size]:
                _put(j, -1, reach, cover, place, stamp)
            if worth > least:
                kinds[count], broken[count] = kind, worth
                count += 1
                if count == len(sets):
                    return count
    return count


@njit(cache=True, nogil=True)
def _put(j, sign, reach, cover, place, stamp):
    """Take point j into the set (`sign` 1) or out (-1): `cover` counts the points each candidate reaches."""
    ptr, idx = reach
    cover[idx[ptr[j] : ptr[j + 1]]] += sign
    place[j] = -stamp if sign > 0 else 0


@njit(cache=True, nogil=True)
def _surround(chosen, reach, by_site, y, place, stamp, near):
    """List the points that share an open candidate with the first three; return how many."""
    ptr, idx = reach
    site_ptr, site_idx = by_site
    size = 0
    for j in chosen[:3]:
        for i in idx[ptr[j] : ptr[j + 1]]:
            if y[i] < 10 * _OPEN:
                continue
            for d in site_idx[site_ptr[i] : site_ptr[i + 1]]:
                if place[d] != stamp and place[d] != -stamp:
                    place[d] = stamp
                    near[size] = d
                    size += 1
    return size


@njit(cache=True, nogil=True)
def _oddly(d, reach, y, slack, cover):
    """What point d adds to an odd set whose candidates reach an odd number of its points."""
    ptr, idx = reach
    worth = -slack[d]
    for i in idx[ptr[d] : ptr[d + 1]]:
        if cover[i] % 2 == 1:
            worth += y[i]
    return worth


@njit(cache=True, nogil=True)
def _grow_odd(chosen, near, reach, y, slack, cover, place, stamp):
    """Add pairs of points while the odd cut is broken more; return by how much, and the size."""
    ptr, idx = reach
    worth, size = -1.0, 3
    for j in chosen[:3]:
        worth -= slack[j]
        for i in idx[ptr[j] : ptr[j + 1]]:
            worth += y[i] * (cover[i] // 2) / cover[i]
    gain = np.empty(len(near))
    while size + 2 <= min(len(chosen), _MOST_ODD):
        for at in range(len(near)):
            gain[at] = -np.inf if place[near[at]] == -stamp else _oddly(near[at], reach, y, slack, cover)
        one, other, most = -1, -1, _LEAST_GAIN
        for at in np.argsort(-gain)[:_FIRSTS]:
            if gain[at] < _LEAST_OVERLAP:
                break
            b = near[at]
            cover[idx[ptr[b] : ptr[b + 1]]] += 1
            for c in near:
                if place[c] == -stamp or c == b:
                    continue
                both = gain[at] + _oddly(c, reach, y, slack, cover) - 1.0
                if both > most:
                    one, other, most = b, c, both
            cover[idx[ptr[b] : ptr[b + 1]]] -= 1
        if one < 0:
            break
        for j in (one, other):
            _put(j, 1, reach, cover, place, stamp)
            chosen[size] = j
            size += 1
        worth += most
    return worth, size


@njit(cache=True, nogil=True)
def _grow_common(chosen, near, reach, y, missed, cover, place, stamp):
    """Add points while the common cut is broken more; return by how much, and the size."""
    ptr, idx = reach
    size, common, worth = 3, 0.0, 2.0
    for j in chosen[:3]:
        worth -= missed[j]
        for i in idx[ptr[j] : ptr[j + 1]]:
            worth -= y[i] / cover[i]
            if cover[i] == 3:
                common += y[i] / 3
    worth -= common
    while size < len(chosen):
        best, most, left = -1, _LEAST_GAIN, 0.0
        for d in near:
            if place[d] == -stamp:
                continue
            more, still = missed[d], 0.0
            for i in idx[ptr[d] : ptr[d + 1]]:
                if cover[i] == 0:
                    more += y[i]
                elif cover[i] == size:
                    still += y[i]
                if more > common:
                    break
            if common - still - more > most:
                best, most, left = d, common - still - more, still
        if best < 0:
            break
        _put(best, 1, reach, cover, place, stamp)
        chosen[size] = best
        size += 1
        worth += most
        common = left
    return worth, size
