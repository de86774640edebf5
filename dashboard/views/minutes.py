"""Minutes of a unit's children to centres: mean and bands with the span of what is assumed, and who was moved."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, Only
from dashboard.views.nearest import counties, minutes_of
from dashboard.views.travel import travel_used
from dashboard.views.units import Unit, gazetteer
from geodata.analysis.access.nearest import Spread, spread
from geodata.analysis.access.sums import LIMIT_MIN
from geodata.analysis.aggregate import FloatArray
from geodata.catalogue import Indicator
from geodata.catalogue.service_types import BANDS_MIN
from geodata.codes import Level
from geodata.store import Reading, queries, remembered
from geodata.text import Language

# The gap in three parts by minutes, and with it all figures that rest on assumed minutes.
IN_TIME = ("children_served_in_time", "children_without_place_in_time", "children_out_of_reach_in_time")
RESTING = ("minutes_to_centre", f"children_beyond_{LIMIT_MIN}min", *IN_TIME)
# Sums of shares of a county's children end a little off the whole.
_NEARLY_ALL = 1.0 - 1e-6
# A minute computed in two ways may differ in its last digit; an edge includes it.
_EDGE = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class MinutesBand:
    """Share of a unit's children at most so many minutes from a centre, exactly so many included.

    `low` and `high` are the share under unfavourable and favourable assumptions, None where nothing is assumed. Of
    children whose minutes nobody knows nothing is said.
    """

    minutes: float
    share: float
    low: float | None
    high: float | None
    text: str
    span: str


@dataclass(frozen=True)
class Spans:
    """Minutes over the units of a level, if all goes well (`quick`), as assumed, and if nothing does (`slow`)."""

    quick: Spread
    central: Spread
    slow: Spread


def bands_min(reading: Reading) -> tuple[float, ...]:
    """The edges that are shown: the usual ones and the standards of the release."""
    return tuple(sorted({*BANDS_MIN, *travel_used(reading).standards_min.values()}))


@remembered(at_most=40)
def spans(reading: Reading, level: Level, only: Only) -> Spans:
    """Minutes to the centres that count over the units of `level`, in the order of the gazetteer."""
    found, edges = minutes_of(reading, only), [edge * _EDGE for edge in bands_min(reading)]
    known = gazetteer(reading)
    unit = known.groups[level][counties(reading)].astype(np.int64)
    people = queries.settlements(reading)["children"].to_numpy(np.float64)

    def over(minutes: FloatArray) -> Spread:
        return spread(unit, people, minutes, units=len(known.levels[level]), bands=edges)

    central = over(found.central)
    if np.isnan(found.low).all():
        return Spans(central, central, central)
    return Spans(over(found.low), central, over(found.high))


def minutes_bands(reading: Reading, unit: Unit, only: Only, lang: Language) -> tuple[MinutesBand, ...]:
    """The bands of a unit; empty where no minutes are known."""
    found, place = spans(reading, unit.level, only), gazetteer(reading).place(unit)
    if not found.central.measured[place] > 0:
        return ()
    least, share, most = (np.cumsum(one.share_in_band[place])[:-1] for one in (found.slow, found.central, found.quick))
    return tuple(
        _band(*numbers, is_assumed=found.quick is not found.central, lang=lang)
        for numbers in zip(bands_min(reading), share.tolist(), least.tolist(), most.tolist(), strict=True)
    )


def assumed_bounds(reading: Reading, indicator: str, level: Level, only: Only) -> tuple[FloatArray, FloatArray] | None:
    """What a figure that rests on minutes would be under favourable and unfavourable assumptions, by place of a level.

    Of these two the lesser number first; not numbers where nothing is known. None for other figures, and where a file
    says the minutes.
    """
    if indicator not in RESTING or travel_used(reading).assumed is None:
        return None
    if indicator in IN_TIME:
        table = queries.access(reading)
        own = table[(table["figure"] == indicator) & (table["level"] == level)].set_index("code")
        codes = [unit.code for unit in gazetteer(reading).levels[level]]
        low, high = (own[end].reindex(codes).to_numpy(np.float64) for end in ("low", "high"))
        return low, high
    found = spans(reading, level, only)
    if indicator == "minutes_to_centre":
        return found.quick.mean, found.slow.mean
    beyond = bands_min(reading).index(float(LIMIT_MIN)) + 1
    quick, slow = (100.0 * one.share_in_band[:, beyond:].sum(axis=1) for one in (found.quick, found.slow))
    return quick, slow


def rounded_bounds(value: float | None, low: float, high: float, style: Indicator) -> tuple[float, float] | None:
    """Bounds as they are shown beside the figure; None where they say nothing more than the figure.

    Made from rounded counts, the figure may lie a little outside bounds that were not: then they are moved to it.
    """
    if value is None or not (math.isfinite(low) and math.isfinite(high)):
        return None
    least, most = round(min(low, value), style.decimals), round(max(high, value), style.decimals)
    return (least, most) if least < most else None


def known_text(reading: Reading, unit: Unit, lang: Language) -> str | None:
    """Of which share of a unit's children minutes are known; None where of all (or nobody lives there)."""
    people = queries.settlements(reading)["children"].to_numpy(np.float64)
    known = gazetteer(reading)
    inside = known.groups[unit.level][counties(reading)] == known.place(unit)
    timed, all_of = inside & ~np.isnan(minutes_of(reading, ANY).central), float(people[inside].sum())
    share = float(people[timed].sum()) / all_of if all_of > 0 else 1.0
    return None if share > _NEARLY_ALL else t("reach.known", lang, percent=percent(share))


def moved_text(reading: Reading, unit: Unit, lang: Language) -> str | None:
    """Which share of a unit's children live on barriers of the surface and were timed from a cell nearby, if any."""
    table, known = queries.settlements(reading), gazetteer(reading)
    inside = known.groups[unit.level][counties(reading)] == known.place(unit)
    people, metres = table["children"].to_numpy(np.float64), table["moved_m"].to_numpy(np.float64)
    moved, all_of = inside & ~np.isnan(metres), float(people[inside].sum())
    within = travel_used(reading).snap_within_m
    if within is None or not all_of > 0 or not people[moved].sum() > 0:
        return None
    return t(
        "reach.moved", lang, percent=percent(float(people[moved].sum()) / all_of),
        farthest=fmt.distance(float(metres[moved].max()), lang), within=fmt.distance(within, lang),
    )  # fmt: skip


def percent(share: float) -> str:
    """Whole percent: the weights behind it bear no more. What is small and what is nearly all is said as that."""
    percent = 100.0 * share
    if 1e-6 < percent < 1.0:
        return "<1%"
    if 99.0 < percent < 100.0 - 1e-6:
        return ">99%"
    return f"{fmt.number(percent, 0)}%"


def _band(minutes: float, share: float, least: float, most: float, *, is_assumed: bool, lang: Language) -> MinutesBand:
    text = percent(share)
    low, high = (min(least, share), max(most, share)) if is_assumed else (None, None)
    span = ""
    if low is not None and high is not None and percent(low) != percent(high):
        span = t("reach.band_span", lang, low=percent(low).rstrip("%"), high=percent(high))
    return MinutesBand(minutes, share, low, high, text, span)
