"""p-median and gradual coverage: every point goes to its best open site. Swaps, a Lagrangian bound, then branching.

p-median: Hakimi (1964), ReVelle & Swain (1970); gradual coverage: Church & Roberts (1983), Berman & Krass (2002).
Several searches meet in the sites that any of them used (heuristic concentration: Rosing & ReVelle 1997). Prices that
prove the bound also show which candidates and which ways no better plan can use; HiGHS branches on what is left.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from geodata.analysis.siting import assignment, branching
from geodata.analysis.siting.evaluate import objective_of
from geodata.analysis.siting.limits import Limits, allowing, with_existing
from geodata.analysis.siting.median_search import MedianSearch, Ways, ways_of
from geodata.analysis.siting.problem import Bools, Floats, SitingProblem
from geodata.analysis.siting.result import PROVEN_GAP, Progress, Run

_ROUNDS, _PATIENCE, _MOST_ROUNDS = 50, 600, 5000
# Steps between two looks at the clock, how often at most.
_STEPS, _MOST_CLIMBS, _LEAST_PACE = 250, 40, 1e-4
# Searches from other seeds, shakes in each, then among the sites that they used; heat, as a part of the gap. They begin
# above this gap, where branching would not end, and take at most these parts of the time: the searches, and all of it.
_SEARCHES, _SHAKES, _SEARCHES_AMONG, _SHAKES_AMONG, _HEAT = 8, 600, 12, 2000, 0.06
_WORTH_IT, _SEARCHING, _CONCENTRATING = 2e-4, 0.3, 0.6
# Nationwide prices leave .3 of the candidates for 18 sites: branching proves the best plan; .8 for 100: it does not.
_FEW_CLOSED = 0.5
# Idle steps before the pace of the slower climb falls (nationwide it ends .008 % higher), and its part of the time.
_PATIENT, _CLIMBING = 160, 0.9
# With so few remaining ways HiGHS proves in seconds what is still open after some nodes.
_NODES_BEFORE_HIGHS, _MOST_WAYS_FOR_HIGHS = 300, 20_000
# With more remaining ways than this HiGHS does not get past its root within minutes.
_MOST_WAYS_TO_BRANCH = 400_000


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
        (climbs < _MOST_CLIMBS and pace[0] >= _LEAST_PACE) or (idle < _PATIENCE and done < _MOST_ROUNDS)
    ):
        if idle < _PATIENCE and done < _MOST_ROUNDS:
            saved = search.shake(_ROUNDS)
            done, idle = done + _ROUNDS, 0 if saved > 0 else idle + _ROUNDS
            _offer(problem, search, run, "shaking")
        if climbs < _MOST_CLIMBS and pace[0] >= _LEAST_PACE:
            bound = max(bound, search.climb(dual, pace, _STEPS))
            climbs += 1
            run.prove(_absolute(problem, table, bound), "Lagrangian bound")
    if not run.stop() and _branching_is_hopeless(table, search, dual):
        search = _concentrated(problem, table, search, bound, run)
        _offer(problem, search, run, "concentration")
        dual = _climbed_anew(problem, table, search, dual, run)
    if not run.stop():
        _branch_rest(problem, table, search, dual, run)


def _branching_is_hopeless(table: Ways, search: MedianSearch, dual: Floats) -> bool:
    """Whether the gap is worth more searches, and prices leave too much open for branching to end."""
    if len(search.lists[1]) <= _MOST_WAYS_TO_BRANCH or search.value - search.bound_at(dual) <= _WORTH_IT * search.value:
        return False
    allowed, ways = _left(table, search, dual)
    return bool(ways.sum() > _MOST_WAYS_TO_BRANCH and allowed.sum() > _FEW_CLOSED * table.limits.allowed.sum())


def _concentrated(problem: SitingProblem, table: Ways, search: MedianSearch, bound: float, run: Run) -> MedianSearch:
    """Search from other seeds, then exactly among the sites that any search used; stand on the best plan of all."""
    heat, used = _HEAT * (search.value - bound), search.plan

    def late(part: float) -> bool:
        run.tell("searching anew")
        return run.stop() or run.seconds > part * run.time_limit_s

    for seed in range(1, 1 + _SEARCHES):
        if late(_SEARCHING):
            break
        other = MedianSearch(table, run.seed + seed)
        other.anneal(_SHAKES, heat, partial(late, _SEARCHING))
        used |= other.plan
        _offer(problem, other, run, "searching anew")
    limits = table.limits
    few = replace(table, limits=allowing(limits, limits.allowed & used))
    for seed in range(_SEARCHES_AMONG):
        if late(_CONCENTRATING):
            break
        among = MedianSearch(few, run.seed + seed, start=run.plan)
        among.anneal(_SHAKES_AMONG, heat / 2, partial(late, _CONCENTRATING))
        _offer(problem, among, run, "concentration")

    def tell(progress: Progress) -> None:
        run.tell(progress.phase)

    inner = Run(
        sign=run.sign, time_limit_s=_CONCENTRATING * run.time_limit_s - run.seconds, gap=run.gap, seed=run.seed,
        on_progress=tell, cancelled=run.stop,
    )  # fmt: skip
    among = MedianSearch(few, run.seed, start=run.plan)
    _offer(problem, among, inner, "concentration")
    dual, pace = among.first_prices(), np.array([1.0])
    while not inner.stop() and pace[0] >= _LEAST_PACE:
        inner.prove(_absolute(problem, few, among.climb(dual, pace, _STEPS)), "concentration")
    if not inner.stop():
        _branch_rest(problem, few, among, dual, inner)
    return MedianSearch(table, run.seed, start=inner.plan)


def _climbed_anew(problem: SitingProblem, table: Ways, search: MedianSearch, dual: Floats, run: Run) -> Floats:
    """The better prices of the old and of a slower climb from the start: a climb gets stuck, and does not go on."""
    anew, pace = search.first_prices(), np.array([1.0])
    bound = -np.inf
    while not run.stop() and run.seconds < _CLIMBING * run.time_limit_s and pace[0] >= _LEAST_PACE:
        bound = search.climb(anew, pace, _STEPS, patience=_PATIENT)
        run.prove(_absolute(problem, table, bound), "Lagrangian bound")
    return anew if bound > search.bound_at(dual) else dual


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


def _left(table: Ways, search: MedianSearch, dual: Floats) -> tuple[Bools, Bools]:
    """The candidates, and the ways of `search.lists`, that a better plan can still use, by the prices `dual`."""
    starts, options, costs = search.lists
    limits, room = table.limits, table.limits.room
    point = np.repeat(np.arange(len(dual)), np.diff(starts))
    slack = (search.value - search.bound_at(dual)) * (1 + 1e-9) + PROVEN_GAP
    allowed = limits.allowed.copy()
    if not np.isfinite(room[1]) and 0 < room[0] < allowed.sum():
        saving = search.savings(dual)
        last = np.sort(saving[allowed])[::-1][int(room[0]) - 1]
        allowed &= (last - saving <= slack) | search.plan
    near = costs - dual[point] <= slack
    return allowed, (near | (search.served_by[point] == options)) & (allowed | limits.locked)[options]


def _branch_rest(problem: SitingProblem, table: Ways, search: MedianSearch, dual: Floats, run: Run) -> None:
    """Branch on the candidates and ways that a better plan can still use, by the prices `dual`."""
    starts, options, costs = search.lists
    limits = table.limits
    point = np.repeat(np.arange(len(dual)), np.diff(starts))
    allowed, keep = _left(table, search, dual)
    by_sites = not np.isfinite(limits.money_left)
    if by_sites and not (limits.group >= 0).any():
        _play(problem, table, search, (point[keep], options[keep], costs[keep]), allowed, dual, run)
    if run.stop() or keep.sum() > _MOST_WAYS_TO_BRANCH:
        return
    gain = table.outside[point[keep]] - costs[keep]
    pairs = assignment.Pairs(point[keep], options[keep].astype(np.int64), gain, np.ones(len(dual)), must_serve=False)
    _branch(problem, table, allowing(limits, allowed), pairs, run)


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
