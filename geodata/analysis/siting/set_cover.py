"""Fewest (or cheapest) sites that reach everybody, and the shortest farthest way for a given number of sites.

Location set covering: Toregas et al. (1971). Points whose candidates include those of another are reached with it;
candidates that reach no more than a no dearer one are dropped. Plans come from swaps in which points that stay
unreached gain weight; the bound from the relaxation and from branch and bound. p-centre: the standards that occur, by
bisection (Minieka 1970).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.breaches import nearest_usable
from geodata.analysis.siting.evaluate import objective_of, within_standard
from geodata.analysis.siting.highs import Program, maximise, prices
from geodata.analysis.siting.limits import Limits, limit_rows, limits_of, site_bounds, with_existing
from geodata.analysis.siting.pricing import MOST_PAIRS_TO_RELAX
from geodata.analysis.siting.problem import Bools, Floats, SitingProblem, Sparse
from geodata.analysis.siting.result import Run
from geodata.analysis.siting.tightening import Cuts, broken_cuts, joined, no_cuts

# Swaps between two looks at the clock; without a smaller plan, so many for each row end it; or this part of the time.
# After the cuts they go on: where branching does not end they find more than it does.
_STEPS, _PATIENCE_A_ROW, _SWAPPING = 5000, 1000, 0.2
_MORE_PATIENCE, _SWAPPING_ON, _FEW_PAIRS_TO_BRANCH = 10, 0.6, 10_000
# Rounds of cuts end when one raises the bound by less than this part, or after this part of the time.
_MOST_CUT_ROUNDS, _LEAST_RISE, _CUTTING = 20, 2e-4, 0.4
_MAX_PAIRS_FOR_DOMINANCE = 3_000_000


@dataclass(frozen=True)
class Need:
    """Points that still need somebody (rows), by candidate; `points` are their numbers in the problem."""

    reach: Sparse
    limits: Limits


def need_of(problem: SitingProblem) -> Need:
    """What is left once the existing and forced sites serve whom they reach, reduced by dominance."""
    limits = limits_of(problem)
    reach = within_standard(problem)
    settled = np.asarray(reach @ limits.locked.astype(float)).ravel() > 0
    rows = np.flatnonzero((problem.demand > 0) & ~settled)
    usable = (limits.allowed | limits.replaced).astype(float)
    sub = (reach[rows] @ sp.diags(usable)).tocsr()
    sub.eliminate_zeros()
    if sub.nnz <= _MAX_PAIRS_FOR_DOMINANCE and not (limits.group >= 0).any():
        sub, limits = _reduced(sub, limits)
    return Need(sub, limits)


def _reduced(reach: Sparse, limits: Limits) -> tuple[Sparse, Limits]:
    """Drop rows that hold another row and columns inside another, in turn, until nothing drops."""
    allowed = limits.allowed.copy()
    while True:
        before = reach.shape[0], int(allowed.sum())
        reach = reach[~_holds_another(reach)]
        free = np.flatnonzero(allowed)
        inside = _inside_another(reach[:, free], limits.cost[free])
        allowed[free[inside]] = False
        reach = (reach @ sp.diags(allowed.astype(float))).tocsr()
        reach.eliminate_zeros()
        if before == (reach.shape[0], int(allowed.sum())):
            break
    rest = Limits(
        limits.locked, allowed, limits.cost, limits.group, limits.replaced, limits.sites_left, limits.money_left
    )
    return reach, rest


def _holds_another(reach: Sparse) -> Bools:
    """Rows whose candidates include all of another row's; of equal rows all but the first."""
    size = np.diff(reach.indptr)
    shared = (reach @ reach.T).tocoo()
    one, other = shared.row, shared.col
    holds = (shared.data == size[other]) & (one != other) & ((size[one] > size[other]) | (one > other))
    found = np.zeros(reach.shape[0], dtype=bool)
    found[one[holds]] = True
    return found


def _inside_another(reach: Sparse, cost: Floats) -> Bools:
    """Columns that reach no row that another, no dearer, does not reach; of equal columns all but the first."""
    size = np.asarray(reach.sum(axis=0)).ravel()
    shared = (reach.T @ reach).tocoo()
    one, other = shared.row, shared.col
    same = (size[one] == size[other]) & (cost[one] == cost[other])
    inside = (shared.data == size[one]) & (one != other) & (cost[one] >= cost[other]) & (~same | (one > other))
    found: Bools = np.asarray(size == 0)
    found[one[inside]] = True
    return found


def solve_set_cover(problem: SitingProblem, run: Run, *, quick: bool, enough: float | None = None) -> None:
    """Reach everybody at least cost. With `enough` it ends once a plan needs no more, or none can need that little."""
    need = need_of(problem)
    forced = float(problem.cost[problem.forced].sum())
    if need.reach.shape[0] == 0:
        plan = with_existing(need.limits, need.limits.locked)
        run.offer(plan, objective_of(problem, plan), "forced sites")
        run.prove(run.best, "forced sites")
        return
    plan = _greedy(need)
    _offer(problem, plan, run, "greedy")
    relaxed = prices(_program(problem, need), run.left_s)
    whole = bool((problem.cost == np.rint(problem.cost)).all())
    if relaxed is not None:
        run.prove(_rounded(forced + _bound(need, relaxed[1][: need.reach.shape[0]]), whole=whole), "relaxation")

    def decided() -> bool:
        return run.stop() or (enough is not None and (run.best <= enough or run.bound > enough))

    alike = len(np.unique(need.limits.cost[need.limits.allowed])) == 1 and not (need.limits.group >= 0).any()
    search = _Fewer(problem, need, plan, run) if alike else None
    patience = _PATIENCE_A_ROW * need.reach.shape[0]
    if search is not None and not decided():
        search.seek(_SWAPPING, patience, decided)
    if not quick and not decided() and relaxed is not None and need.reach.nnz <= MOST_PAIRS_TO_RELAX:
        _tighten(problem, need, run, decided, relaxed, whole=whole)
    many = need.reach.nnz > _FEW_PAIRS_TO_BRANCH
    if not quick and many and search is not None and enough is None and not decided():
        search.seek(_SWAPPING_ON, _MORE_PATIENCE * patience, decided)
    if not quick and not decided():
        _branch(problem, need, run, decided, whole=whole)


def _greedy(need: Need) -> Bools:
    """Cheapest for each point newly reached; then whatever is not needed any more is closed again, dearest first."""
    limits = need.limits
    by_site = need.reach.T.tocsr()
    plan = (limits.locked | limits.replaced).copy()
    left = np.asarray(need.reach @ plan.astype(float)).ravel() == 0
    group_taken = np.zeros(int(limits.group.max(initial=-1)) + 2, dtype=bool)
    while left.any():
        gain = np.asarray(by_site @ left.astype(float)).ravel() / np.maximum(limits.cost, 1e-9)
        gain[~limits.allowed | plan | (group_taken[limits.group] & (limits.group >= 0))] = 0.0
        option = int(np.argmax(gain))
        if gain[option] <= 0:
            break
        plan[option] = True
        group_taken[limits.group[option]] = limits.group[option] >= 0
        left[by_site.indices[by_site.indptr[option] : by_site.indptr[option + 1]]] = False
    times = np.asarray(need.reach @ plan.astype(float)).ravel()
    chosen = np.flatnonzero(plan & limits.allowed)
    for option in chosen[np.argsort(-limits.cost[chosen], kind="stable")]:
        rows = by_site.indices[by_site.indptr[option] : by_site.indptr[option + 1]]
        if (times[rows] > 1).all():
            plan[option] = False
            times[rows] -= 1
    return with_existing(limits, plan)


def _program(problem: SitingProblem, need: Need) -> Program:
    """Maximise the negative cost: every row reached, limits kept."""
    fixed_rows, low, high = limit_rows(need.limits, problem)
    lower, upper = site_bounds(need.limits)
    new = (~problem.fixed).astype(float)
    n = need.reach.shape[0]
    return Program(
        gain=-problem.cost * new,
        lower=lower,
        upper=upper,
        rows=sp.csr_matrix(sp.vstack([need.reach, fixed_rows])),
        row_lower=np.concatenate([np.ones(n), low]),
        row_upper=np.concatenate([np.full(n, np.inf), high]),
    )


def _bound(need: Need, price: Floats, cuts: Cuts | None = None, cut_price: Floats | None = None) -> float:
    """What reaching every row costs at least at these prices: candidates worth more than they cost are all taken."""
    price = np.maximum(price, 0.0)
    saving, paid = np.asarray(need.reach.T @ price).ravel(), float(price.sum())
    if cuts is not None and cut_price is not None:
        saving = saving + np.asarray(cuts.use.T @ cut_price).ravel()
        paid += float(cut_price @ cuts.least)
    over = np.maximum(saving - need.limits.cost, 0.0)
    # Existing centres that may stay reach their rows for nothing.
    given = saving[need.limits.replaced].sum()
    return float(paid - over[need.limits.allowed].sum() - given)


def _rounded(bound: float, *, whole: bool) -> float:
    return float(np.ceil(bound - 1e-6)) if whole else bound


def _offer(problem: SitingProblem, plan: Bools, run: Run, phase: str) -> None:
    """Offer a plan that reaches everybody, if it keeps the number of sites and the budget."""
    new = plan & ~problem.fixed
    too_many = problem.sites is not None and new.sum() > problem.sites
    too_dear = problem.budget is not None and problem.cost[new].sum() > problem.budget * (1 + 1e-12)
    value = objective_of(problem, plan)
    if not too_many and not too_dear and np.isfinite(value):
        run.offer(plan, value, phase)


class _Fewer:
    """Looks for plans of fewer sites by weighted swaps; remembers where it stands, so that it can go on later."""

    def __init__(self, problem: SitingProblem, need: Need, plan: Bools, run: Run) -> None:
        self._problem, self._need, self._run = problem, need, run
        by_site = need.reach.T.tocsr()
        halves = [(half.indptr.astype(np.int64), half.indices.astype(np.int64)) for half in (by_site, need.reach)]
        self._sites, self._rows = halves
        m, n = len(plan), need.reach.shape[0]
        self._state = (plan.copy(), plan.copy(), np.ones(n), np.ones(m, dtype=bool), np.zeros(m, dtype=np.int64),
                       np.zeros(1, dtype=np.int64))  # fmt: skip
        self._seed = np.array([(run.seed * 2654435761 + 88172645463325252) % 2**63], dtype=np.uint64)
        self._size = int((plan & need.limits.allowed).sum())

    def seek(self, part: float, patience: int, decided: Callable[[], bool]) -> None:
        """Look for at most this part of the time, or until so many swaps found nothing."""
        from geodata.analysis.siting import fewer_kernels

        run, limits = self._run, self._need.limits
        # The bound counts costs, all alike here, of forced sites too.
        each = float(limits.cost[limits.allowed][0])
        forced = float(self._problem.cost[self._problem.forced].sum())
        idle, until = 0, run.seconds + part * run.time_limit_s
        while idle < patience and run.seconds < until and not decided():
            enough = (run.bound - forced) / each if each > 0 else 0.0
            found = int(
                fewer_kernels.fewer(
                    self._sites, self._rows, limits.allowed, self._state, self._seed, _STEPS, enough
                )
            )  # fmt: skip
            idle = 0 if found < self._size else idle + _STEPS
            if found < self._size:
                self._size = found
                _offer(self._problem, with_existing(limits, self._state[0]), run, "fewer")
            else:
                run.tell("fewer")


def _tighten(
    problem: SitingProblem, need: Need, run: Run, decided: Callable[[], bool], relaxed: tuple[Floats, Floats], *,
    whole: bool,
) -> None:  # fmt: skip
    """Add cuts that the linear plan breaks, round by round, and prove what their prices prove."""
    n = need.reach.shape[0]
    program, cuts, everyone = _program(problem, need), no_cuts(need.reach), np.ones(n)
    forced = float(problem.cost[problem.forced].sum())
    last = _bound(need, relaxed[1][:n])
    for _ in range(_MOST_CUT_ROUNDS):
        new = broken_cuts(need.reach, relaxed[0], everyone, everyone)
        if not len(new) or decided() or run.seconds > _CUTTING * run.time_limit_s:
            return
        cuts = joined(cuts, new)
        rows = sp.csr_matrix(sp.vstack([cuts.use, program.rows]))
        found = prices(
            replace(
                program,
                rows=rows,
                row_lower=np.concatenate([cuts.least, program.row_lower]),
                row_upper=np.concatenate([np.full(len(cuts), np.inf), program.row_upper]),
            ),
            run.left_s,
        )
        if found is None:
            return
        relaxed, paid = found, np.maximum(found[1], 0.0)
        bound = _bound(need, paid[len(cuts) : len(cuts) + n], cuts, paid[: len(cuts)])
        run.prove(_rounded(forced + bound, whole=whole), "cuts")
        if bound < last + _LEAST_RISE * abs(last):
            return
        last, cuts = bound, cuts.only(np.flatnonzero(paid[: len(cuts)] > 1e-7))


def _branch(problem: SitingProblem, need: Need, run: Run, decided: Callable[[], bool], *, whole: bool) -> None:
    start = None if run.plan is None else run.plan.astype(float)

    def tell(_best: float, bound: float) -> None:
        if np.isfinite(bound):
            run.prove(_rounded(-bound, whole=whole), "branching")

    found = maximise(
        _program(problem, need), np.ones(problem.n_candidates, dtype=bool), start=start, time_limit_s=run.left_s,
        gap=run.gap, seed=run.seed, tell=tell, stop=decided,
    )  # fmt: skip
    if found.values is not None:
        plan = with_existing(need.limits, found.values > 0.5)
        run.offer(plan, objective_of(problem, plan), "branching")
    if np.isfinite(found.bound):
        run.prove(_rounded(-found.bound, whole=whole), "branching")


def solve_centre(problem: SitingProblem, run: Run, *, quick: bool) -> None:
    """The shortest farthest way: bisection over the distances that occur."""
    limits = limits_of(problem)
    sites = int(problem.sites or 0)
    usable = limits.locked | limits.allowed
    distances = _distances(problem, usable)
    # Nobody can be nearer than to the nearest usable candidate.
    nearest = nearest_usable(problem, usable)
    low = float(nearest[problem.demand > 0].max())
    plan = _spread(problem, limits)
    run.offer(plan, objective_of(problem, plan), "farthest first")
    run.prove(low, "nearest candidates")
    while not run.stop():
        open_question = distances[(distances >= run.bound) & (distances < run.best)]
        if not len(open_question):
            run.prove(run.best, "bisection")
            return
        radius = float(open_question[(len(open_question) - 1) // 2])
        inner = Run(sign=-1, time_limit_s=run.left_s, gap=0.0, seed=run.seed, on_progress=None, cancelled=run.stop)
        # Everybody at a site needs a standard of 0; standards are greater.
        standard = max(radius, float(np.finfo(float).tiny))
        relaxed = problem.but(model="set_cover", standard=standard, sites=None, cost=np.ones(problem.n_candidates))
        solve_set_cover(relaxed, inner, quick=quick, enough=float(sites))
        if inner.plan is not None and inner.best <= sites:
            run.offer(inner.plan, objective_of(problem, inner.plan), "bisection")
        elif inner.bound > sites:
            farther = distances[distances > radius]
            run.prove(float(farther[0]) if len(farther) else run.best, "bisection")
        else:
            return


def _distances(problem: SitingProblem, usable: Bools) -> Floats:
    data: Sparse = problem.distance[:, np.flatnonzero(usable)]
    values = data.data if problem.is_sparse else data[problem.demand > 0]
    return np.unique(values[np.isfinite(values)])


def _spread(problem: SitingProblem, limits: Limits) -> Bools:
    """Open, again and again, the usable candidate nearest to whoever is farthest (Gonzalez 1985)."""
    plan = with_existing(limits, limits.locked)
    usable = np.flatnonzero(limits.allowed)
    room = int(min(limits.sites_left, len(usable)))
    dense = problem.distance.toarray() if problem.is_sparse else problem.distance
    if problem.is_sparse:
        stored = sp.csr_matrix((np.ones(problem.distance.nnz), problem.distance.indices, problem.distance.indptr),
                               shape=problem.distance.shape).toarray() > 0  # fmt: skip
        dense = np.where(stored, dense, np.inf)
    peopled = np.flatnonzero(problem.demand > 0)
    nearest = dense[np.ix_(peopled, np.flatnonzero(plan))].min(axis=1) if plan.any() else np.full(len(peopled), np.inf)
    for _ in range(room):
        way = dense[peopled[int(np.argmax(nearest))], usable]
        option = int(usable[int(np.argmin(way))])
        if plan[option]:
            break
        plan[option] = True
        nearest = np.minimum(nearest, dense[peopled, option])
    return plan
