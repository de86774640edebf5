"""Classes for a choropleth and its small histogram. Ties are never split; empty classes vanish.

Values are first rounded to the digits they are shown with and then handled as whole numbers of the last digit, so
that a class bound, a legend label and a table cell cannot disagree by a hidden digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import jenkspy
import numpy as np
from numpy.typing import NDArray

from geodata.analysis.aggregate import FloatArray, IntArray

Method = Literal["quantile", "natural", "equal"]
Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class Class:
    """One class: bounds both inclusive, how many values it holds, and its place on a ramp of `k` colours."""

    low: float
    high: float
    count: int
    slot: int


@dataclass(frozen=True)
class Classes:
    """Classes from low to high, none empty. Between two classes there is no representable value with a member."""

    classes: tuple[Class, ...]
    decimals: int

    def index_of(self, values: FloatArray) -> IntArray:
        """The place of each value's class; -1 for NaN. Every classified value falls in exactly one class."""
        known = ~np.isnan(values)
        index = np.full(values.shape, -1, dtype=np.intp)
        lows = _ticks(np.array([entry.low for entry in self.classes]), self.decimals)
        index[known] = np.maximum(np.searchsorted(lows, _ticks(values[known], self.decimals), side="right") - 1, 0)
        return index


@dataclass(frozen=True)
class HistogramBin:
    """One bar; the first also holds what is lower and the last what is higher. `class_index` is that of its middle."""

    low: float
    high: float
    count: int
    class_index: int


def classify(values: FloatArray, method: Method, k: int = 6, *, decimals: int = 0, diverging: bool = False) -> Classes:
    """At most `k` classes of the values that are not NaN.

    Parameters
    ----------
    method
        `quantile` (about equally many values in each), `natural` (Fisher-Jenks: least squares within classes) or
        `equal` (equally wide). Quantile and equal bounds are rounded for reading, as far as no class is lost by it;
        natural bounds are the roundest numbers that keep the optimal grouping.
    k
        Number of classes; odd for `diverging`, where classes lie symmetrically around zero.
    decimals
        Digits after the point that values are shown with.
    """
    if k < 1 or (diverging and k % 2 == 0):
        raise ValueError(f"k must be at least 1, and odd for diverging classes, not {k}")
    ticks = np.sort(_ticks(values[~np.isnan(values)], decimals))
    if ticks.size == 0:
        return Classes((), decimals)
    if diverging:
        return _diverging(ticks, method, k, decimals)
    lows = np.concatenate([ticks[:1], _inner_bounds(ticks, method, k)])
    return _build(ticks, lows, decimals, slots=None, k=k)


def histogram(values: FloatArray, classes: Classes, bins: int = 24) -> tuple[HistogramBin, ...]:
    """Equally wide bars between the 1st and 99th percentile, open at both ends: a long tail hides no bulk."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return ()
    low, high = np.percentile(known, [1, 99])
    if low == high:
        low, high = known.min(), known.max()
    if low == high:
        return (HistogramBin(float(low), float(high), int(known.size), 0),)
    edges = np.linspace(low, high, bins + 1)
    place = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    colours = classes.index_of((edges[:-1] + edges[1:]) / 2)
    return tuple(
        HistogramBin(float(edges[i]), float(edges[i + 1]), int(counts[i]), int(colours[i])) for i in range(bins)
    )


def _ticks(values: FloatArray, decimals: int) -> Ticks:
    return np.asarray(np.rint(values * 10**decimals), dtype=np.int64)


def _inner_bounds(ticks: Ticks, method: Method, k: int) -> Ticks:
    """Lower bounds of all classes but the first, ascending, each above the smallest value and with members above."""
    distinct = np.unique(ticks)
    if distinct.size <= k:
        return np.asarray(distinct[1:])
    if method == "natural":
        tops = np.array(jenkspy.jenks_breaks(ticks.astype(np.float64), n_classes=k))[1:-1].astype(np.int64)
        after = np.searchsorted(distinct, np.unique(tops), side="right")
        after = after[after < distinct.size]
        return np.array([_roundest(distinct[i - 1], distinct[i]) for i in after], dtype=np.int64)
    if method == "quantile":
        exact = _quantile_bounds(ticks, k)
        return _rounded_bounds(ticks, exact, sizes=exact)
    exact = np.linspace(ticks[0], ticks[-1], k + 1)[1:-1]
    # One step for all bounds, or classes that are equally wide would look as if they were not.
    return _rounded_bounds(ticks, exact, sizes=np.full(exact.size, (ticks[-1] - ticks[0]) / k))


def _quantile_bounds(ticks: Ticks, k: int) -> FloatArray:
    """Bounds between distinct values that share the values out as evenly as ties allow.

    Plain quantiles of a column that is mostly one value coincide and leave one class. Here a value that would fill
    more than its share of a class counts as one full class and no more, so that the others keep theirs.
    """
    distinct, counts = np.unique(ticks, return_counts=True)
    weights = counts.astype(np.float64)
    while (weights > 1.001 * weights.sum() / k).any():
        weights = np.minimum(weights, weights.sum() / k)
    reached = np.cumsum(weights)
    bounds: list[float] = []
    first = 0
    for left in range(k, 1, -1):
        before = reached[first - 1] if first else 0.0
        target = before + (reached[-1] - before) / left
        nearest = first + int(np.argmin(np.abs(reached[first:-1] - target)))
        bounds.append(float(distinct[nearest + 1]))
        first = nearest + 1
        if first >= distinct.size - 1:
            break
    return np.array(bounds)


def _rounded_bounds(ticks: Ticks, exact: FloatArray, sizes: FloatArray) -> Ticks:
    """`exact` rounded to as few significant digits of `sizes` (two or more) as keep the number of classes."""
    finest = np.unique(np.ceil(exact).astype(np.int64))
    wanted = _occupied(ticks, finest)
    for digits in range(2, 19):
        rounded = [_significant(bound, size, digits) for bound, size in zip(exact, sizes, strict=True)]
        bounds = np.unique(np.array(rounded, dtype=np.int64))
        bounds = bounds[(bounds > ticks[0]) & (bounds <= ticks[-1])]
        if _occupied(ticks, bounds) >= wanted:
            return np.asarray(bounds)
    return np.asarray(finest[finest > ticks[0]])


def _occupied(ticks: Ticks, bounds: Ticks) -> int:
    return int(np.unique(np.searchsorted(bounds, ticks, side="right")).size)


def _significant(value: float, size: float, digits: int) -> int:
    """`value` rounded to the step that leaves `size` so many significant digits, never finer than one tick."""
    if size == 0:
        return round(float(value))
    step: int = 10 ** max(int(np.floor(np.log10(abs(size)))) + 1 - digits, 0)
    return int(round(float(value) / step) * step)


def _roundest(below: int, most: int) -> int:
    """The whole number above `below` and at most `most` that ends in the most zeros."""
    step: int = 10 ** len(str(max(abs(int(below)), abs(int(most)))))
    while step > 1:
        candidate = int(most) // step * step
        if candidate > below:
            return candidate
        step //= 10
    return int(most)


def _diverging(ticks: Ticks, method: Method, k: int, decimals: int) -> Classes:
    """Classes of the sizes of values, mirrored: [-b2..-b1], (-b1..b1), [b1..b2]."""
    middle = k // 2
    sizes = np.sort(np.abs(ticks))
    bounds = _inner_bounds(sizes, method, middle + 1)
    bounds = bounds[bounds > 0]
    lows = np.concatenate([-sizes[-1:], -bounds[::-1] + 1, bounds])
    slots = [middle - bounds.size + i for i in range(lows.size)]
    return _build(ticks, lows, decimals, slots=slots, k=k)


def _build(ticks: Ticks, lows: Ticks, decimals: int, slots: Sequence[int] | None, k: int) -> Classes:
    """Classes from ascending lower bounds, without the empty ones; bounds are cut to the range of the values."""
    place = np.searchsorted(lows, ticks, side="right") - 1
    counts = np.bincount(place, minlength=lows.size)
    occupied = np.flatnonzero(counts)
    used = _spread(occupied.size, k) if slots is None else [slots[i] for i in occupied.tolist()]
    highs = np.append(lows[1:] - 1, ticks[-1])
    scale = 10**decimals
    return Classes(
        tuple(
            Class(
                low=max(int(lows[i]), int(ticks[0])) / scale,
                high=min(int(highs[i]), int(ticks[-1])) / scale,
                count=int(counts[i]),
                slot=slot,
            )
            for i, slot in zip(occupied.tolist(), used, strict=True)
        ),
        decimals,
    )


def _spread(classes: int, k: int) -> list[int]:
    """Places of `classes` colours on a ramp of `k`, from end to end; a single class takes the middle."""
    if classes == 1:
        return [k // 2]
    return [round(i * (k - 1) / (classes - 1)) for i in range(classes)]
