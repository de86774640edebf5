"""How many children of each unit are how far from centres: the sums that every figure of access is a ratio of.

Used where a release is built, for the nearest centre of any kind, and where it is read, for those of one kind alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geodata.analysis.access.travel import is_within
from geodata.analysis.estimate.rounding import WITHHELD, round_count
from geodata.units import METRES_PER_KILOMETRE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

STANDARDS_KM = (5, 10, 30)
BANDS_KM = (1, 2.5, 5, 10, 30, 60)
LIMIT_MIN = 60
# Sums that are no counts of children, and the digits after the point they keep: what division makes of them is right
# far beyond what is shown.
DIGITS = {"children_km": 1, "children_minutes": 0, "places_in_reach": 3}
# What rests on minutes: children of whom the minutes are known, of these who reach a centre at all, who do not, and
# who need longer than the limit.
TIMED, REACHING, UNREACHABLE, MINUTES = (
    "children_timed",
    "children_reaching",
    "children_unreachable",
    "children_minutes",
)
BEYOND_LIMIT = f"children_beyond_{LIMIT_MIN}min"
TIME_MEASURES = (TIMED, REACHING, UNREACHABLE, BEYOND_LIMIT, MINUTES)


def within(band_km: float) -> str:
    """The measure of children within a band: `children_within_2_5km`."""
    return f"children_within_{band_km:g}km".replace(".", "_")


DISTANCE_MEASURES = (
    "children_measured",
    *(f"children_beyond_{standard}km" for standard in STANDARDS_KM),
    *map(within, BANDS_KM),
    "children_km",
)
MEASURES = (*DISTANCE_MEASURES, *TIME_MEASURES)


def unit_sums(unit: Ints, people: Floats, distance_m: Floats, minutes: Floats, *, units: int) -> dict[str, Floats]:
    """The `MEASURES` of each of `units` units, unrounded; not a number where nothing was measured.

    Parameters
    ----------
    unit
        Unit of every settlement, -1 for those that are not summed.
    people
        Children.
    distance_m
        Metres to the nearest centre, not a number where there is none. Exactly at a standard is reached.
    minutes
        Minutes to the quickest centre: infinite where none can be reached, not a number where nobody knows.
    """
    measured, timed = (unit >= 0) & ~np.isnan(distance_m), (unit >= 0) & ~np.isnan(minutes)

    def total(weight: Floats, among: Mask, known: Mask) -> Floats:
        counted = among & known
        sums = np.bincount(unit[counted], weights=weight[counted], minlength=units)
        return np.where(np.bincount(unit[known], minlength=units) > 0, sums, np.nan)

    everyone, reached = np.ones(len(unit), dtype=bool), np.isfinite(minutes)
    found = {"children_measured": total(people, everyone, measured)}
    for standard in STANDARDS_KM:
        found[f"children_beyond_{standard}km"] = total(people, distance_m > standard * METRES_PER_KILOMETRE, measured)
    for band in BANDS_KM:
        found[within(band)] = total(people, distance_m <= band * METRES_PER_KILOMETRE, measured)
    found["children_km"] = total(people * distance_m / METRES_PER_KILOMETRE, everyone, measured)
    found[TIMED] = total(people, everyone, timed)
    found[REACHING] = total(people, reached, timed)
    found[UNREACHABLE] = total(people, ~reached, timed)
    found[BEYOND_LIMIT] = total(people, ~is_within(minutes, LIMIT_MIN), timed)
    # What cannot be reached has no minutes to add; its children are counted beside.
    found[MINUTES] = total(people * np.where(reached, minutes, 0.0), reached, timed)
    return found


def as_published(measure: str, raw: npt.ArrayLike) -> tuple[Floats, Mask]:
    """Sums of one measure as they are published, and where a count is so small that it is withheld.

    Counts are rounded as all modelled counts are. Rounding is monotone: it can neither lift a part above its whole nor
    turn the order of the standards around. What is not a number stays so.
    """
    # A sum of shares ends a little off the count that was shared out.
    sums = np.round(np.asarray(raw, dtype=float), 6)
    if measure in DIGITS:
        return np.asarray(np.round(sums, DIGITS[measure])), np.zeros(sums.shape, dtype=bool)
    counts = round_count(np.nan_to_num(sums))
    withheld = counts == WITHHELD
    return np.where(np.isnan(sums) | withheld, np.nan, counts.astype(float)), withheld
