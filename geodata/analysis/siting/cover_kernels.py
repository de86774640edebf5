"""Swap search for covering models, compiled: greedy start, swaps until none helps, shaken and repeated.

A demand point counts how many open options cover it; the k-th cover of point j is worth `weight[j] * worth[k - 1]`
(`worth` never rises; beyond its length a further cover is worth nothing). Gains and losses of all options are kept up
to date, so a pass over all swaps costs one look at each covered pair (after Whitaker 1983 and Resende & Werneck 2007).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geodata.analysis.siting.random_kernels import random_below

# The smallest improvement that counts; the mean point weighs 1. Gains are kept by adding and subtracting, whose
# noise (1e-12 after thousands of swaps) must not look like one: with 1e-12 swaps went in circles.
_TINY = 1e-8


@njit(cache=True, nogil=True)
def _worth(worth, covers):
    return worth[covers] if covers < len(worth) else 0.0


@njit(cache=True, nogil=True)
def _flip(option, sign, cover, state):
    """Open (`sign` 1) or close (-1) an option and bring counts, gains and losses up to date; return the gain."""
    cand_ptr, cand_idx, dem_ptr, dem_idx, weight, worth, _, _ = cover
    is_open, count, owner, gain, loss, group_open, group, _ = state
    before = gain[option] if sign > 0 else -loss[option]
    for at in range(cand_ptr[option], cand_ptr[option + 1]):
        j = cand_idx[at]
        old, new = count[j], count[j] + sign
        count[j] = new
        owner[j] += sign * option
        add = weight[j] * (_worth(worth, new) - _worth(worth, old))
        drop_new = weight[j] * _worth(worth, new - 1) if new > 0 else 0.0
        drop_old = weight[j] * _worth(worth, old - 1) if old > 0 else 0.0
        if add == 0.0 and drop_new == drop_old:
            continue
        for other_at in range(dem_ptr[j], dem_ptr[j + 1]):
            other = dem_idx[other_at]
            gain[other] += add
            loss[other] += drop_new - drop_old
    is_open[option] = sign > 0
    if group[option] >= 0:
        group_open[group[option]] = option if sign > 0 else -1
    return before


@njit(cache=True, nogil=True)
def _may_add(option, cover, state, room):
    _, _, _, _, _, _, cost, allowed = cover
    is_open, _, _, _, _, group_open, group, _ = state
    if is_open[option] or not allowed[option] or room[0] < 1 or cost[option] > room[1] + 1e-9:
        return False
    return group[option] < 0 or group_open[group[option]] < 0


@njit(cache=True, nogil=True)
def _fill(cover, state, room, by_cost):
    """Open the best option (by gain, or by gain for its cost) as long as one fits and helps; return what was gained."""
    cost = cover[6]
    gain = state[3]
    total = 0.0
    while True:
        best, best_score = -1, _TINY
        for option in range(len(gain)):
            score = gain[option] / max(cost[option], 1e-9) if by_cost else gain[option]
            if score > best_score and gain[option] > _TINY and _may_add(option, cover, state, room):
                best, best_score = option, score
        if best < 0:
            return total
        total += _flip(best, 1, cover, state)
        room[0] -= 1
        room[1] -= cost[best]


@njit(cache=True, nogil=True)
def _overlap(option, cover, state, shared, touched):
    """Note for each open option what its loss shrinks by when `option` comes in its place; return how many."""
    cand_ptr, cand_idx, dem_ptr, dem_idx, weight, worth, _, _ = cover
    is_open, count, owner, _, _, _, _, _ = state
    found = 0
    for at in range(cand_ptr[option], cand_ptr[option + 1]):
        j = cand_idx[at]
        covers = count[j]
        if covers == 0 or covers > len(worth):
            continue
        kept = weight[j] * (worth[covers - 1] - _worth(worth, covers))
        if covers == 1:
            if shared[owner[j]] == 0.0:
                touched[found] = owner[j]
                found += 1
            shared[owner[j]] += kept
            continue
        for other_at in range(dem_ptr[j], dem_ptr[j + 1]):
            other = dem_idx[other_at]
            if is_open[other]:
                if shared[other] == 0.0:
                    touched[found] = other
                    found += 1
                shared[other] += kept
    return found


@njit(cache=True, nogil=True)
def _best_out(option, cover, state, room, shared, opened):
    """The open option whose closing costs least when `option` opens instead; -1 without one, and what it costs."""
    cost = cover[6]
    _, _, _, _, loss, group_open, group, locked = state
    only = group_open[group[option]] if group[option] >= 0 else -1
    best, best_cost = -1, np.inf
    for out in opened:
        if locked[out] or (only >= 0 and out != only) or cost[option] - cost[out] > room[1] + 1e-9:
            continue
        costs = loss[out] - shared[out]
        if costs < best_cost:
            best, best_cost = out, costs
    return best, best_cost


@njit(cache=True, nogil=True)
def _descend(order, cover, state, room):
    """Swap while a swap helps; return what was gained."""
    cost, allowed = cover[6], cover[7]
    is_open, _, _, gain, _, _, _, _ = state
    shared = np.zeros(len(gain))
    touched = np.empty(len(gain), dtype=np.int64)
    total, idle, at = 0.0, 0, 0
    opened = np.flatnonzero(is_open)
    while idle < len(order):
        option = order[at]
        at = at + 1 if at + 1 < len(order) else 0
        idle += 1
        # What a swap spares of the closed one's loss is at most that loss: without a gain of its own it cannot help.
        if is_open[option] or not allowed[option] or gain[option] <= _TINY:
            continue
        found = _overlap(option, cover, state, shared, touched)
        out, costs = _best_out(option, cover, state, room, shared, opened)
        for place in range(found):
            shared[touched[place]] = 0.0
        if out >= 0 and gain[option] - costs > _TINY:
            total += _flip(out, -1, cover, state) + _flip(option, 1, cover, state)
            room[1] += cost[out] - cost[option]
            opened[np.flatnonzero(opened == out)[0]] = option
            idle = 0
            if room[0] >= 1:
                more = _fill(cover, state, room, False)
                total += more
                opened = np.flatnonzero(is_open)
    return total


@njit(cache=True, nogil=True)
def _shake(strength, cover, state, room, seed):
    """Close `strength` random open options, for each open one that shares a point with it; return the change."""
    cand_ptr, cand_idx, dem_ptr, dem_idx, _, _, cost, _ = cover
    is_open, _, _, gain, _, _, _, locked = state
    free = np.flatnonzero(is_open & ~locked)
    total = 0.0
    for _ in range(min(strength, len(free))):
        out = free[random_below(seed, len(free))]
        if not is_open[out]:
            continue
        total += _flip(out, -1, cover, state)
        room[0] += 1
        room[1] += cost[out]
        if cand_ptr[out + 1] == cand_ptr[out]:
            continue
        j = cand_idx[cand_ptr[out] + random_below(seed, cand_ptr[out + 1] - cand_ptr[out])]
        option = dem_idx[dem_ptr[j] + random_below(seed, dem_ptr[j + 1] - dem_ptr[j])]
        if option != out and gain[option] > 0 and _may_add(option, cover, state, room):
            total += _flip(option, 1, cover, state)
            room[0] -= 1
            room[1] -= cost[option]
    return total


@njit(cache=True, nogil=True)
def _around(changed, cover):
    """The options that share a point with one of `changed`: those whose gain may have risen with it."""
    cand_ptr, cand_idx, dem_ptr, dem_idx, _, _, _, allowed = cover
    near = np.zeros(len(changed), dtype=np.bool_)
    seen = np.zeros(len(dem_ptr) - 1, dtype=np.bool_)
    for option in np.flatnonzero(changed):
        for at in range(cand_ptr[option], cand_ptr[option + 1]):
            j = cand_idx[at]
            if not seen[j]:
                seen[j] = True
                near[dem_idx[dem_ptr[j] : dem_ptr[j + 1]]] = True
    return np.flatnonzero(near & allowed)


@njit(cache=True, nogil=True)
def improve(cover, state, room, seed, rounds, strength):
    """Shake and descend `rounds` times and keep what is best; return what was gained.

    Swaps are tried around the shaken options only, which takes a tenth of the time of trying all: nearly all others
    gained nothing before and gain nothing now. `state` and `room` end on the best plan: going back undoes the flips
    that led away from it.
    """
    cost = cover[6]
    is_open = state[0]
    best = now = 0.0
    best_open = is_open.copy()
    for _ in range(rounds):
        now += _shake(strength, cover, state, room, seed)
        now += _fill(cover, state, room, False)
        now += _descend(_around(is_open != best_open, cover), cover, state, room)
        if now >= best - _TINY:
            best = now
            best_open[:] = is_open
            continue
        for option in np.flatnonzero(is_open & ~best_open):
            now += _flip(option, -1, cover, state)
            room[0] += 1
            room[1] += cost[option]
        for option in np.flatnonzero(best_open & ~is_open):
            now += _flip(option, 1, cover, state)
            room[0] -= 1
            room[1] -= cost[option]
    return best


@njit(cache=True, nogil=True)
def descend(cover, state, room):
    """Swap any option in while a swap helps; return what was gained."""
    return _descend(np.arange(len(state[0])), cover, state, room)


@njit(cache=True, nogil=True)
def start(chosen, cover, state, room, by_cost):
    """Open `chosen`, then fill greedily; return the value of it all (locked options are in it)."""
    cost = cover[6]
    locked = state[7]
    total = 0.0
    for option in chosen:
        total += _flip(option, 1, cover, state)
        if not locked[option]:
            room[0] -= 1
            room[1] -= cost[option]
    return total + _fill(cover, state, room, by_cost)
