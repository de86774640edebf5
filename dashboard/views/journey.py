"""How long the children of a unit travel to a centre, by the method of the release, which is always named beside."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, ViewState, only_of
from dashboard.views.centres import figure_named
from dashboard.views.models import ValueRow
from dashboard.views.origin import is_assumed, travel_source
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue, Indicator
from geodata.store import Reading, Store, queries
from geodata.text import Language

# Mean minutes, and the shares of children who need longer than an hour or reach nothing.
INDICATORS = ("minutes_to_centre", "children_beyond_60min", "children_unreachable")


def _span(reading: Reading, row: ValueRow, indicator: Indicator, lang: Language) -> str:
    """Between what favourable and unfavourable assumptions of speed and detour give; empty where nothing is assumed."""
    table = queries.access(reading)
    own = table[(table["figure"] == indicator.id) & (table["level"] == row.level) & (table["code"] == row.code)]
    if own.empty or own[["low", "high"]].isna().to_numpy().any():
        return ""
    low, high = (float(own[name].iloc[0]) for name in ("low", "high"))
    return t("reach.span", lang, bounds=fmt.interval(low, high, indicator, lang)) if low < high else ""


@dataclass(frozen=True)
class Journey:
    """Lines of name and figure, and how they were found. `assumed`: from the straight line, no file says so."""

    lines: tuple[tuple[str, str], ...]
    method: str
    assumed: bool


def journey(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> Journey | None:
    """The journeys of `state.unit`, or of the nation when no unit is chosen; None in a release without minutes."""
    reading = source.reading()
    lang = state.lang
    found = travel_source(reading, lang)
    if found is None:
        return None
    # A file says the minutes to any centre; along the straight line those of a choice of centres are known too.
    asked = state if is_assumed(reading) else replace(state, centre_type=None, service=None)
    lines = []
    for name in INDICATORS:
        indicator = catalogue.indicators[name]
        table = published_values(reading, catalogue, replace(asked, indicator=name).fitted(catalogue))
        row = table.row(state.unit) if state.unit else table.nation
        if row is not None:
            named = figure_named(indicator, only_of(indicator, asked.centre_type, asked.service), lang)
            text = fmt.with_unit(row.display, row.state, indicator.unit, lang)
            is_any = only_of(indicator, asked.centre_type, asked.service) == ANY and row.value is not None
            lines.append((named, text + (_span(reading, row, indicator, lang) if is_any else "")))
    return Journey(tuple(lines), t("reach.travel_by", lang, method=found.title), assumed=found.sha256 is None)
