"""JSON that is no GeoJSON: answers of KoboToolbox and ODK Central, and what Overpass says of OpenStreetMap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etl.read.register.limits import RawTable
from etl.read.register.shapes import X, Y, text
from geodata.errors import UserError

_DEEPEST = 12
# Where the lists of answers stand: Kobo's API, ODK Central's OData.
_LISTS = ("results", "value")


def read_form(content: dict[str, Any] | list[Any], file: Path) -> RawTable:
    """Answers of a form, groups joined as `group/question`. A GeoJSON point or Kobo's `_geolocation` is the place.

    Raises
    ------
    UserError
        If the JSON holds no list of answers.
    """
    answers = content if isinstance(content, list) else next((content[k] for k in _LISTS if k in content), None)
    if not isinstance(answers, list):
        raise UserError(
            "This JSON is no register that is known",
            file=file,
            expected="GeoJSON, Overpass JSON, or a Kobo or ODK export with `results` or `value`",
        )
    table = RawTable("form")
    for number, answer in enumerate(answers, start=1):
        if isinstance(answer, dict):
            table.add(number, _flat(answer), file)
        else:
            table.add(number, {"@broken": "no answer to a form"}, file)
    return table


def read_overpass(content: dict[str, Any], file: Path) -> RawTable:
    """Elements of an Overpass answer (`out center`), tags as columns; nodes at their place, ways at their centre."""
    if content.get("remark"):
        raise UserError("Overpass stopped before it was done", file=file, key="remark", value=content["remark"],
                        expected="a whole answer; ask again with a longer timeout")  # fmt: skip
    elements = content["elements"]
    if not isinstance(elements, list):
        raise UserError("This Overpass answer holds no elements", file=file, key="elements")
    table = RawTable("overpass", crs=None)
    for number, element in enumerate(elements, start=1):
        tags = element.get("tags") if isinstance(element, dict) else None
        if not isinstance(tags, dict):
            continue  # the nodes that ways are made of carry no tags and are no centres
        place = element.get("center") if isinstance(element.get("center"), dict) else element
        cells = {str(key): text(value) for key, value in tags.items()}
        cells["@osm_id"] = f"osm-{text(element.get('type'))}-{text(element.get('id'))}"
        if place.get("lon") is not None and place.get("lat") is not None:
            cells |= {X: text(place["lon"]), Y: text(place["lat"])}
        table.add(number, cells, file)
    return table


def _flat(answer: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    cells: dict[str, str] = {}
    for key, value in answer.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value.get("type") == "Point":
            cells |= _pair(value.get("coordinates"), swapped=False)
        elif key == "_geolocation":
            cells |= _pair(value, swapped=True)
        elif isinstance(value, dict) and depth < _DEEPEST:
            cells |= _flat(value, f"{name}/", depth + 1)
        else:
            cells[name] = text(value)
    return cells


def _pair(value: object, *, swapped: bool) -> dict[str, str]:
    """The x and y of a list of at least two numbers; Kobo says latitude first."""
    if not isinstance(value, list) or len(value) < 2 or value[0] is None or value[1] is None:
        return {}
    x, y = (value[1], value[0]) if swapped else (value[0], value[1])
    return {X: text(x), Y: text(y)}
