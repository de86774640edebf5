"""Age bands, living arrangement and origins a second time: one unit after the other, in plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.analysis.estimate import structure
from geodata.analysis.estimate.migrants import movers
from tests.support.census_files import toy_counts

SHARES = np.array([0.3837, 0.3201, 0.1630, 0.1332])


def country(seed: int, units: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Left-behind children by unit, and all children by band."""
    draw = np.random.default_rng(seed)
    groups = [draw.uniform(1_000, 9_000, units) for _ in range(4)]
    return draw.uniform(100, 9_000, units), structure.age_mix(*groups)


def slow_weights(left: np.ndarray, mix: np.ndarray) -> list[float]:
    """Rake a table of units by bands, rows and columns in turn, cell by cell; weights from one cell of each column."""
    units, bands = range(len(left)), range(4)
    table = [[float(left[i] * mix[i, b] / mix[i].sum()) for b in bands] for i in units]
    for _ in range(600):
        for b in bands:
            found = sum(table[i][b] for i in units)
            for i in units:
                table[i][b] *= SHARES[b] * left.sum() / found
        for i in units:
            found = sum(table[i])
            table[i] = [cell * float(left[i]) / found for cell in table[i]]
    return [table[0][b] / mix[0, b] / (table[0][0] / mix[0, 0]) for b in bands]


def test_children_are_put_into_bands_by_single_years_of_age() -> None:
    # 5 of 0-4 a year, 10 of 5-9 a year, 20 of 10-14 a year, 90 of 15-17.
    mix = structure.age_mix(*(np.array([people]) for people in (25.0, 50.0, 100.0, 90.0)))
    by_age = [5] * 5 + [10] * 5 + [20] * 5 + [30] * 3
    expected = [sum(by_age[low : high + 1]) for low, high in structure.BANDS]
    assert mix[0].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_age_weights_are_those_of_raking_cell_by_cell(seed: int) -> None:
    left, mix = country(seed)
    assert structure.age_weights(left, mix, SHARES) == pytest.approx(slow_weights(left, mix), rel=1e-6)


def test_weights_give_the_nation_the_published_structure_and_each_unit_its_own_total() -> None:
    left, mix = country(4)
    found = structure.by_age(left, mix, structure.age_weights(left, mix, SHARES))
    assert found.sum(axis=0) / left.sum() == pytest.approx(SHARES)
    assert found.sum(axis=1) == pytest.approx(left)


def test_a_band_without_children_is_said() -> None:
    left, mix = country(5)
    mix[:, 2] = 0
    with pytest.raises(ValueError, match="not the published"):
        structure.age_weights(left, mix, SHARES)


def test_registered_children_are_those_under_16_with_both_parents_away() -> None:
    # Half under 15, half 15-17: a third of the second half is 15 years old.
    mix = np.array([[30.0, 10.0, 10.0, 50.0]])
    found = structure.registered(np.array([900.0]), np.array([0.5]), mix, np.ones(4))
    assert found == pytest.approx(900 * 0.5 * (0.5 + 0.5 / 3))


def test_living_arrangement_divides_children_with_both_parents_away_as_published() -> None:
    left, both = np.array([1000.0, 3000.0]), np.array([0.2, 0.6])
    factor = structure.odds_factor(left, both, 0.55)
    found = structure.living_arrangement(left, both, factor, {"a": 0.3, "b": 0.2, "c": 0.05})
    assert (found["a"] + found["b"] + found["c"]).sum() == pytest.approx(0.55 * left.sum())
    assert found["a"] / found["b"] == pytest.approx([1.5, 1.5])
    assert sum(found.values()) == pytest.approx(left)
    away = 1 - found["one_parent"] / left
    assert away / (1 - away) == pytest.approx(factor * both / (1 - both))


def test_migrants_are_divided_as_movers_times_the_solved_rates() -> None:
    counts = toy_counts(40, year=2020, seed=3)
    moved = movers(counts, 1e6)
    migrant = np.random.default_rng(1).uniform(10, 5_000, 40)
    province, county = structure.migrant_origins(migrant, moved, counts, 0.14, 0.23)
    for i in range(40):
        outside, inside = 0.14 * moved.inter[i], 0.23 * moved.intra[i]
        expected = migrant[i] * outside / (outside + inside)
        at_home = 0.0 if counts.district[i] else counts.moved_within_county[i] / moved.intra[i]
        assert province[i] == pytest.approx(expected)
        assert county[i] == pytest.approx(expected + (migrant[i] - expected) * max(0.0, 1 - at_home))


def test_parts_are_rounded_to_what_adds_up() -> None:
    parts = np.array(
        [[140.0, 250.0, 110.0], [333.0, 333.0, 334.0], [4.0, 40.0, 900.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]]
    )
    totals = np.array([500, 1000, 900, -1, 0])
    found, adds_up = structure.round_parts(totals, parts)
    # 900 of 944 in the third row: below ten is withheld.
    assert found.tolist() == [[100, 300, 100], [300, 300, 400], [-1, 40, 900], [0, 0, -1], [0, 0, 0]]
    assert adds_up.tolist() == [True, True, False, True, True]
