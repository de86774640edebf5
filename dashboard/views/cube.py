"""The measures of a release as arrays over counties, and the published figures made from them.

Nothing else reads `queries.figures`: what leaves this module has passed the disclosure gate and is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from dashboard.state import ANY, Only
from dashboard.views.nearest import measured_for
from dashboard.views.units import gazetteer
from geodata.analysis.aggregate import NO_DATA, NO_QUALITY, Column, IntArray
from geodata.analysis.figures import Measured, Published, Term, published
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import Level
from geodata.errors import UserError
from geodata.states import QUALITIES, STATES
from geodata.store import Reading, remembered
from geodata.store.queries import figures

Counts = frozenset[str]
# The year whose children stand at the settlements of a release.
CHILDREN_YEAR = 2020


def published_column(
    reading: Reading,
    catalogue: Catalogue,
    indicator: Indicator,
    year: int,
    level: Level,
    standard_km: int | None,
    only: Only = ANY,
) -> Published:
    """The figure of every unit of `level`, in the order of the gazetteer: gated, rolled up, rounded.

    `only` chooses the centres that count, for figures that rest on the nearest centre (`ViewState.only`).
    """
    above, below = indicator.measures(standard_km)
    counts = frozenset(name for name in (*above, *below) if catalogue.measures[name].unit == "children")
    return _published(reading, indicator, counts, year, level, standard_km, only)


@remembered(at_most=512)
def _published(
    reading: Reading,
    indicator: Indicator,
    counts: Counts,
    year: int,
    level: Level,
    standard_km: int | None,
    only: Only,
) -> Published:
    above, below = indicator.measures(standard_km)
    years = (indicator.change.start, indicator.change.end) if indicator.change else (year,)
    units = gazetteer(reading)
    return published(
        [
            Term(
                *(
                    [_measured(reading, name, at, only, is_count=name in counts) for name in side]
                    for side in (above, below)
                )
            )
            for at in years
        ],
        units.groups[level],
        len(units.levels[level]),
        per=indicator.per,
        decimals=indicator.decimals,
    )


def _measured(reading: Reading, measure: str, year: int, only: Only, *, is_count: bool) -> Measured:
    columns = _columns(reading) if only == ANY else _columns_for(reading, only)
    unknown = np.full(len(gazetteer(reading).levels["county"]), NO_DATA)
    nothing = Column.of(np.zeros(unknown.size), unknown, np.full(unknown.size, NO_QUALITY))
    return Measured(columns.get((measure, year), nothing), is_count)


@remembered(at_most=1)
def _columns(reading: Reading) -> Mapping[tuple[str, int], Column]:
    """Every measure and year over the counties of the gazetteer; a county the table leaves out is no data."""
    counties = gazetteer(reading).levels["county"]
    table = figures(reading)
    place = pd.Index([unit.code for unit in counties]).get_indexer(pd.Index(table["code"]))
    if (place < 0).any():
        raise UserError(
            "The release has figures of a county that it does not draw",
            file=reading.file,
            column="figures.code",
            value=table["code"][int(np.argmin(place))],
        )
    state = table["state"].map({name: place for place, name in enumerate(STATES)}).to_numpy(np.int8)
    quality = table["quality"].map({name: place for place, name in enumerate(QUALITIES)}).to_numpy(np.int8)
    value = table["value"].to_numpy(np.float64)
    found = {}
    for (measure, year), rows in _rows_by_column(table):
        values = np.zeros(len(counties))
        states, flags = np.full(len(counties), NO_DATA), np.full(len(counties), NO_QUALITY)
        values[place[rows]], states[place[rows]], flags[place[rows]] = value[rows], state[rows], quality[rows]
        found[measure, year] = Column.of(values, states, flags)
    return found


@remembered(at_most=16)
def _columns_for(reading: Reading, only: Only) -> Mapping[tuple[str, int], Column]:
    """The measures that rest on the nearest centre, for the centres that count."""
    children = _columns(reading).get(("children", CHILDREN_YEAR))
    if children is None:
        return {}
    return {(measure, CHILDREN_YEAR): column for measure, column in measured_for(reading, only, children).items()}


def _rows_by_column(table: pd.DataFrame) -> Iterator[tuple[tuple[str, int], IntArray]]:
    """For each measure and year the places of its rows."""
    measure, measures = pd.factorize(table["measure"])
    year, years = pd.factorize(table["year"])
    pair = measure * len(years) + year
    order = np.argsort(pair, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(pair[order])) + 1):
        if len(rows):
            yield (str(measures[measure[rows[0]]]), int(years[year[rows[0]]])), rows
