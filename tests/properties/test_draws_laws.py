"""Laws of draws and of what is read off them, whatever was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geodata.analysis.estimate import Benchmarks, Counts, Parameters, Signals, Totals, estimate
from geodata.analysis.estimate.draws import DRAWN, DRAWS_AT_ONCE, UNIFORM, Draws, Ranges, draw_parameters, run_draws
from geodata.analysis.estimate.intervals import (
    interval,
    not_clearly_different,
    share_above,
    summed,
)
from geodata.analysis.estimate.migrants import Movers, movers, shared_anew
from geodata.analysis.estimate.ranking import rank_interval, ranks
from geodata.analysis.estimate.types import WHOLE_CITIES
from tests.support.census_files import toy_counts

UNITS = 36
# Whole numbers make ties likely, and their sums exact.
worlds = arrays(np.int64, st.tuples(st.integers(2, 45), st.integers(1, 8)), elements=st.integers(0, 30)).map(
    lambda draws: draws.astype(np.float64)
)


def country(seed: int = 1) -> tuple[Counts, Movers, Signals, Totals]:
    counts = toy_counts(UNITS, year=2020, seed=seed)
    children = 1.2 * counts.age_0_14.sum()
    totals = Totals(children, 0.2 * children, 0.06 * children, 0.12 * children, 0.08 * children, 1e6)
    random = np.random.default_rng(seed)
    signals = Signals(random.uniform(0, 0.5, UNITS), random.uniform(0, 0.5, UNITS), np.arange(UNITS) % 3 > 0)
    return counts, movers(counts, totals.floating_intra), signals, totals


def some_draws(draws: int, seed: int = 7, benchmarks: Benchmarks | None = None, **changed: object) -> Draws:
    counts, moved, signals, totals = country()
    ranges = Ranges(**changed)
    parameters = draw_parameters(counts, signals.sure, draws, seed, ranges=ranges)
    return run_draws(counts, moved, signals, totals, parameters, benchmarks)


@pytest.mark.parametrize("draws", [2, DRAWS_AT_ONCE, DRAWS_AT_ONCE + 1])
def test_every_draw_meets_the_published_totals(draws: int) -> None:
    *_, totals = country()
    found = some_draws(draws)
    assert found.left_behind.shape == (draws, UNITS)
    assert found.left_behind_rural.sum(axis=1) == pytest.approx(totals.left_behind_rural)
    assert found.left_behind_urban.sum(axis=1) == pytest.approx(totals.left_behind_urban)
    assert found.children.sum(axis=1) == pytest.approx(totals.children)
    assert found.migrant.sum(axis=1) == pytest.approx(totals.migrant_children)
    assert (found.migrant <= 0.85 * found.children + 1e-6).all()
    assert (found.left_behind <= 0.92 * (found.children - found.migrant) + 1e-6).all()
    assert (found.both_away <= found.left_behind).all()
    assert (found.both_away >= 0).all()


def test_a_known_province_is_met_by_every_draw() -> None:
    free = some_draws(4)
    inside = country()[0].province == "120000"
    wanted = 1.1 * free.left_behind_rural[:, inside].sum(axis=1).mean()
    bound = some_draws(4, benchmarks=Benchmarks(rural={"120000": wanted}))
    assert bound.left_behind_rural[:, inside].sum(axis=1) == pytest.approx(wanted)
    assert bound.left_behind_urban == pytest.approx(free.left_behind_urban)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    first = some_draws(5)
    assert (first.left_behind == some_draws(5).left_behind).all()
    assert (first.left_behind != some_draws(5, seed=8).left_behind).any(axis=1).all()


def test_fewer_draws_are_the_first_of_more() -> None:
    few, many = some_draws(3), some_draws(DRAWS_AT_ONCE + 5)
    assert few.left_behind == pytest.approx(many.left_behind[:3], rel=1e-12)
    assert few.migrant == pytest.approx(many.migrant[:3], rel=1e-12)


def test_parameters_keep_to_their_ranges_and_a_province_shares_its_factor() -> None:
    counts, _, signals, _ = country()
    ranges = Ranges()
    drawn = draw_parameters(counts, signals.sure, 4_000, 1)
    for name in UNIFORM:
        low, high = getattr(ranges, name)
        values = getattr(drawn, name)
        assert values.shape == (4_000, 1)
        assert ((values >= low) & (values <= high)).all()
        # Four standard errors of the mean of a uniform variable.
        assert values.mean() == pytest.approx((low + high) / 2, abs=4 * (high - low) / np.sqrt(12 * 4_000))
    assert isinstance(drawn.absence_noise, np.ndarray)
    assert isinstance(drawn.province_factor, np.ndarray)
    assert drawn.absence_noise[:, signals.sure].std() == pytest.approx(ranges.noise_sure, rel=0.02)
    assert drawn.absence_noise[:, ~signals.sure].std() == pytest.approx(ranges.noise_unsure, rel=0.02)
    for province in np.unique(counts.province):
        factors = drawn.province_factor[:, counts.province == province]
        assert (factors == factors[:, :1]).all()
        assert np.log(factors[:, 0]).std() == pytest.approx(ranges.province_sd, rel=0.1)
    assert isinstance(drawn.teens_factor, np.ndarray)
    assert isinstance(drawn.brought_factor, np.ndarray)
    assert np.log(drawn.teens_factor).std() == pytest.approx(ranges.teens_sd, rel=0.02)
    # A unit's own error and its province's add up.
    whole = np.hypot(ranges.brought_sd, ranges.brought_province_sd)
    assert np.log(drawn.brought_factor).std() == pytest.approx(whole, rel=0.05)
    assert isinstance(drawn.city_factor, np.ndarray)
    assert ((drawn.city_factor >= 0.5) & (drawn.city_factor <= 1.5)).all()
    for city in np.unique(counts.city):
        assert (np.ptp(drawn.city_factor[:, counts.city == city], axis=1) == 0).all(), city


def test_assumptions_are_one_world_in_both_years_and_errors_of_units_are_not() -> None:
    counts, _, signals, _ = country()
    base = draw_parameters(toy_counts(UNITS, year=2010), signals.sure, 3, 5)
    later = draw_parameters(counts, signals.sure, 3, 5)
    for name in (*UNIFORM, "province_factor", "city_factor"):
        assert (np.asarray(getattr(base, name)) == np.asarray(getattr(later, name))).all(), name
    for name in ("absence_noise", "teens_factor", "brought_factor"):
        assert (np.asarray(getattr(base, name)) != np.asarray(getattr(later, name))).any(), name


def test_nothing_uncertain_gives_an_interval_of_no_width() -> None:
    point = Parameters()
    certain = {name: (getattr(point, name),) * 2 for name in (*UNIFORM, "city_factor")}
    no_error = dict.fromkeys(
        ("noise_sure", "noise_unsure", "province_sd", "teens_sd", "brought_sd", "brought_province_sd"), 0.0
    )
    found = some_draws(3, **no_error, **certain)
    counts, moved, signals, totals = country()
    exact = estimate(counts, moved, signals, totals, point)
    for name in DRAWN:
        low, high = interval(getattr(found, name))
        assert low == pytest.approx(getattr(exact, name), rel=1e-9), name
        assert high == pytest.approx(low, rel=1e-12), name


def test_each_error_moves_what_it_is_about() -> None:
    counts = country()[0]
    point = Parameters()
    still = {name: (getattr(point, name),) * 2 for name in (*UNIFORM, "city_factor")} | dict.fromkeys(
        ("noise_sure", "noise_unsure", "province_sd", "teens_sd", "brought_sd", "brought_province_sd"), 0.0
    )
    teens = some_draws(3, **still | {"teens_sd": 0.15})
    assert (teens.children != teens.children[0]).any()
    brought = some_draws(3, **still | {"brought_sd": 0.2})
    assert (brought.children == brought.children[0]).all()
    assert (brought.migrant != brought.migrant[0]).any()
    cities = some_draws(3, **still | {"city_factor": (0.5, 1.5)})
    assert (cities.children == cities.children[0]).all()
    assert (cities.migrant[:, counts.district] != cities.migrant[0, counts.district]).any()


@given(st.integers(0, 1_000))
def test_moves_inside_cities_are_spread_anew_and_stay_as_many(seed: int) -> None:
    counts, moved, *_ = country(seed % 5)
    city_factor = np.random.default_rng(seed).uniform(0.5, 1.5, 10_000)[[int(city) for city in counts.city]]
    other = shared_anew(moved, counts, city_factor)
    assert other.intra.sum() == pytest.approx(moved.intra.sum())
    assert other.between_districts.sum() == pytest.approx(moved.between_districts.sum())
    assert other.intra + other.between_districts == pytest.approx(moved.intra + moved.between_districts)
    whole = np.isin(counts.province, WHOLE_CITIES)
    assert (other.between_districts[whole] == moved.between_districts[whole]).all()
    assert (other.between_districts <= counts.moved_within_province + 1e-6).all()
    same = shared_anew(moved, counts, 1.0)
    assert (same.intra == moved.intra).all()
    assert (same.between_districts == moved.between_districts).all()


def test_one_draw_is_no_interval() -> None:
    with pytest.raises(ValueError, match="at least 2 draws"):
        some_draws(1)


@given(worlds)
def test_at_most_a_twentieth_lies_on_either_side_of_an_interval(draws: np.ndarray) -> None:
    low, high = interval(draws)
    assert (low <= high).all()
    assert ((draws < low).sum(axis=0) <= 0.05 * len(draws)).all()
    assert ((draws > high).sum(axis=0) <= 0.05 * len(draws)).all()


@given(worlds, st.integers(1, 9), st.integers(0, 100))
def test_intervals_follow_scale_and_shift(draws: np.ndarray, scale: int, shift: int) -> None:
    low, high = interval(draws)
    moved_low, moved_high = interval(scale * draws + shift)
    assert (moved_low == scale * low + shift).all()
    assert (moved_high == scale * high + shift).all()


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_draws_says_nothing(draws: np.ndarray, random: object) -> None:
    order = np.arange(len(draws))
    random.shuffle(order)
    for summary in (interval, rank_interval):
        for one, other in zip(summary(draws), summary(draws[order]), strict=True):
            assert (one == other).all()


@given(worlds)
def test_ranks_keep_between_one_and_the_number_of_units(draws: np.ndarray) -> None:
    best, worst = rank_interval(draws)
    assert ((best >= 1) & (best <= worst) & (worst <= draws.shape[1])).all()
    # What grows all values alike moves no rank.
    assert (ranks(np.exp(draws / 10)) == ranks(draws)).all()


@given(worlds)
def test_difference_is_symmetric_and_nobody_differs_from_itself(draws: np.ndarray) -> None:
    table = np.array([not_clearly_different(draws, unit) for unit in range(draws.shape[1])])
    assert (table == table.T).all()
    assert table.diagonal().all()
    above = np.array([share_above(draws, unit) for unit in range(draws.shape[1])])
    assert above + above.T == pytest.approx(1)


@given(worlds)
def test_intervals_that_do_not_touch_are_clearly_different(draws: np.ndarray) -> None:
    low, high = interval(draws)
    for unit in range(draws.shape[1]):
        apart = (low[unit] > high) | (high[unit] < low)
        assert not (apart & not_clearly_different(draws, unit)).any()


@given(worlds)
def test_groups_add_up_and_a_sum_is_no_wider_than_its_parts(draws: np.ndarray) -> None:
    group = np.array([f"{unit % 3}" for unit in range(draws.shape[1])])
    names, sums = summed(draws, group)
    assert list(names) == sorted(set(group))
    assert (sums.sum(axis=1) == draws.sum(axis=1)).all()
    for name, column in zip(names, sums.T, strict=True):
        assert column.max() - column.min() <= np.ptp(draws[:, group == name], axis=0).sum()
