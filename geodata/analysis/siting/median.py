"""p-median and gradual coverage: every point goes to its best open site. Swaps, a Lagrangian bound, then branching.

p-median: Hakimi (1964), ReVelle & Swain (1970); gradual coverage: Church & Roberts (1983), Berman & Krass (2002).
Both minimise what is lost: children x distance, or children x the share that is not covered. Prices that prove the
bound also show which candidates and which ways no better plan can use; HiGHS branches on what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting import assignment
from geodata.analysis.siting.evaluate import cover_share, objective_of
from geodata.analysis.siting.limits import Limits, limits_of, with_existing
from geodata.analysis.siting.problem import Bools, Floats, SitingError, SitingProblem
from geodata.analysis.siting.result import PROVEN_GAP, Run
from geodata.text import Text

_ROUNDS, _PATIENCE, _MOST_ROUNDS = 50, 600, 5000
_SHAKEN = 4
_STEPS, _MOST_CLIMBS = 250, 40
# More pairs than this make a table of over 2 GB.
_MOST_PAIRS = 60_000_000
# With more remaining ways than this HiGHS does not get past its root within minutes.
_MOST_WAYS_TO_BRANCH = 400_000


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
        outside = demand * lost.max(axis=1)
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
                self.value, self._state, self._room = value, state, room

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
        return np.array(self._state[0], dtype=bool)

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
            keep[:, 0] = True
            starts = np.concatenate([[0], np.cumsum(keep.sum(axis=1))])
            self._lists = (starts, usable[order[keep]].astype(np.int32), costs[keep])
        return self._lists

    def shake(self, rounds: int) -> float:
        """Try `rounds` shakes; return what was saved."""
        table = self._table
        before = self.value
        self.value = float(
            self._kernels.improve(
                table.ways,
                table.outside,
                self.lists,
                self._limits,
                self._state,
                self._room,
                self._seed,
                rounds,
                _SHAKEN,
            )
        )
        return before - self.value

    def first_prices(self) -> Floats:
        """Prices to start from: half way between the best and second best way of each point."""
        _, first, second, _, _ = self._state
        half: Floats = (first + second) / 2
        return np.minimum(half, self._table.outside)

    def climb(self, dual: Floats, pace: Floats, steps: int) -> float:
        """Raise the Lagrangian bound from `dual`, which ends on the best prices."""
        table = self._table
        room = table.limits.room
        return float(self._kernels.climb(self.lists, table.outside, self._limits, room, dual, self.value, steps, pace))


def solve_median(problem: SitingProblem, run: Run, *, quick: bool) -> None:
    """p-median or gradual coverage: plans and bounds go into `run`."""
    table = ways_of(problem)
    if table.limits.replaced.any():
        _branch_whole(problem, table, run)
        return
    search = MedianSearch(table, run.seed)
    _offer(problem, search, run, "swaps")
    if not len(search.lists[1]):
        run.prove(run.best, "nothing to gain")
        return
    dual, pace = search.first_prices(), np.array([1.0])
    bound = search.climb(dual, pace, _STEPS)
    run.prove(_absolute(problem, table, bound), "Lagrangian bound")
    if quick:
        return
    idle = done = climbs = 0
    while not run.stop() and (
        (climbs < _MOST_CLIMBS and pace[0] >= 1e-4) or (idle < _PATIENCE and done < _MOST_ROUNDS)
    ):
        if idle < _PATIENCE and done < _MOST_ROUNDS:
            saved = search.shake(_ROUNDS)
            done, idle = done + _ROUNDS, 0 if saved > 0 else idle + _ROUNDS
            _offer(problem, search, run, "shaking")
        if climbs < _MOST_CLIMBS and pace[0] >= 1e-4:
            bound = max(bound, search.climb(dual, pace, _STEPS))
            climbs += 1
            run.prove(_absolute(problem, table, bound), "Lagrangian bound")
    if not run.stop():
        _branch_rest(problem, table, search, dual, run)


def _offer(problem: SitingProblem, search: MedianSearch, run: Run, phase: str) -> None:
    plan = search.plan
    run.offer(plan, objective_of(problem, plan), phase)


def _absolute(problem: SitingProblem, table: Ways, bound: float) -> float:
    """From scaled cost to the objective, rounded up where distances and children are whole: then the objective is."""
    lost = bound * table.scale
    if problem.model == "gradual_cover":
        return float(problem.demand.sum()) - lost
    if _whole(problem):
        return float(np.ceil(lost - 1e-6 * max(1.0, abs(lost)) * 1e-3))
    return lost


def _whole(problem: SitingProblem) -> bool:
    data: Floats = problem.distance.data if problem.is_sparse else problem.distance
    data = data[np.isfinite(data)]
    return bool((problem.demand == np.rint(problem.demand)).all() and (data == np.rint(data)).all())


def _branch_rest(problem: SitingProblem, table: Ways, search: MedianSearch, dual: Floats, run: Run) -> None:
    """Branch on the candidates and ways that a better plan can still use, by the prices `dual`."""
    starts, options, costs = search.lists
    limits = table.limits
    point = np.repeat(np.arange(len(dual)), np.diff(starts))
    saving = np.bincount(options, np.maximum(dual[point] - costs, 0.0), minlength=len(limits.allowed))
    share = np.zeros(len(saving))
    kernel_limits = (limits.allowed, limits.locked, limits.cost, limits.group)
    room = limits.room
    use = np.array([np.inf, room[1]]) if np.isfinite(room[1]) else room
    bound = dual.sum() - search._kernels.choose(saving, kernel_limits, use, share)  # noqa: SLF001 # one of two halves
    slack = search.value - bound
    allowed = limits.allowed.copy()
    if not np.isfinite(room[1]) and 0 < room[0] < allowed.sum():
        last = np.sort(saving[allowed])[::-1][int(room[0]) - 1]
        allowed &= (last - saving <= slack * (1 + 1e-9) + PROVEN_GAP) | search.plan
    keep = (costs - dual[point] <= slack * (1 + 1e-9) + PROVEN_GAP) & (allowed | limits.locked)[options]
    best = search.plan[options] & (costs <= table.outside[point])
    keep |= best & _is_served(search, options, point)
    if keep.sum() > _MOST_WAYS_TO_BRANCH:
        return
    rest = Limits(
        limits.locked, allowed, limits.cost, limits.group, limits.replaced, limits.sites_left, limits.money_left
    )
    gain = table.outside[point[keep]] - costs[keep]
    pairs = assignment.Pairs(point[keep], options[keep].astype(np.int64), gain, np.ones(len(dual)), must_serve=False)
    _branch(problem, table, rest, pairs, run)


def _is_served(search: MedianSearch, options: np.ndarray, point: np.ndarray) -> Bools:
    return np.asarray(search._state[3][point] == options)  # noqa: SLF001 # one of two halves


def _branch(problem: SitingProblem, table: Ways, limits: Limits, pairs: assignment.Pairs, run: Run) -> None:
    program = assignment.program_of(pairs, problem, limits)
    start = None if run.plan is None else assignment.start_of(pairs, run.plan)
    m = problem.n_candidates
    gradual = problem.model == "gradual_cover"
    # The program maximises what is saved against serving nobody.
    base = float(table.outside.sum()) * table.scale
    outside, scale = (float(problem.demand.sum()) - base, table.scale) if gradual else (base, -table.scale)
    found = assignment.branch(program, m, run, start, tell_bound=True, outside=outside, scale=scale)
    if found.values is not None:
        plan = with_existing(limits, found.values[:m] > 0.5)
        run.offer(plan, objective_of(problem, plan), "branching")
    if np.isfinite(found.bound):
        run.prove(_absolute(problem, table, table.outside.sum() - found.bound), "branching")


def _branch_whole(problem: SitingProblem, table: Ways, run: Run) -> None:
    """Existing centres that may be replaced: branch on everything, from the plan that changes nothing."""
    limits = table.limits
    plan = with_existing(limits, limits.locked)
    value = objective_of(problem, plan)
    if np.isfinite(value):
        run.offer(plan, value, "start")
    usable = (limits.locked | limits.allowed | limits.replaced)[:, None]
    site, point = np.nonzero(usable & (table.ways < table.outside))
    gain = table.outside[point] - table.ways[site, point]
    _branch(
        problem, table, limits, assignment.Pairs(point, site, gain, np.ones(len(table.outside)), must_serve=False), run
    )
