"""Nearest centres, floating catchments and least-cost paths beside scikit-learn, PySAL `access` and scikit-image.

690,000 demand points (`--quick`: 40,000) are strewn around the counties of the current release, centres likewise, the
same each time by seed. Each answer is compared in the same run. BallTree measures on a sphere and chooses some wrong
centres: there, *agree* means that ours is the best of all centres by brute force on the ellipsoid for a sample, and for
no point farther than the peer's choice. The friction surfaces agree on square cells, all that scikit-image knows.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from bench.peers import access_balltree, access_pysal, access_skimage
from bench.result import Result
from geodata.analysis.access.catchments import Reach, Steps, floating_catchments, within
from geodata.analysis.access.friction import Grid, least_cost
from geodata.analysis.distance import geodesic_m, nearest
from geodata.settings import data_dir
from geodata.store import Store, queries

POINTS, QUICK_POINTS = 690_000, 40_000
# How far points lie around the place of their county: some 15 km, one standard deviation.
STREWN_DEG = 0.15
SAMPLE = 12
# Zones of the catchments, metres and weights (Luo & Qi's weights), by number of centres.
ZONES: dict[int, tuple[tuple[float, float], ...]] = {
    1_000: ((20_000.0, 1.0), (40_000.0, 0.68), (60_000.0, 0.22)),
    100_000: ((2_500.0, 1.0), (5_000.0, 0.68), (10_000.0, 0.22)),
}
# Cells of half a minute of arc, about a kilometre.
CELL_DEG, CELL_M = 1 / 120, 926.0
SIZE, QUICK_SIZE = (4_000, 5_000), (800, 1_000)
PLACES = 999

Floats = npt.NDArray[np.float64]
Answer = TypeVar("Answer")


def run(*, quick: bool) -> Iterator[Result]:
    """Yield one result a comparison; a full run adds a million centres and how time grows with the points."""
    points = QUICK_POINTS if quick else POINTS
    for centres in (1_000, 100_000) if quick else (1_000, 100_000, 1_000_000):
        yield _nearest(points, centres, quick=quick)
    for centres in ZONES:
        yield _e2sfca(points, centres)
    yield _friction(QUICK_SIZE if quick else SIZE)


def _timed(work: Callable[[], Answer]) -> tuple[Answer, float, float]:
    """Return what was asked for, the milliseconds it took and by how many MB it raised the peak of memory."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    answer = work()
    took = time.perf_counter() - start
    return answer, took * 1_000, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1_024


@cache
def _around() -> Floats:
    units = queries.units(Store(data_dir()).reading(), "county")
    return units.loc[units["counted"], ["lon", "lat"]].to_numpy(float)


def _strewn(count: int, seed: int) -> Floats:
    dice = np.random.default_rng(seed)
    return dice.choice(_around(), count) + dice.normal(0, STREWN_DEG, (count, 2))


def _nearest(points: int, centres: int, *, quick: bool) -> Result:
    homes, at = _strewn(points, 1), _strewn(centres, 2)

    def ours(some: Floats) -> tuple[Any, Floats]:
        return nearest(some[:, 0], some[:, 1], at[:, 0], at[:, 1])

    # Threads and lazy imports start before the clock runs.
    ours(homes[:100])
    (index, metres), mine, mine_mb = _timed(lambda: ours(homes))
    chosen, theirs, _ = _timed(lambda: access_balltree.nearest(homes, at))
    peer_metres = geodesic_m(homes[:, 0], homes[:, 1], at[chosen, 0], at[chosen, 1])
    sample = np.random.default_rng(3).choice(points, SAMPLE, replace=False)
    best = [geodesic_m(*np.broadcast_arrays(homes[row, 0], homes[row, 1], at[:, 0], at[:, 1])) for row in sample]
    exact = all(index[row] == np.argmin(all_m) for row, all_m in zip(sample, best, strict=True))
    extras: dict[str, object] = {
        "points": points,
        "ours_peak_growth_mb": round(mine_mb),
        "peer_chose_a_farther_centre": int((peer_metres > metres + 1e-6).sum()),
        "peer_farther_by_m_at_most": round(float((peer_metres - metres).max()), 2),
    }
    if not quick:
        parts = [points // 8, points // 4, points // 2]
        extras["ours_ms_by_points"] = {part: round(_timed(partial(ours, homes[:part]))[1]) for part in parts}
    agree = exact and bool((metres <= peer_metres + 1e-6).all())
    return Result(f"nearest_{centres}_vs_balltree", mine, theirs, "ms", agree, extras)


def _e2sfca(points: int, centres: int) -> Result:
    homes, at = _strewn(points, 1), _strewn(centres, 2)
    dice = np.random.default_rng(4)
    children, places = dice.uniform(1, 400, points), dice.uniform(20, 90, centres)
    zones = ZONES[centres]
    decay = Steps(zones)
    reach = within(homes[:, 0], homes[:, 1], at[:, 0], at[:, 1], radius_m=zones[-1][0], edges_m=decay.edges)
    streamed, whole, whole_mb = _timed(lambda: floating_catchments(reach, children, places, decay))
    pairs = reach.all_pairs()
    table = access_pysal.table(pairs.point, pairs.centre, pairs.cost)
    at_hand = Reach(points, centres, lambda: (pairs,))
    access, mine, _ = _timed(lambda: floating_catchments(at_hand, children, places, decay))
    peer_access, theirs, _ = _timed(lambda: access_pysal.e2sfca(table, children, places, zones))
    extras: dict[str, object] = {
        "points": points,
        "pairs": len(pairs.point),
        "ours_from_coordinates_ms": round(whole),
        "ours_from_coordinates_peak_growth_mb": round(whole_mb),
        "greatest_relative_difference": float(np.max(np.abs(access - peer_access) / np.maximum(peer_access, 1e-12))),
    }
    agree = np.allclose(access, peer_access, rtol=1e-9, atol=0) and np.allclose(streamed, access, rtol=1e-9, atol=0)
    return Result(f"e2sfca_{centres}_vs_access", mine, theirs, "ms", bool(agree), extras)


def _friction(size: tuple[int, int]) -> Result:
    surface, places = _surface(*size)
    flat = Grid(*size, left=0.0, top=0.0, step_x=CELL_M, step_y=-CELL_M, metric=True)
    round_earth = Grid(*size, left=85.0, top=53.0, step_x=CELL_DEG, step_y=-CELL_DEG)
    cells = places[:, 0] * size[1] + places[:, 1]
    # Compile before the clock runs.
    least_cost(surface[:2, :2], Grid(2, 2, 0.0, 0.0, CELL_M, -CELL_M, metric=True), np.array([0]))
    found, mine, mine_mb = _timed(lambda: least_cost(surface, flat, cells).minutes)
    theirs_found, theirs, theirs_mb = _timed(lambda: access_skimage.minutes(surface, CELL_M, places))
    true, true_ms, _ = _timed(lambda: least_cost(surface, round_earth, cells).minutes)
    reached = np.isfinite(true) & (true > 0)
    agree = np.allclose(found, theirs_found, rtol=1e-9, atol=0)
    extras: dict[str, object] = {
        "cells": size[0] * size[1],
        "places": PLACES,
        "ours_peak_growth_mb": round(mine_mb),
        "peer_peak_growth_mb": round(theirs_mb),
        "ours_on_the_ellipsoid_ms": round(true_ms),
        "peer_off_percent_as_cells_are_no_squares": round(
            float(100 * np.mean(np.abs(theirs_found[reached] / true[reached] - 1))), 1
        ),
    }
    return Result("friction_vs_skimage", mine, theirs, "ms", bool(agree), extras)


def _surface(rows: int, columns: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Friction between a road (1 minute a kilometre) and a mountain path (60), with lakes (0); places off the lakes."""
    dice = np.random.default_rng(6)
    land = gaussian_filter(dice.standard_normal((rows // 10, columns // 10)), 3)
    land = np.kron(land / land.std(), np.ones((10, 10)))
    friction = 0.012 * np.exp(0.8 * land + 0.3 * dice.standard_normal(land.shape))
    friction[::60, :] = friction[:, ::60] = 0.001
    friction = np.where(land > 2.2, 0.0, np.clip(friction, 0.001, 0.06)).astype(np.float32)
    usable = np.argwhere(friction > 0)
    return friction, usable[dice.choice(len(usable), PLACES, replace=False)]
