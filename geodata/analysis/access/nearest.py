"""Nearest open centre of a type or with a service, and how far the children of every unit are from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.analysis.distance import k_nearest

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# A sum of shares ends a little off the count that was shared out; a quantile must not jump to the next point for that.
_SUM_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Centres:
    """Centres as columns of equal length; `lon`, `lat` in WGS-84 degrees, not a number where the place is unknown."""

    id: Sequence[str]
    lon: Floats
    lat: Floats
    type: Sequence[str]
    services: Sequence[frozenset[str]]
    open: Mask

    def chosen(self, *, types: frozenset[str] | None = None, service: str | None = None) -> Ints:
        """Positions of the open centres of these types (None: any) with this service, by id. Known places only."""
        fits = [
            is_open and (types is None or kind in types) and (service is None or service in offered)
            for is_open, kind, offered in zip(self.open, self.type, self.services, strict=True)
        ]
        fits_here = np.array(fits, dtype=bool) & np.isfinite(self.lon) & np.isfinite(self.lat)
        return np.array(sorted(np.flatnonzero(fits_here).tolist(), key=lambda place: self.id[place]), dtype=np.int64)


@dataclass(frozen=True)
class Nearest:
    """For every point its nearest centres, nearest first: position in the register (-1: none), geodesic metres."""

    centre: Ints
    distance_m: Floats


def nearest_centres(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    centres: Centres,
    *,
    types: frozenset[str] | None = None,
    service: str | None = None,
    k: int = 1,
) -> Nearest:
    """The `k` nearest open centres of these types and with this service, shapes (n, k); equal distances by id."""
    chosen = centres.chosen(types=types, service=service)
    index, metres = k_nearest(lon, lat, centres.lon[chosen], centres.lat[chosen], k=k)
    return Nearest(np.append(chosen, -1)[index], metres)


@dataclass(frozen=True)
class Spread:
    """How far (in what `far` was given in) the people of each of `units` units are; not a number where unknown.

    Attributes
    ----------
    measured
        People whose distance is known, those who reach nothing among them.
    unreachable
        People who reach nothing however long they go (infinite).
    mean
        Over those who reach something.
    median, p90
        The least distance within which half, or nine tenths, of the measured people are; infinite if they are not.
    in_band
        Shape (units, bands + 1): people within each band, the last column beyond all bands. Sums to `measured`.
    """

    measured: Floats
    unreachable: Floats
    mean: Floats
    median: Floats
    p90: Floats
    in_band: Floats

    @property
    def share_in_band(self) -> Floats:
        """`in_band` as shares of the measured people; not a number where nobody was measured."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.in_band / self.measured[:, None])


def spread(unit: Ints, people: Floats, far: Floats, *, units: int, bands: Sequence[float]) -> Spread:
    """Mean, median, 90th percentile and bands of distance (or minutes) over the people of each unit.

    Parameters
    ----------
    unit, people, far
        For every point its unit (0 to `units` - 1, or -1: none), its people, and how far they have to go: infinite
        where nothing can be reached, not a number where nobody knows. Exactly at the edge of a band is within it.
    bands
        Upper edges, ascending, in the unit of `far`.
    """
    if list(bands) != sorted(set(bands)):
        raise ValueError("bands must ascend without repetition")
    known = (unit >= 0) & ~np.isnan(far) & (people > 0)
    where, weight, distance = unit[known], people[known], far[known]
    measured = np.bincount(where, weights=weight, minlength=units).astype(float)
    reached = np.isfinite(distance)
    band = np.searchsorted(np.asarray(bands, dtype=float), distance, side="left")
    wide = len(bands) + 1
    in_band = np.bincount(where * wide + band, weights=weight, minlength=units * wide).reshape(units, wide)
    reaching = np.bincount(where[reached], weights=weight[reached], minlength=units)
    total = np.bincount(where[reached], weights=(weight * np.where(reached, distance, 0.0))[reached], minlength=units)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / reaching
    return Spread(
        measured=measured,
        unreachable=np.bincount(where[~reached], weights=weight[~reached], minlength=units).astype(float),
        mean=np.asarray(mean),
        median=weighted_quantile(where, weight, distance, units=units, share=0.5),
        p90=weighted_quantile(where, weight, distance, units=units, share=0.9),
        in_band=in_band.astype(float),
    )


def weighted_quantile(unit: Ints, weight: Floats, value: Floats, *, units: int, share: float) -> Floats:
    """The least value at or below which at least `share` of each unit's weight lies; not a number without weight."""
    order = np.lexsort((value, unit))
    unit, weight, value = unit[order], weight[order], value[order]
    start = np.searchsorted(unit, np.arange(units), side="left")
    stop = np.searchsorted(unit, np.arange(units), side="right")
    # Sums start anew in each unit: one running sum over all would lose digits of the last ones.
    found = np.full(units, np.nan)
    for place in np.flatnonzero(stop > start):
        inside = slice(start[place], stop[place])
        running = np.cumsum(weight[inside])
        reached = np.searchsorted(running, share * running[-1] * (1.0 - _SUM_TOLERANCE), side="left")
        found[place] = value[inside][reached] if running[-1] > 0 else np.nan
    return found
