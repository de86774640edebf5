"""How far children are from centres, whether there is a place for them, and what norms ask for, by county and above."""

from etl.measure.access.figures import (
    DIGITS,
    LIMIT_MIN,
    MEASURES,
    PLACES_MEASURES,
    STANDARDS_KM,
    YEAR,
    access_figures,
    county_sums,
    minutes_from,
    nearest_centres,
    places_for_each_child,
    places_sums,
)

__all__ = [
    "DIGITS",
    "LIMIT_MIN",
    "MEASURES",
    "PLACES_MEASURES",
    "STANDARDS_KM",
    "YEAR",
    "access_figures",
    "county_sums",
    "minutes_from",
    "nearest_centres",
    "places_for_each_child",
    "places_sums",
]
