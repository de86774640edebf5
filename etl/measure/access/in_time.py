"""The gap in three parts by minutes: who has a place within the standard time, who only reach, who reaches nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.measure.access.figures import YEAR, known_counties, places_of
from etl.measure.access.rows import access_rows
from etl.measure.published import Figures, published_figure
from geodata.analysis.access.capacity import assign
from geodata.analysis.access.catchments import Reach
from geodata.analysis.access.sums import as_published
from geodata.analysis.access.travel import TravelTable
from geodata.analysis.aggregate import WITHHELD
from geodata.codes import LEVELS

Floats = npt.NDArray[np.float64]

# Measures and indicators alike: their sum is the children whose minutes are known.
IN_TIME = ("children_served_in_time", "children_without_place_in_time", "children_out_of_reach_in_time")


@dataclass(frozen=True)
class InTime:
    """Children of every settlement by `IN_TIME` (rows), not a number where their minutes are not known.

    `favourable` and `unfavourable` are the same under the ends of what is assumed; equal to `central` where nothing is.
    """

    favourable: Floats
    central: Floats
    unfavourable: Floats


def gap_in_time(
    settlements: pd.DataFrame, centres: pd.DataFrame, tables: tuple[TravelTable, TravelTable, TravelTable], *,
    known: npt.NDArray[np.bool_],
) -> InTime:  # fmt: skip
    """The three parts for the pairs within the standards: favourable, central, unfavourable.

    settlements, centres
        children; capacity; in the order of the pairs.
    known
        Settlements whose minutes are known; only these have parts.
    """
    people = np.where(known, settlements["children"].to_numpy(float), 0.0)

    def parts(table: TravelTable) -> Floats:
        gap = assign(Reach.of_table(table), people, places_of(centres))
        return np.where(known, np.vstack([gap.served, gap.without_place, gap.out_of_reach]), np.nan)

    favourable, central, unfavourable = tables
    middle = parts(central)
    if favourable is central:
        return InTime(middle, middle, middle)
    return InTime(parts(favourable), middle, parts(unfavourable))


def in_time_sums(gap: InTime | None, settlements: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Per county the measures `IN_TIME`, unrounded; no rows where no type of centre has a standard of minutes."""
    if gap is None:
        return pd.DataFrame({"code": pd.Series(dtype=str)} | {name: pd.Series(dtype=float) for name in IN_TIME})
    found = pd.DataFrame(dict(zip(IN_TIME, gap.central, strict=True)))
    sums = found.groupby(settlements["code"].to_numpy()).sum(min_count=1).rename_axis("code").reset_index()
    return sums[sums["code"].isin(known_counties(children)["code"])]


def in_time_rows(figures: Figures, gap: InTime | None, settlements: pd.DataFrame, quality: str) -> pd.DataFrame:
    """The span of what is assumed for the three parts, at every level, as rows of `access`."""
    levels, catalogue = figures.levels, figures.catalogue
    county = pd.Index(levels.codes["county"]).get_indexer(pd.Index(settlements["code"]))
    found = []
    for level in LEVELS:
        codes, unit = levels.codes[level], levels.group[level][county]
        for part, name in enumerate(IN_TIME):
            own = published_figure(figures, catalogue.indicators[name], YEAR, level)
            value = np.where(own.shown, own.value, np.nan)
            low = high = np.full(len(codes), np.nan)
            if gap is not None and gap.favourable is not gap.central:
                ends = [_total(name, end[part], unit, len(codes)) for end in (gap.favourable, gap.unfavourable)]
                low, high = np.minimum.reduce([*ends, value]), np.maximum.reduce([*ends, value])
            hidden = own.state == WITHHELD
            found.append(access_rows(level, codes, name, value, quality=quality, bounds=(low, high), withheld=hidden))
    return pd.concat(found, ignore_index=True)


def _total(measure: str, people: Floats, unit: npt.NDArray[np.int64], units: int) -> Floats:
    """Sums by unit as they are published; so few that they are withheld count as none."""
    inside = (unit >= 0) & ~np.isnan(people)
    sums = np.bincount(unit[inside], weights=people[inside], minlength=units)
    return np.nan_to_num(as_published(measure, sums)[0])
