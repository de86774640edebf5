"""Where one unit stands among all of its level: a histogram with a line at the unit's value."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.theme import FONT_STACK
from dashboard.views.models import UnitMap, UnitPanel

BINS = 30
# Grey and blue that keep 3:1 contrast on the white and on the dark panel alike.
BAR_COLOUR = "#93a19c"
LINE_COLOUR = "#c2451f"
TEXT_COLOUR = "#7b8783"


def distribution_figure(view: UnitPanel, unit_map: UnitMap) -> go.Figure:
    """A static histogram of `view.distribution`, its tails drawn in at the 1st and 99th percentile.

    Counts of children spread over three orders of magnitude, so without the cut one bar would hold nearly all units.
    """
    values = np.asarray(view.distribution, dtype=float)
    low, high = np.percentile(values, [1, 99])
    low, high = (low, high) if high > low else (values.min(), values.min() + 1)
    counts, edges = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    at = float(np.clip(view.figure.value if view.figure.value is not None else low, low, high))
    figure = go.Figure(go.Bar(x=(edges[:-1] + edges[1:]) / 2, y=counts, marker_color=BAR_COLOUR, marker_line_width=0))
    figure.add_vline(x=at, line_color=LINE_COLOUR, line_width=3)
    figure.update_layout(
        height=130,
        margin={"l": 8, "r": 8, "t": 8, "b": 24},
        bargap=0.06,
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT_STACK, "size": 11, "color": TEXT_COLOUR},
        yaxis={"visible": False, "fixedrange": True},
        xaxis={
            "showgrid": False,
            "fixedrange": True,
            "title": None,
            "tickformat": f",.{_axis_decimals(unit_map)}f",
            "nticks": 5,
        },
    )
    return figure


def _axis_decimals(unit_map: UnitMap) -> int:
    return 0 if unit_map.table.indicator.unit == "children" else unit_map.table.indicator.decimals
