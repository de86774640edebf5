"""The fast estimator and the slow, obvious one agree, for one parameter set and for each of many draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.analysis.estimate import Counts, Parameters, Signals, Totals, absence, estimate
from geodata.analysis.estimate.migrants import movers
from tests.support.census_files import toy_counts
from tests.support.slow_estimate import slow_estimate, slow_intra

COLUMNS = ("children", "children_rural", "migrant", "left_behind_rural", "left_behind_urban", "both_away")


def country(year: int, seed: int) -> tuple[Counts, Signals, Totals]:
    counts = toy_counts(year=year, seed=seed)
    children = 1.2 * counts.age_0_14.sum()
    intra = movers(counts, 0.0)
    floating = 0.9 * (counts.moved_within_province + counts.moved_within_county - counts.moved_within_district).sum()
    totals = Totals(children, 0.2 * children, 0.06 * children, 0.12 * children, 0.08 * children, floating)
    share = absence.identity(counts, counts.registered, intra.between_districts)
    draw = np.random.default_rng(seed)
    return counts, Signals(share, draw.uniform(-0.05, 0.4, len(share)), absence.believed(counts, share)), totals


@pytest.mark.parametrize("year", [2010, 2020])
@pytest.mark.parametrize("seed", [1, 2])
def test_fast_and_slow_agree(year: int, seed: int) -> None:
    counts, signals, totals = country(year, seed)
    moved = movers(counts, totals.floating_intra)
    assert moved.intra == pytest.approx(slow_intra(counts, totals.floating_intra))
    fast = estimate(counts, moved, signals, totals, Parameters())
    slow = slow_estimate(counts, signals, totals, Parameters())
    for column in COLUMNS:
        assert getattr(fast, column) == pytest.approx(slow[column], rel=1e-9), column


def test_many_draws_at_once_equal_each_draw_alone() -> None:
    counts, signals, totals = country(2020, 3)
    moved = movers(counts, totals.floating_intra)
    draw = np.random.default_rng(7)
    shape = (5, 1)
    drawn = Parameters(
        kappa=draw.uniform(1.2, 1.8, shape),
        lambda_=draw.uniform(0.2, 0.8, shape),
        rho=draw.uniform(0.3, 0.6, shape),
        mix=draw.uniform(0.2, 0.8, shape),
        absence_noise=draw.normal(0, 0.05, (5, len(counts.code))),
        province_factor=draw.lognormal(0, 0.18, (5, len(counts.code))),
    )
    together = estimate(counts, moved, signals, totals, drawn)
    assert together.left_behind_rural.shape == (5, len(counts.code))
    for i in range(5):
        one = replace(drawn, **{name: getattr(drawn, name)[i] for name in
                                ("kappa", "lambda_", "rho", "mix", "absence_noise", "province_factor")})  # fmt: skip
        alone = estimate(counts, moved, signals, totals, one)
        for column in ("left_behind_rural", "left_behind_urban", "both_away"):
            assert getattr(together, column)[i] == pytest.approx(getattr(alone, column), rel=1e-12), column


def test_the_fit_is_least_squares() -> None:
    counts, signals, _ = country(2010, 4)
    counts = replace(counts, district=np.zeros(len(counts.code), dtype=bool))
    design = absence.design_matrix(counts)
    use = np.ones(len(counts.code), dtype=bool)
    use[0] = False
    # A second fit needs districts too; any will do.
    district = np.zeros(len(use), dtype=bool)
    district[0] = True
    expected, *_ = np.linalg.lstsq(design[use], signals.identity[use], rcond=None)
    with pytest.raises(np.linalg.LinAlgError):
        absence.fit(design, district, signals.identity, use)
    both = absence.fit(
        np.vstack([design, design]),
        np.repeat([False, True], len(use)),
        np.tile(signals.identity, 2),
        np.tile(use, 2),
    )
    assert both.county == pytest.approx(expected, abs=1e-5)
    assert (both.county == both.district).all()


def test_a_districts_identity_is_half_its_own_half_its_citys() -> None:
    base = toy_counts(4)
    counts = replace(
        base,
        city=np.array(["1301", "1301", "1302", "1303"]),
        province=np.array(["130000"] * 4),
        district=np.array([True, True, True, False]),
        population=np.array([100.0, 300.0, 200.0, 500.0]),
        moved_within_province=np.array([20.0, 60.0, 10.0, 30.0]),
        moved_from_other_province=np.array([5.0, 15.0, 10.0, 20.0]),
    )
    registered = np.array([200.0, 200.0, 250.0, 600.0])
    between = np.array([10.0, 40.0, 0.0, 0.0])
    own = [(200 - 100 + 25) / 200, (200 - 300 + 75) / 200]
    city = ((200 - 100 + 25 - 10) + (200 - 300 + 75 - 40)) / 400
    expected = [(own[0] + city) / 2, (own[1] + city) / 2, (250 - 200 + 20) / 250, (600 - 500 + 50) / 600]
    assert absence.identity(counts, registered, between) == pytest.approx(expected)


def test_registered_people_are_projected_with_natural_growth_half_their_provinces() -> None:
    base = replace(toy_counts(3), province=np.array(["130000"] * 3), population=np.array([100.0, 100.0, 100.0]),
                   registered=np.array([100.0, 200.0, np.nan]))  # fmt: skip
    later = replace(base, year=2020, population=np.array([110.0, 230.0, 90.0]))
    projected = absence.project_registered(base, later, np.array([0.01, 0.0, 0.02]))
    province = (0.01 + 0.0 + 0.02) / 3
    grown = [100 * (1 + (0.01 + province) / 2) ** 10, 200 * (1 + (0.0 + province) / 2) ** 10]
    factor = (110 + 230) / sum(grown)
    assert projected[:2] == pytest.approx([factor * people for people in grown])
    assert np.isnan(projected[2])
