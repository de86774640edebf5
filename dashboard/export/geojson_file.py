"""The map as GeoJSON: simplified outlines with the figures as properties, and the origin as a member of its own."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import shapely

from dashboard.export.rows import COLUMNS, cells, origin
from dashboard.state import only_of
from dashboard.views.models import UnitMap
from geodata.codes import Level
from geodata.store import Reading, remembered
from geodata.store.queries import boundaries

# One metre: the outlines are simplified to some hundred metres, more digits would only be weight.
COORDINATE_DECIMALS = 5


def geojson_file(view: UnitMap, reading: Reading, address: str) -> bytes:
    """A FeatureCollection in WGS-84, one feature a unit in the order of the rows; no outline gives a null geometry."""
    geometry = _outlines(reading, view.table.level)
    decimals = view.table.indicator.decimals
    features = ",\n".join(
        _feature(dict(zip(COLUMNS, cells(row, decimals), strict=True)), geometry.get(row.code, "null"))
        for row in view.table.rows
    )
    metadata = json.dumps(_metadata(view, address), ensure_ascii=False, indent=1)
    return f'{{"type": "FeatureCollection",\n"metadata": {metadata},\n"features": [\n{features}\n]}}\n'.encode()


@remembered(at_most=3)
def _outlines(reading: Reading, level: Level) -> dict[str, str]:
    """The outlines of a level as GeoJSON text by code: some megabytes a level, the same for every indicator."""
    table = boundaries(reading, level)
    shapes = shapely.from_wkb([bytes(wkb) for wkb in table["wkb"]])
    rounded = shapely.transform(shapes, lambda points: np.round(points, COORDINATE_DECIMALS))
    # Rounding can close a bay or pinch a neck shut; snapping the few it breaks is a tenth of the work of snapping all.
    broken = ~shapely.is_valid(rounded)
    rounded[broken] = shapely.set_precision(shapes[broken], 10.0**-COORDINATE_DECIMALS)
    return dict(zip(table["code"], shapely.to_geojson(rounded), strict=True))


def _feature(properties: dict[str, object], geometry: str) -> str:
    return (
        f'{{"type":"Feature","id":{int(str(properties["code"]))},'
        f'"properties":{json.dumps(properties, ensure_ascii=False)},"geometry":{geometry}}}'
    )


def _metadata(view: UnitMap, address: str) -> dict[str, object]:
    """The origin both as the lines of the other files and as fields for a program."""
    table = view.table
    return {
        "indicator": table.indicator.id,
        "year": table.year,
        "level": table.level,
        "standard_km": table.standard_km,
        **asdict(only_of(table.indicator, view.state.centre_type, view.state.service)),
        "release": view.release.id,
        "address": address,
        "origin": [{"label": label, "text": text} for label, text in origin(view, address)],
        "sources": [asdict(source) for source in view.sources],
    }
