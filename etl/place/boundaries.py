"""One coverage of the country at every level: shared borders simplified together, no gap, no overlap.

Everything is derived from the counties, so that a prefecture's border is, vertex by vertex, that of its counties.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata import crs
from geodata.analysis.borders import as_multi, dissolve
from geodata.codes import NATION_CODE
from geodata.errors import ManyErrors, UserError

Shapes = npt.NDArray[Any]

# A pixel and a half of the deepest zoom (8: 250 m a pixel). At 1 km the smallest unit (a Macao parish of 0.7 km²) would
# lose 93 % of its area, at 400 m it loses 17 %, half of all counties less than 0.03 %.
SIMPLIFY_TOLERANCE_M = 400.0
# Six decimals are 0.1 m: far below the tolerance, and half the bytes of a full float in text.
_DECIMALS = 6
# A fixed number, so that the result does not hang on the machine: the order of work can shift a vertex here and there.
_STRETCHES = 8
# A hole in the country larger than this is no slip of the source but a place that is missing.
_LARGEST_GAP_KM2 = 5.0


@dataclass(frozen=True)
class Coverage:
    """Outlines of one level: codes, and the shapes in degrees (WGS-84) and in the equal-area plane (metres)."""

    codes: npt.NDArray[np.str_]
    lonlat: Shapes
    plane: Shapes


@dataclass(frozen=True)
class Gap:
    """A hole between counties of the source and the county it was given to."""

    area_km2: float
    code: str


def build_coverages(
    counties: pd.DataFrame, outlines: Shapes, *, tolerance_m: float = SIMPLIFY_TOLERANCE_M
) -> tuple[dict[str, Coverage], list[Gap]]:
    """Simplified outlines of county, prefecture, province and nation, and the gaps that were closed.

    Parameters
    ----------
    counties
        code, prefecture_code, province_code, in the order of `outlines`.
    outlines
        In the equal-area plane of `geodata.crs`, metres, sharing their borders vertex by vertex.
    tolerance_m
        Square root of the area of the smallest triangle that is kept (Visvalingam-Whyatt).

    Raises
    ------
    UserError
        If the counties leave a hole of more than 5 km², overlap, or are not valid after simplifying.
    """
    codes = counties["code"].to_numpy(str)
    simplified = simplify(outlines, tolerance_m)
    _refuse_bad("county", codes, simplified)
    closed, gaps = close_gaps(simplified, codes)
    parts = np.array([as_multi(shape) for shape in closed], dtype=object)
    lonlat = _rounded(crs.geometries_from_equal_area(parts))
    plane = crs.geometries_to_equal_area(lonlat)
    coverages = {"county": Coverage(codes, lonlat, plane)}
    for level in ("prefecture", "province"):
        coverages[level] = _above(coverages["county"], counties[f"{level}_code"].to_numpy(str))
    coverages["nation"] = _above(coverages["province"], np.full(len(coverages["province"].codes), NATION_CODE))
    for level, coverage in coverages.items():
        check_coverage(level, coverage)
    return coverages, gaps


def simplify(outlines: Shapes, tolerance_m: float) -> Shapes:
    """Simplify all borders together, each once for both sides.

    Stretches of counties go first, on as many threads as there are processors, without the borders between stretches;
    then the whole, which has a quarter of the vertices left to look at: 7 s instead of 10 on two processors.
    """
    stretches = [part for part in np.array_split(outlines, _STRETCHES) if len(part)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        inside = pool.map(lambda part: shapely.coverage_simplify(part, tolerance_m, simplify_boundary=False), stretches)
        return np.asarray(shapely.coverage_simplify(np.concatenate(list(inside)), tolerance_m))


def close_gaps(plane: Shapes, codes: npt.NDArray[np.str_]) -> tuple[Shapes, list[Gap]]:
    """`plane` with every hole given to the county that shares the longest border with it."""
    closed, gaps = plane.copy(), []
    tree = shapely.STRtree(plane)
    for ring in _holes(shapely.coverage_union_all(plane)):
        hole = shapely.Polygon(ring)
        if hole.area > _LARGEST_GAP_KM2 * 1e6:
            middle = hole.representative_point()
            lon, lat = crs.wgs84_from_equal_area(middle.x, middle.y)
            raise UserError(
                "The counties leave a hole in the country",
                key=f"{float(lon):.3f}, {float(lat):.3f}",
                value=f"{hole.area / 1e6:.1f} km²",
                expected=f"at most {_LARGEST_GAP_KM2} km²: is a county missing?",
            )
        near = np.sort(tree.query(hole, predicate="touches"))
        shared_m = shapely.length(shapely.intersection(plane[near], ring))
        taker = int(near[np.argmax(shared_m)])
        closed[taker] = shapely.union(closed[taker], hole)
        gaps.append(Gap(area_km2=hole.area / 1e6, code=str(codes[taker])))
    return closed, gaps


def _above(coverage: Coverage, parents: npt.NDArray[np.str_]) -> Coverage:
    codes, lonlat = dissolve(coverage.lonlat, parents)
    return Coverage(codes, lonlat, crs.geometries_to_equal_area(lonlat))


def check_coverage(level: str, coverage: Coverage) -> None:
    """Refuse a level with broken outlines, gaps or overlaps."""
    _refuse_bad(level, coverage.codes, coverage.lonlat)
    holes = _holes(shapely.coverage_union_all(coverage.lonlat))
    if holes:
        raise UserError(f"The level {level} has gaps", value=len(holes), expected="none")


def points_on_surface(coverage: Coverage) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Longitude and latitude of a point inside every unit: the middle of its widest level stretch in the plane.

    Taken from the largest part of a unit of several parts. 63 counties do not contain their own centroid.
    """
    largest = np.array([max(shapely.get_parts(shape), key=shapely.area) for shape in coverage.plane], dtype=object)
    middles = shapely.point_on_surface(largest)
    return crs.wgs84_from_equal_area(shapely.get_x(middles), shapely.get_y(middles))


def _holes(union: shapely.Geometry) -> list[shapely.LinearRing]:
    return [ring for part in shapely.get_parts(union) for ring in part.interiors]


def _rounded(lonlat: Shapes) -> Shapes:
    vertices = np.round(shapely.get_coordinates(lonlat), _DECIMALS)
    return np.asarray(shapely.set_coordinates(lonlat.copy(), vertices))


def _refuse_bad(level: str, codes: npt.NDArray[np.str_], shapes: Shapes) -> None:
    broken = ~shapely.is_valid(shapes) | shapely.is_empty(shapes)
    edges = shapely.coverage_invalid_edges(shapes)
    bad = broken | ~shapely.is_empty(edges)
    if bad.any():
        raise ManyErrors(
            f"The outlines of the level {level} are not a clean coverage:",
            [
                UserError("Broken, overlapping or parted outline", key=str(code), expected="borders shared exactly")
                for code in codes[bad]
            ],
        )
