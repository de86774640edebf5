"""What is pooled over the settlements of a unit at every level, because it does not add up over counties."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.measure.access.figures import YEAR
from etl.measure.access.rows import Floats, access_rows
from etl.measure.published import Figures, published_figure
from geodata.analysis.access.nearest import Spread, spread
from geodata.analysis.access.sums import BEYOND_LIMIT, LIMIT_MIN
from geodata.analysis.access.travel import Minutes
from geodata.analysis.aggregate import WITHHELD
from geodata.codes import LEVELS
from geodata.units import METRES_PER_KILOMETRE

MINUTES = "minutes_to_centre"
_PERCENT = 100.0


def pooled_rows(figures: Figures, settlements: pd.DataFrame, quality: str, minutes: Minutes) -> pd.DataFrame:
    """distance_median and distance_p90 (km), and the span of the two figures that rest on minutes, at every level.

    figures
        All figures of the release.
    settlements
        code, children, distance_m.
    minutes
        Of each settlement. Where low and high are not numbers there is no span.
    """
    levels, catalogue = figures.levels, figures.catalogue
    county = pd.Index(levels.codes["county"]).get_indexer(pd.Index(settlements["code"]))
    people = settlements["children"].to_numpy(float)
    km = settlements["distance_m"].to_numpy(float) / METRES_PER_KILOMETRE
    found = []
    for level in LEVELS:
        codes, unit = levels.codes[level], levels.group[level][county]

        def over(far: Floats, unit: np.ndarray = unit, units: int = len(codes)) -> Spread:
            return spread(unit, people, far, units=units, bands=(LIMIT_MIN,))

        measured = published_figure(figures, catalogue.indicators["distance_to_centre"], YEAR, level)
        hidden = measured.state == WITHHELD
        near, quick, slow = over(km), over(minutes.low), over(minutes.high)
        for name, value in (("distance_median", near.median), ("distance_p90", near.p90)):
            shown = np.where(measured.shown, np.round(value, catalogue.access[name].decimals), np.nan)
            found.append(access_rows(level, codes, name, shown, quality=quality, withheld=hidden))
        spans = {
            MINUTES: (quick.mean, slow.mean),
            BEYOND_LIMIT: (_PERCENT * quick.share_in_band[:, -1], _PERCENT * slow.share_in_band[:, -1]),
        }
        for name, (least, most) in spans.items():
            indicator = catalogue.indicators[name]
            own = published_figure(figures, indicator, YEAR, level)
            value = np.where(own.shown, own.value, np.nan)
            # Made from rounded counts, the figure may lie a little outside bounds that were not.
            bounds = np.minimum(least, value), np.maximum(most, value)
            low, high = (np.round(bound, indicator.decimals) for bound in bounds)
            hidden = own.state == WITHHELD
            found.append(access_rows(level, codes, name, value, quality=quality, bounds=(low, high), withheld=hidden))
    return pd.concat(found, ignore_index=True)
