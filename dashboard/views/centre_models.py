"""Service centres as a page, a file or an answer shows them: frozen, complete, in the language of the view."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CentreCard:
    """One centre in words. `rows` are the lines of its card (label, text); the higher `rank` lies on top.

    A centre without lon and lat is known by its county alone and has no point on the map.
    """

    id: str
    name: str
    name_zh: str
    name_en: str
    type_id: str
    type_name: str
    services: tuple[str, ...]
    service_ids: tuple[str, ...]
    lon: float | None
    lat: float | None
    code: str
    place: str
    capacity: str | None
    status: str
    status_label: str
    demonstration: bool
    rows: tuple[tuple[str, str], ...]
    notice: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class CentreType:
    """A legend entry of the centres layer."""

    id: str
    name: str
    meaning: str
    colour: str
    shape: str
    count: int


@dataclass(frozen=True)
class CentresLayer:
    """All centres with their legend. `notice` says so when the register is the demonstration one."""

    types: tuple[CentreType, ...]
    centres: tuple[CentreCard, ...]
    notice: str | None

    def geojson(self) -> dict[str, object]:
        """A GeoJSON FeatureCollection, WGS-84, one point a centre."""
        return {
            "type": "FeatureCollection",
            "notice": self.notice,
            "features": [_feature(centre) for centre in self.centres],
        }


def _point(lon: float | None, lat: float | None) -> dict[str, object] | None:
    """A GeoJSON point, or none, which GeoJSON allows and maps leave out."""
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [round(lon, 5), round(lat, 5)]}


def _feature(centre: CentreCard) -> dict[str, object]:
    # Map libraries hand nested properties on as text, so the card is text from the start.
    card = {
        "title": centre.name,
        "subtitle": centre.type_name,
        "rows": [list(row) for row in centre.rows],
        "notice": centre.notice,
    }
    return {
        "type": "Feature",
        "geometry": _point(centre.lon, centre.lat),
        "properties": {
            "id": centre.id,
            "name_zh": centre.name_zh,
            "name_en": centre.name_en,
            "type": centre.type_id,
            "code": centre.code,
            "status": centre.status,
            "services": ",".join(centre.service_ids),
            "demonstration": centre.demonstration,
            "rank": centre.rank,
            "card": json.dumps(card, ensure_ascii=False, separators=(",", ":")),
        },
    }
