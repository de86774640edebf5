"""How far the children of a unit are from centres: bands, median and 90th percentile, and the lines to draw.

Everything here is made from the settlements of the release, whose children are weights and not published: only shares
and distances leave this module. They are pooled over a unit's settlements and never averaged over its counties.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, Only
from dashboard.views.centre_models import CentreCard
from dashboard.views.centres import centres_layer_of
from dashboard.views.minutes import MinutesBand, bands_min, minutes_bands, percent
from dashboard.views.nearest import Route, counties, distance_m, nearest_routes, open_types, routes_from
from dashboard.views.travel import standards_text, travel_used
from dashboard.views.units import Unit, gazetteer
from geodata.analysis.access.nearest import Spread, spread
from geodata.analysis.access.travel import SPEED_KM_H, Assumed, Mode
from geodata.catalogue.service_types import BANDS_KM, load_service_types
from geodata.codes import Level
from geodata.store import Reading, Store, queries, remembered
from geodata.text import Language
from geodata.units import METRES_PER_KILOMETRE

# The settlement with most children shows as many centres to choose from; lines carry a label only to the nearest few.
CHOICE = 3
LABELLED = 4
# 110 m: enough for a line across a county.
LINE_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class ReachColumn:
    """How far the children of a unit are from the nearest open centre of one type, or of any (`type_id` None).

    `within` are cumulative shares of the children, as text, one a band. `minutes` are (way of going, text) pairs for
    the mean distance, empty where the release has its minutes from a file; `in_minutes` are shares by minutes.
    """

    type_id: str | None
    name: str
    within: tuple[str, ...]
    shares: tuple[float, ...]
    beyond: str
    mean: str
    median: str
    p90: str
    minutes: tuple[tuple[str, str], ...]
    in_minutes: tuple[MinutesBand, ...]


@dataclass(frozen=True)
class UnitReach:
    """The reach of one unit: bands as rows, types of centre as columns, the first of which is any type.

    `bands_min` name the bands by minutes, `standards` says what is in reach by them.
    """

    name: str
    bands: tuple[str, ...]
    bands_min: tuple[str, ...]
    columns: tuple[ReachColumn, ...]
    assumed: str
    standards: str
    notice: str | None


def unit_reach(source: Store | Reading, level: Level, code: str, lang: Language, only: Only = ANY) -> UnitReach | None:
    """The reach of a unit, or None where no settlement of it has both children and a known distance.

    With a service chosen only centres that offer it count; with a type chosen its column is the only one.
    """
    reading = source.reading()
    known = gazetteer(reading)
    unit = known.find(code, level)
    if unit is None:
        return None
    place = known.place(unit)
    wanted = [only] if only.centre_type else _choices(reading, only.service)
    columns = [
        _column(reading, unit, one, found, lang)
        for one in wanted
        if (found := _spread(reading, unit.level, one)).measured[place] > 0
    ]
    if not columns:
        return None
    demonstration = bool(queries.centres(reading)["demonstration"].any())
    return UnitReach(
        name=unit.name(lang),
        bands=tuple(t("reach.within", lang, km=_km(band)) for band in BANDS_KM),
        bands_min=tuple(t("reach.within_min", lang, duration=duration(band, lang)) for band in bands_min(reading)),
        columns=tuple(columns),
        assumed=_assumed_text(reading, lang),
        standards=standards_text(reading, lang),
        notice=t("notice.demonstration", lang) if demonstration else None,
    )


def _assumed_text(reading: Reading, lang: Language) -> str:
    assumed = travel_used(reading).assumed
    if assumed is None:
        return t("reach.straight", lang)
    ways = [t("reach.way", lang, way=t(f"reach.{mode}", lang), km=_km(speed)) for mode, speed in _speeds(assumed)]
    detour = f"{assumed.detour['unknown']:g}"
    return t("reach.assumed", lang, detour=detour, ways=t("format.list_separator", lang).join(ways))


def _speeds(assumed: Assumed) -> list[tuple[Mode, float]]:
    """On foot, and the way of going of the release."""
    on_foot: list[tuple[Mode, float]] = [] if assumed.mode == "walk" else [("walk", SPEED_KM_H["walk"])]
    return [*on_foot, (assumed.mode, assumed.speed_km_h)]


def _choices(reading: Reading, service: str | None) -> list[Only]:
    """Any type first, then each that is there."""
    return [Only(type_id, service) for type_id in (None, *open_types(reading, service))]


def reach_lines(source: Store | Reading, level: Level, code: str, lang: Language, only: Only = ANY) -> dict[str, Any]:
    """GeoJSON (WGS-84): a line from every settlement of a county to its nearest open centre, labels at the centres.

    A county without a settlement is measured from its point. Other levels have too many lines to be read: none.
    """
    reading = source.reading()
    unit = gazetteer(reading).find(code, level)
    features = (
        _features(reading, unit, lang, only) if unit is not None and unit.level == "county" and unit.counted else []
    )
    return {"type": "FeatureCollection", "features": features}


def travel_text(distance_m: float, assumed: Assumed, lang: Language) -> tuple[tuple[str, str], ...]:
    """(way of going, time) pairs for a straight-line distance, detour included: on foot 3 h 20 min, bus 40 min."""
    return tuple(
        (
            t(f"reach.{mode}", lang),
            duration(float(replace(assumed, mode=mode, speed_km_h=speed).minutes(distance_m).central), lang),
        )
        for mode, speed in _speeds(assumed)
    )


def duration(minutes: float, lang: Language) -> str:
    """Minutes as people say them; from ten hours on whole hours, because the detour is an assumption."""
    whole = round(minutes)
    if whole < 60:
        return t("reach.minutes", lang, minutes=fmt.number(whole, 0))
    hours, rest = divmod(whole, 60)
    if hours >= 10:
        return t("reach.hours", lang, hours=fmt.number(round(minutes / 60), 0))
    return t("reach.hours_minutes", lang, hours=hours, minutes=rest) if rest else t("reach.hours", lang, hours=hours)


def _column(reading: Reading, unit: Unit, only: Only, found: Spread, lang: Language) -> ReachColumn:
    place, assumed, type_id = gazetteer(reading).place(unit), travel_used(reading).assumed, only.centre_type
    shares = np.cumsum(found.share_in_band[place])
    kind = load_service_types()[type_id].name.to(lang) if type_id else t("reach.any", lang)
    mean_m = float(found.mean[place]) * METRES_PER_KILOMETRE
    return ReachColumn(
        type_id=type_id,
        name=kind,
        within=tuple(percent(float(share)) for share in shares[:-1]),
        shares=tuple(float(share) for share in shares[:-1]),
        beyond=percent(1.0 - float(shares[-2])),
        mean=fmt.distance(mean_m, lang),
        median=fmt.distance(float(found.median[place]) * METRES_PER_KILOMETRE, lang),
        p90=fmt.distance(float(found.p90[place]) * METRES_PER_KILOMETRE, lang),
        minutes=travel_text(mean_m, assumed, lang) if assumed else (),
        in_minutes=minutes_bands(reading, unit, only, lang),
    )


def _km(value: float) -> str:
    return fmt.number(value, 0 if value == int(value) else 1)


@remembered(at_most=40)
def _spread(reading: Reading, level: Level, only: Only) -> Spread:
    """Distances in kilometres over the units of `level`, in the order of the gazetteer."""
    unit = gazetteer(reading).groups[level][counties(reading)]
    km = distance_m(reading, only) / METRES_PER_KILOMETRE
    people = queries.settlements(reading)["children"].to_numpy(np.float64)
    return spread(unit.astype(np.int64), people, km, units=len(gazetteer(reading).levels[level]), bands=BANDS_KM)


def _features(reading: Reading, unit: Unit, lang: Language, only: Only) -> list[dict[str, Any]]:
    cards = {centre.id: centre for centre in centres_layer_of(reading, lang).centres}
    routes = _routes(reading, unit, only)
    lines = [_line(from_, cards[centre_id]) for from_, centre_id, _ in routes if cards[centre_id].lon is not None]
    nearest: dict[str, float] = {}
    for _, centre_id, metres in routes:
        nearest[centre_id] = min(metres, nearest.get(centre_id, metres))
    labelled = sorted(nearest, key=lambda centre_id: (nearest[centre_id], centre_id))[:LABELLED]
    assumed = travel_used(reading).assumed
    return [*lines, *(_label(cards[centre_id], nearest[centre_id], assumed, lang) for centre_id in labelled)]


def _routes(reading: Reading, unit: Unit, only: Only) -> list[Route]:
    """From where, to which centre, how many metres: one a settlement, some more from the one with most children.

    A county without settlements goes from its point.
    """
    table = queries.settlements(reading)
    inside = table[(table["code"] == unit.code) & table["distance_m"].notna()]
    if inside.empty:
        return routes_from(reading, (unit.lon, unit.lat), only, CHOICE)
    own = nearest_routes(reading, inside, only)
    if not own:
        return []
    most = inside.iloc[int(np.argmax(inside["children"].to_numpy()))]
    known = {(from_, centre_id) for from_, centre_id, _ in own}
    more = routes_from(reading, (float(most["lon"]), float(most["lat"])), only, CHOICE)
    return own + [route for route in more if route[:2] not in known]


def _line(from_: tuple[float, float], centre: CentreCard) -> dict[str, Any]:
    points = [from_, (centre.lon or 0.0, centre.lat or 0.0)]
    rounded = [[round(lon, LINE_DECIMALS), round(lat, LINE_DECIMALS)] for lon, lat in points]
    return {"type": "Feature", "geometry": {"type": "LineString", "coordinates": rounded}, "properties": {}}


def _label(centre: CentreCard, metres: float, assumed: Assumed | None, lang: Language) -> dict[str, Any]:
    times = [f"{way} {time}" for way, time in travel_text(metres, assumed, lang)] if assumed else []
    text = f"{t('reach.from', lang)} {' · '.join([fmt.distance(metres, lang), *times])}"
    point = [round(centre.lon or 0.0, LINE_DECIMALS), round(centre.lat or 0.0, LINE_DECIMALS)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": point},
        "properties": {"name": centre.name, "text": text},
    }
