"""Both ends of migrating families: where parents of left-behind children live, where migrant children are from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.views.models import UnitName
from dashboard.views.units import Unit, gazetteer, unit_name
from geodata.codes import Level
from geodata.states import Quality
from geodata.store import Reading, Store, queries
from geodata.text import Language

YEARS = (2010, 2020)
SCOPES = ("same_county", "same_province", "other_province")
PLACES_SHOWN = 6
# Fewer children than this are not named, as on the map.
LEAST_CHILDREN = 10
LEFT, MIGRANT = "left_behind_children", "migrant_children"


@dataclass(frozen=True, slots=True)
class FlowPart:
    """A place or a distance: so many children, `share` of all of the unit (0 to 1); texts in the view's language."""

    key: str
    name: str
    name_zh: str
    name_en: str
    children: float
    share: float
    display: str
    percent: str


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """One end: `total` children, how far apart the families are, and the main provinces and prefectures.

    `provinces` are other provinces; `prefectures` may lie anywhere. What they leave of the whole is elsewhere.
    """

    total: float
    display: str
    scopes: tuple[FlowPart, ...]
    provinces: tuple[FlowPart, ...]
    prefectures: tuple[FlowPart, ...]


@dataclass(frozen=True, slots=True)
class UnitFlows:
    """Where parents of the unit's left-behind children live, and where its migrant children are from.

    `basis` is the unit above whose flows a county or prefecture borrows, as the text `basis_text` says. An end is None
    where nothing is known, or where the unit has no such children; `migrants` is None for a county.
    """

    unit: UnitName
    year: int
    left_behind: FlowEnd | None
    migrants: FlowEnd | None
    basis: UnitName | None
    basis_text: str
    quality: Quality
    note: str


def unit_flows(source: Store | Reading, code: str, level: Level | None, year: int, lang: Language) -> UnitFlows | None:
    """The flows of a unit; None for the nation, for a unit that is not known, and where nothing is modelled."""
    reading = source.reading()
    unit = gazetteer(reading).find(code, level)
    if unit is None or unit.level == "nation" or year not in YEARS:
        return None
    return reading.remember(
        "unit_flows", (unit.level, unit.code, year, lang), lambda: _flows(reading, unit, year, lang), at_most=512
    )


def _flows(reading: Reading, unit: Unit, year: int, lang: Language) -> UnitFlows | None:
    codes = {unit.code, unit.prefecture_code or "", unit.province_code or ""}
    rows = queries.flows(reading, tuple(sorted(codes - {""})), year)
    own = rows[rows["level"] == unit.level]
    left, migrants = own[own["origin"] == unit.code], own[own["destination"] == unit.code]
    left_end = _end(reading, rows, unit, left, (LEFT, "origin", "destination"), lang)
    came = (
        None
        if unit.level == "county"
        else _end(reading, rows, unit, migrants, (MIGRANT, "destination", "origin"), lang)
    )
    if left_end is None and came is None:
        return None
    above = _lends(reading, unit)
    above_name = above.name(lang) if above else ""
    return UnitFlows(
        unit=unit_name(unit, lang),
        year=year,
        left_behind=left_end,
        migrants=came,
        basis=unit_name(above, lang) if above else None,
        basis_text=t(f"flows.basis.{unit.level}", lang, name=above_name),
        quality=own["quality"].iloc[0],
        note=t("flows.note", lang),
    )


def _lends(reading: Reading, unit: Unit) -> Unit | None:
    """A county takes its destinations from its prefecture, a prefecture its provinces from its own."""
    if unit.level == "county":
        return gazetteer(reading).find(unit.prefecture_code or "", "prefecture")
    return gazetteer(reading).find(unit.province_code or "", "province") if unit.level == "prefecture" else None


def _end(reading: Reading, rows: pd.DataFrame, unit: Unit, own: pd.DataFrame, question: tuple[str, str, str],
         lang: Language) -> FlowEnd | None:  # fmt: skip
    """One end; `question` is the measure, the column the unit stands in, and that of the other places."""
    measure, here, there = question
    by_scope = own.groupby("scope")[measure].sum()
    total = float(by_scope.sum())
    if not total > 0:
        return None
    known = gazetteer(reading)

    def places(level: Level, code: str | None, scopes: Sequence[str]) -> tuple[FlowPart, ...]:
        flows = rows[(rows["level"] == level) & (rows[here] == code) & rows["scope"].isin(scopes)]
        # A smaller unit's children of each scope go where those of the unit above go.
        shares = flows[measure] / flows.groupby("scope")[measure].transform("sum")
        spread = (shares * flows["scope"].map(by_scope)).groupby(flows[there]).sum().sort_values(ascending=False)
        found = [(known.find(str(place), level), float(children)) for place, children in spread.items()]
        return tuple(
            _part(other.code, other.name_zh, other.name_en, children, total, lang)
            for other, children in found[:PLACES_SHOWN]
            if other is not None and children >= LEAST_CHILDREN
        )

    return FlowEnd(
        total=total,
        display=fmt.number(total, 0),
        scopes=tuple(
            _part(
                scope,
                t(f"flows.scope.{scope}", "zh"),
                t(f"flows.scope.{scope}", "en"),
                float(by_scope[scope]),
                total,
                lang,
            )
            for scope in SCOPES
            if by_scope.get(scope, 0) > 0
        ),
        provinces=places("province", unit.province_code, ("other_province",)),
        prefectures=()
        if unit.level == "province"
        else places("prefecture", unit.prefecture_code or unit.code, ("same_province", "other_province")),
    )


def _part(key: str, name_zh: str, name_en: str, children: float, total: float, lang: Language) -> FlowPart:
    rounded = round(children / LEAST_CHILDREN) * float(LEAST_CHILDREN)
    share = children / total
    return FlowPart(
        key=key,
        name=name_zh if lang == "zh" else name_en,
        name_zh=name_zh,
        name_en=name_en,
        children=rounded,
        share=share,
        display=fmt.number(rounded, 0),
        percent=f"{fmt.number(100 * share, 0)}%",
    )
