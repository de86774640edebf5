"""Maximal covering, with backup, budgets and alternatives at a place: swaps, a linear bound, then branch and bound.

Maximal covering: Church & ReVelle (1974); backup coverage: Hogan & ReVelle (1986). Demand points with the same
candidates in reach are one (Cordeau, Furini & Ljubić 2019 reduce alike); a candidate that reaches no more than another
is dropped; candidates that cannot be in a better plan, by the prices of the relaxation, are closed before branching.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting import branching
from geodata.analysis.siting.evaluate import objective_of, within_standard
from geodata.analysis.siting.highs import Program, maximise, prices
from geodata.analysis.siting.limits import Limits, limit_rows, limits_of, site_bounds, with_existing
from geodata.analysis.siting.problem import Bools, Floats, SitingProblem, Sparse
from geodata.analysis.siting.result import PROVEN_GAP, Run

# Rounds of shaking between two looks at the clock, rounds without gain after which shaking ends, and rounds at most.
_ROUNDS, _PATIENCE, _MOST_ROUNDS = 25, 1200, 6000
_SHAKEN = 3
# Above this many covered pairs the linear program takes minutes; subgradients, so many rounds of so many steps, do not.
_MOST_PAIRS_TO_RELAX = 400_000
_CLIMBS, _CLIMB_STEPS, _CLIMB_IDLE = 30, 100, 30
# Above this many covered pairs, looking for dominated candidates costs more than it spares.
_MAX_PAIRS_FOR_DOMINANCE = 3_000_000
# Above this many covered pairs HiGHS's branch and bound does not get past its root within minutes.
MAX_PAIRS_TO_BRANCH = 1_500_000
# Prices settle the easy instances within some nodes; where they do not, HiGHS's cuts do more than further nodes.
_NODES_BEFORE_HIGHS = 300


@dataclass(frozen=True)
class Cover:
    """A covering problem reduced: `reach` (points x candidates, 0/1), weight of each point, worth of each cover."""

    reach: Sparse
    weight: Floats
    worth: Floats
    limits: Limits
    scale: float


def reduce_cover(problem: SitingProblem) -> Cover:
    """Merge points with the same reach, leave out those that nobody reaches or that are settled already."""
    limits = limits_of(problem)
    usable = limits.locked | limits.allowed | limits.replaced
    reach = (within_standard(problem) @ sp.diags(usable.astype(float))).tocsr()
    reach.eliminate_zeros()
    reach.sort_indices()
    worth = np.array([1.0])
    if problem.model == "backup_cover" and problem.backup_share > 0:
        worth = np.array([1.0 - problem.backup_share, problem.backup_share])
    by_locked = np.asarray(reach @ limits.locked.astype(float)).ravel()
    settled = by_locked >= len(worth)
    open_question = (problem.demand > 0) & (np.diff(reach.indptr) > 0) & ~settled
    kept = reach[np.flatnonzero(open_question)]
    keys: dict[bytes, int] = {}
    owner = np.empty(kept.shape[0], dtype=np.int64)
    for row in range(kept.shape[0]):
        key = kept.indices[kept.indptr[row] : kept.indptr[row + 1]].tobytes()
        owner[row] = keys.setdefault(key, len(keys))
    weight = np.bincount(owner, weights=problem.demand[open_question], minlength=len(keys))
    first = np.zeros(len(keys), dtype=np.int64)
    first[owner[::-1]] = np.arange(len(owner))[::-1]
    # Weights of about 1: the solver's tolerances are absolute.
    scale = float(problem.demand.sum()) / problem.n_demand
    cover = Cover(kept[first].tocsr(), weight / scale, worth, limits, scale)
    return _without_dominated(cover)


def _without_dominated(cover: Cover) -> Cover:
    """Drop candidates that cover no more than another at no lower cost; of equals the first stays."""
    limits, reach = cover.limits, cover.reach
    if reach.nnz > _MAX_PAIRS_FOR_DOMINANCE or (limits.group >= 0).any() or len(cover.worth) > 1:
        return cover
    free = np.flatnonzero(limits.allowed)
    sub = reach[:, free]
    size = np.asarray(sub.sum(axis=0)).ravel()
    shared = (sub.T @ sub).tocoo()
    one, other = shared.row, shared.col
    inside = (shared.data == size[one]) & (one != other) & (limits.cost[free][one] >= limits.cost[free][other])
    same = inside & (size[one] == size[other]) & (limits.cost[free][one] == limits.cost[free][other])
    inside &= ~same | (one > other)
    allowed = limits.allowed.copy()
    allowed[free[size == 0]] = False
    # Dropping whoever lies inside another is safe together: the largest of a chain stays.
    allowed[free[np.unique(one[inside])]] = False
    if allowed.sum() + limits.locked.sum() == 0:
        return cover
    return Cover(reach, cover.weight, cover.worth, _allowing(limits, allowed), cover.scale)


def _allowing(limits: Limits, allowed: Bools) -> Limits:
    return Limits(
        limits.locked, allowed, limits.cost, limits.group, limits.replaced, limits.sites_left, limits.money_left
    )


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
    priced = None
    if not quick:
        priced = _price(cover, run)
        if priced is not None:
            run.prove(_absolute(problem, cover, priced.bound), "relaxation")
        _shake(problem, search, run)
    if quick or run.stop():
        return
    if priced is not None and problem.model == "max_cover" and _by_sites_alone(cover.limits):
        _play(problem, _fixed(problem, cover, run, priced), run, priced)
    if not run.stop() and cover.reach.nnz <= MAX_PAIRS_TO_BRANCH:
        _branch(problem, _fixed(problem, cover, run, priced), run, search.plan)


def _absolute(problem: SitingProblem, cover: Cover, value: float) -> float:
    """From the reduced problem's scaled objective to children: what was settled or merged away is added."""
    return value * cover.scale + settled_value(problem, cover)


def settled_value(problem: SitingProblem, cover: Cover) -> float:
    """Covered demand that stands outside the reduced problem: what locked sites cover however the rest is chosen."""
    locked = cover.limits.locked
    reduced = _value(cover, locked)
    return objective_of(problem, locked) - reduced * cover.scale


def _value(cover: Cover, is_open: Bools) -> float:
    times = np.asarray(cover.reach @ is_open.astype(float)).ravel().astype(int)
    steps = np.concatenate([[0.0], np.cumsum(cover.worth)])
    return float(cover.weight @ steps[np.minimum(times, len(cover.worth))])


def _shake(problem: SitingProblem, search: SwapSearch, run: Run) -> None:
    idle = done = 0
    while done < _MOST_ROUNDS and idle < _PATIENCE and not run.stop():
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


@dataclass(frozen=True)
class Priced:
    """A proven bound on the reduced, scaled problem, the points' prices that prove it, each candidate's saving."""

    bound: float
    price: Floats
    saving: Floats


def _price(cover: Cover, run: Run) -> Priced | None:
    """Bound the reduced problem by the prices of its linear relaxation."""
    from geodata.analysis.siting import median_kernels

    limits = cover.limits
    if cover.reach.nnz > _MOST_PAIRS_TO_RELAX and len(cover.worth) == 1:
        price = _climbed(cover, run)
    else:
        relaxed = prices(_relaxation(cover), run.left_s)
        if relaxed is None:
            return None
        price = np.clip(relaxed[1][: len(cover.weight)], 0.0, cover.weight * cover.worth[0])
    saving = np.asarray(cover.reach.T @ price).ravel()
    kept = sum(np.maximum(cover.weight * worth - price, 0.0) for worth in cover.worth)
    share = np.zeros(len(saving))
    kernel_limits = (limits.allowed, limits.locked, limits.cost, limits.group)
    taken = _best_choice(median_kernels, saving, kernel_limits, limits.room, share)
    return Priced(float(np.sum(kept)) + taken, price, saving)


def _climbed(cover: Cover, run: Run) -> Floats:
    """Prices by subgradients, in seconds where the linear program takes minutes."""
    from geodata.analysis.siting import median_kernels

    limits, reach = cover.limits, cover.reach
    lists = (reach.indptr.astype(np.int64), reach.indices.astype(np.int32), np.zeros(reach.nnz))
    kernel_limits = (limits.allowed, limits.locked, limits.cost, limits.group)
    dual, pace, usual = cover.weight / 2, np.array([1.0]), np.zeros(reach.shape[1])
    total = float(cover.weight.sum())
    plan = run.plan if run.plan is not None else limits.locked
    target = total - _value(cover, plan)
    for _ in range(_CLIMBS):
        bound = median_kernels.climb(
            lists, cover.weight, kernel_limits, limits.room, dual, target, _CLIMB_STEPS, _CLIMB_IDLE, pace, usual
        )
        run.tell("relaxation")
        if run.stop() or pace[0] < 1e-4 or bound >= target:
            break
    return dual


def _best_choice(kernels: Any, saving: Floats, kernel_limits: tuple[Any, ...], room: Floats, share: Floats) -> float:
    """Sites or money, whichever binds harder: each alone is a bound."""
    by_sites = float(kernels.choose(saving, kernel_limits, np.array([room[0], np.inf]), share))
    if not np.isfinite(room[1]):
        return by_sites
    return min(by_sites, float(kernels.choose(saving, kernel_limits, np.array([np.inf, room[1]]), share)))


def _relaxation(cover: Cover) -> Program:
    """The linear program whose prices bound the problem: the limits once, without groups."""
    n, m = cover.reach.shape
    levels = len(cover.worth)
    limits = cover.limits
    lower, upper = site_bounds(limits)
    rows, most = [], []
    for left, use in ((limits.sites_left, np.ones(m)), (limits.money_left, limits.cost)):
        if np.isfinite(left):
            rows.append(sp.csr_matrix(use * limits.allowed))
            most.append(left)
    blocks: list[list[Any]] = [[cover.reach, *([-sp.identity(n)] * levels)]]
    if rows:
        blocks.append([sp.vstack(rows), *([None] * levels)])
    return Program(
        gain=np.concatenate([np.zeros(m), *(cover.weight * worth for worth in cover.worth)]),
        lower=np.concatenate([lower, np.zeros(n * levels)]),
        upper=np.concatenate([upper, np.ones(n * levels)]),
        rows=sp.csr_matrix(sp.bmat(blocks)),
        row_lower=np.concatenate([np.zeros(n), np.full(len(most), -np.inf)]),
        row_upper=np.concatenate([np.full(n, np.inf), np.array(most)]),
    )


def _fixed(problem: SitingProblem, cover: Cover, run: Run, priced: Priced | None) -> Cover:
    """Close candidates that no better plan can have: with one of them open, the bound falls below the best plan."""
    limits = cover.limits
    if priced is None or np.isfinite(limits.money_left) or limits.replaced.any():
        return cover
    bound, saving = priced.bound, priced.saving
    free = np.flatnonzero(limits.allowed)
    room = int(min(limits.sites_left, len(free)))
    if room == 0 or room >= len(free):
        return cover
    last = np.sort(saving[free])[::-1][room - 1]
    best = (run.best - settled_value(problem, cover)) / cover.scale
    hopeless = bound - last + saving < best - PROVEN_GAP
    plan = run.plan if run.plan is not None else limits.locked
    return Cover(
        cover.reach, cover.weight, cover.worth, _allowing(limits, limits.allowed & (~hopeless | plan)), cover.scale
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
        most_nodes=_NODES_BEFORE_HIGHS if reach.nnz <= MAX_PAIRS_TO_BRANCH else branching.MOST_NODES,
    )
    best = total - (run.best - settled_value(problem, cover)) / cover.scale
    bound = branching.play(
        game, best, on_plan=on_plan, stop=run.stop,
        on_bound=lambda at: run.prove(_absolute(problem, cover, total - at), "branching on prices"),
    )  # fmt: skip
    run.prove(_absolute(problem, cover, total - bound), "branching on prices")


def _branch(problem: SitingProblem, cover: Cover, run: Run, plan: Bools | None) -> None:
    """Branch and bound by HiGHS, from the best plan."""
    program = program_of(problem, cover)
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
