"""Access on its way into a release: counts by county first, then what does not add up, which rests on all figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.measure import access
from etl.measure.access.equity import equity_table
from etl.measure.access.in_time import IN_TIME, InTime, in_time_rows, in_time_sums
from etl.measure.access.norms import norm_figures
from etl.measure.access.pooled import pooled_rows
from etl.measure.access.ranked import ranked_rows
from etl.measure.published import Figures, columns_of, levels_of
from etl.pipeline.travel import Times
from etl.place.boundaries import Coverage
from etl.read.communities import read_communities
from etl.report import Report
from geodata.analysis.access.sums import TIME_MEASURES
from geodata.analysis.access.travel import Minutes
from geodata.catalogue import load_catalogue

Floats = npt.NDArray[np.float64]

# More than so many of a county's children timed from a cell that is not their own: its minutes are weak.
MOVED_TOO_MANY = 0.5
# What rounding may add or take from the sum of the three parts of the gap.
GAP_TOLERANCE = 0.002


def access_to_centres(
    modelled: pd.DataFrame, settlements: pd.DataFrame, near: pd.DataFrame, centres: pd.DataFrame, times: Times
) -> pd.DataFrame:
    """All measures of access as figures.

    modelled
        The estimates in the form of `figures`, whose children were spread over `settlements`.
    near
        From `nearest_centres`, with minutes.
    centres
        The table `centres`.
    times
        Of the settlements: the three parts by minutes, and who was moved off a barrier.
    """
    demonstration = is_demonstration(centres)
    children = modelled[(modelled["year"] == access.YEAR) & (modelled["measure"] == "children")]
    by_distance = access.county_sums(settlements, near, children)
    by_places = access.places_sums(settlements, centres, children)
    return pd.concat(
        [
            weak_where_moved(
                access.access_figures(by_distance, children, demonstration=demonstration), settlements, times.moved_m
            ),
            access.access_figures(by_places, children, demonstration=demonstration),
            access.access_figures(
                in_time_sums(times.gap, settlements, children), children, demonstration=demonstration
            ),
            norm_figures(read_communities(), centres, demonstration=demonstration),
        ],
        ignore_index=True,
    )


def weak_where_moved(figures: pd.DataFrame, settlements: pd.DataFrame, moved_m: Floats) -> pd.DataFrame:
    """`figures` with what rests on minutes flagged weak in counties where most children were moved off a barrier."""
    people = settlements["children"].to_numpy(float)
    moved = pd.Series(np.where(np.isnan(moved_m), 0.0, people)).groupby(settlements["code"].to_numpy()).sum()
    share = moved / pd.Series(people).groupby(settlements["code"].to_numpy()).sum()
    weak = figures["code"].isin(share.index[share > MOVED_TOO_MANY]) & figures["measure"].isin(TIME_MEASURES)
    quality = figures["quality"].where(~(weak & (figures["quality"] == "modelled")), "modelled_weak")
    return figures.assign(quality=quality)


def access_tables(
    tables: Mapping[str, pd.DataFrame], counties: Coverage, minutes: Minutes, gap: InTime | None
) -> dict[str, pd.DataFrame]:
    """The tables `access` and `equity` of a release with these other tables; `counties` are the outlines it draws.

    `minutes` are those of each settlement with the span of what is assumed, `gap` the three parts by minutes.
    """
    units, settlements, centres = tables["units"], tables["settlements"], tables["centres"]
    levels = levels_of(units[units["level"] == "county"])
    figures = Figures(columns_of(tables["figures"], levels), levels, load_catalogue())
    quality = "demonstration" if is_demonstration(centres) else "modelled"
    district = set(units.loc[(units["level"] == "county") & (units["kind"] == "district"), "code"])
    shapes = counties.plane[np.argsort(counties.codes)]
    rows = [
        pooled_rows(figures, settlements, quality, minutes),
        in_time_rows(figures, gap, settlements, quality),
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
    if all(name in sums for name in IN_TIME) and sums[list(IN_TIME)].sum() > 0:
        parts, whole = float(sums[list(IN_TIME)].sum()), float(sums["children_timed"])
        is_close = abs(parts - whole) <= GAP_TOLERANCE * whole
        label = "by minutes: children served, without a place, out of reach"
        report.note("Access", label, round(parts), round(whole), ok=is_close)
    report.note("Access", "places in reach of children", round(float(sums["places_in_reach"])))
    for state, count in tables["access"]["state"].value_counts().items():
        report.note("Access", f"rows: {state}", int(count))
    report.note("Access", "points of curves of equity", len(tables["equity"]))
