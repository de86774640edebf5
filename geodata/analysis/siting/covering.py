"""Maximal covering, with backup, budgets and alternatives at a place: swaps, a linear bound, then branch and bound.

Maximal covering: Church & ReVelle (1974); backup coverage: Hogan & ReVelle (1986). Demand points with the same
candidates in reach are one (Cordeau, Furini & Ljubić 2019 reduce alike); a candidate that reaches no more than another
is dropped; candidates that cannot be in a better plan, by the prices of the relaxation, are closed before branching.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting import branching
from geodata.analysis.siting.evaluate import objective_of
from geodata.analysis.siting.highs import Program, maximise
from geodata.analysis.siting.limits import Limits, allowing, limit_rows, site_bounds, with_existing
from geodata.analysis.siting.pricing import MOST_PAIRS_TO_RELAX, Priced, close_hopeless, price, tighten
from geodata.analysis.siting.problem import Bools, SitingProblem
from geodata.analysis.siting.reduction import Cover, absolute, reduce_cover, settled_value
from geodata.analysis.siting.result import PROVEN_GAP, Run
from geodata.analysis.siting.tightening import with_cuts

# Rounds of shaking between two looks at the clock, rounds without gain after which shaking ends, and rounds at most.
_ROUNDS, _PATIENCE, _MOST_ROUNDS = 25, 5000, 40_000
_SHAKEN = 3
# Of the time at most this part goes to shaking before the bound is worked on, and as much again between its rounds.
_SHAKING, _SHAKING_HUGE = 0.15, 0.7
# Branching on prices settles problems with so few candidates left; above, cuts do more.
_FEW_TO_PLAY = 600
# Prices settle the easy instances within some nodes; where they do not, HiGHS's cuts do more than further nodes.
_NODES_BEFORE_HIGHS = 300


class SwapSearch:
    """Greedy, swaps and shaking on one reduced problem; remembers where it stands, so that it can go on later."""

    def __init__(self, cover: Cover, seed: int, start: Bools | None = None) -> None:
        from geodata.analysis.siting import cover_kernels

        self._kernels = cover_kernels
        limits = cover.limits
        reach = cover.reach
        by_site = reach.T.tocsr()
        m = reach.shape[1]
        gain = np.asarray(by_site @ cover.weight).ravel() * cover.worth[0]
        whole = [part.astype(np.int64) for part in (by_site.indptr, by_site.indices, reach.indptr, reach.indices)]
        self._cover = (*whole, cover.weight, cover.worth, limits.cost, limits.allowed)
        self._groups = max(1, int(limits.group.max(initial=-1)) + 1)
        self._limits, self._gain, self._m, self._n = limits, gain, m, reach.shape[0]
        self._seed = np.array([(seed * 2654435761 + 88172645463325252) % 2**63], dtype=np.uint64)
        self.value = -np.inf
        finite_money = np.isfinite(limits.money_left)
        begun = np.flatnonzero(limits.locked if start is None else limits.locked | (start & limits.allowed))
        for by_cost in (False, True) if finite_money and start is None else (False,):
            state, room = self._empty(), limits.room
            value = cover_kernels.start(begun, self._cover, state, room, by_cost)
            value += cover_kernels.descend(self._cover, state, room)
            if value > self.value:
                self.value, self._state, self._room = value, state, room

    def _empty(self) -> tuple[np.ndarray, ...]:
        m, n = self._m, self._n
        return (
            np.zeros(m, dtype=bool), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), self._gain.copy(),
            np.zeros(m), np.full(self._groups, -1), self._limits.group, self._limits.locked,
        )  # fmt: skip

    @property
    def plan(self) -> Bools:
        """The best plan so far: open or not, by candidate."""
        return np.array(self._state[0], dtype=bool)

    def shake(self, rounds: int) -> float:
        """Try `rounds` shakes; return what was gained."""
        gained = float(self._kernels.improve(self._cover, self._state, self._room, self._seed, rounds, _SHAKEN))
        self.value += gained
        return gained


def solve_cover(problem: SitingProblem, run: Run, *, quick: bool) -> None:
    """Maximal or backup covering: plans and bounds go into `run`."""
    cover = reduce_cover(problem)
    if cover.limits.replaced.any():
        # Swaps do not know that an upgrade takes the old centre away; branch and bound does.
        plan = with_existing(cover.limits, cover.limits.locked)
        run.offer(plan, objective_of(problem, plan), "start")
        if not quick:
            _branch(problem, cover, run, None)
        return
    search = SwapSearch(cover, run.seed)
    run.offer(search.plan, objective_of(problem, search.plan), "swaps")
    if cover.reach.nnz == 0:
        run.prove(run.best, "nothing to gain")
        return
    if not quick:
        _prove(problem, cover, run, search)


def _prove(problem: SitingProblem, cover: Cover, run: Run, search: SwapSearch) -> None:
    """Bounds and better plans, in turn: the relaxation, shakes, cuts or branching on prices, then HiGHS."""
    priced = price(cover, run)
    if priced is not None:
        run.prove(absolute(problem, cover, priced.bound), "relaxation")
    # Where neither cuts nor branching get anywhere within minutes, shaking still does; HiGHS's root would not even end
    # when time is up.
    huge = cover.reach.nnz > MOST_PAIRS_TO_RELAX
    _shake(problem, search, run, _SHAKING_HUGE if huge else _SHAKING)
    small = _left(problem, cover, run, priced)
    if priced is not None and problem.model == "max_cover" and not run.stop():
        few = small.limits.allowed.sum() <= _FEW_TO_PLAY
        if not few and not huge:
            priced = _tighten(problem, cover, run, priced, search)
        elif _by_sites_alone(cover.limits):
            _play(problem, small, run, priced)
        small = _left(problem, cover, run, priced)
    if not run.stop() and not huge:
        _branch(problem, small, run, search.plan, priced)


def _left(problem: SitingProblem, cover: Cover, run: Run, priced: Priced | None) -> Cover:
    """The problem without the candidates that no better plan can have; those of the best plan stay."""
    closed = close_hopeless(cover, priced, _best(problem, cover, run))
    if run.plan is None:
        return closed
    limits = closed.limits
    return replace(closed, limits=allowing(limits, limits.allowed | (run.plan & cover.limits.allowed)))


def _best(problem: SitingProblem, cover: Cover, run: Run) -> float:
    """The best plan in the unit of the reduced problem."""
    return (run.best - settled_value(problem, cover)) / cover.scale


def _tighten(problem: SitingProblem, cover: Cover, run: Run, priced: Priced, search: SwapSearch) -> Priced:
    """Cuts and shakes in turn."""

    def told(found: Priced) -> None:
        run.prove(absolute(problem, cover, found.bound), "cuts")
        _shake(problem, search, run, _SHAKING / 4)

    return tighten(cover, priced, run, lambda: _best(problem, cover, run), told)


def _shake(problem: SitingProblem, search: SwapSearch, run: Run, part: float) -> None:
    """Shake until nothing is gained for long, for at most this part of the time."""
    idle = done = 0
    until = run.seconds + part * run.time_limit_s
    while done < _MOST_ROUNDS and idle < _PATIENCE and run.seconds < until and not run.stop():
        gained = search.shake(_ROUNDS)
        done += _ROUNDS
        idle = 0 if gained > 0 else idle + _ROUNDS
        if gained > 0:
            run.offer(search.plan, objective_of(problem, search.plan), "shaking")
        else:
            run.tell("shaking")


def program_of(problem: SitingProblem, cover: Cover) -> Program:
    """The covering program: a 0/1 variable a candidate, then one in [0, 1] for each point and each worth of a cover."""
    n, m = cover.reach.shape
    levels = len(cover.worth)
    limits, low, high = limit_rows(cover.limits, problem)
    blocks: list[list[Any]] = [[cover.reach, *([-sp.identity(n)] * levels)]]
    if limits.shape[0]:
        blocks.append([limits, *([None] * levels)])
    lower, upper = site_bounds(cover.limits)
    return Program(
        gain=np.concatenate([np.zeros(m), *(cover.weight * worth for worth in cover.worth)]),
        lower=np.concatenate([lower, np.zeros(n * levels)]),
        upper=np.concatenate([upper, np.ones(n * levels)]),
        rows=sp.csr_matrix(sp.bmat(blocks)),
        row_lower=np.concatenate([np.zeros(n), low]),
        row_upper=np.concatenate([np.full(n, np.inf), high]),
    )


def _by_sites_alone(limits: Limits) -> bool:
    return not np.isfinite(limits.money_left) and not (limits.group >= 0).any()


def _play(problem: SitingProblem, cover: Cover, run: Run, priced: Priced) -> None:
    """Branch on prices: a point is covered for nothing, or stays outside for its weight."""
    limits = cover.limits
    back = np.flatnonzero(limits.allowed | limits.locked)
    reach = sp.csr_matrix(cover.reach[:, back])
    total = float(cover.weight.sum())

    def value(plan: Bools) -> float:
        return total - float(cover.weight @ (np.asarray(reach @ plan.astype(float)).ravel() > 0))

    def on_plan(plan: Bools, _value: float) -> None:
        full = np.zeros(problem.n_candidates, dtype=bool)
        full[back[plan]] = True
        run.offer(full, objective_of(problem, full), "branching on prices")

    def enough(best: float) -> float:
        return best - (total - best) * max(run.gap, PROVEN_GAP) / 2

    game = branching.Game(
        lists=(reach.indptr.astype(np.int64), reach.indices.astype(np.int32), np.zeros(reach.nnz)),
        outside=cover.weight,
        locked=limits.locked[back],
        allowed=(limits.allowed & ~limits.locked)[back],
        sites=int(min(limits.sites_left, len(back))),
        # What covering a point saves; the linear program prices it alike.
        dual=cover.weight - np.maximum(cover.weight - priced.price, 0.0),
        value=value,
        enough=enough,
        most_nodes=_NODES_BEFORE_HIGHS if reach.nnz <= MOST_PAIRS_TO_RELAX else branching.MOST_NODES,
    )
    best = total - _best(problem, cover, run)
    bound = branching.play(
        game, best, on_plan=on_plan, stop=run.stop,
        on_bound=lambda at: run.prove(absolute(problem, cover, total - at), "branching on prices"),
    )  # fmt: skip
    run.prove(absolute(problem, cover, total - bound), "branching on prices")


def _branch(problem: SitingProblem, cover: Cover, run: Run, plan: Bools | None, priced: Priced | None = None) -> None:
    """Branch and bound by HiGHS, from the best plan."""
    program = program_of(problem, cover)
    if priced is not None and priced.cuts is not None:
        program = with_cuts(program, priced.cuts)
    m = cover.reach.shape[1]
    outside = settled_value(problem, cover)
    start = None
    if plan is not None:
        times = np.asarray(cover.reach @ plan.astype(float)).ravel()
        parts = [np.clip(times - level, 0.0, 1.0) for level in range(len(cover.worth))]
        start = np.concatenate([plan.astype(float), *parts])
    integer = np.arange(len(program.gain)) < m

    def tell(_best: float, bound: float) -> None:
        if np.isfinite(bound):
            run.prove(bound * cover.scale + outside, "branching")

    found = maximise(
        program, integer, start=start, time_limit_s=run.left_s, gap=run.gap, seed=run.seed, tell=tell, stop=run.stop
    )
    if found.values is not None:
        plan = with_existing(cover.limits, found.values[:m] > 0.5)
        run.offer(plan, objective_of(problem, plan), "branching")
    if np.isfinite(found.bound):
        run.prove(found.bound * cover.scale + outside, "branching")
    elif found.proven_empty:
        run.prove(run.best, "branching")
