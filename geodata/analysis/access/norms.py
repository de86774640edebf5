"""What a norm asks for and what there is: child welfare directors, supervisors, Children's Places, by communities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# One director for each village or community, one supervisor for each township (Ministry of Civil Affairs, 2019); a
# Children's Place in 90 % of communities (National Programme of Action for Children 2011-2020). All editable.
DIRECTORS_A_COMMUNITY = 1.0
SUPERVISORS_A_TOWNSHIP = 1.0
PLACES_A_COMMUNITY = 0.9


@dataclass(frozen=True)
class NormGap:
    """By unit; not a number where the number of communities is unknown, or where nobody knows how many are there.

    `missing` and `surplus` are never both above zero, and `needed + surplus = present + missing`: what one county has
    too much of fills no gap in another.
    """

    needed: Floats
    present: Floats
    missing: Floats
    surplus: Floats


def norm_gap(bodies: npt.ArrayLike, present: npt.ArrayLike, *, per_body: float) -> NormGap:
    """The gap to a norm of `per_body` for each community (or township) of a unit.

    Needed is not rounded: nine tenths of 7 communities are 6.3, so that counties add up to their province. Missing adds
    up over counties, and is then what is missing in them, not what a province as a whole would lack after moving staff.

    Raises
    ------
    ValueError
        If a count is negative, or the norm is not above zero.
    """
    count, there = np.asarray(bodies, dtype=float), np.asarray(present, dtype=float)
    if not per_body > 0:
        raise ValueError("a norm must be above 0")
    if (count < 0).any() or (there < 0).any():
        raise ValueError("counts must not be negative")
    needed = count * per_body
    return NormGap(needed, there, np.maximum(needed - there, 0.0), np.maximum(there - needed, 0.0))
