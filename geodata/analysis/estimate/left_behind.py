"""Step 6: children left behind, calibrated to the national rural and urban totals."""

from __future__ import annotations

import numpy as np

from geodata.analysis.estimate.parents import Parents
from geodata.analysis.estimate.solve import solve_increasing, total
from geodata.analysis.estimate.types import Floats, Scalar


def left_behind(stay: Floats, away: Parents, target: float, most: float) -> tuple[Floats, Scalar]:
    """Left-behind children among the `stay` children of each unit (those who did not migrate), adding up to `target`.

    The odds of being left behind are s times the odds that a parent is away; s is solved. At most `most` of the
    children of a unit are left behind. Returns the children and s.
    """
    odds = away.any_away / (1 - away.any_away)

    def at(scale: Floats) -> Floats:
        return np.asarray(stay * np.minimum(scale * odds / (1 + scale * odds), most), dtype=np.float64)

    shape = (*odds.shape[:-1], 1) if odds.ndim > 1 else ()
    scale = solve_increasing(lambda guess: total(at(guess)), target, shape=shape)
    return at(scale), scale


def both_parents(left: Floats, away: Parents) -> Floats:
    """The part of the left-behind children whose parents are both away: p2 / q of them."""
    return np.asarray(left * away.both_away / away.any_away, dtype=np.float64)
