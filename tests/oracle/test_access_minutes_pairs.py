"""Pairs within a standard of minutes against the slow way: every place for itself over all there is, then compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from etl.pipeline.ways import Straight
from geodata.analysis.access.friction import Grid, least_cost, pairs_within, put_on_surface
from geodata.analysis.access.roads import Roads, snap
from geodata.analysis.access.travel import Assumed, TravelTable
from geodata.analysis.distance import geodesic_m

WALKING = 60 / 5_000


def as_dict(table: TravelTable) -> dict[tuple[int, int], float]:
    pairs = zip(table.origin.tolist(), table.destination.tolist(), strict=True)
    return dict(zip(pairs, table.minutes.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_windows_of_a_surface_lose_no_pair(seed: int) -> None:
    draw = np.random.default_rng(seed)
    friction = draw.choice([WALKING, WALKING / 4, np.inf], size=(60, 70), p=[0.6, 0.25, 0.15]).astype(np.float32)
    grid = Grid(60, 70, 110.0, 40.0, 0.01, -0.01)
    lon, lat = 110 + 0.7 * draw.random(50), 39.4 + 0.6 * draw.random(50)
    points = put_on_surface(friction, grid, lon, lat, within_m=1_500)
    places = put_on_surface(friction, grid, lon[:9], lat[:9], within_m=1_500)
    limits = draw.choice([30.0, 90.0, 240.0], size=9)
    expected = {}
    for place, cell in enumerate(places.cell.tolist()):
        took = least_cost(friction, grid, np.array([cell])).minutes.ravel()[points.cell] + points.walk_min
        for point in np.flatnonzero((took <= limits[place]) & (points.cell >= 0)).tolist():
            expected[point, place] = took[point]
    found = as_dict(pairs_within(friction, grid, points, places, limits))
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_place_moves_to_the_nearest_cell_that_can_be_crossed(seed: int) -> None:
    draw = np.random.default_rng(seed)
    friction = np.where(draw.random((30, 30)) < 0.2, WALKING, np.nan)
    grid = Grid(30, 30, 110.0, 50.0, 0.01, -0.01)
    lon, lat = 110 + 0.3 * draw.random(40), 49.7 + 0.3 * draw.random(40)
    found = put_on_surface(friction, grid, lon, lat, within_m=1_200)
    rows, columns = np.nonzero(np.isfinite(friction))
    for place in range(40):
        own = grid.cell(lon[place : place + 1], lat[place : place + 1])[0]
        far = geodesic_m(
            np.full(len(rows), lon[place]), np.full(len(rows), lat[place]),
            110 + (columns + 0.5) * 0.01, 50 - (rows + 0.5) * 0.01,
        )  # fmt: skip
        if np.isfinite(friction.ravel()[own]) or far.min() > 1_200:
            assert found.cell[place] == own
            assert np.isnan(found.moved_m[place])
        else:
            best = int(np.argmin(far))
            assert found.cell[place] == rows[best] * 30 + columns[best]
            assert found.moved_m[place] == pytest.approx(far.min())


def test_roads_keep_what_is_exactly_at_the_limit_and_drop_what_is_more() -> None:
    draw = np.random.default_rng(5)
    ends = draw.integers(0, 40, size=(2, 120))
    edges = pd.DataFrame({"start": ends[0], "end": ends[1], "minutes": draw.integers(1, 20, 120) * 1.0,
                          "oneway": draw.random(120) < 0.4})  # fmt: skip
    roads = Roads.of(110 + draw.random(40), 30 + draw.random(40), edges)
    origins = snap(110 + draw.random(30), 30 + draw.random(30), roads, at_most_m=20_000)
    there = snap(roads.lon[:6], roads.lat[:6], roads, at_most_m=10)
    expected = {}
    limits = np.full(6, 0.0)
    for place in range(6):
        alone = type(there)(there.node[place : place + 1], there.minutes[place : place + 1])
        _, took = roads.nearest(origins, alone)
        # The limit is what one of them takes: exactly at it is within.
        reached = np.sort(took[np.isfinite(took)])
        limits[place] = reached[len(reached) // 2] if len(reached) else 10.0
        expected |= {(int(at), place): took[at] for at in np.flatnonzero(took <= limits[place])}
    found = as_dict(roads.pairs_within(origins, there, limits))
    assert found == pytest.approx(expected)
    assert len(expected) > 20


def test_along_the_straight_line_exactly_at_the_standard_is_within() -> None:
    lon = 110 + np.linspace(0, 0.5, 40)
    points = pd.DataFrame({"settlement_id": [str(one) for one in range(40)], "lon": lon, "lat": 30.0})
    centres = pd.DataFrame({"centre_id": ["x", "y"], "lon": [110.0, 110.3], "lat": 30.0, "status": "open"})
    relief = np.array(["flat", "hilly", "mountain", "unknown"] * 10)
    assumed = Assumed()
    metres = np.array([geodesic_m(lon, np.full(40, 30.0), np.full(40, x), np.full(40, 30.0)) for x in (110.0, 110.3)])
    found = [assumed.minutes(row, relief) for row in metres]
    limits = np.array([found[0].central[20], found[1].central[3]])
    tables = Straight(points, assumed, relief).pairs(centres, limits)
    for table, name in zip(tables, ("low", "central", "high"), strict=True):
        expected = {
            (point, place): getattr(found[place], name)[point]
            for place in range(2)
            for point in range(40)
            if getattr(found[place], name)[point] <= limits[place]
        }
        assert as_dict(table) == pytest.approx(expected, rel=1e-6)
