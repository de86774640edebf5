"""Minutes from where children live to centres: one contract, whatever the minutes were found by.

The contract is a table of origin, destination, minutes. A pair that is not in the table cannot be travelled; minutes
are never negative, never missing. Three ways lead to it: the straight line times a detour at a stated speed (here),
a friction surface (`friction`), a road network or a matrix of the user's own (`roads`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Relief = Literal["flat", "hilly", "mountain", "unknown"]
Mode = Literal["walk", "bicycle", "bus", "car"]

# Way on the ground over straight line. Measured on a Chinese road graph between nodes: 1.18 flat, 1.25 mountain; with
# the way to the road 1.25 to 1.45; mean of 25 Chinese cities 1.324 (doi 10.1080/19475683.2021.1966503).
DETOUR: dict[Relief, float] = {"flat": 1.25, "hilly": 1.35, "mountain": 1.45, "unknown": 1.33}
# How far the truth may lie from these, for the sensitivity band: from the measured 1.18 to as much above the mean.
DETOUR_LOW, DETOUR_HIGH = 1.18 / 1.33, 1.5 / 1.33
# Assumptions, all editable. 5 km/h is the walking speed that friction surfaces use on flat ground.
SPEED_KM_H: dict[Mode, float] = {"walk": 5.0, "bicycle": 12.0, "bus": 25.0, "car": 40.0}
SPEED_LOW, SPEED_HIGH = 0.8, 1.2
# Relief, the greatest difference of height nearby, as geomorphology divides it: hills from 200 m, mountains from 500 m.
HILLY_FROM_M, MOUNTAIN_FROM_M = 200.0, 500.0

# Minutes computed in two ways differ in the last digits: 5 km at 5 km/h may come out at 60.00000000000001.
_MINUTES_TOLERANCE = 1e-9


@dataclass(frozen=True)
class TravelTable:
    """Travelled pairs: positions of origin and destination, and minutes, sorted by origin, then destination."""

    origin: Ints
    destination: Ints
    minutes: Floats
    origins: int
    destinations: int

    def __post_init__(self) -> None:
        if not (len(self.origin) == len(self.destination) == len(self.minutes)):
            raise ValueError("origin, destination and minutes must be equally long")
        if not (np.isfinite(self.minutes).all() and (self.minutes >= 0).all()):
            raise ValueError("minutes must be numbers of 0 or more; leave out pairs that cannot be travelled")
        for place, count in ((self.origin, self.origins), (self.destination, self.destinations)):
            if len(place) and not (place.min() >= 0 and place.max() < count):
                raise ValueError("a position is out of range")

    @classmethod
    def of(
        cls, origin: npt.ArrayLike, destination: npt.ArrayLike, minutes: npt.ArrayLike, origins: int, destinations: int
    ) -> TravelTable:
        """A table without the pairs whose minutes are infinite; of a pair named twice the quicker way counts."""
        from_, to = np.asarray(origin, dtype=np.int64), np.asarray(destination, dtype=np.int64)
        took = np.asarray(minutes, dtype=float)
        order = np.lexsort((took, to, from_))
        from_, to, took = from_[order], to[order], took[order]
        first = np.ones(len(from_), dtype=bool)
        first[1:] = (from_[1:] != from_[:-1]) | (to[1:] != to[:-1])
        kept = first & ~np.isposinf(took)
        return cls(from_[kept], to[kept], took[kept], origins, destinations)

    def nearest(self) -> tuple[Ints, Floats]:
        """Per origin the quickest destination, of equals the first, and its minutes; -1 and infinite without any."""
        index, minutes = np.full(self.origins, -1, dtype=np.int64), np.full(self.origins, np.inf)
        order = np.lexsort((self.destination, self.minutes, self.origin))
        origin, first = np.unique(self.origin[order], return_index=True)
        index[origin], minutes[origin] = self.destination[order][first], self.minutes[order][first]
        return index, minutes

    def within(self, limit_min: float) -> TravelTable:
        """Only the pairs within the limit; exactly at the limit is within."""
        kept = is_within(self.minutes, limit_min)
        pairs = self.origin[kept], self.destination[kept], self.minutes[kept]
        return TravelTable(*pairs, self.origins, self.destinations)


@dataclass(frozen=True)
class Minutes:
    """Minutes with a band: `low` if all goes well (fast, straight), `high` if nothing does."""

    low: Floats
    central: Floats
    high: Floats


def is_within(minutes: Floats, limit_min: float) -> Mask:
    """Where minutes are at most the limit: 60 minutes includes 60. What is infinite or unknown is not within."""
    return np.asarray(minutes <= limit_min * (1.0 + _MINUTES_TOLERANCE))


def relief_class(relief_m: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """flat, hilly, mountain or (where not a number) unknown, by the greatest difference of height nearby in metres."""
    relief = np.asarray(relief_m, dtype=float)
    return np.select(
        [np.isnan(relief), relief < HILLY_FROM_M, relief < MOUNTAIN_FROM_M], ["unknown", "flat", "hilly"], "mountain"
    )


def straight_line_minutes(
    distance_m: npt.ArrayLike,
    *,
    relief: npt.ArrayLike = "unknown",
    speed_km_h: float = SPEED_KM_H["walk"],
    detour: Mapping[Relief, float] = DETOUR,
) -> Minutes:
    """Minutes for straight-line metres: distance times the detour of the relief, at a stated speed.

    What is not a number stays so, what is infinite stays infinite. The band moves detour and speed together to their
    favourable and to their unfavourable ends: it is a span of assumptions, not a probability.

    Raises
    ------
    ValueError
        If the speed is not above zero, a distance negative or a relief unknown to `detour`.
    """
    metres = np.asarray(distance_m, dtype=float)
    if not speed_km_h > 0:
        raise ValueError("speed must be above 0 km/h")
    if (metres < 0).any():
        raise ValueError("distances must not be negative")
    kinds, place = np.unique(np.asarray(relief, dtype=str), return_inverse=True)
    if strange := set(kinds) - set(detour):
        raise ValueError(f"unknown relief {sorted(strange)}; one of {sorted(detour)}")
    factors = np.array([detour[kind] for kind in kinds.tolist()])[place].reshape(np.shape(relief))
    central = metres * factors / (speed_km_h * 1_000.0 / 60.0)
    return Minutes(
        low=np.asarray(central * np.maximum(DETOUR_LOW, 1.0 / factors) / SPEED_HIGH),
        central=np.asarray(central),
        high=np.asarray(central * DETOUR_HIGH / SPEED_LOW),
    )


@dataclass(frozen=True)
class Assumed:
    """What minutes along the straight line rest on: the way of going, its speed, the detour by relief (at least 1).

    Raises
    ------
    ValueError
        If the speed is not above zero, or a detour is shorter than the straight line or missing.
    """

    mode: Mode = "bus"
    speed_km_h: float = SPEED_KM_H["bus"]
    detour: Mapping[Relief, float] = field(default_factory=lambda: DETOUR)

    def __post_init__(self) -> None:
        if not self.speed_km_h > 0:
            raise ValueError("speed must be above 0 km/h")
        if set(self.detour) != set(DETOUR) or not all(factor >= 1 for factor in self.detour.values()):
            raise ValueError(f"detour must be 1 or more for each of {sorted(DETOUR)}")

    def minutes(self, distance_m: npt.ArrayLike, relief: npt.ArrayLike = "unknown") -> Minutes:
        """Minutes for straight-line metres, as `straight_line_minutes`."""
        return straight_line_minutes(distance_m, relief=relief, speed_km_h=self.speed_km_h, detour=self.detour)

    def reach_m(self, limit_min: float) -> tuple[float, ...]:
        """Straight-line metres that just take the limit: by relief, and under the favourable and unfavourable ends."""
        one = [self.minutes(np.ones(1), relief) for relief in self.detour]
        took = {float(way[0]) for found in one for way in (found.low, found.central, found.high)}
        return tuple(sorted(limit_min / minutes for minutes in took))
