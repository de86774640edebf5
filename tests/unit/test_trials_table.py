"""The table of alternatives: every way on it, counted by hand, and what makes one clearly better than another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.estimate import Parameters, Signals, Totals, alternatives, estimate, trials
from geodata.analysis.estimate.alternatives import METHODS
from geodata.analysis.estimate.children import children
from geodata.analysis.estimate.leavers import leavers
from geodata.analysis.estimate.migrants import movers
from geodata.analysis.estimate.trials import Census, Score
from tests.support.census_files import toy_counts

PUBLISHED = {"110000": 30.0, "120000": 36.0}


def census() -> Census:
    counts = toy_counts(600, seed=2)
    random = np.random.default_rng(2)
    # Absence grows with the rural share, which is one of the features.
    share = 0.05 + 0.3 * counts.rural / counts.population + random.normal(0, 0.03, 600)
    people = 1.2 * counts.age_0_14.sum()
    totals = Totals(people, 0.2 * people, 0.06 * people, 0.12 * people, 0.08 * people, 1e6)
    moved = movers(counts, totals.floating_intra)
    left = {code: part * moved.inter.sum() for code, part in (("110000", 0.2), ("120000", 0.5), ("130000", 0.3))}
    signals = Signals(share, share, np.ones(600, dtype=bool), leavers(counts, moved, left))
    return Census(counts, moved, signals, totals, left, PUBLISHED)


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return {score.name: score for score in trials.compare(census())}


def test_every_alternative_stands_on_the_table_and_the_present_model_first(scores: dict[str, Score]) -> None:
    assert list(scores) == [
        "present", "no_leavers", "other_leavers", "mended", "ridge", "fractional_logit", "shrinkage", "identity_only",
        "structure_only", "regional_rho", "distance", "adults", "rural_children",
    ]  # fmt: skip
    # Each differs from the present model in something.
    present = replace(scores.pop("present"), name="")
    for score in scores.values():
        assert replace(score, name="") != present, score.name


def test_errors_are_those_of_the_estimate(scores: dict[str, Score]) -> None:
    given_, present = census(), {score.name: score for score in trials.compare(census())}["present"]
    counts, totals = given_.counts, given_.totals
    inside, _ = alternatives.structure_by(METHODS["present"], counts, given_.signals.identity)
    alone = estimate(counts, given_.moved, replace(given_.signals, structure=inside), totals, Parameters())
    shares = [100 * alone.left_behind_rural[counts.province == c].sum() / totals.left_behind_rural for c in PUBLISHED]
    expected = np.sqrt(np.mean([np.log(shares[0] / 30) ** 2, np.log(shares[1] / 36) ** 2]))
    assert present.log_rmse == pytest.approx(expected)
    assert 0 < present.both_away_percent < 100
    # Two single errors, squared, have the square of both together as their mean.
    assert len(present.log_rmse_without_one) == 2
    assert np.mean(np.square(present.log_rmse_without_one)) == pytest.approx(present.log_rmse_left_out**2)


def test_rho_by_region() -> None:
    provinces = np.array(["310000", "440000", "340000", "230000", "510000", "650000"])
    assert trials.regional_rho(provinces).tolist() == [0.3, 0.3, 0.5, 0.5, 0.6, 0.6]


def test_parents_who_stay_in_the_province_count_for_less() -> None:
    one = census()
    factor = trials.near_and_far(one)
    assert np.average(factor, weights=one.counts.population) == pytest.approx(1)
    inside = one.counts.moved_within_province - one.moved.between_districts
    far = {
        code: people / (people + inside[one.counts.province == code].sum())
        for code, people in one.left_province.items()
    }
    ratio = (0.75 + 0.25 * far["120000"]) / (0.75 + 0.25 * far["110000"])
    at = [np.flatnonzero(one.counts.province == code)[0] for code in ("110000", "120000")]
    assert factor[at[1]] / factor[at[0]] == pytest.approx(ratio)


def test_fewer_adults_at_home_make_more_parents_away() -> None:
    one = census()
    few = replace(one.counts, men_25_44=one.counts.men_25_44.copy(), women_25_44=one.counts.women_25_44.copy())
    few.men_25_44[5] /= 2
    few.women_25_44[5] /= 2
    before, after = trials.adults_away(one), trials.adults_away(replace(one, counts=few))
    assert after[5] > before[5]
    assert np.average(after, weights=one.counts.population) == pytest.approx(1)


def test_as_many_children_are_rural_as_published_and_the_order_stays() -> None:
    one = census()
    everyone = children(one.counts, one.totals.children, Parameters())
    raised = trials.more_rural(one)
    share, before = raised.rural / raised.population, one.counts.rural / one.counts.population
    assert (share * everyone).sum() == pytest.approx(one.totals.left_behind_rural / 0.377)
    assert (np.argsort(share) == np.argsort(before)).all()


@given(st.floats(0.05, 0.5), st.floats(0.5, 1.5), st.integers(0, 2))
def test_clearly_better_means_a_tenth_lower_everywhere(error: float, factor: float, worse: int) -> None:
    present = Score("present", 0, 0.5, 0.3, error, error, (error,) * 3, 45.0, 45.0)
    other = replace(present, log_rmse_left_out=factor * error, log_rmse_without_one=(factor * error,) * 3)
    assert trials.clearly_better(other, present) == (factor * error <= 0.9 * error)
    assert not trials.clearly_better(replace(other, r2_counties=0.49), present)
    spoiled = tuple(error if at == worse else one for at, one in enumerate(other.log_rmse_without_one))
    assert not trials.clearly_better(replace(other, log_rmse_without_one=spoiled), present)
    assert not trials.clearly_better(present, present)
