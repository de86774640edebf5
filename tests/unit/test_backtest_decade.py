"""The decade back-test: a blind estimate of the same census is the estimate; comparisons are counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.estimate import Counts, Estimate, Parameters, Signals, Totals, estimate
from geodata.analysis.estimate.backtest import backtest, blind, spearman, top_kept
from geodata.analysis.estimate.migrants import Movers, movers
from tests.support.census_files import toy_counts

UNITS = 240


def census(year: int, seed: int) -> tuple[Counts, Movers, Signals, Estimate]:
    counts = toy_counts(UNITS, year=year, seed=seed)
    # Codes of their own: the toy country repeats them after nine cities.
    counts = replace(counts, code=np.array([f"{province[:2]}{at:04d}" for at, province in enumerate(counts.province)]))
    children = 1.2 * counts.age_0_14.sum()
    totals = Totals(children, 0.2 * children, 0.06 * children, 0.12 * children, 0.08 * children, 1e7)
    moved = movers(counts, totals.floating_intra)
    structure = np.random.default_rng(seed).uniform(0.05, 0.4, UNITS)
    signals = Signals(structure[::-1].copy(), structure, np.zeros(UNITS, dtype=bool))
    return counts, moved, signals, estimate(counts, moved, signals, totals, Parameters())


def test_told_nothing_new_the_blind_estimate_of_the_same_census_is_the_estimate() -> None:
    # No identity is sure here, so structure alone made the estimate too.
    counts, moved, signals, found = census(2010, 1)
    guess = blind(counts, found, counts, moved, signals.structure, Parameters())
    for column in ("children", "children_rural", "migrant", "left_behind_rural", "left_behind_urban", "both_away"):
        assert getattr(guess, column) == pytest.approx(getattr(found, column), rel=1e-9), column


def test_the_blind_estimate_brings_the_constants_of_the_base_census_along() -> None:
    base, _, _, found = census(2010, 1)
    later, moved, signals, _ = census(2020, 2)
    guess = blind(base, found, later, moved, signals.structure, Parameters())
    teens = (found.children.sum() - base.age_0_14.sum()) / base.age_15_19.sum()
    assert guess.children.sum() == pytest.approx(later.age_0_14.sum() + teens * later.age_15_19.sum())
    nation = guess.children.sum() / later.population.sum()
    for i in range(UNITS):
        inside = later.moved_within_county[i] / later.population[i]
        m = min(1.5 * (signals.structure[i] + 0.25 * inside), 0.95)
        q = 2 * m - (m * m + 0.5 * m * (1 - m))
        brought = found.solved["rate_inter"] * moved.inter[i] + found.solved["rate_intra"] * moved.intra[i]
        migrant = min(brought * guess.children[i] / later.population[i] / nation, 0.85 * guess.children[i])
        rural = (guess.children[i] - migrant) * later.rural[i] / later.population[i]
        odds = found.solved["scale_rural"] * q / (1 - q)
        assert guess.migrant[i] == pytest.approx(migrant)
        assert guess.left_behind_rural[i] == pytest.approx(rural * min(odds / (1 + odds), 0.92))


def test_against_itself_nothing_moved() -> None:
    counts, _, signals, found = census(2020, 3)
    test = backtest(counts, found, counts, found, found, replace(signals, sure=np.ones(UNITS, dtype=bool)))
    assert test.units == int((~counts.district & (found.children >= 1_000)).sum())
    assert (test.blind_spearman, test.decade_spearman) == pytest.approx((1, 1))
    assert (test.blind_top_kept, test.decade_top_kept) == (1, 1)
    assert set(test.province) == {"110000", "120000", "130000"}
    assert test.province_log_rmse == pytest.approx(0, abs=1e-12)
    assert all(guess == now for guess, now in test.nation.values())
    county = ~counts.district
    expected = np.corrcoef(signals.structure[county], signals.identity[county])[0, 1]
    assert test.absence_correlation == pytest.approx(expected)


def test_units_are_matched_by_code_and_a_level_error_is_no_error_of_provinces() -> None:
    counts, _, signals, found = census(2020, 4)
    sure = replace(signals, sure=np.ones(UNITS, dtype=bool))
    order = np.arange(UNITS)[::-1]
    base = replace(counts, **{name: value[order] for name, value in vars(counts).items() if name != "year"})
    columns = {name: value[order] for name, value in vars(found).items() if name != "solved"}
    twice = replace(found, left_behind_rural=2 * found.left_behind_rural, left_behind_urban=2 * found.left_behind_urban)
    test = backtest(base, replace(found, **columns), counts, found, twice, sure)
    assert test.decade_spearman == pytest.approx(1)
    assert test.province_log_rmse == pytest.approx(0, abs=1e-12)
    assert test.nation["left_behind_rural"][0] == pytest.approx(2 * test.nation["left_behind_rural"][1])
    # One province doubled: its share of the nation grows, and all others fall by the same factor.
    inside = counts.province == "110000"
    bent = replace(found, left_behind_rural=np.where(inside, 2, 1) * found.left_behind_rural,
                   left_behind_urban=np.where(inside, 2, 1) * found.left_behind_urban)  # fmt: skip
    errors = backtest(counts, found, counts, found, bent, sure).province
    assert (1 + errors["110000"]) == pytest.approx(2 * (1 + errors["120000"]))
    assert errors["120000"] == pytest.approx(errors["130000"])


def test_a_unit_lost_since_is_a_bug() -> None:
    counts, _, signals, found = census(2020, 5)
    lost = replace(counts, code=np.where(np.arange(UNITS) == 7, "999999", counts.code))
    with pytest.raises(ValueError, match="999999"):
        backtest(lost, found, counts, found, found, signals)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=5, max_size=30), st.integers(1, 5))
def test_top_kept_is_counted_and_symmetric(pairs: list[tuple[int, int]], top: int) -> None:
    first, second = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    best = [sorted(range(len(pairs)), key=lambda i: (-pairs[i][which], i))[:top] for which in (0, 1)]
    kept = top_kept(first, second, top)
    assert kept == len([i for i in best[1] if i in best[0]]) / top
    assert kept == top_kept(second, first, top)


def test_spearman_sees_order_only() -> None:
    values = np.array([0.1, 0.5, 0.2, 0.9])
    assert spearman(values, np.exp(9 * values)) == pytest.approx(1)
    assert spearman(values, -values) == pytest.approx(-1)
