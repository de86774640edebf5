"""Metres between places and sites, remembered somewhat wider than asked: a standard that is slid asks many times."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geodata.analysis.access.catchments import within
from geodata.analysis.distance import geodesic_m, uncertain_m

Floats = NDArray[np.float64]
# Pairs are found up to the next of these radii and cut to what is asked. Nationwide by counties 200 km are 1.3 million
# pairs and 20 MB; more than so many combinations of point and site are asked exactly, and not remembered.
STEPS_M = (50_000.0, 100_000.0, 200_000.0)
MOST_COMBINATIONS = 60_000_000


class Metres:
    """Straight lines on the ellipsoid between points (rows) and sites (columns), WGS-84 degrees."""

    def __init__(self, lon: Floats, lat: Floats, site_lon: Floats, site_lat: Floats) -> None:
        self.points, self.sites = (lon, lat), (site_lon, site_lat)
        self._wide: dict[float, Any] = {}

    def within(self, radius_m: float) -> Any:
        """Metres of pairs at most `radius_m` apart, as CSR (points x sites); exactly at the radius is within."""
        step = next((step for step in STEPS_M if radius_m <= step), radius_m)
        if step not in STEPS_M or len(self.points[0]) * len(self.sites[0]) > MOST_COMBINATIONS:
            return self._pairs(radius_m)
        if step not in self._wide:
            # Two threads may both find it; either will do.
            self._wide[step] = self._pairs(step)
        return self._cut(self._wide[step], radius_m)

    def _pairs(self, radius_m: float) -> Any:
        blocks = within(*self.points, *self.sites, radius_m=radius_m).blocks()
        found = [(one.cost, one.point, one.centre) for one in blocks]
        shape = (len(self.points[0]), len(self.sites[0]))
        if not found:
            return sp.csr_matrix(shape)
        cost, point, site = (np.concatenate(parts) for parts in zip(*found, strict=True))
        pairs = sp.csr_matrix((cost, (point, site)), shape=shape)
        pairs.sort_indices()
        return pairs

    def _cut(self, wide: Any, radius_m: float) -> Any:
        metres = wide.data
        # Far from the radius an arc is good enough; where it could matter the geodesic decides, as it does in `within`.
        unsure = np.flatnonzero(np.abs(metres - radius_m) <= uncertain_m(np.array([radius_m]))[0])
        if len(unsure):
            metres = metres.copy()
            row = np.searchsorted(wide.indptr, unsure, side="right") - 1
            column = wide.indices[unsure]
            metres[unsure] = geodesic_m(*(axis[row] for axis in self.points), *(axis[column] for axis in self.sites))
        kept = metres <= radius_m
        indptr = np.concatenate([[0], np.cumsum(kept)])[wide.indptr]
        return sp.csr_matrix((metres[kept], wide.indices[kept], indptr), shape=wide.shape)
