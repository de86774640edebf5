"""Nearest centres, floating catchments and least-cost paths beside scikit-learn, PySAL `access` and scikit-image.

690,000 demand points (`--quick`: 40,000) are strewn around the counties of the current release, centres likewise, the
same each time by seed. Each answer is compared in the same run. BallTree measures on a sphere and chooses some wrong
centres: there, *agree* means that ours is the best of all centres by brute force on the ellipsoid for a sample, and for
no point farther than the peer's choice. The friction surfaces agree on square cells, all that scikit-image knows.

Both sides run on one core, and processor time stands beside the clock's: the first depends little on what else the
machine does. A full run keeps its rows in `bench/results/access.json` and draws how ours grows with the size.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from bench import growth
from bench.peers import access_balltree, access_pysal, access_skimage
from bench.result import Result
from geodata.analysis.access.catchments import Reach, Steps, floating_catchments, within
from geodata.analysis.access.friction import Grid, least_cost
from geodata.analysis.distance import geodesic_m, nearest
from geodata.settings import PROJECT_DIR, data_dir
from geodata.store import Store, queries

POINTS, QUICK_POINTS = 690_000, 100_000
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

LAST_RUN = PROJECT_DIR / "bench" / "results" / "access.json"
PICTURE = PROJECT_DIR / "docs" / "images" / "access-growth.svg"
# How time grows is looked at for these parts of the whole.
PARTS = (8, 4, 2)

Floats = npt.NDArray[np.float64]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Timed(Generic[Answer]):
    """An answer, what it took by the clock and of the processor, and by how much it raised the peak of memory."""

    answer: Answer
    ms: float
    cpu_ms: float
    peak_growth_mb: float


def run(*, quick: bool) -> Iterator[Result]:
    """Yield one result a comparison; a full run adds a million centres and how time grows with the size."""
    points = QUICK_POINTS if quick else POINTS
    works = [partial(_nearest, points, centres, quick=quick) for centres in (1_000, 100_000)]
    works += [partial(_e2sfca, points, centres, quick=quick) for centres in ZONES]
    works.append(partial(_friction, QUICK_SIZE if quick else SIZE, quick=quick))
    if not quick:
        works.append(partial(_nearest, points, 1_000_000, quick=quick))
    rows = []
    with _one_core():
        for work in works:
            row = work()
            rows.append(row)
            if not quick:
                _keep(rows)
            yield row


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process to one core, where the system can: a side with threads has no more of the machine."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _timed(work: Callable[[], Answer]) -> Timed[Answer]:
    before, start, busy = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter(), time.process_time()
    answer = work()
    took, used = time.perf_counter() - start, time.process_time() - busy
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return Timed(answer, took * 1_000, used * 1_000, grown / 1_024)


def _row(name: str, mine: Timed[Any], theirs: Timed[Any], extras: dict[str, object], *, agree: bool) -> Result:
    told: dict[str, object] = {
        "ours_cpu_ms": round(mine.cpu_ms),
        "peer_cpu_ms": round(theirs.cpu_ms),
        "ratio_of_cpu": round(theirs.cpu_ms / mine.cpu_ms, 1),
        "load": round(os.getloadavg()[0], 1),
        "ours_peak_growth_mb": round(mine.peak_growth_mb),
        "peer_peak_growth_mb": round(theirs.peak_growth_mb),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024),
    }
    return Result(name, mine.ms, theirs.ms, "ms", bool(agree), told | extras)


def _grown(size: int, whole: Timed[Any], work: Callable[[int], object]) -> dict[str, object]:
    """Processor time of an eighth, a quarter, half and the whole."""
    times = {size // part: round(_timed(partial(work, part)).cpu_ms) for part in PARTS}
    return {"ours_cpu_ms_by_size": times | {size: round(whole.cpu_ms)}}


def _keep(rows: list[Result]) -> None:
    kept = [json.loads(row.to_json()) for row in rows]
    date = datetime.now(UTC).date().isoformat()
    LAST_RUN.write_text(json.dumps({"date": date, "rows": kept}, indent=1) + "\n", encoding="utf-8")
    times = {row["name"].split("_vs_")[0].replace("_", " "): row["ours_cpu_ms_by_size"] for row in kept}
    growth.draw({name: [(int(size), ms) for size, ms in by.items()] for name, by in times.items()}, PICTURE)


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

    # Compile, and load what is imported late, before the clock runs.
    ours(homes[: 40 * 1_000])
    mine = _timed(lambda: ours(homes))
    index, metres = mine.answer
    theirs = _timed(lambda: access_balltree.nearest(homes, at))
    karney = geodesic_m(homes[:, 0], homes[:, 1], at[index, 0], at[index, 1])
    peer_metres = geodesic_m(homes[:, 0], homes[:, 1], at[theirs.answer, 0], at[theirs.answer, 1])
    sample = np.random.default_rng(3).choice(points, SAMPLE, replace=False)
    best = [geodesic_m(*np.broadcast_arrays(homes[row, 0], homes[row, 1], at[:, 0], at[:, 1])) for row in sample]
    exact = all(index[row] == np.argmin(all_m) for row, all_m in zip(sample, best, strict=True))
    off_m = float(np.abs(metres - karney).max())
    extras: dict[str, object] = {
        "points": points,
        "off_karney_m_at_most": off_m,
        "peer_chose_a_farther_centre": int((peer_metres > metres + 1e-6).sum()),
        "peer_farther_by_m_at_most": round(float((peer_metres - metres).max()), 2),
    }
    if not quick:
        extras |= _grown(points, mine, lambda part: ours(homes[: points // part]))
    agree = exact and off_m < 1e-8 and bool((metres <= peer_metres + 1e-6).all())
    return _row(f"nearest_{centres}_vs_balltree", mine, theirs, extras, agree=agree)


def _e2sfca(points: int, centres: int, *, quick: bool) -> Result:
    homes, at = _strewn(points, 1), _strewn(centres, 2)
    dice = np.random.default_rng(4)
    children, places = dice.uniform(1, 400, points), dice.uniform(20, 90, centres)
    zones = ZONES[centres]
    decay = Steps(zones)

    def from_coordinates(some: int) -> Floats:
        near = homes[:some]
        reach = within(near[:, 0], near[:, 1], at[:, 0], at[:, 1], radius_m=zones[-1][0], edges_m=decay.edges)
        return floating_catchments(reach, children[:some], places, decay)

    streamed = _timed(lambda: from_coordinates(points))
    pairs = within(*homes.T, *at.T, radius_m=zones[-1][0], edges_m=decay.edges).all_pairs()
    table = access_pysal.table(pairs.point, pairs.centre, pairs.cost)
    at_hand = Reach(points, centres, lambda: (pairs,))
    mine = _timed(lambda: floating_catchments(at_hand, children, places, decay))
    theirs = _timed(lambda: access_pysal.e2sfca(table, children, places, zones))
    access, peer = mine.answer, theirs.answer
    extras: dict[str, object] = {
        "points": points,
        "pairs": len(pairs.point),
        "ours_from_coordinates_ms": round(streamed.ms),
        "ours_from_coordinates_cpu_ms": round(streamed.cpu_ms),
        "ours_from_coordinates_peak_growth_mb": round(streamed.peak_growth_mb),
        "greatest_relative_difference": float(np.max(np.abs(access - peer) / np.maximum(peer, 1e-12))),
    }
    if not quick:
        extras |= _grown(points, streamed, lambda part: from_coordinates(points // part))
    agree = all(np.allclose(other, access, rtol=1e-9, atol=0) for other in (peer, streamed.answer))
    return _row(f"e2sfca_{centres}_vs_access", mine, theirs, extras, agree=agree)


def _friction(size: tuple[int, int], *, quick: bool) -> Result:
    surface, places = _surface(*size)
    flat = Grid(*size, left=0.0, top=0.0, step_x=CELL_M, step_y=-CELL_M, metric=True)
    round_earth = Grid(*size, left=85.0, top=53.0, step_x=CELL_DEG, step_y=-CELL_DEG)
    cells = places[:, 0] * size[1] + places[:, 1]

    def first_rows(rows: int) -> Floats:
        grid = Grid(rows, size[1], left=0.0, top=0.0, step_x=CELL_M, step_y=-CELL_M, metric=True)
        return least_cost(surface[:rows], grid, cells[places[:, 0] < rows]).minutes

    # Compile before the clock runs.
    first_rows(100)
    mine = _timed(lambda: least_cost(surface, flat, cells).minutes)
    theirs = _timed(lambda: access_skimage.minutes(surface, CELL_M, places))
    true = _timed(lambda: least_cost(surface, round_earth, cells).minutes)
    reached = np.isfinite(true.answer) & (true.answer > 0)
    agree = np.allclose(mine.answer, theirs.answer, rtol=1e-9, atol=0)
    off = float(100 * np.mean(np.abs(theirs.answer[reached] / true.answer[reached] - 1)))
    extras: dict[str, object] = {
        "cells": size[0] * size[1],
        "places": PLACES,
        "ours_on_the_ellipsoid_ms": round(true.ms),
        "ours_on_the_ellipsoid_cpu_ms": round(true.cpu_ms),
        "peer_off_percent_as_cells_are_no_squares": round(off, 1),
    }
    if not quick:
        extras |= _grown(size[0] * size[1], mine, lambda part: first_rows(size[0] // part))
    return _row("friction_vs_skimage", mine, theirs, extras, agree=agree)


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
