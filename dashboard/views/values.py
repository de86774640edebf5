"""The published figures of one indicator, year and level: map, table, files and API all take their rows from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, ViewState
from dashboard.views.cube import published_column
from dashboard.views.intervals import Spread, interval_of, spreads
from dashboard.views.minutes import assumed_bounds, rounded_bounds
from dashboard.views.models import ValueRow, ValueTable
from dashboard.views.units import Unit, gazetteer
from geodata.analysis.aggregate import REASONS
from geodata.analysis.figures import Published
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import Level
from geodata.states import QUALITIES, STATES
from geodata.store import Reading, Store
from geodata.text import Language
from geodata.units import UNIT_NAMES


def published_values(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> ValueTable:
    """The figures that `state` asks for, rows sorted by code, with the nation's figure beside them."""
    reading = source.reading()
    standard_km = state.standard(catalogue)
    only = state.only(catalogue)
    key = (state.indicator, state.year, state.level, standard_km, only, state.lang)
    return reading.remember(
        "published_values", (id(catalogue), *key), lambda: _table(reading, catalogue, state, standard_km), at_most=96
    )


def value_row(
    unit: Unit, place: int, figures: Published, spread: Spread | None, style: Indicator, lang: Language
) -> ValueRow:
    """The figure of one unit, which stands at `place` in `figures` and in `spread`."""
    column = figures.column
    state, quality = STATES[column.state[place]], QUALITIES[column.quality[place]]
    value = float(column.value[place]) if state in ("value", "zero") else None
    return ValueRow(
        code=unit.code,
        level=unit.level,
        name_zh=unit.name_zh,
        name_en=unit.name_en,
        province_code=unit.province_code,
        province_zh=unit.province_zh,
        province_en=unit.province_en,
        prefecture_zh=unit.prefecture_zh,
        prefecture_en=unit.prefecture_en,
        value=value,
        state=state,
        quality=quality,
        display=fmt.figure(value, state, style, lang),
        note=_note(unit, REASONS[column.reason[place]], lang) if state == "no_data" else None,
        members=int(figures.members[place]),
        members_known=int(figures.members_known[place]),
        interval=interval_of(value, quality, spread, place, style, lang),
    )


def _table(reading: Reading, catalogue: Catalogue, state: ViewState, standard_km: int | None) -> ValueTable:
    indicator = catalogue.indicators[state.indicator]
    only = state.only(catalogue)

    def rows(level: Level) -> tuple[ValueRow, ...]:
        units: Sequence[Unit] = gazetteer(reading).levels[level]
        figures = published_column(reading, catalogue, indicator, state.year, level, standard_km, only)
        spread = spreads(reading).get((indicator.id, state.year, level)) if only == ANY else None
        made = (value_row(unit, place, figures, spread, indicator, state.lang) for place, unit in enumerate(units))
        bounds = assumed_bounds(reading, indicator.id, level, only)
        if bounds is None:
            return tuple(made)
        low, high = bounds
        return tuple(
            replace(row, assumed=rounded_bounds(row.value, float(low[at]), float(high[at]), indicator))
            for at, row in enumerate(made)
        )

    return ValueTable(
        indicator=indicator,
        year=state.year,
        level=state.level,
        standard_km=standard_km,
        unit=UNIT_NAMES[indicator.unit].to(state.lang),
        rows=rows(state.level),
        nation=rows("nation")[0],
    )


def _note(unit: Unit, reason: str, lang: Language) -> str | None:
    if not unit.counted:
        return t("reason.not_counted", lang)
    return t(f"reason.{reason}", lang) if reason else None
