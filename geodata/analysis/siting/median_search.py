"""The ways of a p-median or gradual coverage: greedy, swaps, shaking, and the Lagrangian bound, on one table.

Both minimise what is lost: children x distance, or children x the share that is not covered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting.evaluate import cover_share
from geodata.analysis.siting.limits import Limits, limits_of
from geodata.analysis.siting.problem import Bools, Floats, Ints, SitingError, SitingProblem
from geodata.text import Text

_SHAKEN = 4
# Shakes between two looks at the clock while annealing; idle steps after which the pace of the climb falls.
_SLICE, _IDLE = 50, 40
# More pairs than this make a table of over 2 GB.
_MOST_PAIRS = 60_000_000


@dataclass(frozen=True)
class Ways:
    """What it costs to serve each point (column) from each candidate (row), scaled; `outside`: not to serve it."""

    ways: Floats
    outside: Floats
    limits: Limits
    scale: float


def ways_of(problem: SitingProblem) -> Ways:
    """The costs of a p-median or gradual-coverage problem."""
    n, m = problem.n_demand, problem.n_candidates
    if n * m > _MOST_PAIRS:
        text = Text(
            zh=f"{n} × {m} 对距离超出此模型的规模（至多 {_MOST_PAIRS} 对）：请减少候选点，或用最大覆盖模型。",
            en=f"{n} × {m} pairs are more than this model holds ({_MOST_PAIRS}): take fewer candidates, "
            "or maximal covering.",
        )
        raise SitingError([text])
    limits = limits_of(problem)
    peopled = np.flatnonzero(problem.demand > 0)
    demand = problem.demand[peopled]
    if problem.model == "gradual_cover":
        lost = 1.0 - cover_share(problem)[peopled].toarray()
        outside = demand.copy()
    else:
        lost = _dense(problem)[peopled]
        reachable = np.where(np.isfinite(lost), lost, 0.0)
        # Dearer than any plan that serves everybody: such a plan wins whenever there is one.
        far = reachable.max() * demand.sum() / demand.min() * 2 + 1 if np.isinf(lost).any() else 0.0
        lost = np.where(np.isfinite(lost), lost, far)
        # Dearer than the dearest way: opening somewhere is always better than nowhere.
        outside = demand * (lost.max(axis=1) + (lost.max() or 1.0))
    costs = np.ascontiguousarray((lost * demand[:, None]).T)
    finite = costs[costs > 0]
    scale = float(np.median(finite)) if len(finite) else 1.0
    return Ways(costs / scale, outside / scale, limits, scale)


def _dense(problem: SitingProblem) -> Floats:
    if not problem.is_sparse:
        return np.asarray(problem.distance, dtype=float)
    found = np.full(problem.distance.shape, np.inf)
    pairs = problem.distance.tocoo()
    found[pairs.row, pairs.col] = pairs.data
    return found


class MedianSearch:
    """Greedy, swaps, shaking and the Lagrangian bound on one table of ways; remembers where it stands."""

    def __init__(self, table: Ways, seed: int, start: Bools | None = None) -> None:
        from geodata.analysis.siting import median_kernels

        self._kernels = median_kernels
        limits = table.limits
        self._table = table
        self._limits = (limits.allowed, limits.locked, limits.cost, limits.group)
        self._seed = np.array([(seed * 2654435761 + 88172645463325252) % 2**63], dtype=np.uint64)
        self._lists: tuple[np.ndarray, ...] | None = None
        self.value = np.inf
        finite_money = np.isfinite(limits.money_left) and start is None
        for by_cost in (False, True) if finite_money else (False,):
            state, room = self._state_of(limits.locked if start is None else start)
            median_kernels.fill(table.ways, self._limits, state, room, by_cost)
            order = np.arange(len(limits.locked))
            value = float(median_kernels.descend(table.ways, table.outside, order, self._limits, state, room))
            if value < self.value:
                self.value, self._state, self._room, self._top = value, state, room, np.array(state[0])

    def _state_of(self, plan: Bools) -> tuple[tuple[np.ndarray, ...], Floats]:
        table, limits = self._table, self._table.limits
        n = len(table.outside)
        is_open = np.array(plan, dtype=bool)
        first, second, who = np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
        self._kernels.serve(table.ways, table.outside, is_open, first, second, who)
        group_open = np.full(max(1, int(limits.group.max(initial=-1)) + 1), -1)
        for option in np.flatnonzero(is_open & (limits.group >= 0)):
            group_open[limits.group[option]] = option
        new = is_open & ~limits.locked
        room = limits.room - np.array([new.sum(), limits.cost[new].sum()])
        return (is_open, first, second, who, group_open), room

    @property
    def plan(self) -> Bools:
        """The best plan so far: open or not, by candidate."""
        return np.array(self._top, dtype=bool)

    @property
    def served_by(self) -> Ints:
        """The candidate that serves each point in the best plan so far; -1: none."""
        state, _ = self._state_of(self._top)
        return np.array(state[3], dtype=np.int64)

    @property
    def lists(self) -> tuple[np.ndarray, ...]:
        """Each point's usable ways that cost less than none at all, cheapest first: starts, candidates, costs."""
        if self._lists is None:
            limits = self._table.limits
            usable = np.flatnonzero(limits.locked | limits.allowed)
            costs = np.ascontiguousarray(self._table.ways[usable].T)
            order = np.argsort(costs, axis=1, kind="stable").astype(np.int32)
            costs = np.take_along_axis(costs, order.astype(np.int64), axis=1)
            keep = costs < self._table.outside[:, None]
            # A point that nobody serves more cheaply still has its best way, unless nobody may serve at all.
            keep[:, :1] = True
            starts = np.concatenate([[0], np.cumsum(keep.sum(axis=1))])
            self._lists = (starts, usable[order[keep]].astype(np.int32), costs[keep])
        return self._lists

    def shake(self, rounds: int, heat: float = 0.0) -> float:
        """Try `rounds` shakes, going on from plans that cost more by about `heat` too; return what was saved."""
        table, before, top = self._table, self.value, self._top.copy()
        found = float(
            self._kernels.improve(
                table.ways, table.outside, self.lists, self._limits, self._state, self._room, self._seed, rounds,
                _SHAKEN, heat, top,
            )
        )  # fmt: skip
        if found < self.value:
            self.value, self._top = found, top
        return before - self.value

    def anneal(self, rounds: int, heat: float, stop: Callable[[], bool]) -> None:
        """Shake so often while `heat` falls to 0, or until `stop()`, which is asked now and then."""
        for done in range(0, rounds, _SLICE):
            if stop():
                return
            self.shake(min(_SLICE, rounds - done), heat * (1 - done / rounds))

    def savings(self, dual: Floats) -> Floats:
        """What each candidate saves at these prices."""
        return np.asarray(self._kernels.savings(self.lists, dual, len(self._state[0])), dtype=float)

    def bound_at(self, dual: Floats) -> float:
        """The Lagrangian bound at these prices; with a budget the number of sites does not bind."""
        room = self._table.limits.room
        use = np.array([np.inf, room[1]]) if np.isfinite(room[1]) else room
        saving = self.savings(dual)
        return float(dual.sum() - self._kernels.choose(saving, self._limits, use, np.zeros(len(saving))))

    def first_prices(self) -> Floats:
        """Prices to start from: half way between the best and second best way of each point."""
        _, first, second, _, _ = self._state
        half: Floats = (first + second) / 2
        return np.minimum(half, self._table.outside)

    def climb(self, dual: Floats, pace: Floats, steps: int, *, patience: int = _IDLE) -> float:
        """Raise the Lagrangian bound from `dual`, which ends on the best prices; out of patience it slows down."""
        table = self._table
        room = table.limits.room
        usual = np.zeros(len(self._state[0]))
        return float(
            self._kernels.climb(
                self.lists, table.outside, self._limits, room, dual, self.value, steps, patience, pace, usual
            )
        )
