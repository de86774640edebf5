"""Which solver answers which question: the exact one, the quick one, and those that keep a rule of fairness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dashboard.planning.fair import Areas, solve_max_min, solve_quota, weights_today
from dashboard.planning.places import Floats
from dashboard.planning.plan import ObjectiveUnit
from dashboard.planning.problem import Siting
from dashboard.planning.request import PlanRequest
from geodata.analysis.siting import Progress, SitingError, SitingProblem, SitingResult, solve
from geodata.analysis.siting.evaluate import objective_of
from geodata.analysis.siting.result import PROVEN_GAP, relative_gap

Stop = Callable[[], bool]
Hear = Callable[[Progress], None]
_UNITS: dict[str, ObjectiveUnit] = {
    "backup_cover": "weighted",
    "gradual_cover": "weighted",
    "p_median": "child_km",
    "capacitated_median": "child_km",
    "p_centre": "km",
    "capacitated_cover": "served",
}
QUICK_SECONDS = 5.0
# With more pairs than this the relaxation of a capacitated problem takes longer than somebody waits for a quick answer.
MOST_PAIRS_QUICK = 4_000


def unit_of(request: PlanRequest) -> ObjectiveUnit:
    """The unit of the objective of a question."""
    if request.model == "set_cover":
        return "cost" if request.costs_differ else "sites"
    if request.fair == "weighted":
        return "weighted"
    return _UNITS.get(request.model, "children")


def solve_whole(siting: Siting, request: PlanRequest, areas: Areas, hear: Hear, stop: Stop) -> SitingResult:
    """The best plan that can be found and proven in the time of the question.

    Raises
    ------
    geodata.analysis.siting.SitingError
        If there is none; the sentence says what would make it feasible.
    """
    seconds, seed = request.time_limit_s, request.seed
    if request.fair == "quota":
        return solve_quota(siting, areas, request.least_percent / 100, seconds=seconds, seed=seed, stop=stop)
    if request.fair == "max_min":
        return solve_max_min(siting, areas, seconds=seconds, seed=seed, stop=stop)
    asked = weighed(siting, request, areas)
    found = solve(asked, time_limit_s=seconds, gap=request.gap, seed=seed, on_progress=hear, cancelled=stop)
    if request.model == "capacitated_cover" or request.replaces:
        # Where the program is too large for its time, swaps that know only coverage may have done better.
        return _better(found, _by_cover(siting, seed))
    return found


def solve_quick(siting: Siting, request: PlanRequest, areas: Areas) -> SitingResult:
    """The first good plan at once: greedy and swaps, with the bound that costs nothing; a quota is left aside."""
    asked = weighed(siting, request, areas)
    if request.replaces or (request.model == "capacitated_cover" and siting.metres.nnz > MOST_PAIRS_QUICK):
        return _by_cover(siting, request.seed)
    found = solve(asked, method="quick", time_limit_s=QUICK_SECONDS, seed=request.seed)
    return bounded_quickly(siting, asked, found)


def weighed(siting: Siting, request: PlanRequest, areas: Areas) -> SitingProblem:
    """The problem, its children weighted where the question wants that."""
    weights = weights_of(siting, request, areas)
    return siting.problem if weights is None else siting.problem.but(demand=siting.problem.demand * weights)


def weights_of(siting: Siting, request: PlanRequest, areas: Areas) -> Floats | None:
    """What a child counts at each point, where the question wants that some count more."""
    return weights_today(areas, siting, request.heaviest) if request.fair == "weighted" else None


def bounded_quickly(siting: Siting, problem: SitingProblem, result: SitingResult) -> SitingResult:
    """A maximal covering plan with the bound that costs nothing: no site can add more than it adds on its own.

    Coverage is submodular: what centres that stay cover and the largest single gains together are never exceeded.
    `problem` is that of `siting`, its children perhaps weighted.
    """
    if problem.model != "max_cover" or problem.sites is None:
        return result
    left = np.where(siting.covered_kept, 0.0, problem.demand)
    gains = (siting.who.by_site.T @ left)[problem.selectable]
    most = float((problem.demand - left).sum()) + float(np.sort(gains)[::-1][: problem.sites].sum())
    bound = max(min(result.bound, most), result.objective)
    return replace(result, bound=bound, gap=relative_gap(result.objective, bound))


def conditions_price(problem: SitingProblem, result: SitingResult, seconds: float, stop: Stop) -> float | None:
    """How much worse a plan is, in percent, than the best known without conditions on single places; None: unknown."""
    none = np.zeros(problem.n_candidates, dtype=bool)
    try:
        free = solve(
            problem.but(forced=none, forbidden=none, closed=none),
            time_limit_s=seconds, gap=1e-4, seed=result.seed, cancelled=stop,
        )  # fmt: skip
    except SitingError:
        return None
    worse = free.objective - result.objective if problem.counts_cover else result.objective - free.objective
    return round(100 * max(worse, 0.0) / free.objective, 2) if free.objective > 0 else None


def _by_cover(siting: Siting, seed: int) -> SitingResult:
    """Sites by swaps for maximal covering, measured by the model that is asked: places limited, or two centres counted.

    No plan of it counts more children than are reached, nor serves more than all places of the largest sites.
    """
    problem = siting.problem
    endless = problem.but(model="max_cover", action_of=np.full(problem.n_candidates, -1))
    found = bounded_quickly(siting, endless, solve(endless, method="quick", time_limit_s=QUICK_SECONDS, seed=seed))
    is_open = siting.open_with(found.chosen)
    reached = objective_of(problem, is_open)
    bound = found.bound
    if problem.capacity is not None:
        room = np.sort(problem.capacity[problem.selectable])[::-1][: problem.sites]
        bound = min(bound, float(problem.capacity[problem.stays].sum() + room.sum()))
    bound = max(bound, reached)
    return replace(
        found, model=problem.model, objective=reached, bound=bound, gap=relative_gap(reached, bound),
        open_sites=tuple(int(site) for site in np.flatnonzero(is_open)), status="heuristic",
    )  # fmt: skip


def _better(one: SitingResult, other: SitingResult) -> SitingResult:
    """The plan that serves more, with the tighter of the two bounds."""
    best = one if one.objective >= other.objective else other
    bound = max(min(one.bound, other.bound), best.objective)
    gap = relative_gap(best.objective, bound)
    status = "optimal" if gap <= PROVEN_GAP else one.status
    return replace(best, bound=bound, gap=gap, status=status, seconds=one.seconds)
