"""Shapes that share borders: units above are the union of the units below, so that no border parts from itself."""

from __future__ import annotations

from collections.abc import Mapping
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


def lines_between(shapes: Shapes, codes: Mapping[str, npt.NDArray[np.str_]]) -> dict[str, Any]:
    """The borders inside a clean coverage, each stretch once: level -> MultiLineString.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons (n,), borders shared vertex by vertex, in whatever coordinates.
    codes
        Per level, highest first, the code (n,) of the unit that each shape belongs to. A stretch counts for the highest
        level whose units differ on its two sides. The outer edge of the coverage parts nothing and is left out.
    """
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # A complex number sorts as one value, thrice as fast as a row of two.
    _, vertex = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    start = np.flatnonzero(ring[:-1] == ring[1:])
    ends = np.sort(np.column_stack([vertex[start], vertex[start + 1]]), axis=1)
    owner = part_owner[ring_part[ring[start]]]
    key = ends[:, 0] * (vertex.max() + 1) + ends[:, 1]
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][:-1] == key[order][1:])
    one, other = order[twin], order[twin + 1]
    left = np.ones(len(one), dtype=bool)
    lines: dict[str, Any] = {}
    for level, code in codes.items():
        here = left & (code[owner[one]] != code[owner[other]])
        left &= ~here
        lines[level] = _runs(points, np.sort(start[one[here]]))
    return lines


def _runs(points: npt.NDArray[np.float64], first: npt.NDArray[np.int64]) -> Any:
    """Segments from `points[first]` to the point after it, `first` ascending, those that follow each other joined."""
    last = np.append(np.flatnonzero(np.diff(first) != 1), len(first) - 1) if len(first) else first
    run = np.zeros(len(first), dtype=np.int64)
    run[last[:-1] + 1] = 1
    vertices = np.insert(first, last + 1, first[last] + 1)
    of_run = np.insert(np.cumsum(run), last + 1, np.arange(len(last)))
    each: Shapes = np.asarray(shapely.linestrings(points[vertices], indices=of_run))
    return shapely.multilinestrings(each)


def as_multi(shape: shapely.Geometry) -> shapely.Geometry:
    """A polygon as a MultiPolygon of one part; a MultiPolygon as it is."""
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
