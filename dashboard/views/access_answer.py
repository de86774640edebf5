"""Reach and priority as plain values for the API, from the words of a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dashboard.state import BadQuery, Only, ViewState
from dashboard.views.coverage import coverage
from dashboard.views.former import former_answer, unit_asked
from dashboard.views.gap_parts import equity
from dashboard.views.minutes import bands_min, known_text, moved_text
from dashboard.views.priority import YEAR, ranking, shares_of
from dashboard.views.reach import reach_lines, unit_reach
from dashboard.views.travel import travel_answer
from geodata.catalogue import Catalogue
from geodata.catalogue.service_types import SERVICES, load_service_types
from geodata.codes import MAP_LEVELS, NATION_CODE
from geodata.store import Reading
from geodata.text import Language

REACH_PARAMETERS = ("unit", "level", "centre_type", "service")
PRIORITY_PARAMETERS = ("standard_km", "weights")


def asked_reach(reading: Reading, query: Mapping[str, str], lang: Language) -> dict[str, Any]:
    """GeoJSON of the lines from a county to its nearest centres, with the distances of the unit's children beside.

    Raises
    ------
    BadQuery
        For a word that means nothing here.
    """
    level = next((level for level in MAP_LEVELS if level == query.get("level")), None)
    if "level" in query and level is None:
        raise BadQuery("unknown_value", "level", query["level"], MAP_LEVELS)
    unit, former = unit_asked(reading, query.get("unit"), level, lang)
    only = _only(query)
    found = unit_reach(reading, unit.level, unit.code, lang, only)
    registered = coverage(reading, unit.level, unit.code, lang, only)
    return {
        **reach_lines(reading, unit.level, unit.code, lang, only),
        "release": reading.release.release_id,
        "unit": {"level": unit.level, "code": unit.code, "name_zh": unit.name_zh, "name_en": unit.name_en},
        "former": former_answer(former),
        "centre_type": only.centre_type,
        "service": only.service,
        "bands": list(found.bands) if found else [],
        "columns": [_rounded(asdict(column)) for column in found.columns] if found else [],
        "bands_min": list(bands_min(reading)),
        "travel": travel_answer(reading, lang),
        "known": known_text(reading, unit, lang),
        "moved": moved_text(reading, unit, lang),
        "register": asdict(registered) if registered else None,
        "assumed": found.assumed if found else None,
        "notice": found.notice if found else None,
    }


def _only(query: Mapping[str, str]) -> Only:
    offered = {"centre_type": tuple(load_service_types()), "service": SERVICES}
    for name, choices in offered.items():
        if name in query and query[name] not in choices:
            raise BadQuery("unknown_value", name, query[name], choices)
    return Only(query.get("centre_type"), query.get("service"))


def asked_priority(reading: Reading, catalogue: Catalogue, query: Mapping[str, str], lang: Language) -> dict[str, Any]:
    """The counties that come first, with the reason for each, under the asked standard and weights."""
    words = {name: query[name] for name in PRIORITY_PARAMETERS if name in query}
    state, _ = ViewState.from_query(
        {"indicator": "children_beyond_standard", "lang": lang, **words}, catalogue, strict=True
    )
    found = ranking(reading, catalogue, state)
    return {
        "release": reading.release.release_id,
        "year": YEAR,
        "lead": found.lead,
        "weights": found.weights,
        "shares": shares_of(state.weights),
        "steady": found.steady,
        "note": found.note,
        "notice": found.notice,
        "travel": travel_answer(reading, lang),
        "ranked": found.of,
        "counties": [asdict(row) for row in found.rows],
        "equity": asdict(shared) if (shared := equity(reading, "nation", NATION_CODE, lang)) else None,
    }


def _rounded(column: dict[str, Any]) -> dict[str, Any]:
    """Shares to whole percent, as they are written: the weights behind them bear no more."""
    bands = [
        band | {name: None if band[name] is None else round(band[name], 2) for name in ("share", "low", "high")}
        for band in column["in_minutes"]
    ]
    return {**column, "shares": [round(share, 2) for share in column["shares"]], "in_minutes": bands}
