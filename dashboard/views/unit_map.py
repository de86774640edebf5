"""The map of one indicator as data: classes, colours, counts of states, texts and origin, beside the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, Only, ViewState
from dashboard.views.centres import figure_named
from dashboard.views.intervals import doubt_legend
from dashboard.views.minutes import known_text
from dashboard.views.models import Bin, LegendClass, Source, StateCount, UnitMap, ValueRow, ValueTable
from dashboard.views.origin import release_info, sources_of, travel_notice
from dashboard.views.paint import painted
from dashboard.views.units import gazetteer
from dashboard.views.values import published_values
from geodata.analysis.classes import Classes, classify, histogram
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import NATION_CODE
from geodata.states import QUALITIES, STATES
from geodata.store import Reading, Store
from geodata.text import Language


def unit_map(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> UnitMap:
    """Everything the map of `state` says. True zeros have a fill of their own and stand in no class."""
    reading = source.reading()
    standard_km, only = state.standard(catalogue), state.only(catalogue)
    key = (state.indicator, state.year, state.level, standard_km, only, state.classes, state.lang)
    found = reading.remember(
        "unit_map", (id(catalogue), *key), lambda: _unit_map(reading, catalogue, state), at_most=96
    )
    return painted(reading, catalogue, replace(found, state=state))


def map_title(indicator: Indicator, year: int, standard_km: int | None, lang: Language, only: Only = ANY) -> str:
    """The question in one line: indicator, which centres count, standard, year. A change names its years itself."""
    form = "map.title_change" if indicator.change else "map.title_standard" if standard_km else "map.title"
    named = figure_named(indicator, only, lang)
    return t(form, lang, indicator=named, standard_km=standard_km, year=fmt.year(year, lang))


def _unit_map(reading: Reading, catalogue: Catalogue, state: ViewState) -> UnitMap:
    lang = state.lang
    table = published_values(reading, catalogue, state)
    indicator = table.indicator
    palette = catalogue.palettes[indicator.palette]
    values = np.array([row.value if row.state == "value" else np.nan for row in table.rows], dtype=np.float64)
    classes = classify(
        values,
        state.classes,
        len(palette.light),
        decimals=indicator.decimals,
        diverging=palette.kind == "diverging",
    )
    title = map_title(indicator, state.year, table.standard_km, lang, state.only(catalogue))
    sources = sources_of(reading, catalogue, indicator, table.standard_km, lang)
    return UnitMap(
        state=state,
        title=title,
        subtitle=t("map.subtitle", lang, levels=t(f"levels.{state.level}", lang), unit=table.unit),
        indicator_name=figure_named(indicator, state.only(catalogue), lang),
        unit=table.unit,
        meaning=indicator.meaning.to(lang),
        definition=indicator.definition.to(lang),
        caveat=indicator.caveat.to(lang) if indicator.caveat else None,
        notices=(*_notices(table, lang), *_minutes_notices(reading, sources, lang)),
        boundary_notice=t("notice.boundary", lang),
        years=indicator.years,
        standards_km=indicator.standards_km,
        table=table,
        classes=_legend(classes, indicator, lang, palette.light, palette.dark),
        class_index=tuple(classes.index_of(values).tolist()),
        histogram=tuple(Bin(bar.low, bar.high, bar.count, bar.class_index) for bar in histogram(values, classes)),
        states=_state_counts(table, lang),
        doubt=doubt_legend(table, lang),
        quality_labels={flag: fmt.quality(flag, lang) for flag in QUALITIES},
        sources=sources,
        release=release_info(reading, lang),
        summary=_summary(title, table, lang),
    )


def _legend(
    classes: Classes, indicator: Indicator, lang: Language, light: tuple[str, ...], dark: tuple[str, ...]
) -> tuple[LegendClass, ...]:
    return tuple(
        LegendClass(
            low=entry.low,
            high=entry.high,
            label=fmt.interval(entry.low, entry.high, indicator, lang),
            colour_light=light[entry.slot],
            colour_dark=dark[entry.slot],
            count=entry.count,
        )
        for entry in classes.classes
    )


def _state_counts(table: ValueTable, lang: Language) -> tuple[StateCount, ...]:
    counts = Counter(row.state for row in table.rows)
    return tuple(
        StateCount(state, t(f"state.{state}", lang), t(f"state_meaning.{state}", lang), counts[state])
        for state in STATES
    )


def _minutes_notices(reading: Reading, sources: Iterable[Source], lang: Language) -> tuple[str, ...]:
    """How the minutes were found and, if not of all, of which share of the country's children they are known."""
    found = travel_notice(sources, lang)
    nation = gazetteer(reading).find(NATION_CODE, "nation") if found else None
    known = known_text(reading, nation, lang) if nation else None
    return (*found, known) if known else found


def _notices(table: ValueTable, lang: Language) -> tuple[str, ...]:
    """Sentences that must stand wherever these figures do."""
    keys = []
    if any(row.quality == "demonstration" for row in table.rows):
        keys.append("notice.demonstration_figures")
    if any(row.state == "withheld" for row in table.rows):
        keys.append("notice.disclosure")
    return tuple(t(key, lang) for key in keys)


def _summary(title: str, table: ValueTable, lang: Language) -> str:
    """The map in two sentences, for those who do not see it."""
    counts = Counter(row.state for row in table.rows)
    levels = t(f"levels.{table.level}", lang)
    shown = [row for row in table.rows if row.value is not None]
    if not shown:
        return t("map.summary_empty", lang, title=title, levels=levels)
    lowest = min(shown, key=lambda row: row.value or 0.0)
    highest = max(shown, key=lambda row: row.value or 0.0)

    def words(row: ValueRow) -> str:
        return fmt.with_unit(row.display, row.state, table.indicator.unit, lang)

    text = t(
        "map.summary",
        lang,
        title=title,
        levels=levels,
        known=fmt.number(counts["value"], 0),
        zero=fmt.number(counts["zero"], 0),
        no_data=fmt.number(counts["no_data"], 0),
        withheld=fmt.number(counts["withheld"], 0),
        lowest=words(lowest),
        lowest_name=lowest.name_zh if lang == "zh" else lowest.name_en,
        highest=words(highest),
        highest_name=highest.name_zh if lang == "zh" else highest.name_en,
        nation=words(table.nation),
    )
    doubt = doubt_legend(table, lang)
    if doubt is None:
        return text
    return t("interval.summary", lang, text=text, count=fmt.number(doubt.grave, 0), label=doubt.label)
