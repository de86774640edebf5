"""How sure a plan is when the children are not: the same question asked of every draw of the estimates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting.evaluate import covered, objective_of
from geodata.analysis.siting.marginal import mask_of
from geodata.analysis.siting.problem import Floats, SitingProblem
from geodata.analysis.siting.result import SitingResult
from geodata.analysis.siting.solve import Method, solve


@dataclass(frozen=True)
class PlanRegret:
    """One plan held against all draws. Regret: how much worse than the best plan known for that draw, relatively."""

    chosen: tuple[int, ...]
    names: tuple[str, ...]
    objective_low: float
    objective_median: float
    objective_high: float
    share_low: float
    share_high: float
    mean_regret: float
    max_regret: float


@dataclass(frozen=True)
class Robustness:
    """What the draws say.

    Attributes
    ----------
    frequency
        By candidate: in which share of the draws the best plan chooses it.
    core
        Candidates that every draw's plan chooses: building them cannot be regretted, as far as the draws go.
    base
        The plan that was asked about.
    least_regret
        Of the base plan and the draws' own plans, the one whose worst regret is least.
    plans
        All of them, by worst regret, best first.
    draws
        How many draws were solved (fewer than given if cancelled).
    """

    frequency: Floats
    core: tuple[int, ...]
    base: PlanRegret
    least_regret: PlanRegret
    plans: tuple[PlanRegret, ...]
    draws: int


def robustness(  # noqa: PLR0913  # all but three are named at the call
    problem: SitingProblem,
    result: SitingResult,
    demand_draws: Floats,
    *,
    method: Method = "quick",
    time_limit_s: float = 5.0,
    gap: float = 0.01,
    on_draw: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Robustness:
    """Solve the problem for each draw of the demand (draws x points) and hold all plans against all draws.

    `quick` takes greedy and swaps for each draw (some milliseconds nationwide), so regret is against the best plan
    known, not proven; `exact` proves each draw's plan to `gap`. Intervals are the 5th to 95th percentile.
    """
    plans: dict[tuple[int, ...], tuple[int, ...]] = {result.chosen: result.open_sites}
    times = np.zeros(problem.n_candidates)
    solved = 0
    for number, demand in enumerate(demand_draws):
        if cancelled is not None and cancelled():
            break
        asked = problem.but(demand=demand)
        found = solve(asked, method=method, time_limit_s=time_limit_s, gap=gap, seed=number, cancelled=cancelled)
        plans.setdefault(found.chosen, found.open_sites)
        times[list(found.chosen)] += 1
        solved += 1
        if on_draw is not None:
            on_draw(solved, len(demand_draws))
    used = demand_draws[: max(solved, 1)]
    values = np.array([_values(problem, open_sites, used) for open_sites in plans.values()])
    best = values.max(axis=0) if problem.counts_cover else values.min(axis=0)
    regret = np.abs(values - best) / np.maximum(np.abs(best), 1e-12)
    total = used.sum(axis=1)
    rows = [
        _row(problem, chosen, values[at], regret[at], total if problem.counts_cover else None)
        for at, chosen in enumerate(plans)
    ]
    return Robustness(
        frequency=times / max(solved, 1),
        core=tuple(int(site) for site in np.flatnonzero(times == solved)) if solved else (),
        base=rows[0],
        least_regret=min(rows, key=lambda row: row.max_regret),
        plans=tuple(sorted(rows, key=lambda row: row.max_regret)),
        draws=solved,
    )


def _values(problem: SitingProblem, open_sites: tuple[int, ...], draws: Floats) -> Floats:
    """The plan's objective in each draw. Where service does not depend on demand it is one product."""
    mask = mask_of(problem, open_sites)
    if problem.model in {"max_cover", "backup_cover", "gradual_cover"}:
        return np.asarray(draws @ covered(problem, mask), dtype=float)
    return np.array([objective_of(problem.but(demand=demand), mask) for demand in draws])


def _row(
    problem: SitingProblem, chosen: tuple[int, ...], values: Floats, regret: Floats, total: Floats | None
) -> PlanRegret:
    low, middle, high = (float(value) for value in np.percentile(values, [5, 50, 95]))
    share = np.array([np.nan]) if total is None else values / np.maximum(total, 1e-12)
    share_low, share_high = (float(value) for value in np.percentile(share, [5, 95]))
    return PlanRegret(
        chosen=chosen,
        names=tuple(problem.candidate_names[site] for site in chosen),
        objective_low=low,
        objective_median=middle,
        objective_high=high,
        share_low=share_low,
        share_high=share_high,
        mean_regret=float(regret.mean()),
        max_regret=float(regret.max()),
    )
