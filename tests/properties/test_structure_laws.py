"""Laws of parts: they add up, draws are treated one by one, rounding stays near."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geodata.analysis.estimate import structure
from geodata.analysis.estimate.rounding import WITHHELD

shares = st.floats(0.0, 1.0)
seeds = st.integers(0, 10_000)


@settings(deadline=None, max_examples=40)
@given(seed=seeds, weights=arrays(float, 4, elements=st.floats(0.1, 5.0)))
def test_bands_add_up_and_draws_are_treated_one_by_one(seed: int, weights: np.ndarray) -> None:
    draw = np.random.default_rng(seed)
    left, mix = draw.uniform(0, 9_000, (3, 8)), draw.uniform(0, 9_000, (8, 4))
    found = structure.by_age(left, mix, weights)
    assert found.sum(axis=-1) == pytest.approx(left)
    assert (found >= 0).all()
    for row in range(3):
        assert found[row] == pytest.approx(structure.by_age(left[row], mix, weights))


@settings(deadline=None, max_examples=40)
@given(share=shares, factor=st.floats(0.01, 50.0))
def test_odds_keep_shares_shares(share: float, factor: float) -> None:
    found = float(structure.with_odds(np.array(share), factor))
    assert 0 <= found <= 1
    assert found >= share - 1e-12 if factor >= 1 else found <= share + 1e-12
    assert float(structure.with_odds(np.array(found), 1 / factor)) == pytest.approx(share, abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(
    parts=arrays(float, (6, 4), elements=st.floats(0, 5_000)),
    totals=arrays(np.int64, 6, elements=st.integers(-1, 200).map(lambda n: n if n == WITHHELD else 10 * n)),
)
def test_rounded_parts_stay_within_a_step(parts: np.ndarray, totals: np.ndarray) -> None:
    found, adds_up = structure.round_parts(totals, parts)
    whole = parts.sum(axis=1)
    for i in range(6):
        scaled = parts[i] * max(totals[i], 0) / whole[i] if whole[i] else np.zeros(4)
        shown = found[i] != WITHHELD
        assert (np.abs(found[i] - scaled)[shown] <= 100).all()
        assert (found[i][shown] % np.where(found[i][shown] >= 100, 100, 10) == 0).all()
        assert adds_up[i] == (np.maximum(found[i], 0).sum() == max(totals[i], 0))
        if scaled.min() >= 100 and totals[i] % 100 == 0:
            assert adds_up[i]


@settings(deadline=None, max_examples=100)
@given(parts=arrays(float, (5, 7), elements=st.floats(0, 1e6)), step=st.sampled_from([1, 10, 100]))
def test_largest_remainders_add_up_and_stay_within_one_step(parts: np.ndarray, step: int) -> None:
    totals = np.round(parts.sum(axis=1) / step).astype(np.int64) * step
    whole = np.maximum(parts.sum(axis=1), 1e-300)
    scaled = parts * (totals / whole)[:, None]
    found = structure.largest_remainders(totals, scaled, step)
    known = parts.sum(axis=1) > 0
    assert (found.sum(axis=1) == totals)[known].all()
    assert (np.abs(found - scaled) <= step * (1 + 1e-6)).all()
    assert (found >= 0).all()
