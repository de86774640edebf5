"""How far children are from centres, whether there is a place for them, and what norms ask for, by county and above."""

from etl.measure.access.figures import (
    PLACES_MEASURES,
    YEAR,
    access_figures,
    county_sums,
    nearest_centres,
    places_for_each_child,
    places_sums,
)
from geodata.analysis.access.sums import MEASURES

__all__ = [
    "MEASURES",
    "PLACES_MEASURES",
    "YEAR",
    "access_figures",
    "county_sums",
    "nearest_centres",
    "places_for_each_child",
    "places_sums",
]
