"""The published figure of every indicator at every level, from measures of counties, as readers of a release do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.aggregate import NO_DATA, NO_QUALITY, Column, IntArray
from geodata.analysis.figures import Measured, Term, published
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import LEVELS, NATION_CODE
from geodata.states import QUALITIES, STATES

Columns = Mapping[tuple[str, int], Column]


@dataclass(frozen=True)
class Levels:
    """The units of every level, codes sorted, and for each county the place of the unit that it belongs to."""

    codes: dict[str, NDArray[np.str_]]
    group: dict[str, IntArray]


@dataclass(frozen=True)
class Figures:
    """All that figures are made of: measures of counties, the levels they add up to, the catalogue that says how."""

    columns: Columns
    levels: Levels
    catalogue: Catalogue


def levels_of(counties: pd.DataFrame) -> Levels:
    """`counties`: code, prefecture_code, province_code, one row a county."""
    counties = counties.sort_values("code", ignore_index=True)
    above = {
        "county": counties["code"],
        "prefecture": counties["prefecture_code"],
        "province": counties["province_code"],
        "nation": pd.Series(NATION_CODE, index=counties.index),
    }
    codes: dict[str, NDArray[np.str_]] = {}
    group: dict[str, IntArray] = {}
    for level in LEVELS:
        codes[level], group[level] = np.unique(above[level].to_numpy(dtype=str), return_inverse=True)
    return Levels(codes, group)


def columns_of(figures: pd.DataFrame, levels: Levels) -> Columns:
    """Every measure and year as a column over the counties of `levels`; what the table leaves out is no data.

    figures
        code, year, measure, value, state, quality as in the table `figures`.
    """
    counties = pd.Index(levels.codes["county"])
    found = {}
    for key, rows in figures.groupby(["measure", "year"]):
        measure, year = cast("tuple[str, int]", key)
        at = counties.get_indexer(pd.Index(rows["code"]))
        if (at < 0).any():
            raise ValueError(f"counties that no level holds: {rows['code'][at < 0].tolist()[:5]}")
        value = np.zeros(len(counties))
        state, quality = np.full(len(counties), NO_DATA), np.full(len(counties), NO_QUALITY)
        value[at] = rows["value"]
        state[at] = rows["state"].map(STATES.index)
        quality[at] = rows["quality"].map(QUALITIES.index)
        found[measure, int(year)] = Column.of(value, state, quality)
    return found


def years_of(indicator: Indicator, year: int) -> tuple[int, ...]:
    """The years that the figure of `year` is made from: two for a change, else one."""
    return (indicator.change.start, indicator.change.end) if indicator.change else (year,)


def published_figure(
    figures: Figures, indicator: Indicator, year: int, level: str, standard_km: int | None = None
) -> Column:
    """The figure of every unit of `level`, in order of code: gated, rolled up, rounded."""
    columns, measures, levels = figures.columns, figures.catalogue.measures, figures.levels

    def side(names: tuple[str, ...], at: int) -> list[Measured]:
        return [Measured(columns[name, at], measures[name].unit == "children") for name in names]

    terms = [Term(*(side(names, at) for names in indicator.measures(standard_km))) for at in years_of(indicator, year)]
    units = len(levels.codes[level])
    return published(terms, levels.group[level], units, per=indicator.per, decimals=indicator.decimals).column
