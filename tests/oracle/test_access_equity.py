"""Gini, concentration and local Moran against pairs, loops and esda."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.access.clusters import KINDS, clusters, discoveries, neighbours
from geodata.analysis.access.equity import concentration, lorenz

with warnings.catch_warnings():
    # The peer's own imports are not ours to mend.
    warnings.simplefilter("ignore")
    from esda.moran import Moran_Local
    from libpysal.weights import WSP

NAN = float("nan")
shares = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 50)), min_size=1, max_size=12)


def slow_gini(access: np.ndarray, people: np.ndarray) -> float:
    """Mean difference between any two people, by half the mean."""
    one = np.repeat(access, people)
    return float(np.abs(one[:, None] - one[None, :]).mean() / (2 * one.mean()))


@given(shares)
def test_gini_is_the_mean_difference_of_any_two(table: list[tuple[int, int]]) -> None:
    access, people = np.array(table).T
    found = lorenz(access, people)
    if access.sum() == 0:
        assert np.isnan(found.index)
        return
    assert found.index == pytest.approx(slow_gini(access, people), abs=1e-12)
    assert 0 - 1e-12 <= found.index < 1
    assert (np.diff(found.access) >= 0).all()
    assert (found.access <= found.people + 1e-12).all()
    assert lorenz(access * 7.5, people).index == pytest.approx(found.index)
    assert lorenz(access[::-1], people[::-1]).index == pytest.approx(found.index)


@given(shares, st.randoms(use_true_random=False))
def test_concentration_lies_within_the_gini_and_turns_with_the_order(
    table: list[tuple[int, int]], dice: object
) -> None:
    access, people = np.array(table).T
    order = np.array([dice.randint(0, 4) for _ in table], dtype=float)
    if access.sum() == 0:
        return
    gini, found = lorenz(access, people).index, concentration(access, people, order).index
    assert abs(found) <= gini + 1e-12
    assert concentration(access, people, -order).index == pytest.approx(-found, abs=1e-12)
    assert concentration(access, people, access).index == pytest.approx(gini, abs=1e-12)


def test_curves_by_hand() -> None:
    curve = lorenz([3.0, 1.0, NAN, 5.0], [50.0, 50.0, 9.0, 0.0])
    assert curve.people.tolist() == [0, 0.5, 1]
    assert curve.access.tolist() == [0, 0.25, 1]
    assert curve.index == pytest.approx(0.25)
    # All access where need is least.
    assert concentration([4.0, 0.0], [10.0, 10.0], [1.0, 2.0]).index == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="negative"):
        lorenz([-1.0], [1.0])


def grid(side: int, *, corners: bool = False) -> tuple[list[int], list[int]]:
    """Pairs of cells of a square that share an edge, or also a corner."""
    steps = [(0, 1), (1, 0), *([(1, 1), (1, -1)] if corners else [])]
    pairs = [
        (row * side + column, (row + down) * side + column + right)
        for row in range(side)
        for column in range(side)
        for down, right in steps
        if row + down < side and 0 <= column + right < side
    ]
    return [one for one, _ in pairs], [other for _, other in pairs]


def slow_p(values: np.ndarray, touching: np.ndarray, unit: int, draws: int, dice: np.random.Generator) -> float:
    """Draw the neighbours of one unit from all others, again and again."""
    z = values - values.mean()
    own = z[touching[unit] > 0].mean()
    others = np.delete(z, unit)
    drawn = np.array([dice.choice(others, int(touching[unit].sum()), replace=False).mean() for _ in range(draws)])
    return float(min(1, 2 * (min((drawn >= own).sum(), (drawn <= own).sum()) + 1) / (draws + 1)))


def test_local_moran_is_that_of_esda_and_its_p_that_of_drawing_neighbours() -> None:
    side = 12
    dice = np.random.default_rng(8)
    values = dice.normal(0, 1, side * side)
    values[:48] += 6
    touching = neighbours(*grid(side, corners=True), side * side)
    found = clusters(values, touching, seed=1)
    weights = WSP(touching.tocsr()).to_W(silence_warnings=True)
    weights.transform = "r"
    theirs = Moran_Local(values, weights, permutations=0)
    # They divide by the variance with n - 1.
    np.testing.assert_allclose(found.local_i, theirs.Is * side**2 / (side**2 - 1), rtol=1e-9)
    some = list(range(0, side**2, 7))
    slow = [slow_p(values, touching.toarray(), unit, 999, dice) for unit in some]
    # Two sets of 999 draws differ by up to four standard errors of a doubled share near a half.
    np.testing.assert_allclose(found.p[some], slow, atol=4 * 2 * np.sqrt(2 * 0.25 / 999))
    quadrant = {1: "high_high", 2: "low_high", 3: "low_low", 4: "high_low"}
    sure = np.flatnonzero(~np.isin(found.kind, [KINDS.index("not_significant"), KINDS.index("island")]))
    assert len(sure) > 5
    assert all(KINDS[found.kind[unit]] == quadrant[theirs.q[unit]] for unit in sure)


def test_islands_and_unknown_units_are_masked() -> None:
    first, second = grid(6)
    away = [pair for pair in zip(first, second, strict=True) if 35 not in pair]
    values = np.arange(36.0)
    values[0] = NAN
    found = clusters(values, neighbours([one for one, _ in away], [other for _, other in away], 36), seed=2)
    assert (KINDS[found.kind[35]], KINDS[found.kind[0]]) == ("island", "no_data")
    assert np.isnan(found.p[[0, 35]]).all()
    assert np.isfinite(found.p[1:35]).all()


def test_pure_noise_brings_next_to_no_clusters_and_the_seed_decides() -> None:
    side = 20
    values = np.random.default_rng(12).normal(0, 1, side * side)
    touching = neighbours(*grid(side), side * side)
    one, again = clusters(values, touching, seed=5), clusters(values, touching, seed=5)
    np.testing.assert_array_equal(one.p, again.p)
    # Untreated some 5 % of 400 are "significant"; with control at most a few.
    assert (one.p < 0.05).sum() > 8
    assert (one.kind != KINDS.index("not_significant")).sum() <= 4
    assert clusters(np.ones(400), touching, seed=5).p.size == 400
    assert np.isnan(clusters(np.ones(400), touching, seed=5).p).all()


def test_neighbours_are_mutual_and_counted_once() -> None:
    found = neighbours([0, 1, 0, 2], [1, 0, 1, 2], 3).toarray()
    assert found.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="row and a column"):
        clusters([1.0, 2.0], neighbours([], [], 3), seed=1)


def slow_discoveries(p: list[float], rate: float) -> set[int]:
    """The largest k whose k smallest p all lie at or below rate·k/n decide."""
    best = max((k for k in range(len(p) + 1) if k == 0 or sorted(p)[k - 1] <= rate * k / len(p)), default=0)
    return set(np.argsort(p)[:best].tolist())


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1), max_size=15, unique=True))
def test_discoveries_against_the_definition(p: list[float]) -> None:
    assert set(np.flatnonzero(discoveries(np.array(p), 0.2)).tolist()) == slow_discoveries(p, 0.2)
