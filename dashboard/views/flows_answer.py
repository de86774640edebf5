"""Flows of a unit as plain values for the API, from the words of a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.state import BadQuery
from dashboard.views.flows import YEARS, FlowEnd, FlowPart, UnitFlows, unit_flows
from dashboard.views.former import former_answer, unit_asked
from geodata.codes import MAP_LEVELS
from geodata.store import Reading
from geodata.text import Language

PARAMETERS = ("unit", "level", "year")


def asked_flows(reading: Reading, query: Mapping[str, str], lang: Language) -> dict[str, Any]:
    """The answer to `unit`, `level` and `year`; `BadQuery` for a word that means nothing here.

    A unit without any flows is answered with both ends null.
    """
    level = next((level for level in MAP_LEVELS if level == query.get("level")), None)
    if "level" in query and level is None:
        raise BadQuery("unknown_value", "level", query["level"], MAP_LEVELS)
    if query.get("year", str(YEARS[-1])) not in map(str, YEARS):
        raise BadQuery("unknown_value", "year", query["year"], YEARS)
    unit, former = unit_asked(reading, query.get("unit"), level, lang)
    year = int(query.get("year", YEARS[-1]))
    found = unit_flows(reading, unit.code, unit.level, year, lang)
    empty = {"year": year, "quality": "none", "basis": None, "note": None} | dict.fromkeys(
        ("left_behind_children", "migrant_children")
    )
    named = {"level": unit.level, "code": unit.code, "name_zh": unit.name_zh, "name_en": unit.name_en}
    asked = {"release": reading.release.release_id, "unit": named, "former": former_answer(former)}
    return asked | (flows_answer(found) if found else empty)


def flows_answer(flows: UnitFlows) -> dict[str, Any]:
    """Flows as plain values; names in both languages."""

    def parts(found: tuple[FlowPart, ...], key: str) -> list[dict[str, Any]]:
        return [
            {key: one.key, "name_zh": one.name_zh, "name_en": one.name_en, "children": one.children,
             "share": round(one.share, 3)}
            for one in found
        ]  # fmt: skip

    def end(found: FlowEnd | None) -> dict[str, Any] | None:
        return (
            None
            if found is None
            else {
                "total": found.total,
                "scopes": parts(found.scopes, "scope"),
                "provinces": parts(found.provinces, "code"),
                "prefectures": parts(found.prefectures, "code"),
            }
        )

    return {
        "year": flows.year,
        "quality": flows.quality,
        "basis": flows.basis_text,
        "note": flows.note,
        "left_behind_children": end(flows.left_behind),
        "migrant_children": end(flows.migrants),
    }
