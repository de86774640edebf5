"""What the estimator is given and what it returns. Units lie on the last axis; draws, if any, on the first.

Every formula works for one set of parameters (numbers) and for many at once (arrays of shape (draws, 1)): results
then have the shape (draws, units).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scalar = float | Floats

# The three municipalities whose districts make up one city: every move inside the province is a move inside the city.
WHOLE_CITIES = ("110000", "120000", "310000")


@dataclass(frozen=True)
class Counts:
    """One census on one set of units (counties and districts). Persons unless said; one entry a unit, same order.

    `registered` is NaN where the census does not give it. `births_per_woman` may be NaN. `exact` says whether the unit
    was counted as it is (True) or had to be carved out of a larger one (False). `district` says urban district or
    undivided city. `moved_*` are people whose household registration lies in another township: within the county,
    in another county of the province, in another province; `moved_within_district` is the part of the first that
    happened inside urban districts as they were at the time of the census.
    """

    year: int
    code: NDArray[np.str_]
    province: NDArray[np.str_]
    city: NDArray[np.str_]
    district: NDArray[np.bool_]
    exact: NDArray[np.bool_]
    population: Floats
    registered: Floats
    rural: Floats
    age_0_14: Floats
    age_10_14: Floats
    age_15_19: Floats
    age_20_24: Floats
    men_25_44: Floats
    women_25_44: Floats
    age_50_74: Floats
    households: Floats
    household_population: Floats
    two_generation: Floats
    three_generation: Floats
    households_65: Floats
    births_per_woman: Floats
    moved_within_county: Floats
    moved_within_district: Floats
    moved_within_province: Floats
    moved_from_other_province: Floats

    def __post_init__(self) -> None:
        lengths = {name: np.shape(value) for name, value in vars(self).items() if name != "year"}
        if set(lengths.values()) != {(len(self.code),)}:
            raise ValueError(f"every column must hold one entry a unit: {lengths}")


@dataclass(frozen=True)
class Totals:
    """Published national totals that one year's estimate is made to meet; persons."""

    children: float
    migrant_children: float
    migrant_children_inter: float
    left_behind_rural: float
    left_behind_urban: float
    floating_intra: float


@dataclass(frozen=True)
class Parameters:
    """The assumptions of the model. A number, or an array of shape (draws, 1) for many draws at once.

    kappa        parents move more than others: share of parents away per absent share of the registered population
    lambda_      how far moves inside the county, across townships, separate parents from children
    rho          correlation of the absence of two spouses
    mix          weight of the identity signal against the structure signal of absence
    absence_noise, province_factor
                 additions to and factors on the absent share, zero and one in the point estimate
    college_tilt, cohort_tilt
                 bounds on the 15-17-year-olds: times the national share of 15-19, times the national ratio to 10-14
    teens_factor, brought_factor, city_factor
                 factors on the 15-17-year-olds of a unit, on the children that its movers bring along, and on the
                 moves between districts of its city, one in the point estimate
    most_migrant, most_left_behind
                 at most this share of the children are migrants, at most this share of the others left behind
    least_absent, most_parent_absent
                 bounds on the absent share and on the share of parents away
    """

    kappa: Scalar = 1.5
    lambda_: Scalar = 0.5
    rho: Scalar = 0.5
    mix: Scalar = 0.5
    absence_noise: Scalar = 0.0
    province_factor: Scalar = 1.0
    college_tilt: Scalar = 1.06
    cohort_tilt: Scalar = 1.35
    teens_factor: Scalar = 1.0
    brought_factor: Scalar = 1.0
    city_factor: Scalar = 1.0
    most_migrant: float = 0.85
    most_left_behind: float = 0.92
    least_absent: float = 0.01
    most_parent_absent: float = 0.95


@dataclass(frozen=True)
class Estimate:
    """Estimated children aged 0-17 by unit, unrounded, shape (units,) or (draws, units); persons.

    both_away is the part of left_behind_rural + left_behind_urban whose parents are both away.
    `solved` holds the calibrated constants (shape () or (draws, 1)).
    """

    children: Floats
    children_rural: Floats
    migrant: Floats
    left_behind_rural: Floats
    left_behind_urban: Floats
    both_away: Floats
    solved: dict[str, Any] = field(default_factory=dict)
