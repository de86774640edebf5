"""Swap search and Lagrangian bound for models in which each demand point goes to its best open candidate, compiled.

`ways[i, j]` is what serving all children of point j from candidate i costs; `outside[j]` what leaving it unserved costs
(where it must be served: more than its dearest way). Swaps follow Resende & Werneck (2007); the bound relaxes "each
point is served once" (Cornuejols, Fisher & Nemhauser 1977) and climbs by deflected subgradients (Camerini,
Fratta & Maffioli 1975).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geodata.analysis.siting.random_kernels import random_below

# The smallest improvement that counts; the median way costs 1. Noise of sums over thousands of points is below it.
_TINY = 1e-9
# How finely chance is cut.
_FINE = 1_000_000


@njit(cache=True, nogil=True)
def serve(ways, outside, is_open, first, second, who):
    """Fill the cheapest and second cheapest way and the server (-1: outside) of each point; return the total cost."""
    first[:] = outside
    second[:] = outside
    who[:] = -1
    for option in np.flatnonzero(is_open):
        _arrive(ways, option, first, second, who)
    return first.sum()


@njit(cache=True, nogil=True)
def _arrive(ways, option, first, second, who):
    for j in range(ways.shape[1]):
        cost = ways[option, j]
        if cost < first[j]:
            second[j] = first[j]
            first[j] = cost
            who[j] = option
        elif cost < second[j]:
            second[j] = cost


@njit(cache=True, nogil=True)
def _leave(ways, outside, opened, gone, first, second, who):
    """Close `gone`: look again for the points that used it first or second."""
    for j in range(ways.shape[1]):
        if who[j] != gone and ways[gone, j] > second[j]:
            continue
        one, two, server = outside[j], outside[j], -1
        for option in opened:
            cost = ways[option, j]
            if cost < one:
                two, one, server = one, cost, option
            elif cost < two:
                two = cost
        first[j], second[j], who[j] = one, two, server


@njit(cache=True, nogil=True)
def _may_add(option, is_open, allowed, cost, group, group_open, room):
    if is_open[option] or not allowed[option] or room[0] < 1 or cost[option] > room[1] + 1e-9:
        return False
    return group[option] < 0 or group_open[group[option]] < 0


@njit(cache=True, nogil=True)
def _gain(ways, option, first):
    gain = 0.0
    for j in range(ways.shape[1]):
        if ways[option, j] < first[j]:
            gain += first[j] - ways[option, j]
    return gain


@njit(cache=True, nogil=True)
def fill(ways, limits, state, room, by_cost):
    """Open what helps most (for its cost, if asked) while something fits and helps; return the total cost after it.

    What a candidate gains only shrinks as others open, so only those whose old gain still leads are measured again.
    """
    allowed, _, cost, group = limits
    is_open, first, second, who, group_open = state
    price = np.maximum(cost, 1e-9) if by_cost else np.ones(len(cost))
    score = np.full(len(cost), np.inf)
    fresh = np.zeros(len(cost), dtype=np.bool_)
    while True:
        best = int(np.argmax(score))
        if score[best] <= _TINY:
            return first.sum()
        if not _may_add(best, is_open, allowed, cost, group, group_open, room):
            # Room and groups only tighten while filling: what does not fit now will not later.
            score[best] = 0.0
        elif fresh[best]:
            _take(ways, best, limits, state, room)
            fresh[:] = False
            score[best] = 0.0
        else:
            score[best] = _gain(ways, best, first) / price[best]
            fresh[best] = True


@njit(cache=True, nogil=True)
def _take(ways, option, limits, state, room):
    _, _, cost, group = limits
    is_open, first, second, who, group_open = state
    is_open[option] = True
    if group[option] >= 0:
        group_open[group[option]] = option
    room[0] -= 1
    room[1] -= cost[option]
    _arrive(ways, option, first, second, who)


@njit(cache=True, nogil=True)
def _drop(ways, outside, option, limits, state, room):
    _, _, cost, group = limits
    is_open, first, second, who, group_open = state
    is_open[option] = False
    if group[option] >= 0:
        group_open[group[option]] = -1
    room[0] += 1
    room[1] += cost[option]
    _leave(ways, outside, np.flatnonzero(is_open), option, first, second, who)


@njit(cache=True, nogil=True)
def _losses(state, loss):
    _, first, second, who, _ = state
    loss[:] = 0.0
    for j in range(len(first)):
        if who[j] >= 0:
            loss[who[j]] += second[j] - first[j]


@njit(cache=True, nogil=True)
def descend(ways, outside, order, limits, state, room):
    """Swap options of `order` in while a swap helps; return the total cost."""
    allowed, locked, cost, group = limits
    is_open, first, second, who, group_open = state
    loss, spared = np.zeros(len(is_open)), np.zeros(len(is_open))
    _losses(state, loss)
    idle, at = 0, 0
    while idle < len(order):
        option = order[at]
        at = at + 1 if at + 1 < len(order) else 0
        idle += 1
        if is_open[option] or not allowed[option]:
            continue
        opened = np.flatnonzero(is_open)
        spared[opened] = 0.0
        gain = 0.0
        for j in range(ways.shape[1]):
            way = ways[option, j]
            if way >= second[j]:
                continue
            if way < first[j]:
                gain += first[j] - way
            if who[j] >= 0:
                spared[who[j]] += second[j] - max(way, first[j])
        only = group_open[group[option]] if group[option] >= 0 else -1
        out, least = -1, np.inf
        for other in opened:
            if locked[other] or (only >= 0 and other != only) or cost[option] - cost[other] > room[1] + 1e-9:
                continue
            costs = loss[other] - spared[other]
            if costs < least:
                out, least = other, costs
        if out >= 0 and gain - least > _TINY * max(1.0, abs(gain)):
            _drop(ways, outside, out, limits, state, room)
            _take(ways, option, limits, state, room)
            _losses(state, loss)
            idle = 0
    return first.sum()


@njit(cache=True, nogil=True)
def _shake(ways, outside, strength, near, limits, state, room, seed):
    """Swap up to `strength` open options among `near` against random ones of them: badly on purpose."""
    allowed, locked, cost, group = limits
    is_open, _, _, _, group_open = state
    left = strength
    for out in near:
        if left == 0:
            return
        if not is_open[out] or locked[out]:
            continue
        left -= 1
        _drop(ways, outside, out, limits, state, room)
        option = near[random_below(seed, len(near))]
        if option != out and _may_add(option, is_open, allowed, cost, group, group_open, room):
            _take(ways, option, limits, state, room)
        else:
            _take(ways, out, limits, state, room)


@njit(cache=True, nogil=True)
def choose(saving, limits, room, share):
    """Take what saves most within the room, parts of options allowed with a budget; return the saving.

    `share[i]` becomes the part of option i that is taken. Locked options are always whole. Alternatives at one place
    are not told apart: the saving can only be too large, so the bound stays a bound.
    """
    allowed, locked, cost, _ = limits
    share[:] = 0.0
    total = 0.0
    for option in np.flatnonzero(locked):
        share[option] = 1.0
        total += saving[option]
    sites, money = room[0], room[1]
    limited = np.isfinite(money)
    order = np.argsort(-saving / np.maximum(cost, 1e-9)) if limited else np.argsort(-saving)
    for option in order:
        if sites <= 0 or (limited and money <= 0) or saving[option] <= 0:
            # By saving for money, later ones may still be free of cost; they come first, so nothing is missed.
            break
        if locked[option] or not allowed[option]:
            continue
        part = min(1.0, sites)
        if limited and cost[option] > 0:
            part = min(part, money / cost[option])
        share[option] = part
        total += part * saving[option]
        sites -= part
        money -= part * cost[option]
    return total


@njit(cache=True, nogil=True)
def savings(lists, dual, m):
    """What each of the m candidates saves at these prices."""
    starts, options, costs = lists
    found = np.zeros(m)
    for j in range(len(dual)):
        for at in range(starts[j], starts[j + 1]):
            if costs[at] >= dual[j]:
                break
            found[options[at]] += dual[j] - costs[at]
    return found


@njit(cache=True, nogil=True)
def climb(lists, outside, limits, room, dual, target, iterations, patience, pace, usual):
    """Raise the Lagrangian bound from `dual`, which ends on the best prices found; return the bound.

    `lists` are the ways of each point in ascending order: where they start, candidate, cost. With both a number of
    sites and a budget, only the budget binds here. `pace[0]` is the step length, which shrinks after
    `patience` steps without gain. `usual[i]` becomes the part of option i that was taken, lately.
    """
    starts, options, costs = lists
    n = len(dual)
    both = np.isfinite(room[1])
    use = np.array([np.inf if both else room[0], room[1]])
    best, now = -np.inf, dual.copy()
    direction = np.zeros(n)
    served, share = np.zeros(n), np.zeros(len(limits[0]))
    saving = np.zeros(len(share))
    idle = 0
    for _ in range(iterations):
        saving[:] = 0.0
        for j in range(n):
            for at in range(starts[j], starts[j + 1]):
                if costs[at] >= now[j]:
                    break
                saving[options[at]] += now[j] - costs[at]
        value = now.sum() - choose(saving, limits, use, share)
        usual[:] = 0.9 * usual + 0.1 * share
        if value > best + 1e-9 * abs(best):
            idle = 0
        else:
            idle += 1
        if value > best:
            best = value
            dual[:] = now
        if idle >= patience:
            pace[0] *= 0.8
            idle = 0
            now[:] = dual
        for j in range(n):
            served[j] = 1.0
            for at in range(starts[j], starts[j + 1]):
                if costs[at] >= now[j]:
                    break
                served[j] -= share[options[at]]
        direction[:] = served + 0.85 * direction
        size = (direction * direction).sum()
        if size < 1e-12 or pace[0] < 1e-4:
            break
        step = pace[0] * max(target - value, 1e-9 * abs(target)) / size
        for j in range(n):
            now[j] = min(max(now[j] + step * direction[j], 0.0), outside[j])
    return best


@njit(cache=True, nogil=True)
def improve(ways, outside, lists, limits, state, room, seed, rounds, strength, heat, top):
    """Shake a neighbourhood and descend in it, `rounds` times; `top` (open or not) keeps the best plan of these.

    A neighbourhood is the nearest candidates of a random point: about ten times as many as one open site serves. A plan
    that costs more by about `heat` is gone on from too (simulated annealing); at 0 only what is no dearer. `state` and
    `room` end where the search stands. Returns the cost of `top`, which is not set where the first plan is the best.
    """
    starts, options, _ = lists
    is_open, first, second, who, group_open = state
    best = now = first.sum()
    kept, kept_room, kept_group = is_open.copy(), room.copy(), group_open.copy()
    reach = max(30, 10 * len(is_open) // max(1, is_open.sum()))
    for _ in range(rounds):
        j = random_below(seed, len(first))
        near = options[starts[j] : min(starts[j + 1], starts[j] + reach)].astype(np.int64)
        _shake(ways, outside, 1 + random_below(seed, strength), near, limits, state, room, seed)
        then = descend(ways, outside, near, limits, state, room)
        luck = -np.log((1 + random_below(seed, _FINE)) / (1 + _FINE)) if heat > 0 else 0.0
        if then <= now + heat * luck:
            now = then
            kept[:], kept_room[:], kept_group[:] = is_open, room, group_open
            if now < best:
                best = now
                top[:] = is_open
        else:
            is_open[:], room[:], group_open[:] = kept, kept_room, kept_group
            serve(ways, outside, is_open, first, second, who)
    return best
