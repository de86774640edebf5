"""Ranks within draws: intervals of ranks, and from how many others a unit cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.intervals import CLEAR, interval
from geodata.analysis.estimate.rank_kernels import count_alike
from geodata.analysis.estimate.types import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Placing:
    """Best and worst rank of each unit among the units given, and how many of the others it cannot be told from."""

    best: Ints
    worst: Ints
    alike: Ints


def ranks(values: Floats) -> Ints:
    """Ranks along the last axis, 1 the highest; equal values share the better rank."""
    down = -np.asarray(values, dtype=np.float64)
    order = np.argsort(down, axis=-1)
    ordered = np.take_along_axis(down, order, axis=-1)
    place = np.broadcast_to(np.arange(1, down.shape[-1] + 1), down.shape).copy()
    # A value equal to the one before it shares the place of the first of its kind.
    place[..., 1:][ordered[..., 1:] == ordered[..., :-1]] = 1
    placed = np.empty(down.shape, dtype=np.int64)
    np.put_along_axis(placed, order, np.maximum.accumulate(place, axis=-1), axis=-1)
    return placed


def rank_interval(draws: Floats) -> tuple[Ints, Ints]:
    """Best and worst rank of each unit among the units given: "between 3rd and 11th"."""
    return _bounds(ranks(draws))


def placing(draws: Floats) -> Placing:
    """Rank intervals and `alike`, ranking each draw once."""
    placed = ranks(draws)
    best, worst = _bounds(placed)
    return Placing(best, worst, _alike(placed, best, worst))


def _alike(placed: Ints, best: Ints, worst: Ints) -> Ints:
    """How many of the other units are `not_clearly_different` from each, from the ranks of every draw.

    Ranks say who lies above whom in a quarter of the bytes. Each pair is compared once, and only where its rank
    intervals touch: 1,900 counties in 500 draws take a seventh of a second, not eight.
    """
    draws, units = placed.shape
    order = np.argsort(best, kind="stable")
    ends = np.searchsorted(best[order], worst[order], side="right")
    small: NDArray[Any] = placed.T[order].astype(np.uint16 if units <= np.iinfo(np.uint16).max else np.uint32)
    back = np.empty(units, dtype=np.int64)
    back[order] = count_alike(np.ascontiguousarray(small), ends, (2 * CLEAR - 1) * draws)
    return back


def _bounds(placed: Ints) -> tuple[Ints, Ints]:
    best, worst = interval(placed.astype(np.float64))
    return best.astype(np.int64), worst.astype(np.int64)
