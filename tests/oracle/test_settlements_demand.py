"""Children spread over settlements, against exact fractions, county by county."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.demand import spread_children

COUNTIES = 4


def slow_spread(county: list[int], population: list[int], children: list[int], rural: list[int]) -> list[Fraction]:
    """The rule in words, in exact fractions."""
    answer = []
    for here, people in zip(county, population, strict=True):
        neighbours = [p for c, p in zip(county, population, strict=True) if c == here]
        villages, townspeople = neighbours.count(0), sum(neighbours)
        in_villages = Fraction(min(rural[here], children[here]))
        if villages == 0:
            in_villages = Fraction(0)
        if townspeople == 0:
            in_villages = Fraction(children[here])
        if people == 0:
            answer.append(in_villages / villages)
        else:
            answer.append((children[here] - in_villages) * people / townspeople)
    return answer


settlements = st.lists(
    st.tuples(st.integers(0, COUNTIES - 1), st.one_of(st.just(0), st.integers(1, 10**6))), max_size=30
)
counts = st.lists(st.integers(0, 10**6), min_size=COUNTIES, max_size=COUNTIES)


@given(settlements, counts, counts)
def test_it_is_the_rule_and_sums_to_the_county(
    places: list[tuple[int, int]], children: list[int], rural: list[int]
) -> None:
    county, population = [c for c, _ in places], [p for _, p in places]
    found = spread_children(county, population, children, rural)
    expected = slow_spread(county, population, children, rural)
    assert np.allclose(found, [float(value) for value in expected], rtol=1e-12, atol=1e-9)
    for here in set(county):
        assert sum(v for c, v in zip(county, expected, strict=True) if c == here) == children[here]
        assert found[np.array(county) == here].sum() == pytest.approx(children[here], rel=1e-12)


@given(settlements, counts, counts)
def test_the_order_of_settlements_does_not_matter(
    places: list[tuple[int, int]], children: list[int], rural: list[int]
) -> None:
    order = np.random.default_rng(len(places)).permutation(len(places))
    county, population = np.array([c for c, _ in places], int), np.array([p for _, p in places], float)
    straight = spread_children(county, population, children, rural)
    assert np.allclose(straight[order], spread_children(county[order], population[order], children, rural))


def test_an_unknown_rural_part_counts_as_none() -> None:
    assert list(spread_children([0, 0], [500, 0], [80.0], [np.nan])) == [80.0, 0.0]


@pytest.mark.parametrize(
    ("county", "population", "children", "rural", "reason"),
    [
        ([0], [1], [-1.0], [0.0], "children"),
        ([0], [1], [np.nan], [0.0], "children"),
        ([0], [-5], [1.0], [0.0], "population"),
        ([2], [1], [1.0], [0.0], "out of range"),
    ],
)
def test_nonsense_is_refused(
    county: list[int], population: list[float], children: list[float], rural: list[float], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        spread_children(county, population, children, rural)
