"""Plans that are nearly as good: single swaps, and plans as different as a tolerance allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting.limits import Limits, limits_of, with_existing
from geodata.analysis.siting.marginal import Margins, better, mask_of
from geodata.analysis.siting.problem import Bools, Floats, SitingProblem
from geodata.analysis.siting.result import SitingResult


@dataclass(frozen=True)
class Swap:
    """Opening `candidate` instead of `site`: the objective then, and how much is lost, relative to the plan's."""

    site: int
    candidate: int
    site_name: str
    candidate_name: str
    objective: float
    loss: float


@dataclass(frozen=True)
class Alternative:
    """Another plan within the tolerance: what it opens, its objective, its loss, how many sites differ."""

    chosen: tuple[int, ...]
    names: tuple[str, ...]
    objective: float
    loss: float
    different: int


def swaps(
    problem: SitingProblem, result: SitingResult, *, tolerance: float = 0.01, most_per_site: int = 3
) -> list[Swap]:
    """Swaps that lose at most `tolerance` (relative), at most `most_per_site` a chosen site, least loss first."""
    margins = Margins(problem)
    is_open = mask_of(problem, result.open_sites)
    found: list[Swap] = []
    for site in result.chosen:
        if problem.forced[site]:
            continue
        values = swapped(problem, margins, is_open, site, result.objective)
        order = np.argsort(values if not problem.counts_cover else -values, kind="stable")[:most_per_site]
        for candidate in order:
            loss = better(problem, result.objective, float(values[candidate])) / max(abs(result.objective), 1e-12)
            if np.isfinite(loss) and loss <= tolerance:
                names = problem.candidate_names
                swap = Swap(site, int(candidate), names[site], names[candidate], float(values[candidate]), loss)
                found.append(swap)
    return sorted(found, key=lambda swap: swap.loss)


def swapped(problem: SitingProblem, margins: Margins, is_open: Bools, site: int, objective: float) -> Floats:
    """The objective with `site` closed and each candidate open instead; infinitely bad where the limits forbid it."""
    limits = limits_of(problem)
    without = is_open.copy()
    without[site] = False
    gains = margins.gains(without)
    sign = 1.0 if problem.counts_cover else -1.0
    values = objective - sign * gains[site] + sign * gains
    return np.where(_fits(problem, limits, without) & ~is_open, values, -sign * np.inf)


def _fits(problem: SitingProblem, limits: Limits, without: Bools) -> Bools:
    """Which candidates the limits allow beside what is open."""
    spent = problem.cost[without & ~problem.fixed].sum()
    fits = limits.allowed & ~without
    if problem.budget is not None:
        fits &= problem.cost + spent <= problem.budget + 1e-9
    taken = limits.group[without & (limits.group >= 0) & ~limits.replaced]
    fits &= ~np.isin(limits.group, taken) | (limits.group < 0)
    # An upgrade takes its own old centre away: that is another question than one swap.
    fits &= ~np.isin(limits.group, limits.group[limits.replaced]) | (limits.group < 0)
    return np.asarray(fits)


def diverse(
    problem: SitingProblem, result: SitingResult, *, tolerance: float = 0.01, most: int = 3
) -> list[Alternative]:
    """Up to `most` plans within the tolerance, each moved as far from the plan, and from those before, as swaps lead.

    Swap after swap, each the cheapest that closes one of the sites for a candidate no plan has used, while the whole
    loss stays within the tolerance.
    """
    margins = Margins(problem)
    start = mask_of(problem, result.open_sites)
    used = start.copy()
    found: list[Alternative] = []
    for _ in range(most):
        plan, value = _farthest(problem, margins, start, used, result, tolerance)
        different = int((plan & ~start).sum())
        if different == 0:
            break
        used |= plan
        chosen = np.flatnonzero(plan & ~problem.fixed)
        loss = better(problem, result.objective, value) / max(abs(result.objective), 1e-12)
        names = tuple(problem.candidate_names[site] for site in chosen)
        found.append(Alternative(tuple(int(site) for site in chosen), names, value, loss, different))
    return found


def _farthest(  # one step of `diverse`, which has them all
    problem: SitingProblem, margins: Margins, start: Bools, used: Bools, result: SitingResult, tolerance: float
) -> tuple[Bools, float]:
    plan, value = start.copy(), result.objective
    least = result.objective - (tolerance if problem.counts_cover else -tolerance) * abs(result.objective)
    waiting = [site for site in result.chosen if not problem.forced[site]]
    while waiting:
        best: tuple[float, int, int] | None = None
        for site in waiting:
            values = swapped(problem, margins, plan, site, value)
            values[used] = -np.inf if problem.counts_cover else np.inf
            candidate = int(np.argmax(values) if problem.counts_cover else np.argmin(values))
            if best is None or better(problem, float(values[candidate]), best[0]) > 0:
                best = (float(values[candidate]), site, candidate)
        if best is None or not np.isfinite(best[0]) or better(problem, best[0], least) < 0:
            break
        value, site, candidate = best
        plan[site], plan[candidate] = False, True
        waiting.remove(site)
    return plan, value


def diverse_by(  # noqa: PLR0913  # all but two are named at the call
    problem: SitingProblem,
    result: SitingResult,
    *,
    worth: Callable[[Bools], float],
    rank: Callable[[Bools, int], Floats],
    tolerance: float = 0.01,
    most: int = 3,
    tries: int = 4,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[list[Alternative], bool]:
    """As `diverse`, where a plan must be measured as a whole: limited places, rules of fairness, everybody served.

    `worth(is_open)` is the objective of a plan, not a number where it breaks a rule; `rank(is_open, site)` says
    which candidates promise most in the place of a site, of which `tries` are measured for each. The swaps that keep
    the tolerance are then put together, least loss first, as long as the whole loss stays within. The second value:
    whether all swaps were measured before `stop`.
    """
    measure = _Measure(problem, limits_of(problem), result.objective, worth, tolerance)
    start = mask_of(problem, result.open_sites)
    swaps_found, done = measure.swaps(start, result.chosen, rank, tries, stop)
    plans: list[Alternative] = []
    used = start.copy()
    for _ in range(most):
        plan, lost = measure.joined(start, [swap for swap in swaps_found if not used[swap[2]]], stop)
        different = int((plan & ~start).sum())
        if different == 0:
            break
        used |= plan
        opened = with_existing(measure.limits, plan)
        chosen = tuple(np.flatnonzero(opened & ~problem.fixed).tolist())
        names = tuple(problem.candidate_names[site] for site in chosen)
        plans.append(Alternative(chosen, names, worth(opened), lost, different))
    return plans, done


@dataclass(frozen=True)
class _Measure:
    """Swaps measured plan by plan; a swap is its relative loss, the site that closes, the candidate that opens."""

    problem: SitingProblem
    limits: Limits
    objective: float
    worth: Callable[[Bools], float]
    tolerance: float

    def loss(self, plan: Bools) -> float:
        value = self.worth(with_existing(self.limits, plan))
        return better(self.problem, self.objective, value) / max(abs(self.objective), 1e-12)

    def swaps(
        self,
        start: Bools,
        chosen: tuple[int, ...],
        rank: Callable[[Bools, int], Floats],
        tries: int,
        stop: Callable[[], bool],
    ) -> tuple[list[tuple[float, int, int]], bool]:
        """The single swaps within the tolerance, least loss first, and whether all were measured."""
        found: list[tuple[float, int, int]] = []
        for site in chosen:
            if self.problem.forced[site]:
                continue
            without = _closed(start, site)
            promise = np.where(_fits(self.problem, self.limits, without) & ~start, rank(without, site), -np.inf)
            order = np.argsort(-promise, kind="stable")[:tries].tolist()
            for candidate in (one for one in order if np.isfinite(promise[one])):
                if stop():
                    return sorted(found), False
                lost = self.loss(_opened(without, candidate))
                if lost <= self.tolerance:
                    found.append((lost, site, candidate))
        return sorted(found), True

    def joined(
        self, start: Bools, swaps_found: list[tuple[float, int, int]], stop: Callable[[], bool]
    ) -> tuple[Bools, float]:
        """As many of the swaps together as the tolerance allows, and the whole loss."""
        plan, lost = start, 0.0
        for _, site, candidate in swaps_found:
            if stop():
                break
            without = _closed(plan, site)
            if plan[site] and not plan[candidate] and _fits(self.problem, self.limits, without)[candidate]:
                trial = _opened(without, candidate)
                whole = self.loss(trial)
                if whole <= self.tolerance:
                    plan, lost = trial, whole
        return plan, lost


def _closed(plan: Bools, site: int) -> Bools:
    found = plan.copy()
    found[site] = False
    return found


def _opened(plan: Bools, candidate: int) -> Bools:
    found = plan.copy()
    found[candidate] = True
    return found
