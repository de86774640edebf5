"""Least-cost minutes against SciPy's Dijkstra on a graph built cell by cell, and against arithmetic by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Geod
from scipy.sparse import lil_array
from scipy.sparse.csgraph import dijkstra

from geodata.analysis.access.friction import Grid, least_cost

GEOD = Geod(ellps="WGS84")
BARRIER = float("nan")


def slow_minutes(friction: np.ndarray, grid: Grid, places: list[int]) -> np.ndarray:
    """Every pair of neighbours an edge, metres measured between their centres."""
    count = grid.rows * grid.columns
    graph = lil_array((count, count))
    for row, column in itertools.product(range(grid.rows), range(grid.columns)):
        for down, right in itertools.product((-1, 0, 1), (-1, 0, 1)):
            to = (row + down, column + right)
            inside = 0 <= to[0] < grid.rows and 0 <= to[1] < grid.columns
            if (down, right) == (0, 0) or not inside or not friction[row, column] > 0 or not friction[to] > 0:
                continue
            metres = GEOD.inv(*centre(grid, row, column), *centre(grid, *to))[2]
            mean = (float(friction[row, column]) + float(friction[to])) / 2
            graph[row * grid.columns + column, to[0] * grid.columns + to[1]] = metres * mean
    usable = [place for place in places if place >= 0 and friction.ravel()[place] > 0]
    if not usable:
        return np.full(friction.shape, np.inf)
    return dijkstra(graph.tocsr(), indices=usable, min_only=True).reshape(friction.shape)


def centre(grid: Grid, row: int, column: int) -> tuple[float, float]:
    return grid.left + grid.step_x * (column + 0.5), grid.top + grid.step_y * (row + 0.5)


surfaces = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: arrays(
        np.float32,
        shape,
        elements=st.one_of(st.sampled_from([BARRIER, -9999.0, 0.0]), st.floats(0.0009765625, 8.0, width=32)),
    )
)


@settings(max_examples=60)
@given(
    surfaces, st.lists(st.integers(-1, 35), min_size=1, max_size=4), st.floats(-50, 60), st.sampled_from([-0.5, 0.25])
)
def test_minutes_are_those_of_the_whole_graph(
    friction: np.ndarray, places: list[int], top: float, step_y: float
) -> None:
    rows, columns = friction.shape
    grid = Grid(rows, columns, left=100.0, top=top, step_x=0.5, step_y=step_y)
    places = [place if place < rows * columns else -1 for place in places]
    found = least_cost(friction, grid, np.array(places))
    assert np.allclose(found.minutes, slow_minutes(friction, grid, places), rtol=1e-12, atol=0)
    assert ((found.place == -1) == np.isinf(found.minutes)).all()


def test_a_metre_is_a_metre_at_every_latitude() -> None:
    """At 60 N a degree east is half a degree north: a square of degrees is no square."""
    grid = Grid(rows=3, columns=3, left=110.0, top=60.75, step_x=0.5, step_y=-0.5)
    found = least_cost(np.full((3, 3), 0.001, dtype=np.float64), grid, np.array([4]))
    east, north = GEOD.inv(110.75, 60.0, 111.25, 60.0)[2], GEOD.inv(110.75, 60.0, 110.75, 60.5)[2]
    assert found.minutes[1, 2] == pytest.approx(east * 0.001, rel=1e-6)
    assert found.minutes[0, 1] == pytest.approx(north * 0.001, rel=1e-6)
    assert found.minutes[0, 1] > 1.99 * found.minutes[1, 2]


def test_a_projected_raster_has_square_cells() -> None:
    grid = Grid(rows=2, columns=2, left=0.0, top=2_000.0, step_x=1_000.0, step_y=-1_000.0, metric=True)
    found = least_cost(np.full((2, 2), 0.5), grid, np.array([0]))
    assert found.minutes.tolist() == [[0.0, 500.0], [500.0, pytest.approx(500.0 * np.sqrt(2))]]


def test_behind_a_barrier_nothing_is_reached_and_the_way_around_counts() -> None:
    grid = Grid(rows=3, columns=5, left=0.0, top=3.0, step_x=1.0, step_y=-1.0, metric=True)
    wall = np.ones((3, 5))
    wall[:, 2] = BARRIER
    shut = least_cost(wall, grid, np.array([5]))
    assert np.isinf(shut.minutes[:, 2:]).all()
    assert (shut.place[:, 3:] == -1).all()
    wall[2, 2] = 1.0
    around = least_cost(wall, grid, np.array([5]))
    assert around.minutes[1, 3] == pytest.approx(1 + 2 * np.sqrt(2))
    assert np.isinf(around.minutes[0, 2])


def test_a_place_outside_or_on_a_barrier_serves_nobody() -> None:
    grid = Grid(rows=1, columns=2, left=100.0, top=30.0, step_x=1.0, step_y=-1.0)
    assert grid.cell([100.5, 101.999, 99.9, np.nan, 100.5], [29.5, 29.01, 29.5, 29.5, 30.5]).tolist() == [
        0,
        1,
        -1,
        -1,
        -1,
    ]
    found = least_cost(np.array([[BARRIER, 1.0]]), grid, np.array([-1, 0]))
    assert np.isinf(found.minutes).all()


def test_the_nearest_of_two_places_is_told() -> None:
    grid = Grid(rows=1, columns=5, left=0.0, top=1.0, step_x=1.0, step_y=-1.0, metric=True)
    found = least_cost(np.array([[1.0, 1.0, 9.0, 1.0, 1.0]]), grid, np.array([4, 0]))
    assert found.place.tolist() == [[1, 1, 0, 0, 0]]


def test_a_surface_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="the grid"):
        least_cost(np.ones((2, 2)), Grid(3, 3, 0.0, 0.0, 1.0, -1.0), np.array([0]))


def test_many_places_some_of_them_twice_on_a_barrier_or_nowhere() -> None:
    """More than one chunk of the queue holds."""
    dice = np.random.default_rng(7)
    friction = dice.choice(np.array([BARRIER, 0.5, 2.0]), (40, 25), p=[0.2, 0.4, 0.4])
    places = [*dice.integers(1_000, size=150).tolist(), -1, 17, 17]
    grid = Grid(40, 25, left=100.0, top=40.0, step_x=0.01, step_y=-0.01)
    found = least_cost(friction, grid, np.array(places))
    # A kilometre's geodesic is rounded to some nanometres.
    assert np.allclose(found.minutes, slow_minutes(friction, grid, places), rtol=1e-10, atol=0)
    there = found.place[found.minutes == 0.0]
    assert {places[place] for place in there} == {p for p in places if p >= 0 and friction.ravel()[p] > 0}


def test_without_a_place_nothing_is_reached() -> None:
    found = least_cost(np.ones((2, 3)), Grid(2, 3, 0.0, 0.0, 1.0, -1.0), np.array([], dtype=np.int64))
    assert np.isinf(found.minutes).all()
    assert (found.place == -1).all()


def test_frictions_a_million_times_apart_are_still_exact() -> None:
    """Buckets are then wider than the least step: cells are looked at again until they settle."""
    dice = np.random.default_rng(5)
    friction = np.exp(dice.uniform(-12, 3, (30, 30))).astype(np.float32)
    grid = Grid(30, 30, left=100.0, top=40.0, step_x=0.01, step_y=-0.01)
    found = least_cost(friction, grid, np.array([17, 803]))
    assert np.allclose(found.minutes, slow_minutes(friction, grid, [17, 803]), rtol=1e-12, atol=0)
