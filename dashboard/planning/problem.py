"""From places to a `SitingProblem`: which pairs are within the standard, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from dashboard.planning.places import Floats, Places
from dashboard.planning.request import COUNTS_SITES, NEEDS_ALL_PAIRS, PlanRequest
from geodata.analysis.access.catchments import within
from geodata.analysis.siting import SitingProblem

# Any two places in China are nearer than this.
EVERYWHERE_M = 6_500_000.0
# Gradual coverage: full to this share of the standard, then falling evenly to nothing at the standard.
FULL_SHARE = 0.5

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Siting:
    """The problem, and who is within the standard of which site.

    `sites` are the numbers of the problem's columns among candidates and existing centres (candidates first); `reach`
    is n x columns, 1 where a point lies within the standard; `metres` holds the distances of those pairs.
    """

    places: Places
    problem: SitingProblem
    existing: tuple[int, ...]
    reach: Any
    metres: Any

    @property
    def n_candidates(self) -> int:
        """How many columns are candidates; existing centres follow."""
        return len(self.places.candidates)

    def covered(self, is_open: Bools) -> Bools:
        """Which demand points lie within the standard of an open site."""
        return np.asarray(self.reach @ is_open.astype(float)).ravel() > 0

    @property
    def before(self) -> Bools:
        """Existing centres alone, by column."""
        return np.asarray(self.problem.stays)

    def plan(self, chosen: tuple[int, ...]) -> Bools:
        """Existing centres and the chosen candidates, by column."""
        is_open = self.before.copy()
        is_open[list(chosen)] = True
        return is_open


def make_siting(places: Places, request: PlanRequest) -> Siting:
    """The problem of a question.

    Raises
    ------
    geodata.analysis.siting.SitingError
        If the question contradicts itself; the sentence says what would make it feasible.
    """
    standard_m = request.standard_km * 1_000
    near = _metres(places, standard_m)
    n_candidates = len(places.candidates)
    # Centres elsewhere in the country reach nobody here: they would only be empty columns.
    counts = np.diff(near.tocsc().indptr)
    kept = np.flatnonzero(counts[n_candidates:] > 0)
    columns = np.concatenate([np.arange(n_candidates), n_candidates + kept])
    near = near.tocsc()[:, columns].tocsr()
    far = _all_metres(places, kept) if request.model in NEEDS_ALL_PAIRS else near
    fixed = np.arange(len(columns)) >= n_candidates
    cost = np.array([site.cost for site in places.candidates] + [0.0] * len(kept))
    problem = SitingProblem(
        model=request.model,
        demand=places.demand,
        distance=far,
        standard=None if request.model in NEEDS_ALL_PAIRS else standard_m,
        sites=None if request.model in COUNTS_SITES else request.budget,
        budget=request.money,
        cost=cost,
        fixed=fixed,
        full_within=standard_m * FULL_SHARE if request.model == "gradual_cover" else None,
        candidate_names=tuple(
            [site.id for site in places.candidates] + [f"open:{places.existing[at].id}" for at in kept]
        ),
    )
    reach = sp.csr_matrix((np.ones(near.nnz), near.indices, near.indptr), shape=near.shape)
    return Siting(places, problem, tuple(int(at) for at in kept), reach, near)


def _metres(places: Places, radius_m: float) -> Any:
    """Metres between each demand point and each candidate or existing centre at most `radius_m` away, as CSR."""
    sites = (*places.candidates, *places.existing)
    lon, lat = np.array([site.lon for site in sites]), np.array([site.lat for site in sites])
    pairs = within(places.lon, places.lat, lon, lat, radius_m=radius_m).all_pairs()
    shape = (len(places.lon), len(sites))
    return sp.csr_matrix((pairs.cost, (pairs.point, pairs.centre)), shape=shape)


def _all_metres(places: Places, kept: NDArray[np.intp]) -> Floats:
    sites = [*places.candidates, *(places.existing[at] for at in kept)]
    lon, lat = np.array([site.lon for site in sites]), np.array([site.lat for site in sites])
    pairs = within(places.lon, places.lat, lon, lat, radius_m=EVERYWHERE_M).all_pairs()
    found = np.full((len(places.lon), len(sites)), np.inf)
    found[pairs.point, pairs.centre] = pairs.cost
    return found
