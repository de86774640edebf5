"""The map and the curve of a plan: the tile decoder against a second one, the frame against the projection."""

from __future__ import annotations

import gzip

import mapbox_vector_tile
import numpy as np
import pytest

from dashboard.figures.plan_style import plan_paint, plan_style
from dashboard.planning.outline import tile_lines


@pytest.mark.parametrize("lines", [[[(0, 0), (4096, 2048)]], [[(10, 4000), (300, 20), (17, 18)], [(1, 1), (2, 2)]]])
def test_lines_come_out_as_they_went_in(lines: list[list[tuple[int, int]]]) -> None:
    layer = {
        "name": "borders",
        "features": [
            {"id": number, "geometry": {"type": "LineString", "coordinates": line}, "properties": {}}
            for number, line in enumerate([[(5, 5), (6, 6)], *lines])
        ],
    }
    data = mapbox_vector_tile.encode([layer], default_options={"y_coord_down": True})
    found = [np.round(line * 4096).astype(int).tolist() for line in tile_lines(data, {1, 2})]
    assert found == [[list(point) for point in line] for line in lines]


def test_what_is_no_tile_has_no_lines() -> None:
    assert list(tile_lines(gzip.decompress(gzip.compress(b"")), {1})) == []


def test_the_style_draws_only_what_it_has() -> None:
    style = plan_style("20260502T080000-0a1b2c3d")
    assert {layer["source"] for layer in style["layers"] if "source" in layer} == set(style["sources"])
    assert [layer["id"] for layer in style["layers"]][-1] == "sites"
    names = {layer["id"] for layer in style["layers"]}
    assert all(set(paint) <= names for paint in plan_paint().values())
