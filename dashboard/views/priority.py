"""Which counties come first: need and gap in one index, why a county stands where it does, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import WEIGHED, ViewState, Weights
from dashboard.views.models import ValueRow, ValueTable
from dashboard.views.units import Unit, gazetteer
from dashboard.views.values import published_values
from geodata.analysis.access.priority import Priority, Stability, priority, rank_stability
from geodata.analysis.access.weights import read_weights
from geodata.analysis.aggregate import FloatArray, IntArray
from geodata.catalogue import Catalogue
from geodata.store import Reading, Store
from geodata.text import Language

# The figure behind each name of `state.WEIGHED`: need by share and by number, gap by who is far or has no place.
COMPONENTS = {
    "share": "left_behind_share",
    "number": "left_behind_children",
    "migrants": "migrant_children",
    "distance": "children_beyond_standard",
    "minutes": "children_beyond_60min",
    "place": "children_without_place_share",
}
# Ready-made weights, as a user would write them.
PRESETS: dict[Weights, str] = {
    "balanced": "share:25,number:25,distance:50",
    "need": "share:40,number:40,distance:20",
    "gap": "share:10,number:10,distance:80",
}
# Where the map's indicator has no standard of its own.
STANDARD_KM = 30
YEAR = 2020
SEED = 2020
FIRST = 100
SHOWN = 25
# A county is surely among the first if nearly all weights near the chosen ones put it there.
NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """One county: its place, the places it has under 90 % of weights near the chosen ones, and why it stands there.

    `among_first` says under how many of these weights it is among the first hundred.
    """

    code: str
    name: str
    province: str
    place: int
    place_text: str
    span: str
    index: str
    reason: str
    among_first: str
    among_first_percent: int


@dataclass(frozen=True)
class Ranking:
    """The counties that come first, in order, and of how many."""

    lead: str
    rows: tuple[PriorityRow, ...]
    of: int
    weights: str
    steady: str
    note: str
    notice: str | None


def ranking(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> Ranking:
    """The counties that come first under the weights of `state`. Urban districts are not ranked: see `unit_panel`."""
    reading = source.reading()
    standard_km = _standard(catalogue, state)
    scored = _scored(reading, catalogue, state)
    order = np.argsort(scored.priority.rank, kind="stable")
    ranked = int(np.isfinite(scored.priority.rank).sum())
    lang = state.lang
    return Ranking(
        lead=t("gap.lead", lang, km=standard_km),
        rows=tuple(_row(scored, int(place), lang) for place in order[: min(SHOWN, ranked)]),
        of=ranked,
        weights=_weights_text(scored, lang),
        steady=_steady_text(scored, order[: min(SHOWN, ranked)], lang),
        note=t("gap.note", lang, of=fmt.number(ranked, 0)),
        notice=t("notice.demonstration_figures", lang) if scored.demonstration else None,
    )


def priority_of(source: Store | Reading, catalogue: Catalogue, state: ViewState) -> PriorityRow | None:
    """The place of the county `state.unit` and the reason for it; None for other levels and counties not ranked."""
    reading = source.reading()
    known = gazetteer(reading)
    if state.unit is None or state.level != "county" or ("county", state.unit) not in known.places:
        return None
    scored = _scored(reading, catalogue, state)
    place = known.places["county", state.unit]
    return _row(scored, place, state.lang) if np.isfinite(scored.priority.rank[place]) else None


@dataclass(frozen=True)
class _Scored:
    """The published figures, over all counties, of the components that weigh anything, and what follows from them."""

    units: tuple[Unit, ...]
    names: tuple[str, ...]
    shares: tuple[float, ...]
    tables: tuple[ValueTable, ...]
    priority: Priority
    stability: Stability

    @property
    def demonstration(self) -> bool:
        return any(row.quality == "demonstration" for table in self.tables for row in table.rows)


def _standard(catalogue: Catalogue, state: ViewState) -> int:
    return state.standard(catalogue) or STANDARD_KM


def _scored(reading: Reading, catalogue: Catalogue, state: ViewState) -> _Scored:
    key = (id(catalogue), _standard(catalogue, state), state.weights, state.lang)
    return reading.remember("priority", key, lambda: _score(reading, catalogue, state), at_most=16)


def shares_of(weights: str) -> dict[str, float]:
    """What each component weighs, as shares that add up to 1; those that weigh nothing are left out."""
    text = next((written for preset, written in PRESETS.items() if preset == weights), weights)
    return {name: share for name, share in zip(WEIGHED, read_weights(text, WEIGHED), strict=True) if share > 0}


def _score(reading: Reading, catalogue: Catalogue, state: ViewState) -> _Scored:
    asked = replace(
        state, year=YEAR, level="county", standard_km=_standard(catalogue, state), centre_type=None, service=None
    )
    shares = shares_of(state.weights)
    figures = [COMPONENTS[name] for name in shares]
    tables = tuple(
        published_values(reading, catalogue, replace(asked, indicator=figure).fitted(catalogue)) for figure in figures
    )
    units = gazetteer(reading).levels["county"]
    values = np.column_stack([_values(table.rows) for table in tables])
    values[[unit.kind == "district" for unit in units]] = np.nan
    worse = [catalogue.indicators[figure].better != "higher" for figure in figures]
    weights = tuple(shares.values())
    return _Scored(
        units,
        tuple(shares),
        weights,
        tables,
        priority(values, weights=weights, higher_is_worse=worse),
        rank_stability(values, weights=weights, higher_is_worse=worse, first=FIRST, seed=SEED),
    )


def _values(rows: tuple[ValueRow, ...]) -> FloatArray:
    return np.array([np.nan if row.value is None else row.value for row in rows], dtype=np.float64)


def _row(scored: _Scored, place: int, lang: Language) -> PriorityRow:
    unit = scored.units[place]
    best, worst = (int(bound[place]) for bound in (scored.stability.rank_best, scored.stability.rank_worst))
    rank = int(np.ceil(scored.priority.rank[place]))
    among = round(100 * float(scored.stability.share_among_first[place]))
    return PriorityRow(
        code=unit.code,
        name=unit.name(lang),
        province=(unit.province_zh if lang == "zh" else unit.province_en) or "",
        place=rank,
        place_text=fmt.number(rank, 0),
        span=f"{fmt.number(best, 0)}{fmt.EN_DASH}{fmt.number(worst, 0)}" if best < worst else fmt.number(best, 0),
        index=fmt.number(float(scored.priority.index[place]), 0),
        reason=_reason(scored, place, lang),
        among_first=t("gap.among_first", lang, first=FIRST, percent=among),
        among_first_percent=among,
    )


def _reason(scored: _Scored, place: int, lang: Language) -> str:
    """Why the county is here: the component that adds most comes first, the others follow with their figures."""
    parts = scored.priority.parts[place]
    order = np.argsort(-np.round(parts, 9), kind="stable")
    # What there is none of is no reason, however it ranks among others that have none.
    told = [part for part in order.tolist() if scored.tables[part].rows[place].state != "zero"] or order[:1].tolist()
    said = []
    for component in told:
        table = scored.tables[component]
        row = table.rows[place]
        figure = fmt.with_unit(row.display, row.state, table.indicator.unit, lang)
        said.append(t(f"gap.because_{scored.names[component]}", lang, figure=figure, km=table.standard_km))
    if len(said) == 1:
        return t("gap.because_one", lang, first=said[0])
    return t("gap.because", lang, first=said[0], others=t("format.list_separator", lang).join(said[1:]))


def _weights_text(scored: _Scored, lang: Language) -> str:
    parts = [
        t("gap.weight", lang, name=t(f"gap.weigh_{name}", lang), percent=fmt.number(100 * share, 0))
        for name, share in zip(scored.names, scored.shares, strict=True)
    ]
    return t("gap.weights_text", lang, parts=t("format.list_separator", lang).join(parts))


def _steady_text(scored: _Scored, shown: IntArray, lang: Language) -> str:
    """How many of the counties shown stay among the first however the weights are shaken."""
    stay = int((scored.stability.share_among_first[shown] >= NEARLY_ALL).sum())
    return t("gap.steady", lang, shown=len(shown), stay=stay, first=FIRST)
