"""How long the children of a unit travel to a centre, by the method of the release, which is always named beside."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ViewState, only_of
from dashboard.views.centres import figure_named
from dashboard.views.minutes import known_text, moved_text
from dashboard.views.models import ValueRow
from dashboard.views.origin import travel_source
from dashboard.views.travel import travel_used
from dashboard.views.units import gazetteer
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import NATION_CODE
from geodata.store import Reading, Store
from geodata.text import Language

# Mean minutes, and the shares of children who need longer than an hour or reach nothing.
INDICATORS = ("minutes_to_centre", "children_beyond_60min", "children_unreachable")


def _span(row: ValueRow, indicator: Indicator, lang: Language) -> str:
    """Between what favourable and unfavourable assumptions of speed and detour give; empty where nothing is assumed."""
    return t("reach.span", lang, bounds=fmt.interval(*row.assumed, indicator, lang)) if row.assumed else ""


@dataclass(frozen=True)
class Journey:
    """Lines of name and figure, and how they were found. `assumed`: from the straight line, no file says so.

    `notes` say of how many children minutes are known, and who was timed from a cell nearby, because their own cannot
    be crossed.
    """

    lines: tuple[tuple[str, str], ...]
    method: str
    assumed: bool
    notes: tuple[str, ...]


def journey(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> Journey | None:
    """The journeys of `state.unit`, or of the nation when no unit is chosen; None in a release without minutes."""
    reading = source.reading()
    lang = state.lang
    found = travel_source(reading, lang)
    if found is None:
        return None
    lines = []
    for name in INDICATORS:
        indicator = catalogue.indicators[name]
        table = published_values(reading, catalogue, replace(state, indicator=name).fitted(catalogue))
        row = table.row(state.unit) if state.unit else table.nation
        if row is not None:
            only = only_of(indicator, state.centre_type, state.service)
            text = fmt.with_unit(row.display, row.state, indicator.unit, lang)
            lines.append((figure_named(indicator, only, lang), text + _span(row, indicator, lang)))
    level, code = (state.level, state.unit) if state.unit else ("nation", NATION_CODE)
    unit = gazetteer(reading).find(code, level)
    told = (known_text(reading, unit, lang), moved_text(reading, unit, lang)) if unit else ()
    method = t("reach.travel_by", lang, method=found.title)
    return Journey(
        tuple(lines), method, assumed=travel_used(reading).assumed is not None, notes=tuple(filter(None, told))
    )
