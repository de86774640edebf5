"""Nearest centres against every pair measured on the ellipsoid; county sums against sums by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from etl.measure import access
from geodata.analysis.distance import geodesic_m, nearest

GEOD = Geod(ellps="WGS84")
places = st.lists(st.tuples(st.floats(73.5, 135.1), st.floats(3.8, 53.6)), min_size=1, max_size=12)


def slow_nearest(points: np.ndarray, targets: np.ndarray) -> tuple[list[int], list[float]]:
    """Every pair, the first least distance."""
    index, metres = [], []
    for lon, lat in points:
        row = [GEOD.inv(lon, lat, *target)[2] for target in targets]
        index.append(int(np.argmin(row)))
        metres.append(row[index[-1]])
    return index, metres


@given(places, places)
def test_the_nearest_is_the_nearest_of_all(
    points: list[tuple[float, float]], targets: list[tuple[float, float]]
) -> None:
    from_, to = np.array(points), np.array(targets)
    index, metres = nearest(from_[:, 0], from_[:, 1], to[:, 0], to[:, 1])
    _, slow_metres = slow_nearest(from_, to)
    assert np.allclose(metres, slow_metres, rtol=0, atol=1e-6)
    chosen = to[index]
    # Ten nanometres: earth-centred coordinates of 6e6 m are good to some.
    assert np.allclose(geodesic_m(from_[:, 0], from_[:, 1], chosen[:, 0], chosen[:, 1]), metres, rtol=0, atol=1e-8)


def test_a_thousand_settlements_and_many_centres() -> None:
    dice = np.random.default_rng(7)
    points = np.column_stack([dice.uniform(80, 125, 300), dice.uniform(20, 50, 300)])
    targets = np.column_stack([dice.uniform(80, 125, 90), dice.uniform(20, 50, 90)])
    index, metres = nearest(points[:, 0], points[:, 1], targets[:, 0], targets[:, 1])
    slow_index, slow_metres = slow_nearest(points, targets)
    assert list(index) == slow_index
    assert np.allclose(metres, slow_metres, rtol=0, atol=1e-6)


def test_of_centres_at_one_place_the_first_is_taken_however_many_there_are() -> None:
    index, metres = nearest([110.0], [30.0], [115.0] + [110.1] * 9, [30.0] * 10)
    assert list(index) == [1]
    assert metres[0] == pytest.approx(9_648, abs=10)


def test_without_any_target_nothing_is_near() -> None:
    index, metres = nearest([110.0, 111.0], [30.0, 31.0], [], [])
    assert list(index) == [-1, -1]
    assert np.isnan(metres).all()


def slow_sums(settlements: pd.DataFrame, near: pd.DataFrame, codes: set[str]) -> pd.DataFrame:
    """The sums county by county, settlement by settlement."""
    distance = dict(zip(near["settlement_id"], near["distance_m"], strict=True))
    rows = []
    for code in sorted(codes & set(settlements["code"])):
        people = [(row.children, distance[row.settlement_id]) for row in settlements.itertuples() if row.code == code]
        measured = [(c, d) for c, d in people if not np.isnan(d)]
        row: dict[str, object] = {"code": code}
        row["children_measured"] = sum(c for c, _ in measured) if measured else np.nan
        for km in (5, 10, 30):
            row[f"children_beyond_{km}km"] = sum(c for c, d in measured if d > km * 1000) if measured else np.nan
        for km in (1, 2.5, 5, 10, 30, 60):
            name = f"children_within_{km:g}km".replace(".", "_")
            row[name] = sum(c for c, d in measured if d <= km * 1000) if measured else np.nan
        # By bus: 25 km/h, the way 1.33 times as long as the straight line.
        times = [(c, d * 1.33 / 25_000 * 60) for c, d in measured]
        row["children_km"] = sum(c * d / 1000 for c, d in measured) if measured else np.nan
        row["children_timed"] = row["children_reaching"] = row["children_measured"]
        row["children_unreachable"] = 0.0 if measured else np.nan
        row["children_beyond_60min"] = sum(c for c, t in times if t > 60) if measured else np.nan
        row["children_minutes"] = sum(c * t for c, t in times) if measured else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize("unmeasured", [0.0, 0.3, 1.0])
def test_sums_over_arrays_are_the_sums_by_hand(unmeasured: float) -> None:
    dice = np.random.default_rng(11)
    count = 200
    ids = [f"s{number}" for number in range(count)]
    settlements = pd.DataFrame(
        {"settlement_id": ids, "code": dice.choice(["110101", "110102", "120101"], count),
         "children": np.where(dice.random(count) < 0.1, 0.0, dice.uniform(0, 900, count))}
    )  # fmt: skip
    metres = np.where(dice.random(count) < 0.1, dice.choice([5_000.0, 10_000.0, 30_000.0], count),
                      dice.uniform(0, 60_000, count))  # fmt: skip
    near = pd.DataFrame(
        {"settlement_id": ids[::-1], "distance_m": np.where(dice.random(count) < unmeasured, np.nan, metres)}
    )
    children = pd.DataFrame({"code": ["110101", "110102", "120101"], "state": ["value", "zero", "withheld"]})
    found = access.county_sums(settlements, near, children)
    expected = slow_sums(settlements, near, {"110101", "110102"})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)
