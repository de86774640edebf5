"""Why this site, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.analysis.siting.alternatives import swapped
from geodata.analysis.siting.evaluate import within_standard
from geodata.analysis.siting.marginal import Margins, better, mask_of
from geodata.analysis.siting.problem import SitingProblem
from geodata.analysis.siting.result import SitingResult


@dataclass(frozen=True)
class Reason:
    """Why a chosen site is in the plan. All amounts in the unit of the objective (children, or children x distance).

    Attributes
    ----------
    site, name
        Which.
    marginal
        What the plan would lose without it.
    reached
        Children within its standard (all children where the model has none).
    already
        Of these, children that other open sites reach too.
    others
        The open sites that reach most of them, most first (at most 3), by name.
    runner_up, runner_up_name
        The candidate that would best take its place; -1 if none may.
    flip
        The smallest change that makes the swap as good: the site must lose, or the runner-up gain, this much.
    """

    site: int
    name: str
    marginal: float
    reached: float
    already: float
    others: tuple[str, ...]
    runner_up: int
    runner_up_name: str
    flip: float


@dataclass(frozen=True)
class NotChosen:
    """Why a candidate is not in the plan: what it would add, for which site it would best come, what is missing."""

    candidate: int
    name: str
    adds: float
    instead_of: int
    instead_of_name: str
    missing: float


def reasons(problem: SitingProblem, result: SitingResult) -> list[Reason]:
    """A reason for each chosen site, the one that matters most first."""
    margins = Margins(problem)
    is_open = mask_of(problem, result.open_sites)
    reach = within_standard(problem)
    found = []
    for site in result.chosen:
        marginal = margins.loss(is_open, site)
        mine = np.asarray(reach[:, site].toarray()).ravel() > 0
        by_other = np.array([other for other in result.open_sites if other != site], dtype=int)
        shared = np.asarray(reach[:, by_other].T @ (problem.demand * mine)).ravel() if len(by_other) else np.empty(0)
        order = np.argsort(-shared, kind="stable")[:3]
        anyone = np.asarray(reach[:, by_other].sum(axis=1)).ravel() > 0 if len(by_other) else np.zeros(len(mine), bool)
        values = swapped(problem, margins, is_open, site, result.objective)
        best = int(np.argmax(values) if problem.counts_cover else np.argmin(values))
        possible = bool(np.isfinite(values[best]))
        names = problem.candidate_names
        found.append(
            Reason(
                site=site,
                name=names[site],
                marginal=marginal,
                reached=float(problem.demand[mine].sum()),
                already=float(problem.demand[mine & anyone].sum()),
                others=tuple(names[by_other[at]] for at in order if shared[at] > 0),
                runner_up=best if possible else -1,
                runner_up_name=names[best] if possible else "",
                flip=better(problem, result.objective, float(values[best])) if possible else float("inf"),
            )
        )
    return sorted(found, key=lambda reason: -reason.marginal)


def why_not(problem: SitingProblem, result: SitingResult, candidate: int) -> NotChosen:
    """Why `candidate` is not chosen: how much more it would have to bring to take the place of a chosen site."""
    margins = Margins(problem)
    is_open = mask_of(problem, result.open_sites)
    best, instead = np.inf, -1
    for site in result.chosen:
        if problem.forced[site]:
            continue
        value = float(swapped(problem, margins, is_open, site, result.objective)[candidate])
        missing = better(problem, result.objective, value)
        if missing < best:
            best, instead = missing, site
    names = problem.candidate_names
    return NotChosen(
        candidate=candidate,
        name=names[candidate],
        adds=float(margins.gains(is_open)[candidate]),
        instead_of=instead,
        instead_of_name=names[instead] if instead >= 0 else "",
        missing=best,
    )
