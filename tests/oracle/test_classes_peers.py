"""Natural breaks group as mapclassify's Fisher-Jenks does; quantiles of untied values as plain quantiles do."""

from __future__ import annotations

import mapclassify
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.classes import classify


def within_squares(values: np.ndarray, place: np.ndarray) -> float:
    """Sum of squared distances to the mean of the own class: what Fisher-Jenks makes as small as can be."""
    return sum(float(((values[place == i] - values[place == i].mean()) ** 2).sum()) for i in np.unique(place))


@pytest.mark.filterwarnings("ignore:Numba not installed")  # the peer's slow form is quick enough for 60 values
@given(st.lists(st.integers(0, 5_000), min_size=12, max_size=60, unique=True), st.integers(2, 7))
@settings(max_examples=40)
def test_natural_breaks_are_as_good_as_the_peers(values: list[int], k: int) -> None:
    array = np.array(values, dtype=float)
    ours = classify(array, "natural", k).index_of(array)
    peer = mapclassify.FisherJenks(array, k=k).yb
    assert len(np.unique(ours)) == k
    assert within_squares(array, ours) == pytest.approx(within_squares(array, peer))


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_differ_from_plain_ones_by_rounding_alone(seed: int) -> None:
    values = np.round(np.random.default_rng(seed).lognormal(9, 1, 1_000))
    ours = classify(values, "quantile")
    plain = np.quantile(values, np.arange(1, 6) / 6)
    for entry, bound in zip(ours.classes[1:], plain, strict=True):
        assert entry.low == pytest.approx(bound, rel=0.06)  # two significant digits move a bound by 5 % at most
