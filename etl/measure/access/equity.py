"""How evenly places in reach are shared among children, and whether they are where left-behind children are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.measure.access.ranked import published
from etl.measure.access.rows import Floats
from etl.measure.published import Figures
from geodata.analysis.access.equity import Curve, concentration, lorenz

# Points of a curve in the release: every second percent of the children is finer than a line on a screen.
POINTS = 51
_DIGITS = 5


def equity_table(figures: Figures, settlements: pd.DataFrame, places: Floats) -> pd.DataFrame:
    """The table `equity`, of the nation and of every province with a place in reach.

    Parameters
    ----------
    figures
        All figures of the release.
    settlements
        code, children.
    places
        Places for each child at every settlement.
    """
    levels = figures.levels
    county = pd.Index(levels.codes["county"]).get_indexer(pd.Index(settlements["code"]))
    people, need = settlements["children"].to_numpy(float), published(figures, "left_behind_share")[county]
    rows = []
    for level in ("nation", "province"):
        unit = levels.group[level][county]
        for number, code in enumerate(levels.codes[level]):
            own = unit == number
            curves = {
                "lorenz": lorenz(places[own], people[own]),
                "concentration": concentration(places[own], people[own], need[own]),
            }
            rows += [_points(level, str(code), *one) for one in curves.items() if not np.isnan(one[1].index)]
    empty = pd.DataFrame(columns=["level", "code", "curve", "step", "people", "access", "index"])
    return pd.concat(rows, ignore_index=True) if rows else empty


def _points(level: str, code: str, name: str, curve: Curve) -> pd.DataFrame:
    """The curve at evenly spaced shares of children: straight between the points it is made of, as it is drawn."""
    people = np.linspace(0.0, 1.0, POINTS)
    return pd.DataFrame(
        {
            "level": level,
            "code": code,
            "curve": name,
            "step": np.arange(POINTS),
            "people": np.round(people, _DIGITS),
            "access": np.round(np.clip(np.interp(people, curve.people, curve.access), 0.0, 1.0), _DIGITS),
            "index": np.round(curve.index, _DIGITS),
        }
    )
