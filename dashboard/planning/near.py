"""Plans that are nearly as good as the plan, whatever its model or rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dashboard.planning.fair import SHOWN_SHARE, Areas
from dashboard.planning.names import name_of_site
from dashboard.planning.places import Floats
from dashboard.planning.plan import Alternative, Looked
from dashboard.planning.problem import Siting
from dashboard.planning.request import MOST_FOR_ALTERNATIVES, PlanRequest
from dashboard.planning.solving import weights_of
from geodata.analysis.siting import SitingProblem, SitingResult
from geodata.analysis.siting.alternatives import Alternative as Found
from geodata.analysis.siting.alternatives import diverse, diverse_by
from geodata.analysis.siting.evaluate import objective_of

Stop = Callable[[], bool]
Bools = NDArray[np.bool_]
# Alternatives may lose so much; so many are named; measuring may take so long.
TOLERANCE, MOST_ALTERNATIVES, SECONDS = 0.01, 3, 20.0
# Models whose plans are worth what they are as a whole, not site by site.
MEASURED = frozenset({"set_cover", "p_centre", "capacitated_cover", "capacitated_median"})


def near_plans(
    siting: Siting, areas: Areas, request: PlanRequest, result: SitingResult, stop: Stop
) -> tuple[tuple[Alternative, ...], Looked]:
    """Plans that lose at most 1 %, each as different as swaps lead, and how thoroughly they were looked for."""
    if not result.chosen or len(result.chosen) > MOST_FOR_ALTERNATIVES:
        return (), "none" if result.chosen else "whole"
    began = time.monotonic()

    def late() -> bool:
        return stop() or time.monotonic() - began > SECONDS

    if request.model in MEASURED or request.fair in ("quota", "max_min"):
        worth = _worth(siting, areas, request, result)
        # Measured once more here: a bound or rounding in the result is no loss of its neighbours.
        value = worth(np.isin(np.arange(len(siting.columns)), result.open_sites))
        found, done = diverse_by(
            siting.problem, replace(result, objective=value), worth=worth, rank=_rank(siting, request),
            tolerance=TOLERANCE, most=MOST_ALTERNATIVES, stop=late,
        )  # fmt: skip
        return _said(siting, result, found), "promising" if done else "part"
    view = cover_view(siting)
    weights = weights_of(siting, request, areas)
    asked = as_cover(siting, view, result)
    if weights is not None:
        view, asked = view.but(demand=view.demand * weights), result
    view = view.but(sites=len(result.chosen), budget=siting.problem.budget)
    return _said(siting, result, diverse(view, asked, tolerance=TOLERANCE, most=MOST_ALTERNATIVES)), "whole"


def cover_view(siting: Siting) -> SitingProblem:
    """The same places as a maximal covering problem, by which plans of every model are explained."""
    if siting.problem.model == "max_cover":
        return siting.problem
    room = int(siting.problem.selectable.sum())
    return siting.problem.but(
        model="max_cover", distance=siting.metres, standard=siting.reach_m, full_within=None, sites=room, budget=None,
        action_of=np.full(len(siting.columns), -1),
    )  # fmt: skip


def as_cover(siting: Siting, view: SitingProblem, result: SitingResult) -> SitingResult:
    """The plan with its covered children as objective."""
    is_open = siting.plan(result.chosen)
    covered = float(view.demand @ siting.covered(is_open))
    open_sites = tuple(np.flatnonzero(is_open).tolist())
    return replace(result, objective=covered, bound=max(covered, result.bound), open_sites=open_sites)


def _worth(siting: Siting, areas: Areas, request: PlanRequest, result: SitingResult) -> Callable[[Bools], float]:
    if request.fair not in ("quota", "max_min"):
        return lambda plan: objective_of(siting.problem, plan)
    demand = siting.places.demand
    if request.fair == "quota":
        least = request.least_percent / 100 - SHOWN_SHARE
    else:
        least = (1 - TOLERANCE) * float(np.nanmin(areas.shares(demand * siting.covered(siting.plan(result.chosen)))))

    def worth(plan: Bools) -> float:
        covered = siting.covered(plan)
        return float(demand @ covered) if np.nanmin(areas.shares(demand * covered)) >= least - 1e-12 else float("nan")

    return worth


def _rank(siting: Siting, request: PlanRequest) -> Callable[[Bools, int], Floats]:
    """What promises most in a site's place: the children nobody else reaches, then those the site reached."""
    who, problem = siting.who, siting.problem

    def by_children(without: Bools, site: int) -> Floats:
        return who.by_column(np.flatnonzero(who.times(without) == 0)) + 1e-3 * who.by_column(who.points(site))

    def by_nearness(_without: Bools, site: int) -> Floats:
        ways = np.asarray(problem.distance, dtype=float)
        return -np.asarray(problem.demand @ np.abs(ways - ways[:, [site]]))

    dense = request.model in {"p_centre", "capacitated_median"}
    return by_nearness if dense and not problem.is_sparse else by_children


def _said(siting: Siting, result: SitingResult, found: list[Found]) -> tuple[Alternative, ...]:
    mine = set(result.chosen)
    columns = siting.columns
    return tuple(
        Alternative(
            different=other.different,
            loss_percent=round(100 * max(other.loss, 0.0), 2),
            opens=tuple(name_of_site(columns[site].site) for site in sorted(set(other.chosen) - mine)),
            instead_of=tuple(name_of_site(columns[site].site) for site in sorted(mine - set(other.chosen))),
        )
        for other in found
    )
