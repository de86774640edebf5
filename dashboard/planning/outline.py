"""The national border and the dashed maritime line, read from the map's own tiles, so that every map shows the same."""

from __future__ import annotations

import gzip
from collections.abc import Container, Iterator

import numpy as np
from numpy.typing import NDArray

from geodata.codes import BORDER_IDS
from geodata.store import Reading, queries

Floats = NDArray[np.float64]
LAYER = "borders"
OUTLINE = {BORDER_IDS["nation"], BORDER_IDS["maritime"]}
# 10 tiles of some kilobytes: a unit of a tile is 2.5 km at the equator, finer than a page can show.
ZOOM = 2
# Vector tile 2.1: field numbers of layer, feature, geometry and extent; of the id in a feature.
_LAYER, _FEATURE, _GEOMETRY, _EXTENT = 3, 2, 4, 5
_ID = 1


def outline_lines(reading: Reading, zoom: int = ZOOM) -> list[Floats]:
    """The outline as arrays of WGS-84 longitude and latitude; none if there are no such tiles."""
    lines = []
    for (layer, z, x, y), data in queries.tiles(reading).items():
        if layer == LAYER and z == zoom:
            lines += [_degrees(points, z, x, y) for points in tile_lines(gzip.decompress(data), OUTLINE)]
    return lines


def tile_lines(data: bytes, ids: Container[int]) -> Iterator[Floats]:
    """The lines of features `ids` of a vector tile in parts of the tile, 0 to 1 from its north-west corner."""
    for number, layer in _fields(data):
        if number != _LAYER or not isinstance(layer, bytes):
            continue
        parts = list(_fields(layer))
        extent = next((value for field, value in parts if field == _EXTENT and isinstance(value, int)), 4096)
        for field, feature in parts:
            if field == _FEATURE and isinstance(feature, bytes):
                inner = dict(_fields(feature))
                if inner.get(_ID) in ids and isinstance(geometry := inner.get(_GEOMETRY), bytes):
                    yield from (points / extent for points in _lines(geometry))


def _lines(geometry: bytes) -> Iterator[Floats]:
    """Commands 1 (move), 2 (line) and 7 (close), with zigzag steps (specification 4.3)."""
    numbers = list(_varints(geometry))
    at, x, y = 0, 0, 0
    line: list[tuple[int, int]] = []
    while at < len(numbers):
        command, times = numbers[at] & 7, numbers[at] >> 3
        at += 1
        if command == 7:
            line.append(line[0])
            continue
        for _ in range(times):
            x += (numbers[at] >> 1) ^ -(numbers[at] & 1)
            y += (numbers[at + 1] >> 1) ^ -(numbers[at + 1] & 1)
            at += 2
            if command == 1:
                if len(line) > 1:
                    yield np.array(line, dtype=float)
                line = []
            line.append((x, y))
    if len(line) > 1:
        yield np.array(line, dtype=float)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field number and value of a protocol buffer message; of the wire types a tile uses."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 2:
            size, at = _varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        elif kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        else:
            at += 8 if kind == 1 else 4


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _degrees(points: Floats, z: int, x: int, y: int) -> Floats:
    """Web Mercator parts of a tile as degrees."""
    across = (x + points[:, 0]) / 2**z
    down = (y + points[:, 1]) / 2**z
    lon = across * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * down))))
    return np.column_stack([lon, lat])
