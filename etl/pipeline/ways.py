"""Ways of travel: minutes from every settlement to some centres, and the pairs within a standard, by any method.

Each way answers two questions of the same centres: how long is it to the quickest of them (infinite: none can be
reached, not a number: nobody knows), and which settlements are within so many minutes of which centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.measure import access
from etl.read.travel import Surface
from geodata.analysis.access.catchments import within
from geodata.analysis.access.friction import Placed, least_cost, pairs_within, put_on_surface
from geodata.analysis.access.roads import Roads, Snapped, snap
from geodata.analysis.access.travel import SPEED_KM_H, Assumed, Minutes, TravelTable, is_within
from geodata.analysis.distance import geodesic_m

Floats = npt.NDArray[np.float64]

# Who lives farther from any node than two hours on foot is not on this network: nobody knows the way to it.
ROAD_WITHIN_M = 10_000.0


class Way(Protocol):
    """One method of finding minutes between settlements and centres."""

    @property
    def moved_m(self) -> Floats:
        """Metres that each settlement was moved off a barrier, not a number where it was not."""
        ...

    def quickest(self, centres: pd.DataFrame) -> Minutes:
        """Minutes from every settlement to the quickest of `centres`; low and high where there is a span."""
        ...

    def pairs(self, centres: pd.DataFrame, limits_min: Floats) -> tuple[TravelTable, TravelTable, TravelTable]:
        """Pairs within the limit of each centre: favourable, central and unfavourable; one where nothing is assumed."""
        ...


@dataclass(frozen=True)
class Straight:
    """Along the straight line at an assumed speed, with a detour by relief."""

    settlements: pd.DataFrame
    assumed: Assumed
    relief: npt.NDArray[np.str_]

    @property
    def moved_m(self) -> Floats:
        """Nothing is moved."""
        return np.full(len(self.settlements), np.nan)

    def quickest(self, centres: pd.DataFrame) -> Minutes:
        """As `Way`; of a settlement the nearest centre is the quickest."""
        return self.assumed.minutes(access.nearest_centres(self.settlements, centres)["distance_m"], self.relief)

    def pairs(self, centres: pd.DataFrame, limits_min: Floats) -> tuple[TravelTable, TravelTable, TravelTable]:
        """As `Way`."""
        size = len(self.settlements), len(centres)
        if not len(centres):
            none = TravelTable.of([], [], [], *size)
            return none, none, none
        # Near any of these lengths metres are geodesic, so that exactly at the standard is within.
        edges = tuple(sorted({edge for limit in set(limits_min.tolist()) for edge in self.assumed.reach_m(limit)}))
        reach = within(
            *(table[name] for table in (self.settlements, centres) for name in ("lon", "lat")),
            radius_m=edges[-1] * (1 + 1e-9), edges_m=edges,
        )  # fmt: skip
        pairs = reach.all_pairs()
        took = self.assumed.minutes(pairs.cost, self.relief[pairs.point])
        tables = []
        for minutes in (took.low, took.central, took.high):
            kept = is_within(minutes / limits_min[pairs.centre], 1.0)
            tables.append(TravelTable.of(pairs.point[kept], pairs.centre[kept], minutes[kept], *size))
        return tables[0], tables[1], tables[2]


@dataclass(frozen=True)
class OverSurface:
    """Least-cost paths over a friction surface; settlements and centres on barriers enter by a cell nearby."""

    surface: Surface
    settlements: pd.DataFrame
    placed: Placed
    snap_within_m: float

    @classmethod
    def of(cls, surface: Surface, settlements: pd.DataFrame, snap_within_m: float) -> OverSurface:
        """With the settlements put on the surface."""
        return cls(surface, settlements, _placed(surface, settlements, snap_within_m), snap_within_m)

    @property
    def moved_m(self) -> Floats:
        """Metres from each settlement to the cell it was moved to, not a number where it was not."""
        return self.placed.moved_m

    def quickest(self, centres: pd.DataFrame) -> Minutes:
        """As `Way`. Outside the surface nobody knows; on a barrier, or behind one, nothing can be reached."""
        there = _placed(self.surface, centres, self.snap_within_m)
        found = least_cost(self.surface.minutes_a_metre, self.surface.grid, there.cell).minutes.ravel()
        took = np.where(self.placed.cell >= 0, found[self.placed.cell] + self.placed.walk_min, np.nan)
        doors = self._next_door(centres, there)
        np.minimum.at(took, doors.origin, doors.minutes)
        return _certain(took)

    def pairs(self, centres: pd.DataFrame, limits_min: Floats) -> tuple[TravelTable, TravelTable, TravelTable]:
        """As `Way`."""
        there = _placed(self.surface, centres, self.snap_within_m)
        found = pairs_within(self.surface.minutes_a_metre, self.surface.grid, self.placed, there, limits_min)
        table = _either(found, self._next_door(centres, there), limits_min)
        return table, table, table

    def _next_door(self, centres: pd.DataFrame, there: Placed) -> TravelTable:
        moved = np.where(np.isnan(self.placed.moved_m), -1, self.placed.cell)
        return _next_door(self.settlements, moved, centres, there.cell)


@dataclass(frozen=True)
class AlongRoads:
    """Along a road network, on foot to the nearest node and from it."""

    roads: Roads
    settlements: pd.DataFrame
    origins: Snapped

    @classmethod
    def of(cls, roads: Roads, settlements: pd.DataFrame) -> AlongRoads:
        """With the settlements put on the network."""
        return cls(roads, settlements, snap(settlements["lon"], settlements["lat"], roads, at_most_m=ROAD_WITHIN_M))

    @property
    def moved_m(self) -> Floats:
        """Nothing is moved: the walk to the road is part of every journey."""
        return np.full(len(self.origins.node), np.nan)

    def quickest(self, centres: pd.DataFrame) -> Minutes:
        """As `Way`. Off the network nobody knows; on it, without a way to any centre, nothing can be reached."""
        there = self._destinations(centres)
        _, minutes = self.roads.nearest(self.origins, there)
        doors = _next_door(self.settlements, self.origins.node, centres, there.node)
        np.minimum.at(minutes, doors.origin, doors.minutes)
        return _certain(np.where(self.origins.node >= 0, minutes, np.nan))

    def pairs(self, centres: pd.DataFrame, limits_min: Floats) -> tuple[TravelTable, TravelTable, TravelTable]:
        """As `Way`."""
        there = self._destinations(centres)
        doors = _next_door(self.settlements, self.origins.node, centres, there.node)
        table = _either(self.roads.pairs_within(self.origins, there, limits_min), doors, limits_min)
        return table, table, table

    def _destinations(self, centres: pd.DataFrame) -> Snapped:
        return snap(centres["lon"], centres["lat"], self.roads, at_most_m=ROAD_WITHIN_M)


@dataclass(frozen=True)
class OwnMatrix:
    """A matrix of the user's: its rows as positions and minutes, empty cells as infinite; `ids` of all centres.

    `known` are the settlements with a row to any open centre: nobody knows the way of the others.
    """

    ids: pd.Index
    known: npt.NDArray[np.bool_]
    origin: npt.NDArray[np.int64]
    destination: npt.NDArray[np.int64]
    minutes: Floats
    settlements: int

    @property
    def moved_m(self) -> Floats:
        """Nothing is moved."""
        return np.full(self.settlements, np.nan)

    def quickest(self, centres: pd.DataFrame) -> Minutes:
        """As `Way`. A pair that is not in the matrix cannot be travelled."""
        rows = np.isin(self.destination, self.ids.get_indexer(pd.Index(centres["centre_id"])))
        found = np.where(self.known, np.inf, np.nan)
        np.fmin.at(found, self.origin[rows], self.minutes[rows])
        return _certain(found)

    def pairs(self, centres: pd.DataFrame, limits_min: Floats) -> tuple[TravelTable, TravelTable, TravelTable]:
        """As `Way`."""
        place = pd.Index(centres["centre_id"]).get_indexer(self.ids[self.destination])
        rows = place >= 0
        kept = rows.copy()
        kept[rows] = is_within(self.minutes[rows] / limits_min[place[rows]], 1.0)
        table = TravelTable.of(self.origin[kept], place[kept], self.minutes[kept], self.settlements, len(centres))
        return table, table, table


def _placed(surface: Surface, table: pd.DataFrame, within_m: float) -> Placed:
    x, y = surface.places(table["lon"], table["lat"])
    return put_on_surface(surface.minutes_a_metre, surface.grid, x, y, within_m=within_m)


def _next_door(
    settlements: pd.DataFrame, at: npt.NDArray[np.int64], centres: pd.DataFrame, there: npt.NDArray[np.int64]
) -> TravelTable:
    """Settlements and centres that enter the network at one point (-1: none): on foot straight from one to the other.

    Who lives beside a centre does not walk to the road and back.
    """
    pairs = pd.DataFrame({"place": at, "origin": np.arange(len(at))}).merge(
        pd.DataFrame({"place": there, "centre": np.arange(len(there))}), on="place"
    )
    pairs = pairs[pairs["place"] >= 0]
    origin, centre = pairs["origin"].to_numpy(), pairs["centre"].to_numpy()
    from_, to = (
        table[["lon", "lat"]].to_numpy(float)[rows] for table, rows in ((settlements, origin), (centres, centre))
    )
    metres = geodesic_m(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1])
    minutes = metres / (SPEED_KM_H["walk"] * 1_000.0 / 60.0)
    return TravelTable.of(origin, centre, minutes, len(settlements), len(centres))


def _either(one: TravelTable, other: TravelTable, limits_min: Floats) -> TravelTable:
    """The quicker way of every pair in either table, within the limit of the centre."""
    origin, centre, minutes = (
        np.concatenate([getattr(table, name) for table in (one, other)])
        for name in ("origin", "destination", "minutes")
    )
    kept = is_within(minutes / limits_min[centre], 1.0)
    return TravelTable.of(origin[kept], centre[kept], minutes[kept], one.origins, one.destinations)


def _certain(central: Floats) -> Minutes:
    """Minutes of a file: nothing is assumed, so that there is no span."""
    none = np.full(len(central), np.nan)
    return Minutes(none, central, none)
