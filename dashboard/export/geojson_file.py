"""The map as GeoJSON: simplified outlines with the figures as properties, and the origin as a member of its own."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import shapely

from dashboard.export.rows import COLUMNS, cells, origin
from dashboard.views.models import UnitMap
from geodata.store import Reading
from geodata.store.queries import boundaries

# One metre: the outlines are simplified to some hundred metres, more digits would only be weight.
COORDINATE_DECIMALS = 5


def geojson_file(view: UnitMap, reading: Reading, address: str) -> bytes:
    """A FeatureCollection in WGS-84, one feature a unit in the order of the rows; no outline gives a null geometry."""
    outlines = boundaries(reading, view.table.level)
    shapes = shapely.from_wkb([bytes(wkb) for wkb in outlines["wkb"]])
    # Snapping keeps outlines valid; rounding after it takes off the float noise that snapping leaves.
    snapped = shapely.set_precision(shapes, 10.0**-COORDINATE_DECIMALS)
    rounded = shapely.transform(snapped, lambda points: np.round(points, COORDINATE_DECIMALS))
    geometry = dict(zip(outlines["code"], shapely.to_geojson(rounded), strict=True))
    decimals = view.table.indicator.decimals
    features = ",\n".join(
        _feature(dict(zip(COLUMNS, cells(row, decimals), strict=True)), geometry.get(row.code, "null"))
        for row in view.table.rows
    )
    metadata = json.dumps(_metadata(view, address), ensure_ascii=False, indent=1)
    return f'{{"type": "FeatureCollection",\n"metadata": {metadata},\n"features": [\n{features}\n]}}\n'.encode()


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
        "release": view.release.id,
        "address": address,
        "origin": [{"label": label, "text": text} for label, text in origin(view, address)],
        "sources": [asdict(source) for source in view.sources],
    }
