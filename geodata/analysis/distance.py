"""Nearest places on the ellipsoid. Coordinates in are WGS-84 degrees, distances out are metres."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyproj import Geod
from scipy.spatial import cKDTree

from geodata.crs import ecef_from_wgs84

_ELLIPSOID = Geod(ellps="WGS84")
# A chord through the earth and the geodesic above it can order two targets differently only when their distances agree
# to about 2 parts in 100,000 (the ellipsoid's curvature varies by 1 %). Measuring four candidates settles those.
_CANDIDATES = 4


def nearest(
    from_lon: npt.ArrayLike,
    from_lat: npt.ArrayLike,
    to_lon: npt.ArrayLike,
    to_lat: npt.ArrayLike,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Index of and geodesic metres to the nearest target of every point.

    A k-d tree on earth-centred coordinates proposes the four targets with the shortest chord; the geodesic on the
    WGS-84 ellipsoid decides. Of targets at the same place the first is taken. Without any target the index is -1
    and the distance is not a number.
    """
    points_lon, points_lat = _column(from_lon), _column(from_lat)
    targets = np.column_stack([_column(to_lon), _column(to_lat)])
    if len(targets) == 0:
        return np.full(len(points_lon), -1), np.full(len(points_lon), np.nan)
    if len(points_lon) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0)
    places, first_index = np.unique(targets, axis=0, return_index=True)
    tree = cKDTree(ecef_from_wgs84(places[:, 0], places[:, 1]))
    count = min(_CANDIDATES, len(places))
    _, found = tree.query(ecef_from_wgs84(points_lon, points_lat), k=count)
    candidates = np.asarray(found).reshape(len(points_lon), count)
    metres = geodesic_m(
        np.repeat(points_lon, count),
        np.repeat(points_lat, count),
        places[candidates.ravel(), 0],
        places[candidates.ravel(), 1],
    ).reshape(candidates.shape)
    # Equal distances are decided by the order of the targets, so that the answer does not hang on the tree's layout.
    order = np.lexsort((first_index[candidates], metres), axis=1)[:, 0]
    rows = np.arange(len(points_lon))
    return first_index[candidates[rows, order]].astype(np.int64), metres[rows, order]


def geodesic_m(
    from_lon: npt.ArrayLike, from_lat: npt.ArrayLike, to_lon: npt.ArrayLike, to_lat: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Metres along the geodesic between pairs of points (Karney's method, in pyproj)."""
    _, _, metres = _ELLIPSOID.inv(_column(from_lon), _column(from_lat), _column(to_lon), _column(to_lat))
    return np.asarray(metres, dtype=float)


def _column(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.ascontiguousarray(values, dtype=float).ravel()
