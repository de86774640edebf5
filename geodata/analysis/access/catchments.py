"""Who is in reach of which centre, and floating catchments: how many places there are for each child within reach.

Pairs of points and centres are found block by block, so that memory does not grow with their number: every block holds
all pairs of some centres, which is all that a catchment measure needs at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geodata.analysis.access.travel import TravelTable
from geodata.analysis.distance import geodesic_m, uncertain_m
from geodata.crs import WGS84_FLATTENING, WGS84_SEMI_MAJOR_M, ecef_from_wgs84

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Pairs a block aims at: 24 bytes each and some columns beside them, some 300 MB at work.
_BLOCK_PAIRS = 4_000_000
_FIRST_CENTRES = 64
# Up to here an arc of the local mean radius is right to 6 cm (1.5 mm at 60 km); beyond, all is measured geodesically.
_ARC_UP_TO_M = 200_000.0


@dataclass(frozen=True)
class Pairs:
    """Points and centres in reach of each other: positions, and metres (or minutes) between them."""

    point: Ints
    centre: Ints
    cost: Floats


@dataclass(frozen=True)
class Reach:
    """Who reaches what, to be walked through repeatedly; each of the `blocks()` holds all pairs of some centres."""

    points: int
    centres: int
    blocks: Callable[[], Iterable[Pairs]]

    @classmethod
    def of_table(cls, table: TravelTable) -> Reach:
        """Reach by minutes: the pairs of a travel table."""
        pairs = Pairs(table.origin, table.destination, table.minutes)
        return cls(table.origins, table.destinations, lambda: (pairs,))

    def all_pairs(self) -> Pairs:
        """All pairs at once, by point and centre: only for what fits into memory."""
        found = [*self.blocks(), Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
        point, centre = (np.concatenate([getattr(one, name) for one in found]) for name in ("point", "centre"))
        order = np.lexsort((centre, point))
        return Pairs(point[order], centre[order], np.concatenate([one.cost for one in found])[order])


def within(
    point_lon: npt.ArrayLike,
    point_lat: npt.ArrayLike,
    centre_lon: npt.ArrayLike,
    centre_lat: npt.ArrayLike,
    *,
    radius_m: float,
    edges_m: tuple[float, ...] = (),
) -> Reach:
    """Reach by straight line: pairs at most `radius_m` apart on the ellipsoid; exactly at the radius is within.

    Distances follow the arc of the local mean radius of curvature (right to 1.5 mm at 60 km, 6 cm at 200 km); wherever
    that could matter, near `radius_m` and near `edges_m` (the steps of a decay), and for radii above 200 km, they are
    geodesics. WGS-84 degrees; places without coordinates are in nobody's reach.
    """
    points = np.column_stack([np.asarray(point_lon, dtype=float), np.asarray(point_lat, dtype=float)])
    centres = np.column_stack([np.asarray(centre_lon, dtype=float), np.asarray(centre_lat, dtype=float)])
    search = _Search(points, centres, radius_m, (*edges_m, radius_m))
    return Reach(len(points), len(centres), search.blocks)


class _Search:
    """Finds pairs by their chords; the tree over the points is built once."""

    def __init__(self, points: Floats, centres: Floats, radius_m: float, edges_m: tuple[float, ...]) -> None:
        if not radius_m > 0:
            raise ValueError("the radius must be above 0 m")
        self.points, self.centres, self.radius_m, self.edges_m = points, centres, radius_m, edges_m
        self.here = np.flatnonzero(np.isfinite(points).all(axis=1))
        self.there = np.flatnonzero(np.isfinite(centres).all(axis=1))
        self.tree = cKDTree(ecef_from_wgs84(points[self.here, 0], points[self.here, 1]).reshape(-1, 3))

    def blocks(self) -> Iterator[Pairs]:
        """Pairs of some centres after others; how many is set by what the block before held."""
        start, size = 0, _FIRST_CENTRES
        while start < len(self.there):
            pairs = self._pairs(self.there[start : start + size])
            yield pairs
            start += size
            size = int(np.clip(size * _BLOCK_PAIRS / max(len(pairs.point), 1), size // 4 + 1, size * 8))

    def _pairs(self, some: Ints) -> Pairs:
        own = cKDTree(ecef_from_wgs84(self.centres[some, 0], self.centres[some, 1]).reshape(-1, 3))
        # A chord is never longer than its geodesic: nothing in reach is missed.
        found = self.tree.sparse_distance_matrix(own, self.radius_m, output_type="ndarray")
        point, centre = self.here[found["i"]], some[found["j"]]
        metres = self._metres(np.asarray(found["v"]), point, centre)
        kept = metres <= self.radius_m
        return Pairs(point[kept], centre[kept], metres[kept])

    def _metres(self, chord_m: Floats, point: Ints, centre: Ints) -> Floats:
        e2 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING)
        radius_m = WGS84_SEMI_MAJOR_M * np.sqrt(1.0 - e2) / (1.0 - e2 * np.sin(np.radians(self.centres[:, 1])) ** 2)
        twice_m = 2.0 * radius_m[centre]
        metres = twice_m * np.arcsin(np.minimum(chord_m / twice_m, 1.0))
        unsure = np.full(len(metres), self.radius_m > _ARC_UP_TO_M)
        for edge_m in self.edges_m:
            unsure |= np.abs(metres - edge_m) <= uncertain_m(np.array([edge_m]))[0]
        from_, to = self.points[point[unsure]], self.centres[centre[unsure]]
        metres[unsure] = geodesic_m(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1])
        return np.asarray(metres)


@dataclass(frozen=True)
class Steps:
    """Weights by zone (Luo & Qi 2009): each with its outer edge and its weight; beyond the last edge 0."""

    zones: tuple[tuple[float, float], ...]

    def __call__(self, cost: Floats) -> Floats:
        # From the outermost zone inwards: three comparisons a pair are quicker than a search.
        weight = np.zeros(len(cost))
        for edge, inside in sorted(self.zones, reverse=True):
            weight = np.where(cost <= edge, inside, weight)
        return weight

    @property
    def edges(self) -> tuple[float, ...]:
        return tuple(edge for edge, _ in self.zones)


@dataclass(frozen=True)
class Gaussian:
    """Weights that fall from 1 to 0 at `edge` along a bell curve (Dai 2010)."""

    edge: float

    def __call__(self, cost: Floats) -> Floats:
        at_edge = np.exp(-0.5)
        bell = (np.exp(-0.5 * (cost / self.edge) ** 2) - at_edge) / (1.0 - at_edge)
        return np.asarray(np.where(cost <= self.edge, np.maximum(bell, 0.0), 0.0))


@dataclass(frozen=True)
class Power:
    """Gravity: `cost` to the power of -`beta`; nearer than `least` counts as `least`, else next door is infinite."""

    beta: float
    least: float

    def __call__(self, cost: Floats) -> Floats:
        return np.asarray(np.maximum(cost, self.least) ** -self.beta)


Decay = Callable[[Floats], Floats]


def everyone_alike(cost: Floats) -> Floats:
    """Weight 1 wherever in reach: turns E2SFCA into 2SFCA (Luo & Wang 2003)."""
    return np.ones(len(cost))


def centres_in_reach(reach: Reach) -> Ints:
    """How many centres each point has in reach. Who has one is covered, and counts once however many there are."""
    total = np.zeros(reach.points, dtype=np.int64)
    for pairs in reach.blocks():
        total += np.bincount(pairs.point, minlength=reach.points)
    return total


def children_in_reach(reach: Reach, children: Floats) -> Floats:
    """Children within each centre's catchment. Catchments overlap: these do not add up to the children covered."""
    total = np.zeros(reach.centres)
    for pairs in reach.blocks():
        total += np.bincount(pairs.centre, weights=children[pairs.point], minlength=reach.centres)
    return total


def gravity(reach: Reach, places: Floats, decay: Decay) -> Floats:
    """Potential of each point: places of all centres in reach, weighted by how far they are; nobody competes."""
    total = np.zeros(reach.points)
    for pairs in reach.blocks():
        weight = decay(pairs.cost)
        total += np.bincount(pairs.point, weights=places[pairs.centre] * weight, minlength=reach.points)
    return total


def floating_catchments(
    reach: Reach, children: Floats, places: Floats, decay: Decay = everyone_alike, *, suboptimal: bool = False
) -> Floats:
    """Places for each child at every point: 2SFCA, E2SFCA with a decay, M2SFCA if `suboptimal`.

    First each centre shares its places among the children in its catchment, then each point adds up the shares in its
    reach, both weighted by the decay. Children times access adds up to the places of all centres that have a child in
    reach. With `suboptimal` (Delamater 2013) the second weight is squared: places far from everybody are partly lost.
    """
    total = np.zeros(reach.points)
    for pairs in reach.blocks():
        weight = decay(pairs.cost)
        share = _shares(pairs, children[pairs.point] * weight, places, reach.centres)
        total += np.bincount(pairs.point, share * (weight**2 if suboptimal else weight), minlength=reach.points)
    return total


def three_stage_catchments(reach: Reach, children: Floats, places: Floats, decay: Decay) -> Floats:
    """3SFCA (Wan, Zou & Sternberg 2012): children choose among the centres in reach before these share their places.

    A point with several centres in reach no longer burdens each of them as if it had no other. Walks through the pairs
    twice.
    """
    choice = np.zeros(reach.points)
    for pairs in reach.blocks():
        choice += np.bincount(pairs.point, weights=decay(pairs.cost), minlength=reach.points)
    total = np.zeros(reach.points)
    with np.errstate(invalid="ignore", divide="ignore"):
        one_over = np.where(choice > 0, 1.0 / choice, 0.0)
    for pairs in reach.blocks():
        weight = decay(pairs.cost)
        chosen = weight**2 * one_over[pairs.point]
        share = _shares(pairs, children[pairs.point] * chosen, places, reach.centres)
        total += np.bincount(pairs.point, weights=share * chosen, minlength=reach.points)
    return total


def _shares(pairs: Pairs, burden: Floats, places: Floats, centres: int) -> Floats:
    """For each pair the places of its centre by the children weighted who want them; 0 where nobody does."""
    wanted = np.bincount(pairs.centre, weights=burden, minlength=centres)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(wanted > 0, places / wanted, 0.0)
    return np.asarray(ratio[pairs.centre])
