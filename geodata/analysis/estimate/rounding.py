"""Published counts: rounded to 100, under 100 to 10, with the relations between them kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.types import Estimate, Floats

Ints = NDArray[np.int64]
COARSE, FINE = 100, 10
# A modelled count above zero and below ten is known and not published. A true zero stays zero.
WITHHELD = -1
# Sums of many products end a little off a true zero.
NOTHING = 1e-9


@dataclass(frozen=True)
class Published:
    """Whole persons by unit; -1 (WITHHELD) is a count above 0 and below 10. `lowered` counts repaired roundings."""

    children: Ints
    children_rural: Ints
    migrant: Ints
    left_behind_rural: Ints
    left_behind_urban: Ints
    both_away: Ints
    lowered: int


def round_count(values: Floats) -> Ints:
    """Nearest 100, under 100 nearest 10 (halves up); above 0 and below 10 WITHHELD; 0 stays 0."""
    values = np.asarray(values, dtype=np.float64)
    step = np.where(values < COARSE, FINE, COARSE)
    rounded = (np.floor(values / step + 0.5) * step).astype(np.int64)
    return np.where(values <= NOTHING, 0, np.where(values < FINE, WITHHELD, rounded))


def publish(estimate: Estimate) -> Published:
    """Round one estimate (units,) and keep, unit by unit: rural <= children, left behind rural <= rural, left behind +
    migrants <= children, both away <= left behind. Where rounding up breaks one, the largest part is lowered a step.
    """  # fmt: skip
    children = round_count(estimate.children)
    rural = np.minimum(round_count(estimate.children_rural), children)
    migrant, left_rural, left_urban = (
        round_count(part) for part in (estimate.migrant, estimate.left_behind_rural, estimate.left_behind_urban)
    )
    both = round_count(estimate.both_away)
    lowered = 0
    for i in range(len(children)):
        while left_rural[i] > max(rural[i], 0):
            left_rural[i] = _lower(left_rural[i])
            lowered += 1
        parts = (migrant, left_rural, left_urban)
        while sum(max(part[i], 0) for part in parts) > max(children[i], 0):
            largest = max(parts, key=lambda part: part[i])
            largest[i] = _lower(largest[i])
            lowered += 1
        left = max(left_rural[i], 0) + max(left_urban[i], 0)
        if both[i] > left:
            both[i] = left or WITHHELD
            lowered += 1
    return Published(children, rural, migrant, left_rural, left_urban, both, lowered)


def _lower(count: int) -> int:
    step = FINE if count <= COARSE else COARSE
    return count - step or WITHHELD
