"""Who is reached by whom: gains of sites, their order, and why each stands where it does, point by point.

The numbers are those of `nested_curve`, `opening_sequence` and `reasons` of `geodata.analysis.siting` for maximal
covering, but only what changed is counted again: a quick answer has less than a third of a second for everything.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Step:
    """One opening: which column, what it adds, what is reached then."""

    site: int
    gain: float
    total: float


@dataclass(frozen=True)
class Why:
    """Why a site: children it reaches, of these reached by others too, lost without it; who shares most; runner-up."""

    reached: float
    already: float
    alone: float
    others: tuple[int, ...]
    runner_up: int
    flip: float


@dataclass(frozen=True)
class Reached:
    """Children at points (n) and the columns that reach them (`reach`: CSR n x m, values 1)."""

    demand: Floats
    reach: Any

    @cached_property
    def by_site(self) -> Any:
        """The points of each column (CSC)."""
        return self.reach.tocsc()

    def points(self, site: int) -> Ints:
        """The points that a column reaches."""
        begin, end = self.by_site.indptr[site : site + 2]
        return np.asarray(self.by_site.indices[begin:end])

    def times(self, is_open: Bools) -> Ints:
        """How many open columns reach each point."""
        return np.rint(self.reach @ is_open.astype(float)).astype(np.int64)

    def by_column(self, points: Ints) -> Floats:
        """The children of some points, summed for each column that reaches them."""
        indptr = self.reach.indptr
        begin, size = indptr[points], np.diff(indptr)[points]
        # The places of these rows' entries: each row's start, repeated, plus 0, 1, 2, ... within the row.
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        columns = self.reach.indices[np.repeat(begin, size) + within]
        found = np.bincount(columns, weights=np.repeat(self.demand[points], size), minlength=self.reach.shape[1])
        return np.asarray(found, dtype=np.float64)

    def openings(self, before: Bools, offered: Iterable[int], most: int) -> list[Step]:
        """Up to `most` columns of those offered, each the one that adds most to what is open; of equals the first.

        A gain never grows when more is open: only the best of the old gains needs counting again (Minoux 1978).
        """
        left = np.where(self.times(before) > 0, 0.0, self.demand)
        total = float(self.demand.sum() - left.sum())
        gains = self.by_site.T @ left
        heap = [(-float(gains[site]), site) for site in offered]
        heapq.heapify(heap)
        steps: list[Step] = []
        while heap and len(steps) < most:
            old, site = heap[0]
            points = self.points(site)
            gain = float(left[points].sum())
            if gain < -old - 1e-9:
                heapq.heapreplace(heap, (-gain, site))
                continue
            heapq.heappop(heap)
            left[points] = 0.0
            total += gain
            steps.append(Step(site, gain, total))
        return steps

    def why(self, chosen: Iterable[int], before: Bools, allowed: Bools, cost: Floats, money: float) -> dict[int, Why]:
        """The reasons of each chosen column. `allowed`: what may take its place, as far as `money` goes."""
        sites = list(chosen)
        is_open = before.copy()
        is_open[sites] = True
        times = self.times(is_open)
        gains = self.by_column(np.flatnonzero(times == 0))
        free = allowed & ~is_open
        spent = float(cost[sites].sum())
        return {site: self._why(site, times, gains, is_open, free & (cost <= money - spent + cost[site] + 1e-9))
                for site in sites}  # fmt: skip

    def _why(self, site: int, times: Ints, gains: Floats, is_open: Bools, fits: Bools) -> Why:
        points = self.points(site)
        alone = points[times[points] == 1]
        lost = float(self.demand[alone].sum())
        shared = np.where(is_open, self.by_column(points), 0.0)
        shared[site] = 0.0
        most = np.argsort(-shared, kind="stable")[:3]
        instead = np.where(fits, gains + self.by_column(alone), -np.inf)
        best = int(np.argmax(instead))
        possible = bool(fits.any())
        return Why(
            reached=float(self.demand[points].sum()),
            already=float(self.demand[points].sum()) - lost,
            alone=lost,
            others=tuple(int(other) for other in most if shared[other] > 0),
            runner_up=best if possible else -1,
            flip=lost - float(instead[best]) if possible else np.inf,
        )
