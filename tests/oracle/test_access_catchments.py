"""Catchments against loops over every pair, against a case worked by hand and against PySAL's `access`."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.analysis.access import catchments
from geodata.analysis.access.catchments import (
    Gaussian,
    Pairs,
    Power,
    Reach,
    Steps,
    centres_in_reach,
    children_in_reach,
    everyone_alike,
    floating_catchments,
    gravity,
    three_stage_catchments,
    within,
)
from geodata.analysis.access.travel import TravelTable

with warnings.catch_warnings():
    # The peer's own imports are not ours to mend.
    warnings.simplefilter("ignore")
    from access import fca, weights

GEOD = Geod(ellps="WGS84")
ZONES = ((1_000.0, 1.0), (2_500.0, 0.68), (5_000.0, 0.22))
DECAYS = (everyone_alike, Steps(ZONES), Gaussian(5_000.0), Power(1.5, 100.0))


def by_hand() -> Reach:
    """Two centres; the middle village reaches both, the last none."""
    return Reach.of_table(TravelTable.of([0, 1, 1, 2], [0, 0, 1, 1], [10.0, 20.0, 10.0, 30.0], 4, 2))


def test_two_step_catchments_by_hand() -> None:
    children, places = np.array([100.0, 50.0, 150.0, 70.0]), np.array([30.0, 40.0])
    # Centre 0 has 150 children for 30 places, centre 1 200 for 40: a fifth each.
    assert floating_catchments(by_hand(), children, places).tolist() == pytest.approx([0.2, 0.4, 0.2, 0.0])
    assert centres_in_reach(by_hand()).tolist() == [1, 2, 1, 0]
    assert children_in_reach(by_hand(), children).tolist() == [150.0, 200.0]
    assert gravity(by_hand(), places, Power(1.0, 1.0)).tolist() == pytest.approx([3.0, 1.5 + 4.0, 4 / 3, 0.0])


def test_enhanced_and_three_stage_by_hand() -> None:
    children, places = np.array([100.0, 50.0, 150.0, 70.0]), np.array([30.0, 40.0])
    steps = Steps(((10.0, 1.0), (20.0, 0.5), (30.0, 0.2)))
    first, second = 30 / (100 + 25), 40 / (50 + 30)
    expected = [first, 0.5 * first + second, 0.2 * second, 0.0]
    assert floating_catchments(by_hand(), children, places, steps).tolist() == pytest.approx(expected)
    expected = [first, 0.25 * first + second, 0.04 * second, 0.0]
    assert floating_catchments(by_hand(), children, places, steps, suboptimal=True).tolist() == pytest.approx(expected)
    # The middle village chooses centre 1 twice as often as centre 0; both others have no choice.
    first, second = 30 / (100 + 50 * 0.5 / 3), 40 / (50 * 2 / 3 + 150 * 0.2)
    expected = [first, 0.5 / 3 * first + 2 / 3 * second, 0.2 * second, 0.0]
    assert three_stage_catchments(by_hand(), children, places, steps).tolist() == pytest.approx(expected)


def test_a_step_includes_its_edge_and_ends_there() -> None:
    assert Steps(ZONES)(np.array([0, 1_000, 1_000.1, 5_000, 5_000.1])).tolist() == [1, 1, 0.68, 0.22, 0]
    assert Gaussian(10.0)(np.array([0.0, 10.0, 11.0])).tolist() == [1.0, 0.0, 0.0]


def scatter(seed: int, points: int, centres: int, degrees: float = 0.2) -> tuple[np.ndarray, ...]:
    dice = np.random.default_rng(seed)
    spots = dice.uniform([105.0, 30.0], [105.0 + degrees, 30.0 + degrees], (points + centres, 2))
    return spots[:points, 0], spots[:points, 1], spots[points:, 0], spots[points:, 1]


def slow_pairs(lon: np.ndarray, lat: np.ndarray, to_lon: np.ndarray, to_lat: np.ndarray, radius_m: float) -> Pairs:
    found = [
        (point, centre, metres)
        for point in range(len(lon))
        for centre in range(len(to_lon))
        if (metres := GEOD.inv(lon[point], lat[point], to_lon[centre], to_lat[centre])[2]) <= radius_m
    ]
    point, centre, metres = (np.array(column) for column in zip(*found, strict=True)) if found else ([], [], [])
    return Pairs(np.array(point, dtype=np.int64), np.array(centre, dtype=np.int64), np.array(metres, dtype=float))


@pytest.mark.parametrize("radius_m", [900.0, 5_000.0, 60_000.0, 250_000.0])
@pytest.mark.parametrize("block", [1, 4_000_000])
def test_pairs_are_all_pairs_on_the_ellipsoid(radius_m: float, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catchments, "_BLOCK_PAIRS", block)
    monkeypatch.setattr(catchments, "_FIRST_CENTRES", 3)
    places = scatter(3, 60, 20, degrees=max(0.2, radius_m / 50_000))
    found, expected = within(*places, radius_m=radius_m).all_pairs(), slow_pairs(*places, radius_m)
    assert len(expected.point) > 5
    assert (found.point.tolist(), found.centre.tolist()) == (expected.point.tolist(), expected.centre.tolist())
    assert np.allclose(found.cost, expected.cost, rtol=0, atol=0.002 if radius_m <= 60_000 else 1e-6)


def test_exactly_at_the_radius_and_at_a_step_is_within_to_the_nanometre() -> None:
    east = 110.3
    metres = GEOD.inv(110.0, 35.0, east, 35.0)[2]
    here = ([110.0], [35.0], [east], [35.0])
    assert len(within(*here, radius_m=metres).all_pairs().point) == 1
    assert len(within(*here, radius_m=np.nextafter(metres, 0)).all_pairs().point) == 0
    assert within(*here, radius_m=60_000.0, edges_m=(metres,)).all_pairs().cost[0] == metres


def test_without_places_there_is_no_reach() -> None:
    assert centres_in_reach(within([110.0, np.nan], [30.0, 30.0], [np.nan], [30.0], radius_m=9.0)).tolist() == [0, 0]
    assert centres_in_reach(within([], [], [110.0], [30.0], radius_m=9.0)).tolist() == []
    with pytest.raises(ValueError, match="radius"):
        within([110.0], [30.0], [110.0], [30.0], radius_m=0.0)


def slow_catchments(pairs: Pairs, children: np.ndarray, places: np.ndarray, decay: object, power: int) -> list[float]:
    weight = {
        (i, j): float(decay(np.array([c]))[0]) for i, j, c in zip(pairs.point, pairs.centre, pairs.cost, strict=True)
    }
    access = [0.0] * len(children)
    for centre in range(len(places)):
        wanted = sum(children[i] * w for (i, j), w in weight.items() if j == centre)
        for (i, j), w in weight.items():
            if j == centre and wanted > 0:
                access[i] += places[centre] / wanted * w**power
    return access


def slow_three_stages(pairs: Pairs, children: np.ndarray, places: np.ndarray, decay: object) -> list[float]:
    weight = {
        (i, j): float(decay(np.array([c]))[0]) for i, j, c in zip(pairs.point, pairs.centre, pairs.cost, strict=True)
    }
    sums = [sum(w for (i, _), w in weight.items() if i == point) for point in range(len(children))]
    chosen = {(i, j): w / sums[i] * w for (i, j), w in weight.items() if sums[i] > 0}
    access = [0.0] * len(children)
    for centre in range(len(places)):
        wanted = sum(children[i] * w for (i, j), w in chosen.items() if j == centre)
        for (i, j), w in chosen.items():
            if j == centre and wanted > 0:
                access[i] += places[centre] / wanted * w
    return access


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 6), st.sampled_from(DECAYS))
def test_catchments_are_the_loops_over_all_pairs_and_conserve_places(
    seed: int, points: int, centres: int, decay: object
) -> None:
    spots = scatter(seed, points, centres, degrees=0.08)
    dice = np.random.default_rng(seed)
    children, places = dice.integers(0, 5, points) * 13.0, dice.integers(0, 4, centres) * 46.0
    reach = within(*spots, radius_m=5_000.0)
    pairs = reach.all_pairs()
    for power, suboptimal in ((1, False), (2, True)):
        found = floating_catchments(reach, children, places, decay, suboptimal=suboptimal)
        assert found.tolist() == pytest.approx(slow_catchments(pairs, children, places, decay, power), rel=1e-12)
    found = three_stage_catchments(reach, children, places, decay)
    assert found.tolist() == pytest.approx(slow_three_stages(pairs, children, places, decay), rel=1e-12)
    used = [
        places[j] for j in range(centres)
        if sum(children[pairs.point] * decay(pairs.cost) * (pairs.centre == j)) > 0
    ]  # fmt: skip
    given_out = (children * floating_catchments(reach, children, places, decay)).sum()
    assert given_out == pytest.approx(sum(used), rel=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_one_more_centre_lowers_no_ones_coverage_or_access(seed: int) -> None:
    lon, lat, to_lon, to_lat = scatter(seed, 15, 6, degrees=0.1)
    places = np.full(6, 40.0)
    fewer, more = (
        within(lon, lat, to_lon[:5], to_lat[:5], radius_m=4_000.0),
        within(lon, lat, to_lon, to_lat, radius_m=4_000.0),
    )
    assert (centres_in_reach(more) >= centres_in_reach(fewer)).all()
    children = np.arange(15.0)
    before, after = (
        floating_catchments(reach, children, places[: reach.centres], Steps(ZONES)) for reach in (fewer, more)
    )
    assert (after >= before - 1e-12).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_order_of_points_and_centres_does_not_matter(seed: int) -> None:
    lon, lat, to_lon, to_lat = scatter(seed, 12, 5, degrees=0.08)
    dice = np.random.default_rng(seed)
    children, places = dice.uniform(0, 90, 12), dice.uniform(0, 60, 5)
    rows, columns = dice.permutation(12), dice.permutation(5)
    plain = within(lon, lat, to_lon, to_lat, radius_m=5_000.0)
    mixed = within(lon[rows], lat[rows], to_lon[columns], to_lat[columns], radius_m=5_000.0)
    for measure in (floating_catchments, three_stage_catchments):
        found = measure(mixed, children[rows], places[columns], Gaussian(5_000.0))
        np.testing.assert_allclose(found, measure(plain, children, places, Gaussian(5_000.0))[rows], rtol=1e-9)


@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")  # within the peer
@pytest.mark.parametrize("method", ["2SFCA", "E2SFCA", "3SFCA"])
def test_agreement_with_pysal_access(method: str) -> None:
    reach = within(*scatter(11, 300, 40, degrees=0.15), radius_m=5_000.0)
    dice = np.random.default_rng(11)
    children, places = dice.uniform(1, 90, 300), dice.uniform(10, 60, 40)
    pairs = reach.all_pairs()
    cost = pd.DataFrame({"origin": pairs.point, "dest": pairs.centre, "cost": pairs.cost})
    asked = {
        "demand_df": pd.DataFrame({"demand": children}, index=pd.Index(range(300), name="geoid")),
        "supply_df": pd.DataFrame({"supply": places}, index=pd.Index(range(40), name="geoid")),
        "cost_df": cost, "demand_index": True, "max_cost": 5_000.0,
    }  # fmt: skip
    step = weights.step_fn(dict(ZONES))
    if method == "2SFCA":
        theirs, ours = fca.two_stage_fca(**asked), floating_catchments(reach, children, places)
    elif method == "E2SFCA":
        theirs = fca.two_stage_fca(**asked, weight_fn=step)
        ours = floating_catchments(reach, children, places, Steps(ZONES))
    else:
        theirs = fca.three_stage_fca(**asked, weight_fn=step)
        ours = three_stage_catchments(reach, children, places, Steps(ZONES))
    assert len(theirs) > 250
    np.testing.assert_allclose(ours[theirs.index], theirs, rtol=1e-9)
