"""Alternatives: each regression against a slow second way, and the common table keeps what it promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from geodata.analysis.estimate import Counts, Parameters, Signals, Totals, alternatives, estimate
from geodata.analysis.estimate.alternatives import METHODS, RIDGE_PENALTIES, Score
from geodata.analysis.estimate.migrants import movers
from tests.support.census_files import toy_counts

EVERYWHERE = np.array(["110000", "120000", "130000"] * 20)


def regression(seed: int = 3, units: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """A design with an intercept and three features, and a share that depends on them."""
    random = np.random.default_rng(seed)
    design = np.column_stack([np.ones(units), random.normal(size=(units, 3))])
    return design, 0.2 + 0.05 * design[:, 1] + random.normal(0, 0.05, units)


def country() -> tuple[Counts, Signals]:
    counts = toy_counts(600, seed=2)
    random = np.random.default_rng(2)
    # Absence grows with the rural share, which is one of the features.
    share = 0.05 + 0.3 * counts.rural / counts.population + random.normal(0, 0.03, 600)
    return counts, Signals(share, share, np.ones(600, dtype=bool))


def test_a_penalty_of_nothing_is_least_squares_and_a_huge_one_the_mean() -> None:
    design, share = regression()
    expected, *_ = np.linalg.lstsq(design, share, rcond=None)
    assert alternatives.penalised(design, share, 0.0) == pytest.approx(expected)
    assert alternatives.least_squares(design, share, EVERYWHERE) == pytest.approx(expected)
    flat = alternatives.penalised(design, share, 1e9)
    assert flat[1:] == pytest.approx(0, abs=1e-6)


def test_ridge_is_the_minimum_of_its_penalised_squares() -> None:
    design, share = regression()

    def loss(beta: np.ndarray) -> float:
        return float(((share - design @ beta) ** 2).sum() + 0.3 * len(share) * (beta[1:] ** 2).sum())

    found = minimize(loss, np.zeros(4), tol=1e-12)
    assert alternatives.penalised(design, share, 0.3) == pytest.approx(found.x, abs=1e-5)


def test_ridge_takes_the_penalty_that_predicts_provinces_left_out_best() -> None:
    design, share = regression(seed=5)
    errors = {}
    for penalty in RIDGE_PENALTIES:
        gaps = []
        for province in sorted(set(EVERYWHERE)):
            out = province == EVERYWHERE
            gaps.extend(share[out] - design[out] @ alternatives.penalised(design[~out], share[~out], penalty))
        errors[penalty] = float(np.square(gaps).sum())
    best = min(errors, key=lambda penalty: errors[penalty])
    expected = alternatives.penalised(design, share, best)
    assert alternatives.ridge(design, share, EVERYWHERE) == pytest.approx(expected)


def test_fractional_logit_is_the_maximum_of_its_likelihood_and_stays_in_bounds() -> None:
    design, share = regression(seed=7)
    fraction = (share + 0.2) / 0.8

    def loss(beta: np.ndarray) -> float:
        chance = 1 / (1 + np.exp(-design @ beta))
        return -float((fraction * np.log(chance) + (1 - fraction) * np.log(1 - chance)).sum())

    found = minimize(loss, np.zeros(4), tol=1e-12)
    beta = alternatives.fractional_logit(design, share, EVERYWHERE)
    assert beta == pytest.approx(found.x, abs=1e-4)
    predicted = alternatives.bounded(50 * design, beta)
    assert ((predicted >= -0.2) & (predicted <= 0.6)).all()


@pytest.mark.parametrize("name", METHODS)
def test_no_province_teaches_its_own_prediction(name: str) -> None:
    counts, signals = country()
    inside, outside = alternatives.structure_by(METHODS[name], counts, signals.identity)
    own = counts.province == "120000"
    bent = np.where(own, 0.55 - signals.identity, signals.identity)
    bent_inside, bent_outside = alternatives.structure_by(METHODS[name], counts, bent)
    assert bent_outside[own] == pytest.approx(outside[own], abs=1e-9)
    assert np.abs(bent_inside[own] - inside[own]).max() > 0.001
    # And it does teach the others'.
    assert np.abs(bent_outside[~own] - outside[~own]).max() > 0.001


def test_the_identity_weighs_less_where_moves_make_it_err() -> None:
    counts, signals = country()
    random = np.random.default_rng(4)
    moved = (counts.moved_within_province + counts.moved_from_other_province) / counts.registered
    predicted = signals.identity - random.normal(0, 0.02, 600)
    noisy = signals.identity + random.normal(0, 1, 600) * np.sqrt(0.05 * moved)
    weight = alternatives.shrinkage_weight(counts, noisy, predicted, signals.sure)
    assert ((weight >= 0) & (weight <= 1)).all()
    for rows in (counts.district, ~counts.district):
        order = np.argsort(moved[rows])
        assert (np.diff(weight[rows][order]) <= 1e-12).all()
    # Errors that do not grow with moves are laid at structure's door: the identity keeps nearly all the weight.
    steady = alternatives.shrinkage_weight(counts, signals.identity, predicted, signals.sure)
    assert np.median(steady) > 0.7 > np.median(weight)


def test_rho_by_region() -> None:
    provinces = np.array(["310000", "440000", "340000", "230000", "510000", "650000"])
    assert alternatives.regional_rho(provinces).tolist() == [0.3, 0.3, 0.5, 0.5, 0.6, 0.6]


def test_every_alternative_stands_on_the_table_and_the_present_model_first() -> None:
    counts, signals = country()
    children = 1.2 * counts.age_0_14.sum()
    totals = Totals(children, 0.2 * children, 0.06 * children, 0.12 * children, 0.08 * children, 1e6)
    moved = movers(counts, totals.floating_intra)
    published = {"110000": 30.0, "120000": 36.0}
    scores = alternatives.compare(counts, moved, signals, totals, published)
    assert [score.name for score in scores] == [
        "present", "ridge", "fractional_logit", "shrinkage", "regional_rho", "identity_only", "structure_only"
    ]  # fmt: skip
    present = scores[0]
    inside, _ = alternatives.structure_by(METHODS["present"], counts, signals.identity)
    alone = estimate(counts, moved, replace(signals, structure=inside), totals, Parameters())
    shares = [100 * alone.left_behind_rural[counts.province == c].sum() / totals.left_behind_rural for c in published]
    expected = np.sqrt(np.mean([np.log(shares[0] / 30) ** 2, np.log(shares[1] / 36) ** 2]))
    assert present.log_rmse == pytest.approx(expected)
    assert len(present.log_rmse_without_one) == 2
    assert 0 < present.both_away_percent < 100
    # Two single errors, squared, have the square of both together as their mean.
    assert np.mean(np.square(present.log_rmse_without_one)) == pytest.approx(present.log_rmse_left_out**2)


@given(st.floats(0.05, 0.5), st.floats(0.5, 1.5), st.integers(0, 2))
def test_clearly_better_means_a_tenth_lower_everywhere(error: float, factor: float, worse: int) -> None:
    present = Score("present", 0.5, 0.3, error, error, (error,) * 3, 45.0, 45.0)
    other = replace(present, log_rmse_left_out=factor * error, log_rmse_without_one=(factor * error,) * 3)
    assert alternatives.clearly_better(other, present) == (factor * error <= 0.9 * error)
    assert not alternatives.clearly_better(replace(other, r2_counties=0.49), present)
    spoiled = tuple(error if at == worse else one for at, one in enumerate(other.log_rmse_without_one))
    assert not alternatives.clearly_better(replace(other, log_rmse_without_one=spoiled), present)
    assert not alternatives.clearly_better(present, present)
