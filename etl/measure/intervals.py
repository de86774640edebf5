"""Intervals of every indicator that rests on drawn measures, at every level; and what becomes of them in a release."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.measure.published import Figures, published_figure, years_of
from geodata.analysis.estimate import intervals, ranking
from geodata.analysis.estimate.rounding import COARSE, FINE
from geodata.analysis.estimate.types import Floats
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import LEVELS
from geodata.store.draws import StoredDraws

KEY = ["indicator", "year", "level", "code"]
# Values are rounded to at most three decimals; this is far below, and far above the last bit of a sum.
NOTHING = 1e-6
Question = tuple[Indicator, int, str]


def drawn_indicators(catalogue: Catalogue, measures: set[str]) -> list[Indicator]:
    """Indicators all of whose measures are drawn, in the order of their ids."""
    found = [one for _, one in sorted(catalogue.indicators.items()) if not one.standards_km]
    return [one for one in found if set().union(*one.measures()) <= measures]


def interval_table(drawn: Mapping[int, StoredDraws], figures: Figures, unranked: NDArray[np.bool_]) -> pd.DataFrame:
    """indicator, year, level, code, estimate, low, high, rank_best, rank_worst, alike, widened; one row a known figure.

    drawn
        Draws by year: persons, shape (draws, units), by measure id.
    figures
        The published measures of counties, around which the draws were made.
    unranked
        Counties, in the order of the levels, that no ranking holds: urban districts.

    Sums, ratios and changes are made inside each draw. A figure that is withheld or unknown has no row. Bounds are
    rounded as the figure is; where the figure itself, or its rank, lies outside (`widened`: rounded counties add up
    to a little more or less than the nation, which is known exactly), the bound is moved to it.
    """
    measures = set.intersection(*(set(one.measures) for one in drawn.values()))
    asked = [
        (indicator, year, level)
        for indicator in drawn_indicators(figures.catalogue, measures)
        for year in indicator.years
        for level in LEVELS
    ]
    # NumPy lets go of the interpreter while it compares and adds: threads share the work, `map` keeps the order.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return pd.concat(pool.map(lambda one: _rows(drawn, figures, unranked, one), asked), ignore_index=True)


def _rows(drawn: Mapping[int, StoredDraws], figures: Figures, unranked: NDArray[np.bool_],
          asked: Question) -> pd.DataFrame:  # fmt: skip
    indicator, year, level = asked
    figure, values = published_figure(figures, *asked), _drawn_values(drawn, figures, *asked)
    shown = figure.shown & np.isfinite(values).all(axis=0)
    point, values = figure.value[shown], values[:, shown]
    raw_low, raw_high = (rounded(bound, indicator) for bound in intervals.interval(values))
    low, high = np.minimum(raw_low, point), np.maximum(raw_high, point)
    rows = pd.DataFrame({
        "indicator": indicator.id, "year": year, "level": level, "code": figures.levels.codes[level][shown],
        "estimate": point, "low": low, "high": high,
        "rank_best": np.nan, "rank_worst": np.nan, "alike": np.nan,
        "widened": (low < raw_low) | (high > raw_high),
    })  # fmt: skip
    ranked = ~unranked[shown] if level == "county" else np.ones(len(rows), dtype=bool)
    if ranked.any():
        place, rank = ranking.placing(values[:, ranked]), ranking.ranks(point[ranked])
        rows.loc[ranked, "rank_best"] = np.minimum(place.best, rank)
        rows.loc[ranked, "rank_worst"] = np.maximum(place.worst, rank)
        rows.loc[ranked, "alike"] = place.alike
    return rows


def _drawn_values(drawn: Mapping[int, StoredDraws], figures: Figures, indicator: Indicator, year: int,
                  level: str) -> Floats:  # fmt: skip
    """The indicator in every draw, shape (draws, units of the level): NaN where nothing is known or divided by."""
    columns, levels = figures.columns, figures.levels
    years = years_of(indicator, year)
    above, below = indicator.measures()
    known = np.logical_and.reduce([columns[name, at].known for at in years for name in (*above, *below)])
    counties = levels.codes["county"][known]

    def sums(names: tuple[str, ...], at: int) -> Floats:
        one = drawn[at]
        place = pd.Index(one.code).get_indexer(pd.Index(counties))
        if (place < 0).any():
            raise ValueError(f"{at}: counties with figures that were not drawn: {counties[place < 0].tolist()[:5]}")
        total = np.sum([one.measures[name] for name in names], axis=0)[:, place]
        return _summed(total, levels.group[level][known], len(levels.codes[level]))

    with np.errstate(divide="ignore", invalid="ignore"):
        by_year = [indicator.per * sums(above, at) / sums(below, at) if below else sums(above, at) for at in years]
        if len(by_year) == 1:
            return by_year[0]
        start, end = by_year
        return np.asarray(end - start if below else 100 * (end - start) / start, dtype=np.float64)


def _summed(draws: Floats, group: NDArray[np.intp], groups: int) -> Floats:
    """Draws of the sums over groups, NaN for a group without members, shape (draws, groups)."""
    order = np.argsort(group, kind="stable")
    present, starts = np.unique(group[order], return_index=True)
    sums = np.full((len(draws), groups), np.nan)
    sums[:, present] = np.add.reduceat(draws[:, order], starts, axis=1)
    return sums


def rounded(values: Floats, indicator: Indicator) -> Floats:
    """Bounds, rounded as figures are: counts to 100 and under 100 to 10, all else to the indicator's decimals."""
    if indicator.unit != "children":
        return np.asarray(np.round(values, indicator.decimals) + 0.0, dtype=np.float64)
    step = np.where(values < COARSE, FINE, COARSE)
    return np.asarray(np.floor(values / step + 0.5) * step, dtype=np.float64)


@dataclass(frozen=True)
class Released:
    """The table `intervals` of a release, and an account of it.

    read
        Rows of the committed file.
    replaced
        Rows left out because the figure is no longer the estimate that the interval belongs to.
    without_figure, outside
        Rows of figures that nobody may see, and figures outside their interval: both must be none.
    """

    table: pd.DataFrame
    read: int
    replaced: int
    without_figure: int
    outside: int


def released(table: pd.DataFrame, estimated: Figures, given: Figures) -> Released:
    """Which intervals, drawn around the estimates `estimated`, go into a release whose counties carry `given`."""
    kept, replaced, without_figure, outside = [], 0, 0, 0
    for key, rows in table.groupby(KEY[:3], sort=True):
        name, year, level = cast("tuple[str, int, str]", key)
        asked = (given.catalogue.indicators[name], int(year), level)
        ours, theirs = published_figure(estimated, *asked), published_figure(given, *asked)
        same = (ours.state == theirs.state) & (ours.quality == theirs.quality)
        same &= np.nan_to_num(ours.value) == np.nan_to_num(theirs.value)
        at = pd.Index(given.levels.codes[level]).get_indexer(pd.Index(rows["code"]))
        stays = same[at] & (at >= 0)
        replaced += int((~stays).sum())
        value, shown = theirs.value[at], theirs.shown[at] & stays
        without_figure += int((stays & ~shown).sum())
        inside = (rows["low"].to_numpy() <= value + NOTHING) & (value - NOTHING <= rows["high"].to_numpy())
        outside += int((shown & ~inside).sum())
        kept.append(rows[stays])
    return Released(pd.concat(kept, ignore_index=True), len(table), replaced, without_figure, outside)
