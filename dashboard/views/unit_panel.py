"""What is known about one unit: its figures, its place among others, what they mean and which centres are near."""

from __future__ import annotations

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, Only, ViewState, nearest_year
from dashboard.views.centres import figure_named, nearest_centres
from dashboard.views.cube import published_column
from dashboard.views.intervals import MODELLED, certainty, rank_certainty, spreads
from dashboard.views.minutes import assumed_bounds, rounded_bounds
from dashboard.views.models import PanelFigure, Rank, UnitName, UnitPanel
from dashboard.views.origin import release_info, sources_of
from dashboard.views.units import Gazetteer, Unit, gazetteer, unit_name
from dashboard.views.values import value_row
from dashboard.views.vintages import comparable
from geodata.analysis.aggregate import FloatArray, Mask
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import LEVELS, NATION_CODE, Level
from geodata.states import QUALITIES
from geodata.store import Reading, Store
from geodata.text import Language
from geodata.units import UNIT_NAMES

# An indicator of change is named after the indicator whose change it is.
CHANGE = "_change"
NEAREST_SHOWN = 5


def unit_panel(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> UnitPanel | None:
    """The panel of `state.unit`, or None when no unit is chosen or the release has none of that code."""
    reading = source.reading()
    unit = gazetteer(reading).find(state.unit, state.level) if state.unit else None
    if unit is None:
        return None
    standard_km, only = state.standard(catalogue), state.only(catalogue)
    key = (unit.level, unit.code, state.indicator, state.year, standard_km, only, state.lang)
    return reading.remember(
        "unit_panel", (id(catalogue), *key), lambda: _panel(reading, catalogue, state, unit), at_most=512
    )


def _panel(reading: Reading, catalogue: Catalogue, state: ViewState, unit: Unit) -> UnitPanel:
    lang = state.lang
    known = gazetteer(reading)
    indicator = catalogue.indicators[state.indicator]
    standard_km = state.standard(catalogue)
    only = state.only(catalogue)
    column = published_column(reading, catalogue, indicator, state.year, unit.level, standard_km, only).column
    figure = _figure(reading, catalogue, unit, indicator, (state.year, standard_km), lang, only)
    assumed = _assumed(reading, unit, indicator, figure, only, lang)
    break_note = _break_note(reading, unit, lang)
    ranks, rank_note = _ranks(reading, catalogue, indicator, state, unit)
    centres = nearest_centres(reading, _counties_of(known, unit), NEAREST_SHOWN, lang)
    return UnitPanel(
        unit=unit_name(unit, lang),
        path=_path(known, unit, lang),
        kind_label=t(f"kind.{unit.kind}", lang),
        level_label=t(f"level.{unit.level}", lang),
        area_km2=unit.area_km2,
        area=t("format.area", lang, number=fmt.number(unit.area_km2, 0)),
        counted=unit.counted,
        figure=figure,
        certainty=(*certainty(figure.interval, indicator, lang), *assumed),
        trend_sentence=None if break_note else _trend_sentence(reading, catalogue, unit, indicator, lang),
        break_note=break_note,
        ranks=ranks,
        rank_certainty=rank_certainty(figure.interval, ranks[0].of, lang) if ranks else None,
        rank_note=rank_note,
        figures=_figures(reading, catalogue, unit, state),
        trend=() if indicator.change else _trend(reading, catalogue, unit, indicator, standard_km, lang),
        distribution=tuple(column.value[column.shown].tolist()),
        definition=indicator.definition.to(lang),
        caveat=indicator.caveat.to(lang) if indicator.caveat else None,
        sources=sources_of(reading, catalogue, indicator, standard_km, lang),
        centres=centres,
        centres_notice=t("notice.demonstration", lang) if any(near.demonstration for near in centres) else None,
        release=release_info(reading, lang),
    )


def _figure(
    reading: Reading,
    catalogue: Catalogue,
    unit: Unit,
    indicator: Indicator,
    when: tuple[int, int | None],
    lang: Language,
    only: Only = ANY,
) -> PanelFigure:
    """One indicator of one unit; `when` is its year and distance standard, `only` says which centres count."""
    year, standard_km = when
    figures = published_column(reading, catalogue, indicator, year, unit.level, standard_km, only)
    spread = spreads(reading).get((indicator.id, year, unit.level)) if only == ANY else None
    row = value_row(unit, gazetteer(reading).place(unit), figures, spread, indicator, lang)
    return PanelFigure(
        indicator_id=indicator.id,
        name=figure_named(indicator, only, lang),
        theme=indicator.theme,
        theme_name=t(f"theme.{indicator.theme}", lang),
        group=indicator.group,
        year=year,
        standard_km=standard_km,
        unit=UNIT_NAMES[indicator.unit].to(lang),
        unit_id=indicator.unit,
        value=row.value,
        state=row.state,
        quality=row.quality,
        quality_label=fmt.quality(row.quality, lang),
        display=row.display,
        text=fmt.with_unit(row.display, row.state, indicator.unit, lang),
        note=row.note,
        interval=row.interval,
    )


def _assumed(
    reading: Reading, unit: Unit, indicator: Indicator, figure: PanelFigure, only: Only, lang: Language
) -> tuple[str, ...]:
    """What a figure of minutes would be under favourable and unfavourable assumptions, as a sentence; else nothing."""
    bounds = assumed_bounds(reading, indicator.id, unit.level, only)
    if bounds is None or figure.value is None:
        return ()
    place = gazetteer(reading).place(unit)
    ends = rounded_bounds(figure.value, float(bounds[0][place]), float(bounds[1][place]), indicator)
    if ends is None:
        return ()
    text = fmt.with_unit(fmt.interval(*ends, indicator, lang), "value", indicator.unit, lang)
    return (t("reach.assumed_figure", lang, bounds=text),)


def _break_note(reading: Reading, unit: Unit, lang: Language) -> str | None:
    """Why the years of a county cannot be compared: its area changed and an estimate divided its old figures."""
    if unit.level != "county" or not unit.counted:
        return None
    whole, reason = comparable(reading, unit.code)
    return None if whole else t("panel.broken", lang, reason=reason.to(lang))


def _trend_sentence(
    reading: Reading, catalogue: Catalogue, unit: Unit, indicator: Indicator, lang: Language
) -> str | None:
    """Whether the figure rose or fell, said only as far as the interval of the change is on one side of zero."""
    change = catalogue.indicators.get(f"{indicator.id}{CHANGE}")
    if change is None or change.change is None:
        return None
    figure = _figure(reading, catalogue, unit, change, (change.change.end, None), lang)
    if figure.value is None or figure.interval is None or not figure.interval.text:
        return None
    way = "unclear" if figure.interval.doubt else "rose" if figure.value > 0 else "fell"
    bounds = fmt.with_unit(figure.interval.text, "value", change.unit, lang)
    years = {"start": fmt.year(change.change.start, lang), "end": fmt.year(change.change.end, lang)}
    return t(f"interval.trend_{way}", lang, change=figure.text, bounds=bounds, **years)


def _figures(reading: Reading, catalogue: Catalogue, unit: Unit, state: ViewState) -> tuple[PanelFigure, ...]:
    """Every indicator in every year it has, in menu order; of several standards the one of the view, else the first."""
    found: list[PanelFigure] = []
    for indicator in catalogue.indicators.values():
        offered = indicator.standards_km
        standard_km = state.standard_km if state.standard_km in offered else next(iter(offered), None)
        found += _trend(reading, catalogue, unit, indicator, standard_km, state.lang)
    return tuple(found)


def _trend(
    reading: Reading,
    catalogue: Catalogue,
    unit: Unit,
    indicator: Indicator,
    standard_km: int | None,
    lang: Language,
) -> tuple[PanelFigure, ...]:
    return tuple(
        _figure(reading, catalogue, unit, indicator, (year, standard_km), lang) for year in sorted(indicator.years)
    )


def _ranks(
    reading: Reading, catalogue: Catalogue, indicator: Indicator, state: ViewState, unit: Unit
) -> tuple[tuple[Rank, ...], str | None]:
    """Places within nation and province, and a sentence where units are left out or the unit has no place.

    Only shown figures take part, and of modelled figures no urban district's: their half-width is about 62 %, so
    that a place among 2,848 would be drawn by lot.
    """
    lang = state.lang
    known = gazetteer(reading)
    units = known.levels[unit.level]
    year = nearest_year(indicator, state.year)
    standard_km, only = state.standard(catalogue), state.only(catalogue)
    column = published_column(reading, catalogue, indicator, year, unit.level, standard_km, only).column
    modelled = [QUALITIES.index(flag) for flag in MODELLED]
    left_out = np.array([other.kind == "district" for other in units]) & np.isin(column.quality, modelled)
    takes_part = column.shown & ~left_out
    place = known.place(unit)
    note = t("rank.districts_left_out", lang) if (left_out & column.shown).any() else None
    if unit.level == "nation":
        return (), None
    if not takes_part[place]:
        return (), note if left_out[place] else t("rank.no_figure", lang)
    ranks = [_rank("nation", t("level.nation", lang), column.value, takes_part, place, lang)]
    if unit.level != "province":
        inside = np.array([other.province_code == unit.province_code for other in units])
        province = known.find(unit.province_code or "", "province")
        name = province.name(lang) if province else ""
        ranks.append(_rank("province", name, column.value, takes_part & inside, place, lang))
    return tuple(ranks), note


def _rank(scope: str, scope_name: str, values: FloatArray, takes_part: Mask, place: int, lang: Language) -> Rank:
    higher = int((values[takes_part] > values[place]).sum())
    of = int(takes_part.sum())
    text = t(f"rank.{scope}", lang, place=fmt.number(higher + 1, 0), of=fmt.number(of, 0), name=scope_name)
    return Rank("nation" if scope == "nation" else "province", scope_name, higher + 1, of, text)


def _path(known: Gazetteer, unit: Unit, lang: Language) -> tuple[UnitName, ...]:
    """The nation, the province and the prefecture above the unit, as far as they are above it."""
    codes: dict[Level, str | None] = {
        "nation": NATION_CODE,
        "province": unit.province_code,
        "prefecture": unit.prefecture_code,
    }
    above: list[UnitName] = []
    for level in LEVELS[: LEVELS.index(unit.level)]:
        code = codes[level]
        found = known.find(code, level) if code else None
        # An undivided city is its own prefecture, a municipality its own province: one line for each place.
        if found is not None and found.code != unit.code and found.name_zh not in {line.name_zh for line in above}:
            above.append(unit_name(found, lang))
    return tuple(above)


def _counties_of(known: Gazetteer, unit: Unit) -> tuple[str, ...]:
    """Codes of the counties that make up the unit."""
    group = known.groups[unit.level]
    return tuple(
        county.code for county, place in zip(known.levels["county"], group, strict=True) if place == known.place(unit)
    )
