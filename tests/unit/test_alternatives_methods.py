"""Other regressions and weights: each against a slow second way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from geodata.analysis.estimate import Counts, Signals, alternatives
from geodata.analysis.estimate.alternatives import METHODS, RIDGE_PENALTIES
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
