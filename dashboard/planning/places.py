"""The places of a question: where children live, where a site may stand, which centres are there already.

Demand stands at the settlements of the release. The children of a county that the atlas publishes (gated, rounded) are
spread over its settlements: rural ones over rural places, urban ones over urban places, in proportion to the weights of
the release; where a county has places of one kind only, that kind takes all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.planning.metres import Metres
from dashboard.planning.request import HOLDS_ALL_PAIRS, PlanRequest
from dashboard.state import ViewState
from dashboard.views.units import Gazetteer, Unit, gazetteer
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue
from geodata.errors import UserError
from geodata.store import Reading, queries

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Which indicators are the need, and over which kinds of settlement each is spread. A county point is both.
PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "left_behind_children": (("left_behind_children_rural", ("rural",)), ("left_behind_children_urban", ("urban",))),
    "children": (("children", ("rural", "urban")),),
}
# A distance for every pair is kept up to here (80 MB); beyond, demand stands at one place a county.
MOST_PAIRS = 10_000_000
# With limited places every pair is an unknown of a program: beyond so many a run does not get anywhere.
MOST_FLOWS = 60_000


@dataclass(frozen=True)
class Part:
    """One part of the need: each demand point's share of its county's children, summing to 1 over a county or to 0."""

    indicator: str
    share: Floats
    county_value: Floats


@dataclass(frozen=True)
class Site:
    """A place where a centre may be opened, or one that is open: names, county, WGS-84 degrees.

    `cost` of opening it; `capacity`: children it can serve, None where nobody says.
    """

    id: str
    name_zh: str
    name_en: str
    code: str | None
    lon: float
    lat: float
    cost: float = 1.0
    capacity: float | None = None


@dataclass(frozen=True)
class Places:
    """Demand points (n) with their county, and sites (candidates, then existing centres).

    `county` is the place of each point's county among `counties`; `unknown` counts counties without a figure,
    `unplaced` open centres without coordinates, which can serve nobody in a question about distance.
    """

    region: Unit
    counties: tuple[Unit, ...]
    county: Ints
    lon: Floats
    lat: Floats
    parts: tuple[Part, ...]
    candidates: tuple[Site, ...]
    existing: tuple[Site, ...]
    unknown: int
    unplaced: int
    by_county: bool

    @cached_property
    def demand(self) -> Floats:
        """Children at each point, unrounded: for weighting only."""
        total = np.zeros(len(self.county))
        for part in self.parts:
            total += part.share * part.county_value[self.county]
        return total

    @cached_property
    def metres(self) -> Metres:
        """Between the demand points and the candidates, then the existing centres."""
        sites = (*self.candidates, *self.existing)
        return Metres(self.lon, self.lat, np.array([one.lon for one in sites]), np.array([one.lat for one in sites]))

    def drawn_by_county(self, at_points: Floats) -> tuple[Floats, ...]:
        """For each part what share of each county's children lies where `at_points` (0 to 1 a point) says."""
        size = len(self.counties)
        found = [np.bincount(self.county, weights=part.share * at_points, minlength=size) for part in self.parts]
        return tuple(np.asarray(shares, dtype=np.float64) for shares in found)


def find_region(reading: Reading, code: str) -> Unit:
    """The unit of the code.

    Raises
    ------
    UserError
        If the release has no such unit, or one that the censuses did not count.
    """
    region = gazetteer(reading).find(code)
    if region is None:
        raise UserError("There is no such unit in this release", key="region", value=code, expected="a division code")
    if not region.counted:
        raise UserError("The censuses did not count this place", key="region", value=code, expected="a mainland unit")
    return region


def read_places(
    reading: Reading, catalogue: Catalogue, request: PlanRequest, *, by_county: bool | None = None
) -> Places:
    """Demand, candidates and existing centres of a question.

    `by_county`: demand stands at one place a county; unless given, where a table of all pairs would be too large.

    Raises
    ------
    UserError
        If the region is unknown or has no settlement with children.
    """
    region = find_region(reading, request.region)
    counties = counties_of(gazetteer(reading), region)
    place = {unit.code: number for number, unit in enumerate(counties)}
    table = queries.settlements(reading)
    table = table[table["code"].isin(place)].reset_index(drop=True)
    if table.empty:
        raise UserError("This region has no settlement in the release", key="region", value=request.region)
    county: Ints = np.array([place[code] for code in table["code"]], dtype=np.int64)
    main = main_places(table, county, len(counties))
    n_candidates = {"counties": len(main), "settlements": len(table), "own": len(request.own)}[request.candidates]
    if by_county is None:
        most = MOST_FLOWS if request.model == "capacitated_median" else MOST_PAIRS
        by_county = request.model in HOLDS_ALL_PAIRS and len(table) * n_candidates > most
    candidates = _candidates(request, table, main, counties)
    shown = table.loc[main].reset_index(drop=True) if by_county else table
    at: Ints = np.array([place[code] for code in shown["code"]], dtype=np.int64)
    values = [county_values(reading, catalogue, indicator, counties) for indicator, _ in PARTS[request.need]]
    parts = tuple(
        Part(indicator, np.ones(len(at)) if by_county else spread(shown, at, kinds), np.nan_to_num(value))
        for (indicator, kinds), value in zip(PARTS[request.need], values, strict=True)
    )
    existing, unplaced = _existing(reading) if request.existing == "kept" else ((), 0)
    return Places(
        region=region,
        counties=counties,
        county=at,
        lon=shown["lon"].to_numpy(float),
        lat=shown["lat"].to_numpy(float),
        parts=parts,
        candidates=candidates,
        existing=existing,
        unknown=int(np.isnan(values).all(axis=0).sum()),
        unplaced=unplaced,
        by_county=by_county,
    )


def counties_of(units: Gazetteer, region: Unit) -> tuple[Unit, ...]:
    """The counted counties in a region, by code."""
    place = units.place(region)
    inside = units.groups[region.level] == place
    return tuple(unit for unit, within in zip(units.levels["county"], inside, strict=True) if within and unit.counted)


def county_values(reading: Reading, catalogue: Catalogue, indicator: str, counties: tuple[Unit, ...]) -> Floats:
    """The published figure of 2020 of each county; not a number where there is none or it is withheld."""
    rows = published_values(reading, catalogue, ViewState(indicator=indicator, year=2020, level="county")).rows
    by_code = {row.code: row.value for row in rows}
    return np.array([np.nan if (value := by_code[unit.code]) is None else value for unit in counties])


def spread(table: pd.DataFrame, county: Ints, kinds: tuple[str, ...]) -> Floats:
    """Each settlement's share of its county's children that live in places of these kinds; of all kinds if it has none.

    Where no settlement of the county has a weight, its settlements share equally.
    """
    size = int(county.max()) + 1
    share = np.zeros(len(table))
    weights = table["children"].to_numpy(float)
    fitting = table["kind"].isin([*kinds, "county_point"]).to_numpy()
    for weight in (weights * fitting, weights, np.ones(len(table))):
        total = np.bincount(county, weights=weight, minlength=size)
        open_counties = np.bincount(county, weights=share, minlength=size) == 0
        take = (open_counties & (total > 0))[county]
        share[take] = weight[take] / total[county[take]]
    return share


def main_places(table: pd.DataFrame, county: Ints, size: int) -> Ints:
    """The row of the settlement with the most children in each county that has one; of equals the first by id."""
    order = np.lexsort((np.arange(len(table)), -table["children"].to_numpy(float), county))
    first = np.unique(county[order], return_index=True)[1]
    return np.asarray(order[first][:size], dtype=np.int64)


def _candidates(request: PlanRequest, table: pd.DataFrame, main: Ints, counties: tuple[Unit, ...]) -> tuple[Site, ...]:
    if request.candidates == "own":
        return tuple(
            Site(own.id, own.name, own.name, None, own.lon, own.lat, own.cost, own.capacity) for own in request.own
        )
    by_code = {unit.code: unit for unit in counties}
    if request.candidates == "counties":
        rows = table.loc[main]
        units = [by_code[code] for code in rows["code"]]
        spots = zip(units, rows["lon"], rows["lat"], strict=True)
        return tuple(Site(unit.code, unit.name_zh, unit.name_en, unit.code, lon, lat) for unit, lon, lat in spots)
    columns = ("settlement_id", "name_zh", "name_en", "code", "lon", "lat")
    return tuple(
        Site(name_id, name_zh or name_en, name_en, code, lon, lat)
        for name_id, name_zh, name_en, code, lon, lat in table[list(columns)].itertuples(index=False, name=None)
    )


def _existing(reading: Reading) -> tuple[tuple[Site, ...], int]:
    """Open centres that have coordinates, and how many have none."""
    table = queries.centres(reading)
    table = table[table["status"] == "open"]
    placed = table["lon"].notna() & table["lat"].notna()
    columns = ("centre_id", "name_zh", "name_en", "code", "lon", "lat")
    rows = table.loc[placed, list(columns)].itertuples(index=False, name=None)
    capacities = table.loc[placed, "capacity"].to_numpy(float)
    sites = zip(rows, capacities, strict=True)
    found = tuple(
        Site(centre_id, name_zh, name_en, code, lon, lat, capacity=None if np.isnan(room) else float(room))
        for (centre_id, name_zh, name_en, code, lon, lat), room in sites
    )
    return found, int((~placed).sum())
