"""Nearest places on the ellipsoid. Coordinates in are WGS-84 degrees, distances out are metres.

A k-d tree on earth-centred coordinates ranks targets by their chord, the straight line through the earth; the geodesic
decides. Up to 100 km it follows from the chord and the curvature halfway, within 6 nm; beyond, and in every contest, it
is Karney's. Where there are many points for each target, neighbours ask the tree together. The order of chords
and that of geodesics can differ only where chords are nearly equal, because the ellipsoid's radius of curvature lies
between 6,335 and 6,400 km everywhere: a chord c has a geodesic of c·(1 + c²/24R² + …). Only such contests are
measured more than once, and then all that could win are measured, however many they are.

Compiled kernels are loaded by the first question, not by importing this module: a server that starts asks none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyproj import Geod
from scipy.spatial import cKDTree

from geodata.crs import ecef_from_wgs84

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ELLIPSOID = Geod(ellps="WGS84")
# Least and greatest radius of curvature of the WGS-84 ellipsoid: along the meridian at the equator, at the poles.
_LEAST_RADIUS_M, _GREATEST_RADIUS_M = 6_335_439.0, 6_399_594.0
# Rounding of chords: coordinates of 6e6 m in double precision are good to a nanometre, differences to a few.
_ROUNDING_M = 1e-7
# Beyond this chord (about 5,100 km along the ground) the geodesic no longer follows the arc that the bound rests on.
FARTHEST_M = 5_000_000.0
# Neighbours ask together for so many targets a point, where there are so many points for each target: with 21,000
# targets or fewer for 690,000 points it takes a fifth to a third of the time.
_CANDIDATES, _CROWD = 16, 32


def nearest(
    from_lon: npt.ArrayLike, from_lat: npt.ArrayLike, to_lon: npt.ArrayLike, to_lat: npt.ArrayLike
) -> tuple[Ints, Floats]:
    """Index of and geodesic metres to the nearest target of every point.

    Of targets equally far the first is taken: sort them by id and equal distances are settled by id. Points without
    coordinates (not a number) and points without any target have index -1 and no distance (not a number); targets
    without coordinates are never chosen.
    """
    index, metres = k_nearest(from_lon, from_lat, to_lon, to_lat, k=1)
    return index[:, 0], metres[:, 0]


def k_nearest(
    from_lon: npt.ArrayLike, from_lat: npt.ArrayLike, to_lon: npt.ArrayLike, to_lat: npt.ArrayLike, *, k: int
) -> tuple[Ints, Floats]:
    """Indices of and geodesic metres to the `k` nearest targets of every point, nearest first, both of shape (n, k).

    Equal distances stand in the order of the targets. Where there are fewer than `k` targets the rest is -1 and not
    a number.
    """
    if k < 1:
        raise ValueError("k must be at least 1")
    points, targets = _places(from_lon, from_lat), _places(to_lon, to_lat)
    # One row for each rank: to put rows back in their places takes a fifth of the time it takes for columns.
    index, metres = np.full((k, len(points)), -1, dtype=np.int64), np.full((k, len(points)), np.nan)
    here, there = _known(points), _known(targets)
    # Neighbours ask one after another: twice as fast with 100,000 targets, as their branches are still in the cache.
    here = here[np.argsort(np.floor(2.0 * points[here, 1]) * 1_000.0 + points[here, 0])]
    if len(here) and len(there):
        wanted = min(k, len(there))
        found, far = _ranked(points.take(here, axis=0), targets.take(there, axis=0), wanted)
        for rank in range(wanted):
            index[rank][here], metres[rank][here] = there[found[:, rank]], far[:, rank]
    return index.T, metres.T


def geodesic_m(
    from_lon: npt.ArrayLike, from_lat: npt.ArrayLike, to_lon: npt.ArrayLike, to_lat: npt.ArrayLike
) -> Floats:
    """Metres along the geodesic between pairs of points (Karney's method, in pyproj)."""
    _, _, metres = _ELLIPSOID.inv(_column(from_lon), _column(from_lat), _column(to_lon), _column(to_lat))
    return np.asarray(metres, dtype=float)


def uncertain_m(chord_m: Floats) -> Floats:
    """By how many metres chords may differ and their geodesics still stand in the other order, generously."""
    least, greatest = chord_m / (2 * _LEAST_RADIUS_M), chord_m / (2 * _GREATEST_RADIUS_M)
    # Arc over chord minus one, on the tightest and on the flattest circle; twice their difference, in metres.
    bent, flat = _arc_over_chord(least) - 1.0, _arc_over_chord(greatest) - 1.0
    return np.asarray(2.0 * chord_m * (bent - flat) + _ROUNDING_M)


def _arc_over_chord(half: Floats) -> Floats:
    half = np.minimum(half, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(half > 0, np.arcsin(half) / half, 1.0))


def _ranked(points: Floats, targets: Floats, k: int) -> tuple[Ints, Floats]:
    """`k_nearest` of places that all have coordinates, with k of at most the number of targets."""
    places, first, size = _different(targets)
    tree = cKDTree(ecef_from_wgs84(places[:, 0], places[:, 1]))
    centred = ecef_from_wgs84(points[:, 0], points[:, 1])
    asked = min(k + 1, len(places))
    chord, found = _by_chord(tree, centred, asked)
    last = min(k, len(places)) - 1
    # Beyond this chord nothing can be among the k nearest.
    limit = chord[:, last] + uncertain_m(chord[:, last])
    contested = (chord[:, 0] > FARTHEST_M) | (asked > k) & (chord[:, -1] <= limit)
    if k > 1:
        contested |= (chord[:, 1 : last + 1] <= (chord + uncertain_m(chord))[:, :last]).any(axis=1)
        contested |= (size[found[:, : last + 1]] > 1).any(axis=1)
    index = np.empty((len(points), k), dtype=np.int64)
    metres = np.empty((len(points), k))
    plain = np.flatnonzero(~contested)
    if len(plain):
        chosen = found[plain, :k]
        index[plain] = first[chosen]
        metres[plain] = _measured((points, centred), (places, tree.data), plain, chosen)
    if not contested.any():
        return index, metres
    everything = _Everyone(targets)
    for row in np.flatnonzero(contested):
        near = tree.query_ball_point(centred[row], limit[row]) if chord[row, 0] <= FARTHEST_M else range(len(places))
        index[row], metres[row] = everything.best(points[row], places[list(near)], k)
    return index, metres


def _by_chord_alone(tree: cKDTree, centred: Floats, asked: int) -> tuple[Floats, Ints]:
    chord, found = (np.asarray(part).reshape(-1, asked) for part in tree.query(centred, k=asked, workers=-1))
    return chord, found


class _Everyone:
    """Targets by their place, in the order they were given."""

    def __init__(self, targets: Floats) -> None:
        self.targets = targets
        self.order = np.argsort(_key(targets), kind="stable")
        self.sorted = _key(targets)[self.order]

    def best(self, point: Floats, places: Floats, k: int) -> tuple[Ints, Floats]:
        """The `k` nearest of all targets at `places`, each measured."""
        keys = _key(places)
        start, stop = np.searchsorted(self.sorted, keys, "left"), np.searchsorted(self.sorted, keys, "right")
        members = np.concatenate([self.order[a : min(b, a + k)] for a, b in zip(start, stop, strict=True)])
        there = self.targets[members]
        metres = geodesic_m(np.full(len(there), point[0]), np.full(len(there), point[1]), there[:, 0], there[:, 1])
        best = np.lexsort((members, metres))[:k]
        return members[best], metres[best]


def _by_chord(tree: cKDTree, centred: Floats, asked: int) -> tuple[Floats, Ints]:
    """Chords to and positions of the `asked` nearest in the tree, shapes (n, asked); neighbours stand together."""
    if len(centred) < _CROWD * tree.n or asked * 4 > _CANDIDATES:
        return _by_chord_alone(tree, centred, asked)
    from geodata.analysis.distance_kernels import TOGETHER, ask_together

    starts = np.arange(0, len(centred), TOGETHER)
    sizes = np.diff(np.append(starts, len(centred)))
    middles = np.add.reduceat(centred, starts) / sizes[:, None]
    candidates = _by_chord_alone(tree, middles, min(_CANDIDATES, tree.n))
    chord, found = np.empty((len(centred), asked)), np.empty((len(centred), asked), dtype=np.int64)
    rest = ask_together(centred, middles, tree.data, candidates, (chord, found))
    chord[rest], found[rest] = _by_chord_alone(tree, centred[rest], asked)
    return chord, found


def _measured(points: tuple[Floats, Floats], places: tuple[Floats, Floats], rows: Ints, chosen: Ints) -> Floats:
    """Metres from some rows of the points to their chosen places; both as degrees and earth-centred."""
    from geodata.analysis.distance_kernels import SHORT_M, short_geodesics

    one, other = np.repeat(rows, chosen.shape[1]), chosen.ravel()
    metres = short_geodesics(points[1], places[1], one, other)
    far = np.flatnonzero(metres > SHORT_M)
    from_, to = points[0][one[far]], places[0][other[far]]
    metres[far] = geodesic_m(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1])
    return metres.reshape(chosen.shape)


def _different(targets: Floats) -> tuple[Floats, Ints, Ints]:
    """Different places, the first target at each, and how many targets are there."""
    # Equal places have equal sums: without any two alike, a twentieth of the time of looking for them.
    sums = np.sort(1_234.5678 * targets[:, 0] + targets[:, 1])
    if (sums[1:] != sums[:-1]).all():
        return targets, np.arange(len(targets)), np.ones(len(targets), dtype=np.int64)
    _, first, size = np.unique(_key(targets), return_index=True, return_counts=True)
    return targets[first], first.astype(np.int64), size.astype(np.int64)


def _key(places: Floats) -> npt.NDArray[np.complex128]:
    """A place as one number that sorts; plus zero, so that -0 and 0 are one place."""
    return np.ascontiguousarray(places + 0.0).view(np.complex128).ravel()


def _known(places: Floats) -> Ints:
    return np.flatnonzero(np.isfinite(places[:, 0]) & np.isfinite(places[:, 1]))


def _places(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
    return np.column_stack([_column(lon), _column(lat)])


def _column(values: npt.ArrayLike) -> Floats:
    return np.ascontiguousarray(values, dtype=float).ravel()
