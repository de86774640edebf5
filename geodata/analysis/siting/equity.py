"""Total coverage against the worst-off province or group: quotas, max-min, weights, and what fairness costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.covering import program_of
from geodata.analysis.siting.evaluate import covered, objective_of, within_standard
from geodata.analysis.siting.highs import Program, maximise
from geodata.analysis.siting.limits import limits_of
from geodata.analysis.siting.marginal import mask_of
from geodata.analysis.siting.problem import Bools, Floats, Ints, SitingError, SitingProblem
from geodata.analysis.siting.reduction import Cover
from geodata.analysis.siting.result import relative_gap
from geodata.analysis.siting.solve import solve
from geodata.text import Text

# Rounds of raising the weights of groups that fall short, to find a first plan that keeps a quota.
ROUNDS = 25


@dataclass(frozen=True)
class FairPlan:
    """A plan that covers at least `quota` of every group.

    `worst` is the share covered in the worst-off group (number `worst_group`), `total` all covered children, `bound`
    what no plan with this quota can exceed, `price` the part of the best total that the quota costs.
    """

    quota: float
    chosen: tuple[int, ...]
    names: tuple[str, ...]
    total: float
    bound: float
    gap: float
    worst: float
    worst_group: int
    price: float


@dataclass(frozen=True)
class NoPlan:
    """There is no plan with this quota (`is_proven`), or none was found in time and there may still be one."""

    quota: float
    is_proven: bool


def frontier(
    problem: SitingProblem,
    group_of: Ints,
    quotas: Sequence[float],
    *,
    time_limit_s: float = 20.0,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> list[FairPlan]:
    """The best total for each quota (`group_of`: group number 0.. of each demand point), lowest quota first.

    It ends with the last quota for which a plan was found. The price of each is against the best total without a quota.

    Raises
    ------
    SitingError
        The model is not maximal covering.
    """
    _only_max_cover(problem)
    best = solve(problem, time_limit_s=time_limit_s, seed=seed, gap=1e-4, cancelled=cancelled)
    found: list[FairPlan] = []
    for quota in sorted(set(quotas)):
        plan = with_quota(problem, group_of, quota, time_limit_s=time_limit_s, seed=seed, cancelled=cancelled)
        if isinstance(plan, NoPlan):
            break
        found.append(_priced(plan, best.objective))
        if cancelled is not None and cancelled():
            break
    return found


def with_quota(
    problem: SitingProblem,
    group_of: Ints,
    quota: float,
    *,
    time_limit_s: float = 20.0,
    rounds: int = ROUNDS,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> FairPlan | NoPlan:
    """The best total among plans that cover at least `quota` of every group, or that there is none, or none so far.

    A start is looked for in up to `rounds` of swaps (about 10 ms each for a province), before the clock starts.
    """
    _only_max_cover(problem)
    groups, totals = _shares(problem, group_of)
    start = _by_weights(problem, groups, totals, quota, seed, rounds)
    cover, point_of = _unreduced(problem)
    program = program_of(problem, cover)
    m = problem.n_candidates
    rows = sp.csr_matrix(
        (problem.demand[point_of] / totals[groups[point_of]], (groups[point_of], np.arange(len(point_of)))),
        shape=(len(totals), len(point_of)),
    )
    need = np.full(len(totals), quota)
    program = Program(
        gain=program.gain,
        lower=program.lower,
        upper=program.upper,
        rows=sp.csr_matrix(sp.vstack([program.rows, sp.hstack([sp.csr_matrix((len(totals), m)), rows])])),
        row_lower=np.concatenate([program.row_lower, need - 1e-9]),
        row_upper=np.concatenate([program.row_upper, np.full(len(totals), np.inf)]),
    )
    begun = None
    if start is not None:
        times = np.asarray(cover.reach @ start.astype(float)).ravel()
        begun = np.concatenate([start.astype(float), np.minimum(times, 1.0)])
    found = maximise(
        program, np.arange(len(program.gain)) < m, start=begun, time_limit_s=time_limit_s, gap=1e-4, seed=seed,
        tell=lambda _best, _bound: None, stop=cancelled or (lambda: False),
    )  # fmt: skip
    plan = start if found.values is None else found.values[:m] > 0.5
    if plan is None:
        return NoPlan(quota, is_proven=found.proven_empty)
    return _fair(problem, groups, totals, plan, quota, found.bound * cover.scale)


def max_min(
    problem: SitingProblem, group_of: Ints, *, steps: int = 6, time_limit_s: float = 20.0, seed: int = 0
) -> FairPlan | None:
    """The plan whose worst-off group is covered best, to within 1 part in 2^`steps`, by bisection over the quota."""
    low, high, best = 0.0, 1.0, _found(with_quota(problem, group_of, 0.0, time_limit_s=time_limit_s, seed=seed))
    for _ in range(steps):
        quota = (low + high) / 2
        plan = _found(with_quota(problem, group_of, quota, time_limit_s=time_limit_s, seed=seed))
        if plan is None:
            high = quota
        else:
            best, low = plan, max(quota, plan.worst)
            if low >= high:
                break
    return best


def _found(answer: FairPlan | NoPlan) -> FairPlan | None:
    return answer if isinstance(answer, FairPlan) else None


def weighted(problem: SitingProblem, group_of: Ints, weights: Floats, *, time_limit_s: float = 20.0) -> FairPlan:
    """The best plan when a child of group g counts `weights[g]` times; totals are of children as they are."""
    _only_max_cover(problem)
    groups, totals = _shares(problem, group_of)
    found = solve(problem.but(demand=problem.demand * np.asarray(weights)[groups]), time_limit_s=time_limit_s, gap=1e-4)
    plan = mask_of(problem, found.open_sites)
    fair = _fair(problem, groups, totals, plan, 0.0, float(problem.demand.sum()))
    return _priced(fair, solve(problem, time_limit_s=time_limit_s, gap=1e-4).objective)


def _only_max_cover(problem: SitingProblem) -> None:
    if problem.model != "max_cover":
        text = Text(
            zh="公平前沿只用于最大覆盖模型（max_cover）。",
            en="The equity frontier is for maximal covering (max_cover).",
        )
        raise SitingError([text])


def _shares(problem: SitingProblem, group_of: Ints) -> tuple[Ints, Floats]:
    groups = np.asarray(group_of, dtype=np.int64)
    totals = np.bincount(groups, weights=problem.demand)
    # A group without children is never short.
    return groups, np.maximum(totals, 1e-12)


def _unreduced(problem: SitingProblem) -> tuple[Cover, Ints]:
    """The covering problem with a row for each point that has children, so that groups keep their points."""
    point_of = np.flatnonzero(problem.demand > 0)
    scale = float(problem.demand.sum()) / problem.n_demand
    weight = problem.demand[point_of] / scale
    return Cover(within_standard(problem)[point_of], weight, np.array([1.0]), limits_of(problem), scale), point_of


def _by_weights(
    problem: SitingProblem, groups: Ints, totals: Floats, quota: float, seed: int, rounds: int
) -> Bools | None:
    """Search by swaps for a plan that keeps the quota: the weight of groups that fall short is raised each round."""
    weights = np.ones(len(totals))
    best: tuple[float, Bools] | None = None
    for _ in range(rounds):
        found = solve(problem.but(demand=problem.demand * weights[groups]), method="quick", seed=seed)
        plan = mask_of(problem, found.open_sites)
        share = np.bincount(groups, weights=problem.demand * covered(problem, plan), minlength=len(totals)) / totals
        short = (share < quota - 1e-12) & (totals > 1e-9)
        total = objective_of(problem, plan)
        if not short.any() and (best is None or total > best[0]):
            best = (total, plan)
        if not short.any():
            break
        weights[short] *= 1.5
    return None if best is None else best[1]


def _fair(problem: SitingProblem, groups: Ints, totals: Floats, plan: Bools, quota: float, bound: float) -> FairPlan:
    total = objective_of(problem, plan)
    share = np.bincount(groups, weights=problem.demand * covered(problem, plan), minlength=len(totals)) / totals
    share[totals <= 1e-9] = 1.0
    chosen = np.flatnonzero(plan & ~problem.fixed)
    bound = max(min(bound, float(problem.demand.sum())), total)
    return FairPlan(
        quota=quota,
        chosen=tuple(int(site) for site in chosen),
        names=tuple(problem.candidate_names[site] for site in chosen),
        total=total,
        bound=bound,
        gap=relative_gap(total, bound),
        worst=float(share.min()),
        worst_group=int(np.argmin(share)),
        price=0.0,
    )


def _priced(plan: FairPlan, best_total: float) -> FairPlan:
    price = max(0.0, 1.0 - plan.total / best_total) if best_total > 0 else 0.0
    return FairPlan(**{**vars(plan), "price": price})
