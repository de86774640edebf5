"""The gap of one unit in parts: children by whether there is a place for them, norms against what there is, equity."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ViewState
from dashboard.views.minutes import IN_TIME, percent
from dashboard.views.models import ValueRow
from dashboard.views.origin import travel_source
from dashboard.views.travel import standards_text
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue
from geodata.codes import NATION_CODE
from geodata.store import Reading, Store, queries
from geodata.text import Language

# Indicators whose figures add up to the children measured, apart from rounding; out of reach is beyond 30 km.
PARTS = ("children_served", "children_without_place", "children_beyond_standard_count")
REACH_KM = 30
# What a norm asks for and what is missing, by the norm.
NORMS = {
    "directors": ("directors_needed", "directors_missing"),
    "places": ("childrens_places_needed", "childrens_places_missing"),
}
# Below, access hardly follows need or the lack of it.
FAINT = 0.05


@dataclass(frozen=True, slots=True)
class GapPart:
    """One of the three parts; `share` is of their sum, `span` its number as assumptions vary, if any are made."""

    name: str
    display: str
    share: float
    percent: str
    span: str = ""


@dataclass(frozen=True, slots=True)
class Norm:
    """What a norm asks for and what is missing, as text."""

    name: str
    needed: str
    missing: str


@dataclass(frozen=True)
class Equity:
    """How evenly places in reach are shared among children, as two curves from (0, 0) to (1, 1) and two sentences.

    The first curve goes from the children with least access on, the second from where fewest children are left behind.
    """

    people: tuple[float, ...]
    access: tuple[float, ...]
    need_people: tuple[float, ...]
    need_access: tuple[float, ...]
    gini: str
    sentence: str
    follows: str


@dataclass(frozen=True)
class GapParts:
    """The gap of one unit; each part is empty where it is not known or not shown.

    `in_time` are the three parts by minutes; `standard` says within how many of which centres, `travel` how minutes
    were found.
    """

    parts: tuple[GapPart, ...]
    in_time: tuple[GapPart, ...]
    standard: str
    travel: str | None
    norms: tuple[Norm, ...]
    equity: Equity | None


def gap_parts(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> GapParts:
    """The gap of `state.unit` at its level, or of the nation when no unit is chosen."""
    reading = source.reading()
    rows = {
        name: _row(reading, catalogue, state, name)
        for name in (*PARTS, *IN_TIME, *(one for pair in NORMS.values() for one in pair))
    }
    level, code = (state.level, state.unit) if state.unit else ("nation", NATION_CODE)
    way = travel_source(reading, state.lang)
    return GapParts(
        parts=_parts([rows[name] for name in PARTS], PARTS, state.lang),
        in_time=_parts([rows[name] for name in IN_TIME], IN_TIME, state.lang),
        standard=standards_text(reading, state.lang),
        travel=t("reach.travel_by", state.lang, method=way.title) if way else None,
        norms=tuple(_norm(name, [rows[one] for one in pair], state.lang) for name, pair in NORMS.items()),
        equity=equity(reading, level, code, state.lang),
    )


def equity(source: Store | Reading, level: str, code: str, lang: Language) -> Equity | None:
    """How evenly places are shared inside the nation or a province; None for others, and where no place is in reach."""
    table = queries.equity(source)
    own = table[(table["level"] == level) & (table["code"] == code)]
    curves = {name: own[own["curve"] == name] for name in ("lorenz", "concentration")}
    if any(curve.empty for curve in curves.values()):
        return None
    even, by_need = curves["lorenz"], curves["concentration"]
    gini, index = float(even["index"].iloc[0]), float(by_need["index"].iloc[0])
    without = float(even["people"][even["access"] <= 0].max())
    way = "follows" if index > FAINT else "misses" if index < -FAINT else "even"
    return Equity(
        people=tuple(even["people"]),
        access=tuple(even["access"]),
        need_people=tuple(by_need["people"]),
        need_access=tuple(by_need["access"]),
        gini=fmt.number(gini, 2),
        sentence=t("gap.equity", lang, gini=fmt.number(gini, 2), none=fmt.number(100 * without, 0)),
        follows=t(f"gap.equity_{way}", lang, index=fmt.number(index, 2, signed=True)),
    )


def _row(reading: Reading, catalogue: Catalogue, state: ViewState, name: str) -> ValueRow | None:
    """The figure of the chosen unit, or of the nation; None where the catalogue has no such indicator."""
    if name not in catalogue.indicators:
        return None
    asked = replace(state, indicator=name, standard_km=REACH_KM).fitted(catalogue)
    table = published_values(reading, catalogue, asked)
    return table.row(state.unit) if state.unit else table.nation


def _parts(rows: list[ValueRow | None], names: tuple[str, ...], lang: Language) -> tuple[GapPart, ...]:
    values = np.array([np.nan if row is None or row.value is None else row.value for row in rows])
    total = values.sum()
    # One part withheld or unknown: the others would tell it.
    if not total > 0:
        return ()
    return tuple(
        GapPart(
            name=t(f"gap.part_{name}", lang, km=REACH_KM),
            display=fmt.number(float(value), 0),
            share=float(value / total),
            percent=percent(float(value / total)),
            span=_span(row, lang),
        )
        for name, row, value in zip(names, rows, values, strict=True)
    )


def _span(row: ValueRow | None, lang: Language) -> str:
    """The number under favourable and unfavourable assumptions of the minutes; empty where nothing is assumed."""
    if row is None or row.assumed is None:
        return ""
    low, high = (fmt.number(end, 0) for end in row.assumed)
    return t("gap.part_span", lang, low=low, high=high)


def _norm(name: str, rows: list[ValueRow | None], lang: Language) -> Norm:
    needed, missing = (row.display if row else t("state.no_data", lang) for row in rows)
    return Norm(t(f"gap.norm_{name}", lang), needed, missing)
