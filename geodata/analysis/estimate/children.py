"""Step 1: children aged 0-17. The tables stop at 0-14; 15-17 is taken from 15-19, held back in college towns."""

from __future__ import annotations

import numpy as np

from geodata.analysis.estimate.solve import total
from geodata.analysis.estimate.types import Counts, Floats, Parameters


def children(counts: Counts, total_children: float, parameters: Parameters) -> Floats:
    """Children aged 0-17 by unit; they add up to `total_children`.

    c15-17 is proportional to min(1.06 k P15-19, 1.35 r P10-14), k and r the national ratios of 15-17-year-olds to
    P15-19 and P10-14: the second term keeps college towns from being read as full of 17-year-olds. A unit's own
    error multiplies its 15-17-year-olds (`teens_factor`), before they are scaled to the nation's.
    """
    aged_15_17 = total_children - counts.age_0_14.sum()
    of_15_19 = parameters.college_tilt * aged_15_17 / counts.age_15_19.sum() * counts.age_15_19
    of_10_14 = parameters.cohort_tilt * aged_15_17 / counts.age_10_14.sum() * counts.age_10_14
    shape = np.minimum(of_15_19, of_10_14) * parameters.teens_factor
    return np.asarray(counts.age_0_14 + shape * (aged_15_17 / total(shape)), dtype=np.float64)
