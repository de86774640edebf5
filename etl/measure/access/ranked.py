"""Which counties come first and why, in which of nine classes they are, and where far and near ones lie together."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from etl.measure.access.figures import YEAR
from etl.measure.access.rows import Floats, access_rows
from etl.measure.published import Figures, published_figure
from geodata.analysis.access.bivariate import bivariate
from geodata.analysis.access.clusters import KINDS, clusters, neighbours, sharing_borders
from geodata.analysis.access.priority import priority, rank_stability
from geodata.analysis.borders import Shapes
from geodata.codes import NATION_CODE

# Need by share and by number, and the gap: half of the weight to each of the two.
COMPONENTS = {"left_behind_share": 0.25, "left_behind_children": 0.25, "children_beyond_standard": 0.50}
STANDARD_KM = 30
# The share beyond the standard is all or nothing in most counties: no neighbourhood of it is past chance.
CLUSTERED = "distance_to_centre"
FIRST = 100
SEED = 2020
_LEVEL = "county"
_NO_DATA, _ISLAND = KINDS.index("no_data"), KINDS.index("island")


def ranked_rows(figures: Figures, unranked: Collection[str], counties: Shapes, quality: str) -> pd.DataFrame:
    """Rows of priority, classes of need by coverage, and clusters of counties.

    Parameters
    ----------
    figures
        All figures of the release.
    unranked
        Codes of urban districts, where the model is too weak to rank.
    counties
        Outlines in the order of the codes of `figures`, borders shared vertex by vertex.
    """
    codes = figures.levels.codes[_LEVEL]
    needs = [published(figures, name) for name in COMPONENTS]
    share, beyond = needs[0], needs[-1]
    rankable = np.where(np.isin(codes, list(unranked))[:, None], np.nan, np.column_stack(needs))
    rows = [*_priority(codes, rankable, quality), *_classes(codes, share, beyond, quality)]
    first, second = sharing_borders(counties)
    kind = clusters(published(figures, CLUSTERED), neighbours(first, second, len(codes)), seed=SEED).kind
    # Classes are places in `KINDS`, from 1; what was not tested has none.
    tested = np.where((kind == _NO_DATA) | (kind == _ISLAND), np.nan, kind + 1.0)
    rows.append(access_rows(_LEVEL, codes, "distance_cluster", tested, quality=quality))
    return pd.concat(rows, ignore_index=True)


def published(figures: Figures, name: str) -> Floats:
    """The figure `name` of every county as it is shown; not a number where it is not."""
    indicator = figures.catalogue.indicators[name]
    column = published_figure(figures, indicator, YEAR, _LEVEL, STANDARD_KM if indicator.standards_km else None)
    return np.where(column.shown, column.value, np.nan)


def _priority(codes: np.ndarray, needs: Floats, quality: str) -> list[pd.DataFrame]:
    weights, worse = list(COMPONENTS.values()), [True] * len(COMPONENTS)
    found = priority(needs, weights=weights, higher_is_worse=worse)
    steady = rank_stability(needs, weights=weights, higher_is_worse=worse, first=FIRST, seed=SEED)
    rows = [
        access_rows(_LEVEL, codes, "priority_index", np.round(found.index, 1), quality=quality),
        access_rows(
            _LEVEL, codes, "priority_rank", found.rank, quality=quality, bounds=(steady.rank_best, steady.rank_worst)
        ),
        access_rows(_LEVEL, codes, "priority_among_first", np.round(100 * steady.share_among_first), quality=quality),
    ]
    return rows + [
        access_rows(_LEVEL, codes, f"priority_part_{name}", np.round(found.parts[:, place], 1), quality=quality)
        for place, name in enumerate(COMPONENTS)
    ]


def _classes(codes: np.ndarray, need: Floats, beyond: Floats, quality: str) -> list[pd.DataFrame]:
    """Classes 1 to 9 and, of the nation, the breaks between them: low and high break as `low` and `high`."""
    found = bivariate(need, 100.0 - beyond)
    cell = np.where(found.cell >= 0, found.cell + 1.0, np.nan)
    rows = [access_rows(_LEVEL, codes, "need_coverage_class", cell, quality=quality)]
    for name, breaks in (("need", found.need_breaks), ("coverage", found.coverage_breaks)):
        low, high = (np.round([one], 1) for one in breaks)
        rows.append(access_rows("nation", [NATION_CODE], f"{name}_breaks", low, quality=quality, bounds=(low, high)))
    return rows
