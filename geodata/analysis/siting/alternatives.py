"""Plans that are nearly as good: single swaps, and plans as different as a tolerance allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting.limits import limits_of
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
    spent = problem.cost[without & ~problem.fixed].sum()
    fits = limits.allowed & ~is_open
    if problem.budget is not None:
        fits &= problem.cost + spent <= problem.budget + 1e-9
    taken = limits.group[without & (limits.group >= 0) & ~limits.replaced]
    fits &= ~np.isin(limits.group, taken) | (limits.group < 0)
    # An upgrade takes its own old centre away: that is another question than one swap.
    fits &= ~np.isin(limits.group, limits.group[limits.replaced]) | (limits.group < 0)
    return np.where(fits, values, -sign * np.inf)


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
