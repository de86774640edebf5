"""Step 7: make provinces meet given totals, the rest the remainder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.solve import solve_increasing
from geodata.analysis.estimate.types import Floats


def rake(values: Floats, most: Floats, group: NDArray[np.str_], given: Mapping[str, float], nation: float) -> Floats:
    """Scale `values` (units,) so that each group in `given` meets its total and all others together the remainder.

    No value passes `most`; what a capped unit cannot take goes to the others of its group. Raises `ValueError` where
    a total cannot be reached or the given totals exceed the nation's.
    """
    raked = np.array(values, dtype=np.float64)
    rest = np.ones(len(values), dtype=bool)
    for name in sorted(given):
        inside = group == name
        raked[inside] = _scaled(values[inside], most[inside], given[name], name)
        rest &= ~inside
    remainder = nation - sum(given.values())
    if rest.any() or remainder > 0:
        raked[rest] = _scaled(values[rest], most[rest], remainder, "the rest")
    return raked


def _scaled(values: Floats, most: Floats, target: float, name: str) -> Floats:
    if target < 0 or target > most[values > 0].sum():
        raise ValueError(f"{name}: {target:.0f} children cannot be placed; at most {most[values > 0].sum():.0f} fit")
    factor = solve_increasing(lambda guess: np.minimum(guess * values, most).sum(), target)
    return np.asarray(np.minimum(factor * values, most), dtype=np.float64)
