"""p-median and gradual coverage: every point goes to its best open site. Swaps, a Lagrangian bound, then branching.

p-median: Hakimi (1964), ReVelle & Swain (1970); gradual coverage: Church & Roberts (1983), Berman & Krass (2002).
Both minimise what is lost: children x distance, or children x the share that is not covered. Prices that prove the
bound also show which candidates and which ways no better plan can use; HiGHS branches on what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.analysis.siting import assignment, branching
from geodata.analysis.siting.evaluate import cover_share, objective_of
from geodata.analysis.siting.limits import Limits, limits_of, with_existing
from geodata.analysis.siting.problem import Bools, Floats, SitingError, SitingProblem
from geodata.analysis.siting.result import PROVEN_GAP, Run
from geodata.text import Text

_ROUNDS, _PATIENCE, _MOST_ROUNDS = 50, 600, 5000
_SHAKEN = 4
# Steps between two looks at the clock, how often at most, idle steps after which the pace falls.
_STEPS, _MOST_CLIMBS, _IDLE = 250, 40, 40
# More pairs than this make a table of over 2 GB.
_MOST_PAIRS = 60_000_000
# With so few remaining ways HiGHS proves in seconds what is still open after some nodes.
_NODES_BEFORE_HIGHS, _MOST_WAYS_FOR_HIGHS = 300, 20_000
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
            # A point that nobody serves more cheaply still has its best way, unless nobody may serve at all.
            keep[:, :1] = True
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

    def savings(self, dual: Floats) -> Floats:
        """What each candidate saves at these prices."""
        return np.asarray(self._kernels.savings(self.lists, dual, len(self._state[0])), dtype=float)

    def most_saved(self, saving: Floats, room: Floats) -> float:
        """The most that candidates within the room save together."""
        return float(self._kernels.choose(saving, self._limits, room, np.zeros(len(saving))))

    def first_prices(self) -> Floats:
        """Prices to start from: half way between the best and second best way of each point."""
        _, first, second, _, _ = self._state
        half: Floats = (first + second) / 2
        return np.minimum(half, self._table.outside)

    def climb(self, dual: Floats, pace: Floats, steps: int) -> float:
        """Raise the Lagrangian bound from `dual`, which ends on the best prices."""
        table = self._table
        room = table.limits.room
        usual = np.zeros(len(self._state[0]))
        return float(
            self._kernels.climb(
                self.lists, table.outside, self._limits, room, dual, self.value, steps, _IDLE, pace, usual
            )
        )


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
    room = limits.room
    saving = search.savings(dual)
    use = np.array([np.inf, room[1]]) if np.isfinite(room[1]) else room
    slack = search.value - (dual.sum() - search.most_saved(saving, use))
    allowed = limits.allowed.copy()
    by_sites = not np.isfinite(room[1])
    if by_sites and 0 < room[0] < allowed.sum():
        last = np.sort(saving[allowed])[::-1][int(room[0]) - 1]
        allowed &= (last - saving <= slack * (1 + 1e-9) + PROVEN_GAP) | search.plan
    near = costs - dual[point] <= slack * (1 + 1e-9) + PROVEN_GAP
    keep = (near | _is_served(search, options, point)) & (allowed | limits.locked)[options]
    if by_sites and not (limits.group >= 0).any():
        _play(problem, table, search, (point[keep], options[keep], costs[keep]), allowed, dual, run)
    if run.stop() or keep.sum() > _MOST_WAYS_TO_BRANCH:
        return
    rest = Limits(
        limits.locked, allowed, limits.cost, limits.group, limits.replaced, limits.sites_left, limits.money_left
    )
    gain = table.outside[point[keep]] - costs[keep]
    pairs = assignment.Pairs(point[keep], options[keep].astype(np.int64), gain, np.ones(len(dual)), must_serve=False)
    _branch(problem, table, rest, pairs, run)


def _play(  # one step of `_branch_rest`, which has them all
    problem: SitingProblem,
    table: Ways,
    search: MedianSearch,
    ways: tuple[Any, ...],
    allowed: Bools,
    dual: Floats,
    run: Run,
) -> None:
    """Branch on prices, among the candidates that are left, renumbered so that nothing is spent on the others."""
    point, options, costs = ways
    limits = table.limits
    back = np.flatnonzero(allowed | limits.locked)
    number = np.full(len(allowed), -1)
    number[back] = np.arange(len(back))
    starts = np.concatenate([[0], np.cumsum(np.bincount(point, minlength=len(dual)))])
    few = np.ascontiguousarray(table.ways[back])
    whole = _whole(problem) and problem.model == "p_median"

    def value(plan: Bools) -> float:
        if not plan.any():
            return float(table.outside.sum())
        return float(np.minimum(few[plan].min(axis=0), table.outside).sum())

    def enough(best: float) -> float:
        # Of whole objectives the next better one is 1 less.
        return best - (1 - 1e-6) / table.scale if whole else best * (1 - max(run.gap, PROVEN_GAP) / 2)

    def on_plan(plan: Bools, _value: float) -> None:
        full = np.zeros(problem.n_candidates, dtype=bool)
        full[back[plan]] = True
        run.offer(full, objective_of(problem, full), "branching on prices")

    game = branching.Game(
        (starts, number[options].astype(np.int32), costs), table.outside, limits.locked[back],
        (allowed & ~limits.locked)[back], int(min(limits.sites_left, len(back))), dual, value, enough,
        _NODES_BEFORE_HIGHS if len(point) <= _MOST_WAYS_FOR_HIGHS else branching.MOST_NODES,
    )  # fmt: skip
    bound = branching.play(
        game, search.value, on_plan=on_plan, stop=run.stop,
        on_bound=lambda at: run.prove(_absolute(problem, table, at), "branching on prices"),
    )  # fmt: skip
    run.prove(_absolute(problem, table, bound), "branching on prices")


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
