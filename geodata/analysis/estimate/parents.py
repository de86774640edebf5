"""Step 5: from absent people to absent parents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.analysis.estimate.types import Counts, Floats, Parameters


@dataclass(frozen=True)
class Parents:
    """Shares of couples: at least one parent away (q), both away (p2 <= q)."""

    any_away: Floats
    both_away: Floats


def parents_away(absent: Floats, counts: Counts, parameters: Parameters) -> Parents:
    """Couples with parents away: m = kappa (a + lambda W / 2) of parents are, and spouses correlate with rho.

    W is the share of people who moved across townships inside the county. Both away: p2 = m^2 + rho m (1 - m); at
    least one away: q = 2 m - p2.
    """
    inside = np.divide(
        counts.moved_within_county, counts.population, out=np.zeros(len(counts.code)), where=counts.population > 0
    )
    away = np.minimum(parameters.kappa * (absent + 0.5 * parameters.lambda_ * inside), parameters.most_parent_absent)
    both = away**2 + parameters.rho * away * (1 - away)
    return Parents(any_away=2 * away - both, both_away=both)
