"""From places to a `SitingProblem`: what may be done where, which pairs are within the standard, how far apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from dashboard.planning.conditions import Known, as_it_is, marks_of
from dashboard.planning.conflicts import conflict
from dashboard.planning.places import MOST_FLOWS, Floats, Places, Site
from dashboard.planning.reached import Reached
from dashboard.planning.request import COUNTS_SITES, NEEDS_ALL_PAIRS, Action, PlanRequest
from geodata.analysis.access.catchments import within
from geodata.analysis.distance import nearest
from geodata.analysis.siting import SitingError, SitingProblem

# Any two places in China are nearer than this.
EVERYWHERE_M = 6_500_000.0

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """One thing that may be open: a new site, an existing centre as it is (`action` None), or work at it.

    `centre` is the number of the existing centre among the places, -1 for a new site; `reach_m` how far it reaches.
    """

    site: Site
    action: Action | None
    centre: int
    reach_m: float
    cost: float
    capacity: float

    @property
    def name(self) -> str:
        """The name of the column in the problem: the id of a new site, or what is done to which centre."""
        return self.site.id if self.action == "build" else f"{self.action or 'open'}:{self.site.id}"


@dataclass(frozen=True)
class Siting:
    """The problem, and who is within the standard of which site.

    `columns` are those of the problem: new sites, existing centres as they are, works at existing centres; `who` says
    which points lie within the standard of each; `metres` (n x columns) holds the distances of those pairs.
    """

    places: Places
    problem: SitingProblem
    columns: tuple[Column, ...]
    who: Reached
    metres: Any

    @property
    def reach(self) -> Any:
        """N x columns, 1 where a point lies within the standard."""
        return self.who.reach

    @property
    def n_candidates(self) -> int:
        """How many columns there are to choose from."""
        return sum(column.action is not None for column in self.columns)

    @property
    def n_existing(self) -> int:
        """How many existing centres reach somebody and stay."""
        return int(self.kept.sum())

    @property
    def reach_m(self) -> Floats:
        """How far each column reaches, metres."""
        return np.array([column.reach_m for column in self.columns])

    def covered(self, is_open: Bools) -> Bools:
        """Which demand points lie within the standard of an open site."""
        return np.asarray(self.reach @ is_open.astype(float)).ravel() > 0

    @property
    def today(self) -> Bools:
        """Existing centres alone, by column, those too that the plan gives up."""
        return np.asarray(self.problem.fixed)

    @property
    def kept(self) -> Bools:
        """Existing centres that stay, by column: what every plan begins with."""
        return np.asarray(self.problem.stays)

    @cached_property
    def covered_today(self) -> Bools:
        """Which demand points lie within the standard of an existing centre."""
        return self.covered(self.today)

    @cached_property
    def covered_kept(self) -> Bools:
        """Which demand points lie within the standard of an existing centre that stays."""
        return self.covered(self.kept)

    def plan(self, chosen: tuple[int, ...]) -> Bools:
        """Existing centres that stay and what is chosen, by column. An extended centre reaches no less than it did."""
        is_open = self.kept.copy()
        is_open[list(chosen)] = True
        return is_open

    def open_with(self, chosen: tuple[int, ...]) -> Bools:
        """The same without the centres as they were, where work at one replaces it."""
        place = self.problem.action_of
        changed = np.isin(place, place[list(chosen)]) & (place >= 0)
        return self.plan(chosen) & ~(changed & self.problem.fixed)


def make_siting(places: Places, request: PlanRequest) -> Siting:
    """The problem of a question.

    Raises
    ------
    geodata.analysis.siting.SitingError
        If the question contradicts itself; the sentence says what would make it feasible.
    """
    columns, near = _columns(places, request)
    _refuse_hopeless(places, request, columns, near)
    far = _all_metres(places, columns) if request.model in NEEDS_ALL_PAIRS else near
    reach_m = np.array([column.reach_m for column in columns])
    changed = {column.centre for column in columns if column.action is not None} if request.replaces else set()
    problem = SitingProblem(
        model=request.model,
        demand=places.demand,
        distance=far,
        standard=None if request.model in NEEDS_ALL_PAIRS else _one_or_all(reach_m),
        sites=None if request.model in COUNTS_SITES else request.budget,
        budget=request.money,
        cost=np.array([column.cost for column in columns]),
        capacity=np.array([column.capacity for column in columns]) if request.is_capacitated else None,
        fixed=np.array([column.action is None for column in columns]),
        action_of=np.array([column.centre if column.centre in changed else -1 for column in columns]),
        full_within=request.full_to_km * 1_000 if request.model == "gradual_cover" else None,
        backup_share=request.second_percent / 100,
        candidate_names=tuple(column.name for column in columns),
    )
    reach = sp.csr_matrix((np.ones(near.nnz), near.indices, near.indptr), shape=near.shape)
    return Siting(places, problem, columns, Reached(places.demand, reach), near)


def limited(siting: Siting, request: PlanRequest, known: Known = as_it_is) -> Siting:
    """The same question with another number of sites, another limit of cost, other conditions on single places.

    Raises
    ------
    geodata.analysis.siting.SitingError
        If the limits or conditions conflict with the columns or each other.
    """
    problem = siting.problem
    sites = None if request.model in COUNTS_SITES else request.budget
    marks = marks_of(siting.places, siting.columns, request, known)
    if marks.are_of(problem) and (sites, request.money) == (problem.sites, problem.budget):
        return siting
    _refuse_money(request, siting.columns)
    if request.model == "set_cover":
        gone = marks.forbidden | marks.closed
        _refuse_unreached(siting.places, request, siting.columns, siting.metres, ~gone)
    asked = problem.but(sites=sites, budget=request.money, **vars(marks))
    return replace(siting, problem=asked)


def _one_or_all(reach_m: Floats) -> float | Floats:
    return float(reach_m[0]) if (reach_m == reach_m[0]).all() else reach_m


def _columns(places: Places, request: PlanRequest) -> tuple[tuple[Column, ...], Any]:
    """The columns of the problem and the metres of the pairs within their reach, n x columns."""
    standard_m, extended_m = request.standard_km * 1_000, request.extends_to_km * 1_000
    n_sites = len(places.candidates)
    near = places.metres.within(standard_m)
    far = places.metres.within(extended_m) if "extend" in request.actions else near
    reached, reached_extended = (np.bincount(one.indices, minlength=one.shape[1])[n_sites:] for one in (near, far))
    # Centres elsewhere in the country reach nobody here, and some reach nobody more when extended.
    kept, more = np.flatnonzero(reached_extended), np.flatnonzero(reached_extended > reached)
    offered = np.arange(n_sites if "build" in request.actions else 0)
    columns = [
        Column(site, "build", -1, standard_m, site.cost, request.room if site.capacity is None else site.capacity)
        for site in places.candidates[: len(offered)]
    ]
    columns += [_at_centre(places, request, None, number, standard_m) for number in kept.tolist()]
    parts = [_picked(near, np.concatenate([offered, n_sites + kept]))]
    if "upgrade" in request.actions:
        parts.append(_picked(near, n_sites + kept))
        columns += [_at_centre(places, request, "upgrade", number, standard_m) for number in kept.tolist()]
    if "extend" in request.actions:
        parts.append(_picked(far, n_sites + more))
        columns += [_at_centre(places, request, "extend", number, extended_m) for number in more.tolist()]
    return tuple(columns), parts[0] if len(parts) == 1 else sp.hstack(parts, format="csr")


def _picked(pairs: Any, columns: Any) -> Any:
    """Some columns of a CSR matrix, in ascending order, without turning it over."""
    place = np.full(pairs.shape[1], -1)
    place[columns] = np.arange(len(columns))
    kept = place[pairs.indices] >= 0
    indptr = np.concatenate([[0], np.cumsum(kept)])[pairs.indptr]
    found = (pairs.data[kept], place[pairs.indices[kept]], indptr)
    return sp.csr_matrix(found, shape=(pairs.shape[0], len(columns)))


def _at_centre(places: Places, request: PlanRequest, action: Action | None, number: int, reach_m: float) -> Column:
    site = places.existing[number]
    capacity = request.room if site.capacity is None else site.capacity
    cost = 0.0 if action is None else request.cost_of(action)
    if action == "upgrade":
        # Beside the centre as it is, or in its place.
        capacity = request.room + (capacity if request.replaces else 0.0)
    return Column(site, action, number, reach_m, cost, capacity)


def _refuse_hopeless(places: Places, request: PlanRequest, columns: Sequence[Column], near: Any) -> None:
    """Say in words what the solver could only call infeasible or would take hours for."""
    offered = [column for column in columns if column.action is not None]
    if not offered:
        raise SitingError([conflict("nothing_offered", km=request.standard_km)])
    _refuse_money(request, columns)
    pairs = len(places.lon) * len(columns) if request.model == "capacitated_median" else near.nnz
    if request.is_capacitated and places.by_county and pairs > MOST_FLOWS:
        raise SitingError([conflict("too_many_pairs", model=request.model, pairs=f"{pairs:,}", most=f"{MOST_FLOWS:,}")])
    if request.model == "set_cover":
        _refuse_unreached(places, request, columns, near, np.ones(len(columns), dtype=bool))


def _refuse_money(request: PlanRequest, columns: Sequence[Column]) -> None:
    cheapest = min(column.cost for column in columns if column.action is not None)
    if request.money is not None and cheapest > request.money:
        raise SitingError([conflict("money_short", money=request.money, cheapest=cheapest)])


def _refuse_unreached(
    places: Places, request: PlanRequest, columns: Sequence[Column], near: Any, usable: Bools
) -> None:
    reached = np.zeros(len(places.demand), dtype=bool)
    reached[np.repeat(np.arange(len(reached)), np.diff(near.indptr))[usable[near.indices]]] = True
    left = np.flatnonzero(~reached & (places.demand > 0))
    if not len(left):
        return
    sites = [column.site for column, may in zip(columns, usable, strict=True) if may]
    lon, lat = [site.lon for site in sites], [site.lat for site in sites]
    _, metres = nearest(places.lon[left], places.lat[left], lon, lat)
    children = round(float(places.demand[left].sum()) / 100) * 100
    needed = float(np.ceil(np.max(metres) / 100) / 10)
    raise SitingError(
        [conflict("unreached", count=f"{len(left):,}", children=f"{children:,}", km=request.standard_km, needed=needed)]
    )


def _all_metres(places: Places, columns: Sequence[Column]) -> Floats:
    lon, lat = np.array([one.site.lon for one in columns]), np.array([one.site.lat for one in columns])
    pairs = within(places.lon, places.lat, lon, lat, radius_m=EVERYWHERE_M).all_pairs()
    found = np.full((len(places.lon), len(columns)), np.inf)
    found[pairs.point, pairs.centre] = pairs.cost
    return found
