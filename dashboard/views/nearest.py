"""How far every settlement is from the nearest open centre of a type, with a service, or of any."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.state import ANY, Only
from dashboard.views.travel import travel_used
from dashboard.views.units import Gazetteer, gazetteer
from geodata.analysis.access.nearest import Centres, Nearest, nearest_centres
from geodata.analysis.access.sums import as_published, unit_sums
from geodata.analysis.access.travel import Minutes
from geodata.analysis.aggregate import NO_DATA, VALUE, WITHHELD, ZERO, Column, FloatArray, IntArray
from geodata.catalogue.service_types import load_service_types
from geodata.states import QUALITIES
from geodata.store import Reading, queries, remembered

# Where from, to which centre, how many metres.
Route = tuple[tuple[float, float], str, float]


@remembered(at_most=8)
def distance_m(reading: Reading, only: Only) -> FloatArray:
    """Metres from each settlement to the nearest open centre that counts; the release holds those to any."""
    table = queries.settlements(reading)
    if only == ANY:
        return table["distance_m"].to_numpy(np.float64)
    lon, lat = (table[name].to_numpy(np.float64) for name in ("lon", "lat"))
    return _nearest(reading, lon, lat, only).distance_m[:, 0]


@remembered(at_most=1)
def counties(reading: Reading) -> IntArray:
    """The place of each settlement's county in the gazetteer."""
    known: Gazetteer = gazetteer(reading)
    codes = queries.settlements(reading)["code"]
    return np.array([known.places["county", code] for code in codes], dtype=np.intp)


@remembered(at_most=1)
def register(reading: Reading) -> Centres:
    """All centres as arrays."""
    table = queries.centres(reading)
    return Centres(
        id=table["centre_id"].tolist(),
        lon=table["lon"].to_numpy(np.float64),
        lat=table["lat"].to_numpy(np.float64),
        type=table["type"].tolist(),
        services=[frozenset(map(str.strip, (text or "").split(","))) for text in table["services"]],
        open=(table["status"] == "open").to_numpy(),
    )


def open_types(reading: Reading, service: str | None = None) -> list[str]:
    """Types with an open centre (with this service) whose place is known, in menu order."""
    centres = register(reading)
    present = {centres.type[place] for place in centres.chosen(service=service)}
    return [type_id for type_id in load_service_types() if type_id in present]


def routes_from(reading: Reading, from_: tuple[float, float], only: Only, most: int) -> list[Route]:
    """From one point to its nearest open centres that count, nearest first."""
    found = _nearest(reading, np.array([from_[0]]), np.array([from_[1]]), only, k=most)
    ids = register(reading).id
    pairs = zip(found.centre[0], found.distance_m[0], strict=True)
    return [(from_, ids[centre], float(metres)) for centre, metres in pairs if centre >= 0]


def nearest_routes(reading: Reading, settlements: pd.DataFrame, only: Only) -> list[Route]:
    """From each of these settlements, which have one, to its nearest open centre that counts; the release holds any."""
    if only == ANY:
        rows = settlements[["lon", "lat", "nearest_centre_id", "distance_m"]].itertuples(index=False, name=None)
        return [((lon, lat), centre_id, float(metres)) for lon, lat, centre_id, metres in rows]
    x, y = (settlements[name].to_numpy(np.float64) for name in ("lon", "lat"))
    found, ids = _nearest(reading, x, y, only), register(reading).id
    pairs = zip(x.tolist(), y.tolist(), found.centre[:, 0], found.distance_m[:, 0], strict=True)
    return [((lon, lat), ids[centre], float(metres)) for lon, lat, centre, metres in pairs if centre >= 0]


def _nearest(reading: Reading, lon: FloatArray, lat: FloatArray, only: Only, k: int = 1) -> Nearest:
    types = frozenset({only.centre_type}) if only.centre_type else None
    return nearest_centres(lon, lat, register(reading), types=types, service=only.service, k=k)


def measured_for(reading: Reading, only: Only, children: Column) -> dict[str, Column]:
    """The measures that rest on the nearest centre, made for the centres that count as a release makes them for any.

    children
        Children of 2020 by county, whose states decide where anything is known.
    """
    metres, county = distance_m(reading, only), counties(reading).astype(np.int64)
    sums = unit_sums(
        np.where(children.shown[county], county, -1),
        queries.settlements(reading)["children"].to_numpy(np.float64),
        metres,
        minutes_of(reading, only).central,
        units=len(children.state),
    )
    quality = QUALITIES.index("demonstration" if queries.centres(reading)["demonstration"].all() else "modelled")
    return {measure: _column(measure, raw, children, quality) for measure, raw in sums.items()}


@remembered(at_most=8)
def minutes_of(reading: Reading, only: Only) -> Minutes:
    """Minutes from each settlement to the quickest open centre that counts, by the method of the release.

    Infinite where none can be reached, not a number where nobody knows. Low and high, the span of what is assumed, are
    not numbers where a file says the minutes.
    """
    table, assumed = queries.settlements(reading), travel_used(reading).assumed
    if assumed:
        return assumed.minutes(distance_m(reading, only), table["relief"].to_numpy(str))
    rows = queries.minutes(reading)
    if only.centre_type:
        rows = rows[rows["type"] == only.centre_type]
    if only.service:
        rows = rows[[only.service in services.split(",") for services in rows["services"]]]
    least = rows.groupby("settlement_id")["minutes"].min()
    none = np.full(len(table), np.nan)
    return Minutes(none, least.reindex(table["settlement_id"]).to_numpy(np.float64), none)


def _column(measure: str, raw: FloatArray, children: Column, quality: int) -> Column:
    value, few = as_published(measure, raw)
    state = np.select(
        [(children.state == WITHHELD) | few, np.isnan(value), value == 0], [WITHHELD, NO_DATA, ZERO], VALUE
    )
    return Column.of(value, state, np.full(state.shape, quality))
