"""Shapes that share borders: units above are the union of the units below, so that no border parts from itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[Any]


def dissolve(shapes: Shapes, parents: npt.NDArray[np.str_]) -> tuple[npt.NDArray[np.str_], Shapes]:
    """Codes of the parents, in order, and one MultiPolygon each: the shapes that share that parent made one.

    `shapes` must be a clean coverage (borders shared vertex by vertex), in whatever coordinates.
    """
    codes, members = np.unique(parents, return_inverse=True)
    groups = [shapes[members == number] for number in range(len(codes))]
    return codes, np.array([as_multi(shapely.coverage_union_all(group)) for group in groups], dtype=object)


def as_multi(shape: shapely.Geometry) -> shapely.Geometry:
    """A polygon as a MultiPolygon of one part; a MultiPolygon as it is."""
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
