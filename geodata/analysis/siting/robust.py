"""How sure a plan is when the children are not: the same question asked of every draw of the estimates."""

from __future__ import annotations

import time
import warnings
from collections import Counter
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
    kept
        Share of these draws in which the base plan keeps its rule; 1 where there is no rule.
    """

    frequency: Floats
    core: tuple[int, ...]
    base: PlanRegret
    least_regret: PlanRegret
    plans: tuple[PlanRegret, ...]
    draws: int
    kept: float = 1.0


@dataclass(frozen=True)
class TooSlow:
    """The draws were not asked: one takes `seconds_a_draw`, too long for the least number that says something."""

    seconds_a_draw: float


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
    total = used.sum(axis=1) if problem.counts_cover else None
    return _said(problem, list(plans), times, solved, values, total)


def robustness_by(  # noqa: PLR0913  # all but three are named at the call
    problem: SitingProblem,
    result: SitingResult,
    draws: int,
    *,
    answer: Callable[[int], tuple[int, ...] | None],
    worth: Callable[[tuple[int, ...], int], float],
    seconds: float,
    least: int = 8,
    most_plans: int = 8,
    on_draw: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Robustness | TooSlow:
    """The same where a plan of a draw, or what it is worth there, takes its time: limited places, rules of fairness.

    `answer(draw)` is the plan (chosen candidates) of that draw, None where none was found; `worth(plan, draw)` its
    value there, not a number where it breaks the rule. Draws are answered for half of the `seconds`; then the plan
    asked about and the `most_plans` most frequent others are held against them. `TooSlow`: not even `least` would fit.
    """
    began, stop = time.perf_counter(), cancelled or (lambda: False)
    counts: Counter[tuple[int, ...]] = Counter()
    times, base = np.zeros(problem.n_candidates), []
    for draw in range(draws):
        spent = time.perf_counter() - began
        if stop() or (draw >= least and spent > seconds / 2):
            break
        if draw == 1 and spent * least > seconds:
            return TooSlow(spent)
        found = answer(draw)
        base.append(worth(result.chosen, draw))
        if found is not None:
            counts[found] += 1
            times[list(found)] += 1
        if on_draw is not None:
            on_draw(draw + 1, draws)
    values = [np.array(base)]
    plans = [result.chosen]
    for plan, _ in counts.most_common(most_plans):
        if plan == result.chosen or stop() or time.perf_counter() - began > seconds:
            continue
        plans.append(plan)
        values.append(np.array([worth(plan, draw) for draw in range(len(base))]))
    return _said(problem, plans, times, len(base), np.array(values), None)


def _said(  # one end of two ways
    problem: SitingProblem,
    plans: list[tuple[int, ...]],
    times: Floats,
    solved: int,
    values: Floats,
    total: Floats | None,
) -> Robustness:
    """What the values of plans (plans x draws, no number where a rule is broken or somebody is left out) say."""
    values = np.where(np.isfinite(values), values, np.nan)
    if solved == 0 and not values.size:
        values = np.zeros((len(plans), 1))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a draw in which no plan keeps the rule
        best = np.nanmax(values, axis=0) if problem.counts_cover else np.nanmin(values, axis=0)
    regret = np.abs(values - best) / np.maximum(np.abs(best), 1e-12)
    rows = [_row(problem, chosen, values[at], regret[at], total) for at, chosen in enumerate(plans)]
    # First the plans that keep the rule most often, then by the worst regret.
    broken = np.isnan(values).sum(axis=1)
    order = sorted(range(len(rows)), key=lambda at: (broken[at], rows[at].max_regret))
    return Robustness(
        frequency=times / max(solved, 1),
        core=tuple(int(site) for site in np.flatnonzero(times == solved)) if solved else (),
        base=rows[0],
        least_regret=rows[order[0]],
        plans=tuple(rows[at] for at in order),
        draws=solved,
        kept=float(1 - broken[0] / max(solved, 1)),
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
    kept = np.isfinite(values)
    some = values[kept] if kept.any() else np.zeros(1)
    missed = regret[kept] if kept.any() else np.zeros(1)
    low, middle, high = (float(value) for value in np.percentile(some, [5, 50, 95]))
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
        mean_regret=float(missed.mean()),
        max_regret=float(missed.max()),
    )
