"""Laws that every estimate keeps, whatever country and parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.estimate import Benchmarks, Estimate, Parameters, Signals, Totals, absence, estimate
from geodata.analysis.estimate.benchmark import rake
from geodata.analysis.estimate.migrants import movers
from geodata.analysis.estimate.rounding import WITHHELD, publish, round_count
from tests.support.census_files import toy_counts

parameters = st.builds(
    Parameters,
    kappa=st.floats(1.0, 2.0),
    lambda_=st.floats(0.0, 1.0),
    rho=st.floats(0.0, 1.0),
    mix=st.floats(0.0, 1.0),
)


def run(seed: int, assumed: Parameters, benchmarks: Benchmarks | None = None) -> tuple[Estimate, Totals]:
    counts = toy_counts(40, year=2020, seed=seed)
    children = 1.2 * counts.age_0_14.sum()
    totals = Totals(children, 0.2 * children, 0.06 * children, 0.12 * children, 0.08 * children, 1e6)
    moved = movers(counts, totals.floating_intra)
    share = absence.identity(counts, counts.registered, moved.between_districts)
    structure = np.random.default_rng(seed).uniform(-0.1, 0.5, 40)
    signals = Signals(share, structure, absence.believed(counts, share))
    return estimate(counts, moved, signals, totals, assumed, benchmarks), totals


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), assumed=parameters)
def test_national_totals_are_met_and_no_child_is_counted_twice(seed: int, assumed: Parameters) -> None:
    found, totals = run(seed, assumed)
    assert found.children.sum() == pytest.approx(totals.children)
    assert found.migrant.sum() == pytest.approx(totals.migrant_children)
    assert found.left_behind_rural.sum() == pytest.approx(totals.left_behind_rural)
    assert found.left_behind_urban.sum() == pytest.approx(totals.left_behind_urban)
    left = found.left_behind_rural + found.left_behind_urban
    assert (found.migrant <= 0.85 * found.children + 1e-6).all()
    assert (left <= 0.92 * (found.children - found.migrant) + 1e-6).all()
    assert (found.left_behind_rural <= found.children_rural + 1e-6).all()
    assert ((found.both_away >= 0) & (found.both_away <= left + 1e-6)).all()


@settings(deadline=None, max_examples=25)
@given(
    values=st.lists(st.floats(0, 5_000), min_size=6, max_size=6),
    scale=st.floats(0.001, 30),
)
def test_rounding_breaks_no_relation(values: list[float], scale: float) -> None:
    children = np.array(values) * scale
    found = Estimate(
        children=children,
        children_rural=children * 0.57,
        migrant=children * 0.33,
        left_behind_rural=children * 0.57 * 0.61,
        left_behind_urban=children * 0.43 * 0.62,
        both_away=children * 0.57 * 0.61,
    )
    published = publish(found)
    shown = {name: np.maximum(value, 0) for name, value in vars(published).items() if name != "lowered"}
    left = shown["left_behind_rural"] + shown["left_behind_urban"]
    assert (left + shown["migrant"] <= shown["children"]).all()
    assert (shown["children_rural"] <= shown["children"]).all()
    assert (shown["left_behind_rural"] <= shown["children_rural"]).all()
    assert (shown["both_away"] <= left).all()
    for name in ("children", "migrant", "left_behind_rural", "left_behind_urban"):
        exact, cells = getattr(found, name), getattr(published, name)
        assert ((cells == 0) == (exact <= 1e-9)).all(), name
        assert (cells[exact < 9.99] <= 0).all()
        assert (np.abs(shown[name] - exact) <= 151).all()


@pytest.mark.parametrize(
    ("exact", "shown"),
    [(0.0, 0), (0.4, WITHHELD), (9.99, WITHHELD), (10.0, 10), (14.9, 10), (15.0, 20), (95.0, 100), (99.9, 100),
     (100.0, 100), (149.9, 100), (150.0, 200), (1_234_567.0, 1_234_600)],
)  # fmt: skip
def test_counts_are_rounded_to_100_and_under_100_to_10(exact: float, shown: int) -> None:
    assert round_count(np.array([exact]))[0] == shown


@settings(deadline=None, max_examples=25)
@given(
    values=st.lists(st.floats(1, 1_000), min_size=8, max_size=8),
    part=st.floats(0.1, 0.9),
    room=st.floats(1.1, 3),
)
def test_raking_meets_given_totals_and_the_remainder(values: list[float], part: float, room: float) -> None:
    numbers = np.array(values)
    most = numbers * room
    group = np.array(["a", "b"] * 4)
    nation = numbers.sum()
    given_total = part * most[group == "a"].sum()
    if not 0 < nation - given_total <= most[group == "b"].sum():
        with pytest.raises(ValueError, match="the rest"):
            rake(numbers, most, group, {"a": given_total}, nation)
        return
    raked = rake(numbers, most, group, {"a": given_total}, nation)
    assert raked[group == "a"].sum() == pytest.approx(given_total)
    assert raked.sum() == pytest.approx(nation)
    assert (raked <= most * (1 + 1e-12)).all()


def test_a_known_province_is_met_and_the_nation_stays() -> None:
    free, totals = run(5, Parameters())
    counts = toy_counts(40, year=2020, seed=5)
    inside = counts.province == "120000"
    wanted = 1.2 * free.left_behind_rural[inside].sum()
    bound, _ = run(5, Parameters(), Benchmarks(rural={"120000": wanted}))
    assert bound.left_behind_rural[inside].sum() == pytest.approx(wanted)
    assert bound.left_behind_rural.sum() == pytest.approx(totals.left_behind_rural)
    assert bound.left_behind_urban == pytest.approx(free.left_behind_urban)


def test_college_towns_do_not_become_full_of_17_year_olds() -> None:
    from geodata.analysis.estimate.children import children

    counts = toy_counts(40, year=2020, seed=6)
    crowded = counts.age_15_19.copy()
    crowded[3] *= 20
    town = replace(counts, age_15_19=crowded)
    total = 1.2 * counts.age_0_14.sum()
    teens = children(town, total, Parameters())[3] - town.age_0_14[3]
    assert teens < 4 * town.age_10_14[3] * (total - town.age_0_14.sum()) / town.age_10_14.sum()


def test_columns_of_different_lengths_are_a_bug() -> None:
    counts = toy_counts(5)
    with pytest.raises(ValueError, match="one entry a unit"):
        replace(counts, rural=counts.rural[:4])
