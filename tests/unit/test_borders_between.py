"""Borders inside a coverage, each once: against the intersection of every pair of shapes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.borders import lines_between

SIDE = 3
# Half as wide as high, so that lengths tell directions apart; one cell has a hole that another shape fills.
CELLS = [shapely.box(x, 2 * y, x + 1, 2 * y + 2) for y in range(SIDE) for x in range(SIDE)]
LAKE = shapely.box(0.25, 0.5, 0.75, 1.0)
SHAPES = np.array([CELLS[0].difference(LAKE), *CELLS[1:], LAKE], dtype=object)
LEVELS = ("province", "prefecture", "county")
CODE = st.lists(st.sampled_from(["a", "b", "c"]), min_size=len(SHAPES), max_size=len(SHAPES)).map(np.array)


@given(st.tuples(CODE, CODE, CODE))
def test_each_stretch_counts_once_for_the_highest_level_that_differs(codes: tuple[np.ndarray, ...]) -> None:
    by_level = dict(zip(LEVELS, codes, strict=True))
    expected = dict.fromkeys(LEVELS, 0.0)
    for one, other in combinations(range(len(SHAPES)), 2):
        parted = next((level for level in LEVELS if by_level[level][one] != by_level[level][other]), None)
        if parted:
            expected[parted] += shapely.length(shapely.intersection(SHAPES[one], SHAPES[other]))
    found = lines_between(SHAPES, by_level)
    assert {level: round(shapely.length(lines), 9) for level, lines in found.items()} == {
        level: round(length, 9) for level, length in expected.items()
    }


def test_the_outer_edge_parts_nothing() -> None:
    codes = np.array([str(number) for number in range(len(SHAPES))])
    inside = lines_between(SHAPES, {"county": codes})["county"]
    edge = shapely.boundary(shapely.coverage_union_all(SHAPES))
    assert shapely.length(shapely.intersection(inside, edge)) == 0
