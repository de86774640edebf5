"""Branch and bound on prices: at each node the Lagrangian bound climbs on from its parent's prices.

Every point goes to its best open site or stays outside; at most so many sites are opened. A bound takes thousandths
of a second where a linear program takes tenths, so thousands of nodes fit into a minute. Candidates that no better
plan can have, or none can do without, by the prices of a node, are settled for all its descendants.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.analysis.siting.problem import Bools, Floats

# Steps of the climb at a node, its first pace, and idle steps after which the pace falls.
_STEPS, _PACE, _PATIENCE = 60, 0.5, 8
# Waiting nodes keep their prices (4 bytes a point): this many are a few hundred megabytes nationwide.
MOST_NODES = 30_000


@dataclass(frozen=True)
class Game:
    """What is branched on: minimise the sum over points of the cheapest way from an open site, or `outside`.

    `lists` are each point's ways, cheapest first: where they start, candidate, cost. At most `sites` of the `allowed`
    are opened besides the `locked`. `dual` are the prices to start from. `value` measures a plan exactly; a node whose
    bound is not below `enough(best)` is closed. It gives up after `most_nodes`.
    """

    lists: tuple[Any, ...]
    outside: Floats
    locked: Bools
    allowed: Bools
    sites: int
    dual: Floats
    value: Callable[[Bools], float]
    enough: Callable[[float], float]
    most_nodes: int = MOST_NODES


def play(
    game: Game,
    best: float,
    *,
    on_plan: Callable[[Bools, float], None],
    on_bound: Callable[[float], None],
    stop: Callable[[], bool],
) -> float:
    """Search until nothing better than `best` is left or `stop()`; return the bound. `on_plan` hears better plans."""
    from geodata.analysis.siting import median_kernels

    m = len(game.allowed)
    cost, group = np.ones(m), np.full(m, -1)
    root = (-np.inf, 0, game.locked, game.allowed, game.dual.astype(np.float32))
    heap, made, told = [root], 1, -np.inf
    while heap and not stop():
        parent_bound, _, locked, allowed, dual32 = heapq.heappop(heap)
        if parent_bound >= game.enough(best):
            return best
        sites = game.sites - int((locked & ~game.locked).sum())
        if parent_bound > told:
            told = parent_bound
            on_bound(told)
        if allowed.sum() <= sites:
            best = _offered(game, locked | allowed, best, on_plan)
            continue
        dual = dual32.astype(float)
        usual, tried = np.zeros(m), np.zeros(m, dtype=bool)
        limits = (allowed, locked, cost, group)
        room = np.array([float(sites), np.inf])
        pace = np.array([_PACE])
        bound = median_kernels.climb(game.lists, game.outside, limits, room, dual, best, _STEPS, _PATIENCE, pace, usual)
        bound = max(bound, parent_bound)
        saving = median_kernels.savings(game.lists, dual, m)
        tried[np.argsort(-np.where(allowed, saving, -1.0), kind="stable")[:sites]] = True
        best = _offered(game, locked | (tried & allowed), best, on_plan)
        if bound >= game.enough(best):
            continue
        locked, allowed = _settled(saving, locked, allowed, sites, bound, game.enough(best))
        made = _split(heap, made, bound, locked, allowed, dual, usual, saving)
        if made > game.most_nodes or len(heap) > MOST_NODES:
            break
    if not heap:
        return best
    return float(min(best, max(told, min(node[0] for node in heap))))


def _offered(game: Game, plan: Bools, best: float, on_plan: Callable[[Bools, float], None]) -> float:
    value = game.value(plan)
    if value < best:
        on_plan(plan, value)
        return value
    return best


def _settled(
    saving: Floats, locked: Bools, allowed: Bools, sites: int, bound: float, enough: float
) -> tuple[Bools, Bools]:
    """Close candidates with which, and lock those without which, the bound is no longer below `enough`."""
    free = np.flatnonzero(allowed)
    if sites < 1 or sites >= len(free):
        return locked, allowed
    order = free[np.argsort(-saving[free], kind="stable")]
    last, following = saving[order[sites - 1]], saving[order[sites]]
    hopeless = order[sites:][bound + last - saving[order[sites:]] >= enough]
    needed = order[:sites][bound + saving[order[:sites]] - following >= enough]
    allowed, locked = allowed.copy(), locked.copy()
    allowed[hopeless] = False
    allowed[needed] = False
    locked[needed] = True
    return locked, allowed


def _split(  # noqa: PLR0913, PLR0917  # a node taken apart
    heap: list[Any], made: int, bound: float, locked: Bools, allowed: Bools, dual: Floats, usual: Floats, saving: Floats
) -> int:
    """Branch on the candidate that is neither clearly in nor clearly out; return how many nodes were made."""
    doubt = np.where(allowed, np.minimum(usual, 1.0 - usual) + 1e-6 * saving / max(saving.max(), 1e-12), -1.0)
    option = int(np.argmax(doubt))
    prices = dual.astype(np.float32)
    rest = allowed.copy()
    rest[option] = False
    opened = locked.copy()
    if not allowed[option]:
        heapq.heappush(heap, (bound, made, locked, allowed, prices))
        return made + 1
    opened[option] = True
    heapq.heappush(heap, (bound, made, opened, rest, prices))
    heapq.heappush(heap, (bound, made + 1, locked, rest, prices))
    return made + 2
