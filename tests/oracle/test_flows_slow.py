"""Flows a second time: cell by cell in plain Python, and the entropy that a fitted matrix must lead in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from geodata.analysis.estimate import flows


def slow_fit(prior: np.ndarray, origins: list[float], destinations: list[float]) -> list[list[float]]:
    """Rows and columns in turn, cell by cell, far longer than needed."""
    n = len(origins)
    table = [[float(cell) for cell in row] for row in prior]
    for _ in range(3_000):
        for i in range(n):
            found = sum(table[i])
            table[i] = [cell * origins[i] / found if found else 0.0 for cell in table[i]]
        for j in range(n):
            found = sum(table[i][j] for i in range(n))
            for i in range(n):
                table[i][j] *= destinations[j] / found if found else 0.0
    return table


def slow_distance(lon: list[float], lat: list[float]) -> list[list[float]]:
    """Great-circle distances by the angle between vectors to the centre of the earth."""
    points = [
        (math.cos(math.radians(b)) * math.cos(math.radians(a)), math.cos(math.radians(b)) * math.sin(math.radians(a)),
         math.sin(math.radians(b)))
        for a, b in zip(lon, lat, strict=True)
    ]  # fmt: skip
    return [
        [6371.0088 * math.acos(min(1.0, sum(map(math.prod, zip(p, q, strict=True))))) for q in points] for p in points
    ]


def places(seed: int, n: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A prior, and two margins with one sum."""
    draw = np.random.default_rng(seed)
    distance = flows.distance_km(draw.uniform(100, 120, n), draw.uniform(22, 40, n))
    origins, destinations = draw.uniform(1, 500, n), draw.uniform(1, 500, n)
    return flows.gravity(distance), origins, destinations * origins.sum() / destinations.sum()


@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_that_of_the_slow_way(seed: int) -> None:
    prior, origins, destinations = places(seed)
    slow = slow_fit(prior, origins.tolist(), destinations.tolist())
    assert flows.fit_margins(prior, origins, destinations) == pytest.approx(np.array(slow), rel=1e-6)


def test_no_matrix_with_these_margins_is_nearer_to_the_prior() -> None:
    prior, origins, destinations = places(11, n=3)

    def gained(cells: np.ndarray) -> float:
        table = np.maximum(cells.reshape(3, 3), 1e-12)
        return float((table * np.log(table / prior) - table).sum())

    margins = [{"type": "eq", "fun": lambda c, i=i: c.reshape(3, 3)[i].sum() - origins[i]} for i in range(3)] + [
        {"type": "eq", "fun": lambda c, j=j: c.reshape(3, 3)[:, j].sum() - destinations[j]} for j in range(2)
    ]
    start = np.outer(origins, destinations).ravel() / origins.sum()
    best = minimize(gained, start, constraints=margins, method="SLSQP", options={"maxiter": 500, "ftol": 1e-12})
    assert best.success
    assert flows.fit_margins(prior, origins, destinations).ravel() == pytest.approx(best.x, rel=1e-3, abs=1e-2)


def test_distances_are_great_circles_and_half_the_nearest_at_home() -> None:
    # Beijing, Shanghai, Guangzhou.
    lon, lat = [116.4, 121.47, 113.26], [39.9, 31.23, 23.13]
    found, slow = flows.distance_km(np.array(lon), np.array(lat)), np.array(slow_distance(lon, lat))
    apart = ~np.eye(3, dtype=bool)
    assert found[apart] == pytest.approx(slow[apart], rel=1e-9)
    assert np.diag(found) == pytest.approx([slow[0, 1] / 2, slow[0, 1] / 2, slow[1, 2] / 2])
    assert slow[0, 1] == pytest.approx(1067, rel=0.01)


def test_absent_people_follow_from_their_share_by_hand() -> None:
    # 1,000 registered, 200 away; 800 at home and 100 from elsewhere. 500 registered, none away, 60 from elsewhere.
    found = flows.people_absent(np.array([0.2, 0.0]), np.array([900.0, 560.0]), np.array([100.0, 60.0]))
    assert found == pytest.approx([160, 0])  # 200 scaled to the 160 who moved somewhere


def test_who_left_the_province_is_who_is_absent_and_not_inside() -> None:
    found = flows.left_province(np.array([100.0, 50.0]), np.array([40.0, 49.0]), 65.0)
    assert found == pytest.approx([60, 5])  # the second keeps a tenth of its absent people


def test_moves_by_hand() -> None:
    # Provinces A (one city, nobody moves within it) and B (two places).
    province = np.array(["A", "B", "B"])
    prior = np.ones((3, 3))
    found = flows.moves(
        prior, province, np.array([10.0, 30.0, 30.0]), np.array([30.0, 5.0, 5.0]), np.array([0.0, 10.0, 20.0])
    )
    # Absent 10 and 60, inside 0 and 30: outside 10 and 30.
    assert found.other_province == pytest.approx(np.array([[0, 5, 5], [15, 0, 0], [15, 0, 0]]))
    assert found.same_province == pytest.approx(np.array([[0, 0, 0], [0, 5, 10], [0, 5, 10]]))
    assert found.outside == pytest.approx([1, 0.5, 0.5])


def test_margins_that_cannot_be_met_are_said() -> None:
    with pytest.raises(ValueError, match="arrive"):
        flows.fit_margins(np.ones((2, 2)), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    with pytest.raises(ValueError, match="no matrix"):
        flows.fit_margins(np.eye(2), np.array([1.0, 2.0]), np.array([2.0, 1.0]))


def test_misplaced_counts_who_would_go_elsewhere() -> None:
    first, second = np.array([[6.0, 4.0], [0.0, 10.0]]), np.array([[1.0, 1.0], [0.0, 3.0]])
    assert flows.misplaced(first, second) == pytest.approx(1 / 20)
    assert flows.misplaced(first, first) == pytest.approx(0, abs=1e-12)
