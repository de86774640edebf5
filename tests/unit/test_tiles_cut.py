"""Cutting vector tiles: layers, ids, borders, empty sea."""

from __future__ import annotations

import gzip
import shutil
from typing import Any

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely

from etl.publish import tiles
from geodata import crs
from geodata.codes import BORDER_IDS
from geodata.errors import UserError

# Four counties of half a degree near Chengdu, two prefectures, one province; the code of each is its feature's id.
SQUARES = [shapely.box(103 + x / 2, 30 + y / 2, 103.5 + x / 2, 30.5 + y / 2) for x in (0, 1) for y in (0, 1)]
CODES = {
    "county": np.array(["510101", "510102", "510201", "510202"]),
    "prefecture": np.array(["510100", "510100", "510200", "510200"]),
    "province": np.array(["510000"] * 4),
    "nation": np.array(["100000"] * 4),
}
DASHES = shapely.MultiLineString([[(110, 10), (110, 11)]])


def project(*shapes: shapely.Geometry) -> np.ndarray:
    return crs.geometries_to_equal_area(np.array(shapes, dtype=object))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    shapes = tiles.MapShapes(CODES, project(*SQUARES), 400.0, project(DASHES)[0])
    return tiles.make_tiles(shapes, max_zoom=6)


def features(table: pd.DataFrame, layer: str, zoom: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for data in table.loc[(table["layer"] == layer) & (table["z"] == zoom), "data"]:
        decoded = mapbox_vector_tile.decode(gzip.decompress(data))
        assert list(decoded) == [layer], "a tile holds one layer"
        for feature in decoded[layer]["features"]:
            found.setdefault(feature["id"], []).append(feature)
    return found


@pytest.mark.parametrize("layer", ["county", "prefecture", "province"])
@pytest.mark.parametrize("zoom", range(7))
def test_every_unit_is_there_at_every_zoom_under_its_code(table: pd.DataFrame, layer: str, zoom: int) -> None:
    assert set(features(table, layer, zoom)) == {int(code) for code in CODES[layer]}


def test_borders_are_told_apart_by_what_they_part(table: pd.DataFrame) -> None:
    found = features(table, "borders", 6)
    # One province: nothing parts it from another.
    assert set(found) == {BORDER_IDS[name] for name in ("nation", "maritime", "prefecture", "county")}
    kinds = {part["geometry"]["type"] for parts in found.values() for part in parts}
    assert kinds <= {"LineString", "MultiLineString"}


def test_features_carry_nothing_but_their_id(table: pd.DataFrame) -> None:
    for layer in tiles.LAYERS:
        for parts in features(table, layer, 5).values():
            assert all(part["properties"] == {} for part in parts)


def test_rows_count_from_the_north(table: pd.DataFrame) -> None:
    # Chengdu, 104 E 30.5 N, lies in tile 6/50/26 of the web's scheme.
    here = table[(table["layer"] == "county") & (table["z"] == 6)]
    assert (50, 26) in set(zip(here["x"], here["y"], strict=True))


def test_neighbours_share_their_border_exactly(table: pd.DataFrame) -> None:
    decoded = features(table, "county", 4)
    shapes = np.array([shapely.geometry.shape(parts[0]["geometry"]) for _, parts in sorted(decoded.items())])
    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_union_all(shapes).geom_type == "Polygon"


def test_equal_maps_give_equal_bytes(table: pd.DataFrame) -> None:
    again = tiles.make_tiles(tiles.MapShapes(CODES, project(*SQUARES), 400.0, project(DASHES)[0]), max_zoom=6)
    pd.testing.assert_frame_equal(table, again)


def test_bands_cover_every_zoom_once_and_coarsen_outwards() -> None:
    bands = tiles.zoom_bands(400.0, 8)
    zooms = [zoom for band in bands for zoom in range(band.first, band.last + 1)]
    assert sorted(zooms) == list(range(9))
    assert bands[0].tolerance_m == 0
    tolerances = [band.tolerance_m for band in bands]
    assert tolerances == sorted(tolerances)


def test_layers_are_split_as_they_were_joined() -> None:
    parts = [
        mapbox_vector_tile.encode([{"name": name, "features": [{"geometry": f"POINT({n} 1)", "properties": {}}]}])
        for n, name in enumerate(("county", "province"))
    ]
    split = tiles.split_layers(parts[0] + parts[1])
    assert split == {"county": parts[0], "province": parts[1]}


def test_a_failing_tippecanoe_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "_tippecanoe", lambda: shutil.which("false"))
    with pytest.raises(UserError, match="tippecanoe failed"):
        tiles.make_tiles(tiles.MapShapes(CODES, project(*SQUARES), 400.0, project(DASHES)[0]), max_zoom=3)
