"""Both ends of a migrating family: from where to where people moved, by what is known at either end and by distance.

No table says from which county to which the parents of left-behind children went. Known are, by place, who moved in
from other provinces and from other counties of the province, and, estimated, who is absent. A gravity prior, which
falls with distance, is fitted to both ends (iterative proportional fitting: the table nearest to the prior, in the
sense of least information gained, that has these margins; Wilson 1970, Deming and Stephan 1940).

Matrices have origins in rows and destinations in columns, persons; places are prefectures in one order throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.types import Floats, Scalar

EARTH_RADIUS_KM = 6_371.0088
# Movers between neighbours do not multiply as their centres come near: below this, distance is no hindrance.
LEAST_KM = 50.0
# Deterrence of distance: movers fall with its first power. See the sensitivity on the method page.
EXPONENT = 1.0
# A province keeps at least this share of its absent people as movers to other provinces, whatever the remainder says.
LEAST_OUTSIDE = 0.1
TOLERANCE = 1e-9
MOST_ROUNDS = 5_000


@dataclass(frozen=True)
class Moves:
    """Movers of all ages between prefectures, (places, places): to another province, and to another county of theirs.

    `outside` is, by place of origin, the share of those who left their county who left their province too.
    """

    other_province: Floats
    same_province: Floats
    outside: Floats


def distance_km(lon_deg: Floats, lat_deg: Floats) -> Floats:
    """Great-circle distances between points (WGS-84 degrees), (n, n); from a point to itself half of the least other.

    Moves inside a place are not over no distance: half the way to the nearest other centre is about the mean.
    """
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    half_chord = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    distance = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0)))
    np.fill_diagonal(distance, np.inf)
    nearest = distance.min(axis=1)
    np.fill_diagonal(distance, np.where(np.isfinite(nearest), nearest / 2, LEAST_KM))
    return np.asarray(distance, dtype=np.float64)


def gravity(distance: Floats, exponent: float = EXPONENT) -> Floats:
    """The prior: distance to the power of minus `exponent`, flat below `LEAST_KM`."""
    return np.asarray(np.maximum(distance, LEAST_KM) ** -exponent, dtype=np.float64)


def fit_margins(prior: Floats, origins: Floats, destinations: Floats) -> Floats:
    """The matrix nearest to `prior` whose rows add up to `origins` and whose columns add up to `destinations`.

    Zeros of the prior stay. Raises `ValueError` where the margins do not have one sum, or where the zeros leave no
    matrix with these margins.
    """
    total = origins.sum()
    if not np.isclose(total, destinations.sum(), rtol=1e-9, atol=1e-9):
        raise ValueError(f"{total} people leave, {destinations.sum()} arrive")
    fitted = np.array(prior, dtype=np.float64)
    for _ in range(MOST_ROUNDS):
        fitted *= _ratio(origins, fitted.sum(axis=1))[:, None]
        fitted *= _ratio(destinations, fitted.sum(axis=0))
        if np.abs(fitted.sum(axis=1) - origins).sum() <= TOLERANCE * total:
            return fitted
    raise ValueError("no matrix with these zeros has these margins")


def people_absent(absent: Floats, resident: Floats, moved_in: Floats) -> Floats:
    """People who left their county, by unit, scaled to all who moved into one: every mover left some county.

    absent
        Absent share a of the registered population, as the estimate has it.
    resident, moved_in
        Residents R and those of them registered in another county I.

    Of H registered people a H are absent and R - I are at home: a H = a (R - I) / (1 - a).
    """
    left = np.maximum(resident - moved_in, 0.0) * absent / (1 - absent)
    return np.asarray(left * (moved_in.sum() / left.sum()), dtype=np.float64)


def left_province(absent: Floats, inside: Floats, arrived: float) -> Floats:
    """People who left their province, by province, scaled to `arrived`, all who came from another one.

    absent, inside
        People who left their county, and those of them who are known to live in another county of the province.
    """
    outside = np.maximum(absent - inside, LEAST_OUTSIDE * absent)
    return np.asarray(outside * (arrived / outside.sum()), dtype=np.float64)


def moves(prior: Floats, province: NDArray[np.str_], absent: Floats, from_other_province: Floats,
          from_same_province: Floats) -> Moves:  # fmt: skip
    """Who moved from where to where.

    province
        Of each place; where nobody moved within a province (its counties are one city), none of its people did.
    absent
        People of each place who left their county (`people_absent`).
    from_other_province, from_same_province
        People in each place registered in another province, or in another county of the same province.
    """
    names, at = np.unique(province, return_inverse=True)
    absent_there = np.bincount(at, weights=absent).astype(np.float64)
    inside_there = np.bincount(at, weights=from_same_province).astype(np.float64)
    outside_there = left_province(absent_there, inside_there, float(from_other_province.sum()))
    part = absent * _ratio(np.ones(len(names)), absent_there)[at]
    same = province[:, None] == province
    return Moves(
        fit_margins(np.where(same, 0.0, prior), part * outside_there[at], from_other_province),
        fit_margins(np.where(same, prior, 0.0), part * inside_there[at], from_same_province),
        (outside_there * _ratio(np.ones(len(names)), outside_there + inside_there))[at],
    )


def share_same_county(absent: Floats, moved_within: Floats, lambda_: Scalar) -> Floats:
    """Share of left-behind children whose parents live in another township of their county.

    The estimate takes a + lambda W / 2 for a parent's absence: a out of the county, W moved inside it.
    """
    inside = 0.5 * lambda_ * moved_within
    return np.asarray(inside * _ratio(np.ones_like(absent), absent + inside), dtype=np.float64)


def row_shares(matrix: Floats) -> Floats:
    """Each row divided by its sum; a row without anybody stays zero."""
    return np.asarray(matrix * _ratio(np.ones(len(matrix)), matrix.sum(axis=1))[:, None], dtype=np.float64)


def misplaced(first: Floats, second: Floats) -> float:
    """Share of the people of `first` who would have to go elsewhere to make `second`, rows scaled to `first`."""
    people = first.sum(axis=1, keepdims=True)
    return float(np.abs(first - people * row_shares(second)).sum() / 2 / first.sum())


def _ratio(wanted: Floats, found: Floats) -> Floats:
    return np.divide(wanted, found, out=np.zeros(len(found)), where=found > 0)
