"""Who gets a place: children assigned to centres with limited places, and the gap in three parts.

Every child is in exactly one part: served, in reach of a centre but without a place, or out of reach. A child whom two
centres could serve is counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from geodata.analysis.access.catchments import Pairs, Reach

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Method = Literal["optimal", "nearest_first"]

# Up to this many pairs the linear programme takes seconds; beyond, nearest-first answers at once and says so.
OPTIMAL_PAIRS = 200_000
# Children may be fractions (counts spread over settlements). What the solver is unsure of is none.
_TOLERANCE = 1e-6
# A hair less than the most children served, so that rounding does not shut the second step of the optimum.
_HAIR = 1e-9


@dataclass(frozen=True)
class ThreeWayGap:
    """Children of every point in three parts that sum to the whole, and how they were assigned.

    Attributes
    ----------
    served, without_place, out_of_reach
        Children by point. Which of several equally good assignments is taken is settled by the order of the input; the
        totals are not open to choice.
    assigned
        Pairs with children assigned, and how many (`children`), by point, then centre.
    method
        "optimal": as many children as possible have a place and, so many served, they travel as little as possible.
        "nearest_first": places go to whoever is nearest; `served` is then a lower bound of what is possible.
    """

    served: Floats
    without_place: Floats
    out_of_reach: Floats
    assigned: Pairs
    children: Floats
    method: Method


def assign(reach: Reach, children: Floats, places: Floats, *, method: Method | None = None) -> ThreeWayGap:
    """Assign children to places within reach and tell the three parts of the gap.

    Parameters
    ----------
    children
        Of each point, 0 or more, fractions allowed.
    places
        Of each centre. Not a number: nobody knows how many, so none is promised; the children in its reach stand as "in
        reach without a place" unless another centre serves them.
    method
        None: "optimal" up to `OPTIMAL_PAIRS` pairs, else "nearest_first".

    Raises
    ------
    ValueError
        If children or places are negative, children unknown, or lengths do not fit.
    """
    own, room = np.asarray(children, dtype=float), np.nan_to_num(np.asarray(places, dtype=float))
    if len(own) != reach.points or len(room) != reach.centres:
        raise ValueError("children and places must be as long as points and centres")
    if not (np.isfinite(own).all() and (own >= 0).all() and (room >= 0).all()):
        raise ValueError("children and places must be numbers of 0 or more")
    everyone = reach.all_pairs()
    in_reach = np.bincount(everyone.point, minlength=reach.points) > 0
    useful = (own[everyone.point] > 0) & (room[everyone.centre] > 0)
    pairs = Pairs(everyone.point[useful], everyone.centre[useful], everyone.cost[useful])
    method = method or ("optimal" if len(pairs.point) <= OPTIMAL_PAIRS else "nearest_first")
    found = _optimal(pairs, own, room) if method == "optimal" else _nearest_first(pairs, own, room)
    # The hair may be left at a single point: who is short of a place by no more than that has one.
    unsure = max(_TOLERANCE, 2.0 * _HAIR * float(found.sum()))
    kept = found > _TOLERANCE
    placed = np.bincount(pairs.point[kept], found[kept], minlength=reach.points)
    served = np.asarray(np.where(own - placed < unsure, own, placed), dtype=float)
    return ThreeWayGap(
        served=served,
        without_place=np.where(in_reach, own - served, 0.0),
        out_of_reach=np.where(in_reach, 0.0, own),
        assigned=Pairs(pairs.point[kept], pairs.centre[kept], pairs.cost[kept]),
        children=found[kept],
        method=method,
    )


def _nearest_first(pairs: Pairs, children: Floats, places: Floats) -> Floats:
    """Places to whoever is nearest; of pairs equally near, the first point, then the first centre."""
    waiting, free = children.tolist(), places.tolist()
    order = np.lexsort((pairs.centre, pairs.point, pairs.cost))
    found = np.zeros(len(order))
    for pair, point, centre in zip(
        order.tolist(), pairs.point[order].tolist(), pairs.centre[order].tolist(), strict=True
    ):
        taken = min(waiting[point], free[centre])
        if taken > 0:
            found[pair] = taken
            waiting[point] -= taken
            free[centre] -= taken
    return found


def _optimal(pairs: Pairs, children: Floats, places: Floats) -> Floats:
    """A transport problem in two steps, by HiGHS: most children served, then least travel with so many served."""
    count = len(pairs.point)
    if count == 0:
        return np.zeros(0)
    points, at_point = np.unique(pairs.point, return_inverse=True)
    centres, at_centre = np.unique(pairs.centre, return_inverse=True)
    column, ones = np.arange(count), np.ones(count)
    # SciPy's stubs know no sparse matrix here; `linprog` does.
    limits: Any = vstack(
        [
            coo_array((ones, (at_point, column)), shape=(len(points), count)),
            coo_array((ones, (at_centre, column)), shape=(len(centres), count)),
        ]
    ).tocsr()
    at_most = np.concatenate([children[points], places[centres]])
    most = linprog(-ones, A_ub=limits, b_ub=at_most, method="highs")
    if not most.success or most.fun is None:
        raise ArithmeticError(f"the assignment was not solved: {most.message}")
    enough = -most.fun * (1.0 - _HAIR)
    scale = max(float(pairs.cost.max()), 1.0)
    with_most: Any = vstack([limits, coo_array(-ones.reshape(1, -1))]).tocsr()
    least = linprog(pairs.cost / scale, A_ub=with_most, b_ub=np.append(at_most, -enough), method="highs")
    return np.asarray(least.x if least.success else most.x)
