"""Views as plain values for the API: what a program reads, column by column where the browser colours by it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ViewState
from dashboard.views.former import FormerPlace, former_answer
from dashboard.views.models import UnitName, ValueRow
from dashboard.views.search import search_former, search_units
from dashboard.views.unit_map import unit_map
from dashboard.views.units import gazetteer
from geodata.catalogue import Catalogue
from geodata.codes import Level
from geodata.states import QUALITIES, STATES
from geodata.store import Reading
from geodata.text import Language
from geodata.units import UNIT_NAMES

# 11 m: names are put there and bounding boxes zoomed to, nothing is measured.
PLACE_DECIMALS = 4


def indicators_answer(reading: Reading, catalogue: Catalogue) -> dict[str, Any]:
    """Everything that can be shown, in menu order, texts in both languages."""
    return {
        "release": reading.release.release_id,
        "indicators": [
            {
                "id": entry.id,
                "theme": entry.theme,
                "name": entry.name.model_dump(),
                "meaning": entry.meaning.model_dump(),
                "definition": entry.definition.model_dump(),
                "caveat": entry.caveat.model_dump() if entry.caveat else None,
                "unit": entry.unit,
                "unit_name": UNIT_NAMES[entry.unit].model_dump(),
                "decimals": entry.decimals,
                "better": entry.better,
                "years": list(entry.years),
                "standards_km": list(entry.standards_km),
                "change": entry.change.model_dump() if entry.change else None,
            }
            for entry in catalogue.indicators.values()
        ],
    }


def values_answer(reading: Reading, catalogue: Catalogue, state: ViewState) -> dict[str, Any]:
    """The numbers on the map, one object a unit, with what they mean and where they come from."""
    view = unit_map(reading, catalogue, state)
    table = view.table
    decimals = table.indicator.decimals
    return {
        "indicator": table.indicator.id,
        "year": table.year,
        "level": table.level,
        "standard_km": table.standard_km,
        **asdict(state.only(catalogue)),
        "release": view.release.id,
        "lang": state.lang,
        "name": view.indicator_name,
        "unit": view.unit,
        "decimals": decimals,
        "definition": view.definition,
        "caveat": view.caveat,
        "notices": [*view.notices, view.boundary_notice],
        "sources": [asdict(source) for source in view.sources],
        "nation": _value(table.nation, decimals),
        "values": [_value(row, decimals) for row in table.rows],
    }


def map_answer(reading: Reading, catalogue: Catalogue, state: ViewState) -> dict[str, Any]:
    """What colours the map: parallel columns by unit; `cls` is -1 where a unit stands in no class."""
    view = unit_map(reading, catalogue, state)
    rows = view.table.rows
    unit = view.table.indicator.unit
    state_places = {name: place for place, name in enumerate(STATES)}
    flag_places = {name: place for place, name in enumerate(QUALITIES)}
    return {
        "key": state.to_query(),
        "release": view.release.id,
        "lang": state.lang,
        "level": view.table.level,
        "title": view.title,
        "unit": view.unit,
        "codes": [int(row.code) for row in rows],
        "display": [fmt.with_unit(row.display, row.state, unit, state.lang) for row in rows],
        "remarks": list(view.remarks),
        "cls": list(view.class_index),
        "state": [state_places[row.state] for row in rows],
        "flag": [flag_places[row.quality] for row in rows],
        "flags": [{"id": flag, "label": label} for flag, label in view.quality_labels.items()],
        "classes": [
            {"label": band.label, "light": band.colour_light, "dark": band.colour_dark, "count": band.count}
            for band in view.classes
        ],
        "state_labels": [t(f"state.{name}", state.lang) for name in STATES],
    }


def intervals_answer(reading: Reading, catalogue: Catalogue, state: ViewState) -> dict[str, Any]:
    """How sure the figures of a map are: parallel columns of the units that have an interval.

    `doubt` is 0 none, 1 some, 2 grave. The map asks for it once it is painted: the first colours wait for nothing.
    """
    view = unit_map(reading, catalogue, state)
    rows = [(row.code, row.interval) for row in view.table.rows if row.interval]
    return {
        "key": state.to_query(),
        "release": view.release.id,
        "level": view.table.level,
        "codes": [int(code) for code, _ in rows],
        "text": [interval.text for _, interval in rows],
        "doubt": [interval.doubt for _, interval in rows],
    }


def units_answer(reading: Reading, level: Level) -> dict[str, Any]:
    """Names and places of all units of a level: parallel columns, the same for as long as the release."""
    listed = gazetteer(reading).levels[level]
    return {
        "release": reading.release.release_id,
        "level": level,
        "codes": [int(unit.code) for unit in listed],
        "zh": [unit.name_zh for unit in listed],
        "en": [unit.name_en for unit in listed],
        "parents_zh": ["".join(unit.parents("zh")) for unit in listed],
        "parents_en": [", ".join(reversed(unit.parents("en"))) for unit in listed],
        "lon": [round(unit.lon, PLACE_DECIMALS) for unit in listed],
        "lat": [round(unit.lat, PLACE_DECIMALS) for unit in listed],
        "bbox": [
            [round(edge, PLACE_DECIMALS) for edge in (unit.west, unit.south, unit.east, unit.north)] for unit in listed
        ],
    }


def search_answer(reading: Reading, text: str, lang: Language) -> dict[str, Any]:
    """The units that `text` may mean, best first; then those it meant in former years, with what they were."""
    hits = search_units(reading, text, lang)
    former = search_former(reading, text, lang, hits)
    return {
        "query": text,
        "hits": [_hit(hit, None) for hit in hits] + [_hit(place, one) for place, one in former],
    }


def _hit(hit: UnitName, former: FormerPlace | None) -> dict[str, Any]:
    return {
        "code": hit.code,
        "level": hit.level,
        "name": hit.name,
        "name_zh": hit.name_zh,
        "name_en": hit.name_en,
        "parents": list(hit.parents),
        "lon": round(hit.lon, PLACE_DECIMALS),
        "lat": round(hit.lat, PLACE_DECIMALS),
        "bbox": [round(edge, PLACE_DECIMALS) for edge in hit.bbox],
        "former": former_answer(former),
    }


def _value(row: ValueRow, decimals: int) -> dict[str, Any]:
    return {
        "code": row.code,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "value": fmt.plain(row.value, decimals),
        "state": row.state,
        "quality": row.quality,
        **_interval(row, decimals),
        "assumed_low": fmt.plain(row.assumed[0], decimals) if row.assumed else None,
        "assumed_high": fmt.plain(row.assumed[1], decimals) if row.assumed else None,
        "display": row.display,
    }


def _interval(row: ValueRow, decimals: int) -> dict[str, Any]:
    """How sure the figure is; the keys stand there without a value where it has no interval."""
    sure = row.interval
    if sure is None:
        return dict.fromkeys(("low", "high", "half_width_percent", "rank_best", "rank_worst", "alike"))
    return {
        "low": fmt.plain(sure.low, decimals),
        "high": fmt.plain(sure.high, decimals),
        "half_width_percent": sure.half_width_percent,
        "rank_best": sure.rank_best,
        "rank_worst": sure.rank_worst,
        "alike": sure.alike,
    }
