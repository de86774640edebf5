"""What every budget buys, and in which order to open a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geodata.analysis.siting.limits import limits_of
from geodata.analysis.siting.marginal import Margins
from geodata.analysis.siting.problem import SitingProblem
from geodata.analysis.siting.result import SitingResult, relative_gap
from geodata.analysis.siting.solve import Method, solve


@dataclass(frozen=True)
class Step:
    """One opening: which candidate, what is reached once it is open, what it added."""

    site: int
    name: str
    objective: float
    gain: float


def curve(  # noqa: PLR0913  # all but two are named at the call
    problem: SitingProblem,
    amounts: Sequence[float],
    *,
    method: Method = "exact",
    time_limit_s: float = 5.0,
    gap: float = 0.01,
    seed: int = 0,
    on_point: Callable[[float, SitingResult], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[SitingResult]:
    """The best plan for each number of sites (or budget, if the problem has one), each solved for itself.

    `time_limit_s` and `gap` hold for each amount. More never gives less: a plan for a smaller amount also counts for a
    larger one, and the bound of a larger amount bounds a smaller one.
    """
    by_money = problem.sites is None and problem.budget is not None
    ordered = sorted(set(amounts))
    found: list[SitingResult] = []
    for amount in ordered:
        asked = problem.but(budget=float(amount)) if by_money else problem.but(sites=int(amount))
        result = solve(asked, method=method, time_limit_s=time_limit_s, gap=gap, seed=seed, cancelled=cancelled)
        if found and _better(problem, found[-1].objective, result.objective):
            result = replace(
                found[-1], bound=result.bound, gap=relative_gap(found[-1].objective, result.bound),
                seconds=result.seconds, status=result.status,
            )  # fmt: skip
        found.append(result)
        if on_point is not None:
            on_point(amount, result)
        if cancelled is not None and cancelled():
            break
    return _bounds_from_above(problem, found)


def _better(problem: SitingProblem, one: float, other: float) -> bool:
    return one > other if problem.counts_cover else one < other


def _bounds_from_above(problem: SitingProblem, found: list[SitingResult]) -> list[SitingResult]:
    tight = list(found)
    for at in range(len(tight) - 2, -1, -1):
        later = tight[at + 1].bound
        if _better(problem, tight[at].bound, later):
            gap = relative_gap(tight[at].objective, later)
            tight[at] = replace(tight[at], bound=later, gap=gap)
    return tight


def opening_sequence(problem: SitingProblem, result: SitingResult) -> list[Step]:
    """The order in which to open the chosen sites: each time the one that adds most to what is open already."""
    margins = Margins(problem)
    chosen = set(result.chosen)
    is_open = problem.stays.copy()
    sign = 1.0 if problem.counts_cover else -1.0
    gains = margins.gains(is_open)
    total = margins.objective(is_open)
    steps: list[Step] = []
    while chosen:
        site = max(sorted(chosen), key=lambda one: float(gains[one]))
        gain = float(gains[site])
        total += sign * gain
        is_open[site] = True
        chosen.discard(site)
        steps.append(Step(site, problem.candidate_names[site], total, gain))
        gains = margins.gains(is_open)
    return steps


def nested_curve(problem: SitingProblem, most: int) -> list[Step]:
    """Up to `most` openings, each the best (for its cost) given those before: plans that grow and never move."""
    margins = Margins(problem)
    limits = limits_of(problem)
    is_open = limits.locked | limits.replaced
    allowed = limits.allowed.copy()
    money = limits.money_left
    sign = 1.0 if problem.counts_cover else -1.0
    total = margins.objective(is_open)
    steps: list[Step] = []
    while len(steps) < most:
        gains = np.where(allowed & ~is_open & (limits.cost <= money + 1e-9), margins.gains(is_open), -1.0)
        site = int(np.argmax(gains / np.maximum(limits.cost, 1e-9)))
        if gains[site] <= 0:
            break
        is_open[site] = True
        money -= limits.cost[site]
        if limits.group[site] >= 0:
            allowed &= limits.group != limits.group[site]
        total += sign * float(gains[site])
        steps.append(Step(site, problem.candidate_names[site], total, float(gains[site])))
    return steps
