"""Least-cost minutes by scikit-image's MCP_Geometric, which takes cells for squares of equal size."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from skimage.graph import MCP_Geometric


def minutes(minutes_a_metre: npt.NDArray[Any], cell_m: float, places: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return minutes from every cell to the nearest of `places` (row, column); cells of 0 are barriers."""
    costs = np.where(minutes_a_metre > 0, minutes_a_metre.astype(np.float64) * cell_m, -1.0)
    found, _ = MCP_Geometric(costs).find_costs([tuple(place) for place in places.tolist()])
    return np.asarray(found)
