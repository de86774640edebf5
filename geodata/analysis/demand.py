"""County counts spread over settlements, totals conserved: where inside a county its children live.

Rural children go in equal parts to the places without a known population (villages), urban children to the places
with one, in proportion to it. Where a county has only one kind of place, that kind takes all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def spread_children(
    county: npt.ArrayLike,
    population: npt.ArrayLike,
    children: npt.ArrayLike,
    children_rural: npt.ArrayLike,
) -> Floats:
    """Children of every settlement; over the settlements of a county they sum to the county's children.

    Parameters
    ----------
    county
        Index of the county each settlement lies in, from 0 to len(children) - 1.
    population
        Known population of each settlement, 0 where unknown.
    children, children_rural
        Children of each county, and those of them in villages. A rural part that is not a number counts as 0, one
        above the whole as the whole.

    Raises
    ------
    ValueError
        If a count is negative or not a number, or a county index out of range.
    """
    where, people = np.asarray(county, dtype=np.int64), np.asarray(population, dtype=float)
    total, rural = np.asarray(children, dtype=float), np.nan_to_num(np.asarray(children_rural, dtype=float))
    if not (np.isfinite(total).all() and (total >= 0).all() and (rural >= 0).all()):
        raise ValueError("children must be numbers of 0 or more")
    if not (np.isfinite(people).all() and (people >= 0).all()):
        raise ValueError("population must be numbers of 0 or more")
    if len(where) and not (where.min() >= 0 and where.max() < len(total)):
        raise ValueError("a county index is out of range")
    village = people == 0
    villages = np.bincount(where, weights=village, minlength=len(total))
    townspeople = np.bincount(where, weights=people, minlength=len(total))
    to_villages = np.where(townspeople == 0, total, np.where(villages == 0, 0.0, np.minimum(rural, total)))
    to_towns = total - to_villages
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(village, 1.0 / villages[where], people / townspeople[where])
    return np.asarray(share * np.where(village, to_villages[where], to_towns[where]))
