"""Access on its way into a release: counts by county first, then what does not add up, which rests on all figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from etl.measure import access
from etl.measure.access.equity import equity_table
from etl.measure.access.norms import norm_figures
from etl.measure.access.pooled import pooled_rows
from etl.measure.access.ranked import ranked_rows
from etl.measure.published import Figures, columns_of, levels_of
from etl.place.boundaries import Coverage
from etl.read.communities import read_communities
from etl.report import Report
from geodata.analysis.access.travel import Minutes
from geodata.catalogue import load_catalogue

# What rounding may add or take from the sum of the three parts of the gap.
GAP_TOLERANCE = 0.002


def access_to_centres(
    modelled: pd.DataFrame, settlements: pd.DataFrame, near: pd.DataFrame, centres: pd.DataFrame
) -> pd.DataFrame:
    """All measures of access as figures.

    modelled
        The estimates in the form of `figures`, whose children were spread over `settlements`.
    near
        From `nearest_centres`.
    centres
        The table `centres`.
    """
    demonstration = is_demonstration(centres)
    children = modelled[(modelled["year"] == access.YEAR) & (modelled["measure"] == "children")]
    by_distance = access.county_sums(settlements, near, children)
    by_places = access.places_sums(settlements, centres, children)
    return pd.concat(
        [
            access.access_figures(by_distance, children, demonstration=demonstration),
            access.access_figures(by_places, children, demonstration=demonstration),
            norm_figures(read_communities(), centres, demonstration=demonstration),
        ],
        ignore_index=True,
    )


def access_tables(
    tables: Mapping[str, pd.DataFrame], counties: Coverage, minutes: Minutes | None = None
) -> dict[str, pd.DataFrame]:
    """The tables `access` and `equity` of a release with these other tables; `counties` are the outlines it draws.

    `minutes` are those of each settlement with the span of what is assumed; None: along the straight line.
    """
    units, settlements, centres = tables["units"], tables["settlements"], tables["centres"]
    levels = levels_of(units[units["level"] == "county"])
    figures = Figures(columns_of(tables["figures"], levels), levels, load_catalogue())
    quality = "demonstration" if is_demonstration(centres) else "modelled"
    district = set(units.loc[(units["level"] == "county") & (units["kind"] == "district"), "code"])
    shapes = counties.plane[np.argsort(counties.codes)]
    rows = [
        pooled_rows(figures, settlements, quality, minutes),
        ranked_rows(figures, district, shapes, quality),
    ]
    return {
        "access": pd.concat(rows, ignore_index=True),
        "equity": equity_table(figures, settlements, access.places_for_each_child(settlements, centres)),
    }


def is_demonstration(centres: pd.DataFrame) -> bool:
    """Whether the register is the demonstration register: then all that rests on it is a demonstration."""
    return bool(centres["demonstration"].all())


def note_access(report: Report, tables: Mapping[str, pd.DataFrame]) -> None:
    """Whether the three parts of the gap make up the children measured, places handed out, and rows by state."""
    figures = tables["figures"]
    sums = figures[figures["year"] == access.YEAR].groupby("measure")["value"].sum()
    parts = sum(float(sums[name]) for name in ("children_served", "children_without_place", "children_beyond_30km"))
    whole = float(sums["children_measured"])
    # Each part is rounded in each county, half of a hundred at most and as often up as down.
    is_close = abs(parts - whole) <= GAP_TOLERANCE * whole
    report.note("Access", "children served, without a place, out of reach", round(parts), round(whole), ok=is_close)
    report.note("Access", "places in reach of children", round(float(sums["places_in_reach"])))
    for state, count in tables["access"]["state"].value_counts().items():
        report.note("Access", f"rows: {state}", int(count))
    report.note("Access", "points of curves of equity", len(tables["equity"]))
