"""Nearest centres as most would find them: scikit-learn's BallTree with the haversine distance, on a sphere."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import BallTree


def nearest(points: npt.NDArray[Any], centres: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the position of the nearest of `centres` for each of `points`; both (n, 2), longitude and latitude."""
    tree = BallTree(np.radians(centres[:, ::-1]), metric="haversine")
    return np.asarray(tree.query(np.radians(points[:, ::-1]), k=1, return_distance=False)[:, 0])
