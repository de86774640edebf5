"""Minutes along a road network given as a table of edges, and a matrix of minutes the user brings along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.analysis.access.travel import SPEED_KM_H, TravelTable, is_within
from geodata.analysis.distance import nearest
from geodata.errors import ManyErrors, UserError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

METRES_A_MINUTE = 1_000.0 / 60.0  # of 1 km/h
# So many rows of all nodes are held at once: 156,000 nodes are 80 MB.
_CENTRES_AT_A_TIME = 64
# Of the faults in one matrix, how many are told one by one.
_FAULTS_TOLD = 20


@dataclass(frozen=True)
class Roads:
    """A road graph: places of its nodes (WGS-84 degrees) and minutes from node to node in travel direction."""

    lon: Floats
    lat: Floats
    minutes: csr_array

    @classmethod
    def of(cls, lon: npt.ArrayLike, lat: npt.ArrayLike, edges: pd.DataFrame) -> Roads:
        """Roads from `edges`: start, end (positions of nodes), minutes, oneway (true: from start to end only).

        Of parallel edges the quickest counts; SciPy would add them up.

        Raises
        ------
        ValueError
            If minutes are negative or not finite, or a node is out of range.
        """
        x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
        start, end = edges["start"].to_numpy(np.int64), edges["end"].to_numpy(np.int64)
        took, both = edges["minutes"].to_numpy(float), ~edges["oneway"].to_numpy(bool)
        if not (np.isfinite(took).all() and (took >= 0).all()):
            raise ValueError("minutes of edges must be numbers of 0 or more")
        from_, to = np.concatenate([start, end[both]]), np.concatenate([end, start[both]])
        if len(from_) and not (from_.min() >= 0 and from_.max() < len(x)):
            raise ValueError("an edge names a node that does not exist")
        one = TravelTable.of(from_, to, np.concatenate([took, took[both]]), len(x), len(x))
        return cls(x, y, csr_array(coo_array((one.minutes, (one.origin, one.destination)), shape=(len(x), len(x)))))

    def nearest(self, origins: Snapped, destinations: Snapped) -> tuple[Ints, Floats]:
        """Per origin the destination that is quickest to reach and its minutes; -1 and infinite if none can be.

        Of destinations equally quick from one node the first counts.
        """
        index, minutes = np.full(len(origins.node), -1, dtype=np.int64), np.full(len(origins.node), np.inf)
        on, there = np.flatnonzero(origins.node >= 0), np.flatnonzero(destinations.node >= 0)
        if not (len(on) and len(there)):
            return index, minutes
        # One more node stands behind every destination; walking there costs what the last stretch costs.
        count = len(self.lon)
        last = TravelTable.of(
            destinations.node[there], np.arange(len(there)), destinations.minutes[there], count, len(there)
        )
        forward = self.minutes.tocoo()
        graph = csr_array(
            coo_array(
                (
                    np.concatenate([forward.data, last.minutes]),
                    # Against the travel direction: the search runs from the destinations.
                    (
                        np.concatenate([forward.col, count + last.destination]),
                        np.concatenate([forward.row, last.origin]),
                    ),
                ),
                shape=(count + len(there), count + len(there)),
            )
        )
        took, _, source = dijkstra(
            graph, indices=count + np.arange(len(there)), min_only=True, return_predecessors=True
        )
        at = origins.node[on]
        minutes[on] = took[at] + origins.minutes[on]
        found = np.isfinite(took[at])
        index[on[found]] = there[source[at[found]] - count]
        return index, minutes

    def pairs_within(self, origins: Snapped, destinations: Snapped, limits_min: Floats) -> TravelTable:
        """Minutes of all pairs within the limit of the destination, both walks included; exactly at it is within."""
        at = np.flatnonzero(origins.node >= 0)
        there = np.flatnonzero(destinations.node >= 0)
        backward = csr_array(self.minutes.T)
        found: list[tuple[Ints, Ints, Floats]] = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
        for start in range(0, len(there), _CENTRES_AT_A_TIME):
            some = there[start : start + _CENTRES_AT_A_TIME]
            # A hair beyond the limit, so that what is exactly at it is found.
            took = dijkstra(backward, indices=destinations.node[some], limit=float(limits_min[some].max()) + 1e-6)
            whole = took[:, origins.node[at]] + origins.minutes[at] + destinations.minutes[some][:, None]
            place, point = np.nonzero(is_within(whole / limits_min[some][:, None], 1.0))
            found.append((at[point], some[place], whole[place, point]))
        origin, destination, minutes = (np.concatenate([one[column] for one in found]) for column in range(3))
        return TravelTable.of(origin, destination, minutes, len(origins.node), len(destinations.node))


@dataclass(frozen=True)
class Snapped:
    """Places put on the road: node (-1: too far from any road) and minutes to walk there."""

    node: Ints
    minutes: Floats


def snap(
    lon: npt.ArrayLike, lat: npt.ArrayLike, roads: Roads, *, at_most_m: float, walk_km_h: float = SPEED_KM_H["walk"]
) -> Snapped:
    """Nearest node of every place, and the walk to it; farther than `at_most_m` from any node is off the road."""
    node, metres = nearest(lon, lat, roads.lon, roads.lat)
    near = metres <= at_most_m
    return Snapped(np.where(near, node, -1), np.where(near, metres / (walk_km_h * METRES_A_MINUTE), np.inf))


def own_matrix(rows: pd.DataFrame, origins: Sequence[str], destinations: Sequence[str], *, file: str) -> TravelTable:
    """A user's own matrix: columns origin, destination (ids) and minutes; an empty cell says "cannot be reached".

    Raises
    ------
    ManyErrors
        Naming row, column and value, if an id is unknown, minutes are negative or no number, or a pair stands twice
        with different minutes.
    """
    if missing := [name for name in ("origin", "destination", "minutes") if name not in rows.columns]:
        raise UserError("A column is missing", file=file, column=missing[0], expected="origin, destination, minutes")
    places = {"origin": pd.Index(origins), "destination": pd.Index(destinations)}
    position = {name: known.get_indexer(pd.Index(rows[name].astype(str))) for name, known in places.items()}
    minutes = pd.to_numeric(rows["minutes"], errors="coerce").to_numpy(float)
    empty = rows["minutes"].isna().to_numpy() | (rows["minutes"].astype(str).str.strip() == "").to_numpy()
    twice = rows.duplicated(["origin", "destination"], keep=False) & ~rows.duplicated(keep=False)
    faults = [
        (position["origin"] < 0, "origin", "This origin is not known", "an id of a demand point"),
        (position["destination"] < 0, "destination", "This destination is not known", "an id of a centre"),
        (~empty & ~(minutes >= 0), "minutes", "These are no minutes", "a number of 0 or more, or an empty cell"),
        (twice.to_numpy(), "minutes", "This pair stands twice with different minutes", "one row a pair"),
    ]
    found = [
        UserError(message, file=file, row=int(row) + 2, column=column, value=rows[column].iloc[row], expected=expected)
        for wrong, column, message, expected in faults
        for row in np.flatnonzero(wrong)
    ]
    if found:
        raise ManyErrors(f"{file} holds {len(found)} rows that cannot be used:", found[:_FAULTS_TOLD])
    took = np.where(empty, np.inf, minutes)
    return TravelTable.of(position["origin"], position["destination"], took, len(origins), len(destinations))
