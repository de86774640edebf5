"""Laws of flows, whatever the country."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from geodata.analysis.estimate import flows

seeds = st.integers(0, 10_000)


def country(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Prior, province, absent people, and people from other provinces and from the same one; three provinces."""
    draw = np.random.default_rng(seed)
    distance = flows.distance_km(draw.uniform(100, 120, n), draw.uniform(22, 40, n))
    province = np.array(["ABC"[i % 3] for i in range(n)])
    inside, outside = draw.uniform(0, 50, n), draw.uniform(1, 50, n)
    absent = draw.uniform(1, 90, n)
    return flows.gravity(distance), province, absent * (inside + outside).sum() / absent.sum(), outside, inside


@settings(deadline=None, max_examples=40)
@given(seed=seeds, n=st.integers(6, 15))
def test_moves_meet_both_margins_and_never_mix_provinces(seed: int, n: int) -> None:
    prior, province, absent, outside, inside = country(seed, n)
    try:
        found = flows.moves(prior, province, absent, outside, inside)
    except ValueError:
        # More people may leave for other provinces than the others took in: no such matrix exists.
        reject()
    same = province[:, None] == province
    for matrix, arrived, allowed in ((found.other_province, outside, ~same), (found.same_province, inside, same)):
        assert (matrix >= 0).all()
        assert not matrix[~allowed].any()
        assert matrix.sum(axis=0) == pytest.approx(arrived)
    # Each place sends out of the province, and within it, its part of the province's absent people.
    for name in "ABC":
        here = province == name
        assert found.other_province[here].sum(axis=1) / absent[here] == pytest.approx(
            np.full(here.sum(), found.other_province[here].sum() / absent[here].sum()), rel=1e-6
        )
        assert found.same_province[here].sum() == pytest.approx(inside[here].sum())


@settings(deadline=None, max_examples=40)
@given(seed=seeds, n=st.integers(2, 10), factor=st.floats(0.01, 100.0))
def test_order_and_scale_change_nothing(seed: int, n: int, factor: float) -> None:
    draw = np.random.default_rng(seed)
    prior, origins, destinations = draw.uniform(0.1, 1, (n, n)), draw.uniform(1, 9, n), draw.uniform(1, 9, n)
    destinations *= origins.sum() / destinations.sum()
    found = flows.fit_margins(prior, origins, destinations)
    order = draw.permutation(n)
    shuffled = flows.fit_margins(prior[order][:, order], origins[order], destinations[order])
    assert shuffled == pytest.approx(found[order][:, order], rel=1e-6)
    assert flows.fit_margins(factor * prior, origins, destinations) == pytest.approx(found, rel=1e-6)
    assert flows.fit_margins(prior.T, destinations, origins) == pytest.approx(found.T, rel=1e-5)


@settings(deadline=None, max_examples=40)
@given(seed=seeds, n=st.integers(2, 10), exponent=st.floats(0, 3))
def test_what_already_meets_the_margins_stays(seed: int, n: int, exponent: float) -> None:
    draw = np.random.default_rng(seed)
    matrix = flows.gravity(flows.distance_km(draw.uniform(100, 120, n), draw.uniform(22, 40, n)), exponent)
    assert (matrix <= flows.LEAST_KM**-exponent).all()
    assert flows.fit_margins(matrix, matrix.sum(axis=1), matrix.sum(axis=0)) == pytest.approx(matrix, rel=1e-6)


@given(absent=st.floats(0.01, 0.9), moved=st.floats(0, 1), lambda_=st.floats(0, 1))
def test_the_share_inside_the_county_is_a_share_and_grows_with_moves_inside(
    absent: float, moved: float, lambda_: float
) -> None:
    a = np.array([absent, absent])
    less, more = flows.share_same_county(a, np.array([moved / 2, moved]), lambda_)
    assert 0 <= less <= more < 1
