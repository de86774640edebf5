"""Other colours for a map than its figures: need by coverage in nine classes, clusters of high and low figures."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.views.models import LegendClass, UnitMap, ValueTable
from dashboard.views.units import gazetteer
from dashboard.views.values import published_values
from geodata.analysis.access.bivariate import SIDE, bivariate
from geodata.analysis.access.clusters import KINDS, Kind, clusters, neighbours, sharing_borders
from geodata.analysis.aggregate import FloatArray, IntArray
from geodata.catalogue import Catalogue
from geodata.codes import Level
from geodata.store import Reading, queries, remembered
from geodata.text import Language

# What need is measured by: the share of children who are left behind.
NEED = "left_behind_share"
# The same places are drawn whenever a map is asked for.
SEED = 2020
# Bivariate palette after Joshua Stevens (teal: coverage, rose: need), light to dark; need in rows, coverage in columns.
_NINE_LIGHT = ("#e8e8e8", "#b0d5df", "#64acbe", "#e4acac", "#ad9ea5", "#627f8c", "#c85a5a", "#985356", "#574249")
_NINE_DARK = ("#3a4145", "#3d6b78", "#3f9bb3", "#7a4a4d", "#7b6b77", "#6f94a8", "#e07070", "#d29097", "#e9dfe4")
# Red and blue of the balance ramp, their faint forms for units unlike their surroundings, grey for no cluster.
_CLUSTERS: dict[Kind, tuple[str, str]] = {
    "high_high": ("#b2182b", "#ef6a6f"),
    "low_low": ("#2166ac", "#5aa2e0"),
    "high_low": ("#f4a582", "#8d4a35"),
    "low_high": ("#92c5de", "#2f5f80"),
    "not_significant": ("#ececea", "#333a3f"),
}


class _Painted(NamedTuple):
    """Classes, the class of each row (-1: none), and a remark on each row."""

    classes: tuple[LegendClass, ...]
    class_index: tuple[int, ...]
    remarks: tuple[str, ...]


def painted(reading: Reading, catalogue: Catalogue, view: UnitMap) -> UnitMap:
    """`view` in the colours that its state asks for; the figures stay what they are.

    Need by coverage needs figures of which more, or less, is better; others keep their own colours.
    """
    state = view.state
    if state.paint == "value" or (state.paint == "bivariate" and view.table.indicator.better == "neither"):
        return view
    standard_km, only = state.standard(catalogue), state.only(catalogue)
    key = (state.paint, state.indicator, state.year, state.level, standard_km, only, state.lang)
    make = _bivariate if state.paint == "bivariate" else _clusters
    found = reading.remember("painted", (id(catalogue), *key), lambda: make(reading, catalogue, view), at_most=32)
    return replace(
        view,
        title=t(f"paint.title_{state.paint}", state.lang, title=view.title),
        classes=found.classes,
        class_index=found.class_index,
        remarks=found.remarks,
        histogram=(),
        doubt=None,
    )


def _bivariate(reading: Reading, catalogue: Catalogue, view: UnitMap) -> _Painted:
    state, lang = view.state, view.state.lang
    need_state = replace(state, indicator=NEED).fitted(catalogue)
    need = published_values(reading, catalogue, need_state)
    worse = -1.0 if view.table.indicator.better == "lower" else 1.0
    cells = bivariate(_values(need), worse * _values(view.table)).cell
    counts = np.bincount(cells[cells >= 0], minlength=SIDE * SIDE)
    classes = tuple(
        _plain_class(
            t("paint.cell", lang, need=_step(cell // SIDE, lang), coverage=_step(cell % SIDE, lang)),
            (_NINE_LIGHT[cell], _NINE_DARK[cell]),
            int(counts[cell]),
        )
        for cell in range(SIDE * SIDE)
    )
    name = catalogue.indicators[NEED].name.to(lang)
    unit = catalogue.indicators[NEED].unit
    remarks = tuple(
        f"{name} {fmt.with_unit(row.display, row.state, unit, lang)}" if cell >= 0 else ""
        for row, cell in zip(need.rows, cells, strict=True)
    )
    return _Painted(classes, tuple(cells.tolist()), remarks)


def _clusters(reading: Reading, _catalogue: Catalogue, view: UnitMap) -> _Painted:
    lang = view.state.lang
    pairs = _touching(reading, view.state.level)
    found = clusters(_values(view.table), neighbours(pairs[0], pairs[1], len(view.table.rows)), seed=SEED).kind
    shown = [KINDS.index(kind) for kind in _CLUSTERS]
    classes = tuple(
        _plain_class(t(f"paint.{kind}", lang), colours, int((found == KINDS.index(kind)).sum()))
        for kind, colours in _CLUSTERS.items()
    )
    index = tuple(shown.index(kind) if kind in shown else -1 for kind in found.tolist())
    return _Painted(classes, index, tuple(classes[place].label if place >= 0 else "" for place in index))


def _values(table: ValueTable) -> FloatArray:
    """The shown figures, zeros among them; what is not shown is not a number."""
    return np.array([np.nan if row.value is None else row.value for row in table.rows], dtype=np.float64)


def _step(place: int, lang: Language) -> str:
    return t(f"paint.step_{place}", lang)


def _plain_class(label: str, colours: tuple[str, str], count: int) -> LegendClass:
    return LegendClass(
        low=np.nan, high=np.nan, label=label, colour_light=colours[0], colour_dark=colours[1], count=count
    )


@remembered(at_most=3)
def _touching(reading: Reading, level: Level) -> IntArray:
    """Pairs of units (2, n) that share a stretch of border, as places in the gazetteer."""
    table = queries.boundaries(reading, level)
    shapes = shapely.from_wkb([bytes(outline) for outline in table["wkb"]])
    places = np.array([gazetteer(reading).places[level, code] for code in table["code"]], dtype=np.intp)
    return places[np.array(sharing_borders(shapes))]
