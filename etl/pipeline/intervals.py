"""The committed intervals on their way into a release."""

from __future__ import annotations

import pandas as pd

from etl.measure.intervals import Released, released
from etl.measure.published import Figures, columns_of, levels_of
from etl.read.estimates import read_estimates
from etl.read.intervals import Intervals
from etl.report import Report
from geodata.catalogue import load_catalogue
from geodata.codes import LEVELS


def released_intervals(intervals: Intervals, figures: pd.DataFrame, units: pd.DataFrame) -> Released:
    """The intervals that go into a release with the tables `figures` and `units`.

    An interval goes with the estimate it was drawn around: where a figure is another one by now, official or raked to
    a total that somebody gave, it is left out.
    """
    catalogue, levels = load_catalogue(), levels_of(units[units["level"] == "county"])
    estimated, given = (
        Figures(columns_of(table, levels), levels, catalogue) for table in (read_estimates().figures, figures)
    )
    return released(intervals.table, estimated, given)


def note_intervals(report: Report, intervals: Intervals, found: Released) -> None:
    """What was read and left out, by level; that each figure lies within its interval, and none is hidden."""
    together = len(found.table) + found.replaced
    report.note("Intervals", "draws", intervals.metadata["draws"])
    report.note("Intervals", "rows read", found.read, together, ok=found.read == together)
    report.note("Intervals", "left out: the figure is no longer the estimate", found.replaced)
    report.note("Intervals", "of figures that may not be seen", found.without_figure, 0, ok=found.without_figure == 0)
    report.note("Intervals", "figures outside their interval", found.outside, 0, ok=found.outside == 0)
    for level in LEVELS:
        report.note("Intervals", f"rows: {level}", int((found.table["level"] == level).sum()))
