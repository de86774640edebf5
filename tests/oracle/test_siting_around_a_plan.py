"""What stands around a plan (order, swaps, reasons, regret, quotas) against plain recomputation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from geodata.analysis.siting import SitingProblem, SitingResult, solve
from geodata.analysis.siting.alternatives import diverse, diverse_by, swaps
from geodata.analysis.siting.curve import curve, nested_curve, opening_sequence
from geodata.analysis.siting.equity import NoPlan, frontier, max_min, weighted, with_quota
from geodata.analysis.siting.explain import reasons, why_not
from geodata.analysis.siting.robust import Robustness, TooSlow, robustness, robustness_by

random = np.random.default_rng(11)
PLACES = random.uniform(0, 100, (14, 2))
WAYS = np.hypot(*(PLACES[:, None, :] - PLACES[None, :, :]).transpose(2, 0, 1))
CHILDREN = random.integers(1, 100, 14).astype(float)
GROUPS = np.arange(14) % 3
ADDITIVE = ["max_cover", "backup_cover", "gradual_cover", "p_median"]


def asked(model: str = "max_cover", sites: int = 3) -> SitingProblem:
    return SitingProblem(
        model=model,  # type: ignore[arg-type]  # one of the models
        demand=CHILDREN,
        distance=WAYS,
        standard=None if model == "p_median" else 30.0,
        sites=sites,
        full_within=10.0 if model == "gradual_cover" else None,
        fixed=np.arange(14) == 5,
    )


def worth(problem: SitingProblem, sites: set[int], demand: NDArray[np.float64] = CHILDREN) -> float:
    total = 0.0
    for children, row in zip(demand, WAYS, strict=True):
        ways = sorted(row[site] for site in sites)
        near = [way for way in ways if way <= 30.0]
        if problem.model == "p_median":
            total += children * ways[0]
        elif problem.model == "gradual_cover":
            total += children * max((min(1.0, 1 - (way - 10) / 20) for way in near), default=0.0)
        elif problem.model == "backup_cover":
            total += children * [0, 0.5, 1][min(2, len(near))]
        else:
            total += children * bool(near)
    return total


@pytest.mark.parametrize("model", ADDITIVE)
def test_the_opening_sequence_adds_up(model: str) -> None:
    problem = asked(model)
    found = solve(problem)
    steps = opening_sequence(problem, found)
    assert {step.site for step in steps} == set(found.chosen)
    opened = {5}
    for step in steps:
        before = worth(problem, opened)
        best = max(abs(worth(problem, opened | {site}) - before) for site in set(found.chosen) - opened)
        opened.add(step.site)
        assert step.objective == pytest.approx(worth(problem, opened))
        assert step.gain == pytest.approx(best)


@pytest.mark.parametrize("model", ADDITIVE)
def test_a_nested_plan_never_beats_the_best_plan_of_its_size(model: str) -> None:
    problem = asked(model)
    best = curve(problem, range(5))
    steps = nested_curve(problem, 4)
    for size, step in enumerate(steps, 1):
        sign = 1 if problem.counts_cover else -1
        assert sign * step.objective <= sign * best[size].bound + 1e-6
        assert step.objective == pytest.approx(worth(problem, {5} | {one.site for one in steps[:size]}))


def test_the_curve_is_the_best_plan_for_each_budget() -> None:
    for sites, point in enumerate(curve(asked(), range(5), gap=0.0)):
        every = (set(new) | {5} for new in itertools.combinations([one for one in range(14) if one != 5], sites))
        assert point.objective == pytest.approx(max(worth(asked(), plan) for plan in every))
        assert point.bound == pytest.approx(point.objective)


@pytest.mark.parametrize("model", ADDITIVE)
def test_swaps_are_what_swapping_gives_and_none_is_left_out(model: str) -> None:
    problem = asked(model)
    found = solve(problem)
    listed = {(swap.site, swap.candidate): swap for swap in swaps(problem, found, tolerance=0.2, most_per_site=99)}
    for site, candidate in itertools.product(found.chosen, set(range(14)) - set(found.open_sites)):
        value = worth(problem, (set(found.open_sites) - {site}) | {candidate})
        loss = abs(found.objective - value) / found.objective
        assert ((site, candidate) in listed) == (loss <= 0.2)
        if (site, candidate) in listed:
            assert listed[site, candidate].objective == pytest.approx(value)
            assert listed[site, candidate].loss == pytest.approx(loss)


@pytest.mark.parametrize("model", ADDITIVE)
def test_diverse_plans_keep_the_tolerance(model: str) -> None:
    problem = asked(model)
    found = solve(problem)
    for other in diverse(problem, found, tolerance=0.15):
        assert other.objective == pytest.approx(worth(problem, {*other.chosen, 5}))
        assert other.loss <= 0.15 + 1e-9
        assert other.different == len(set(other.chosen) - set(found.chosen)) > 0
        assert len(other.chosen) == len(found.chosen)


def test_reasons_are_what_closing_and_swapping_give() -> None:
    problem = asked()
    found = solve(problem)
    for reason in reasons(problem, found):
        without = set(found.open_sites) - {reason.site}
        assert reason.marginal == pytest.approx(found.objective - worth(problem, without))
        assert reason.marginal == pytest.approx(reason.reached - reason.already)
        others = set(range(14)) - set(found.open_sites)
        best = max(worth(problem, without | {other}) for other in others)
        assert reason.flip == pytest.approx(found.objective - best)
        assert worth(problem, without | {reason.runner_up}) == pytest.approx(best)


def test_what_is_missing_is_just_what_it_takes() -> None:
    problem = asked()
    found = solve(problem)
    for candidate in set(range(14)) - set(found.open_sites):
        answer = why_not(problem, found, candidate)
        assert answer.adds == pytest.approx(worth(problem, {*found.open_sites, candidate}) - found.objective)
        swapped = worth(problem, (set(found.open_sites) - {answer.instead_of}) | {candidate})
        assert answer.missing == pytest.approx(found.objective - swapped)
        assert answer.missing >= -1e-9


def test_regret_and_frequency_are_counted_over_the_draws() -> None:
    problem = asked()
    found = solve(problem)
    draws = CHILDREN * random.uniform(0.3, 3.0, (12, 14))
    said = robustness(problem, found, draws, method="exact", gap=0.0)
    own: list[SitingResult] = [solve(problem.but(demand=demand)) for demand in draws]
    for site in range(14):
        assert said.frequency[site] == pytest.approx(sum(site in one.chosen for one in own) / 12)
    assert set(said.core) == set.intersection(*(set(one.chosen) for one in own))
    regrets = [
        1 - worth(problem, set(found.open_sites), demand) / one.objective
        for demand, one in zip(draws, own, strict=True)
    ]
    assert said.base.max_regret == pytest.approx(max(regrets), abs=1e-9)
    assert said.base.mean_regret == pytest.approx(float(np.mean(regrets)), abs=1e-9)
    assert said.least_regret.max_regret <= said.base.max_regret
    assert said.base.objective_low <= said.base.objective_median <= said.base.objective_high


def shares(plan: set[int]) -> list[float]:
    covered = CHILDREN * (WAYS[:, sorted(plan)].min(axis=1) <= 30.0)
    return [float(covered[group == GROUPS].sum() / CHILDREN[group == GROUPS].sum()) for group in range(3)]


def test_a_quota_is_kept_at_the_least_price() -> None:
    problem = asked(sites=2)
    every = [set(new) | {5} for new in itertools.combinations([one for one in range(14) if one != 5], 2)]
    best = max(worth(problem, plan) for plan in every)
    fairest = max(min(shares(plan)) for plan in every)
    for fair in frontier(problem, GROUPS, [0.0, fairest / 2, fairest - 1e-6]):
        kept = [worth(problem, plan) for plan in every if min(shares(plan)) >= fair.quota - 1e-9]
        assert fair.total == pytest.approx(max(kept))
        assert fair.worst == pytest.approx(min(shares({*fair.chosen, 5})))
        assert fair.worst >= fair.quota - 1e-6
        assert fair.price == pytest.approx(1 - fair.total / best)
    assert with_quota(problem, GROUPS, fairest + 0.01) == NoPlan(fairest + 0.01, is_proven=True)
    # Stopped before it began, the search has found nothing and proven nothing.
    beyond = with_quota(problem, GROUPS, fairest + 0.01, cancelled=lambda: True)
    assert isinstance(beyond, NoPlan)
    most = max_min(problem, GROUPS, steps=12)
    assert most is not None
    assert most.worst == pytest.approx(fairest, abs=1e-3)


def test_weights_move_the_plan_towards_the_group() -> None:
    problem = asked(sites=1)
    heavy = weighted(problem, GROUPS, np.array([1.0, 100.0, 1.0]))
    plain = weighted(problem, GROUPS, np.ones(3))
    assert plain.price == pytest.approx(0.0, abs=1e-9)
    assert shares({*heavy.chosen, 5})[1] >= shares({*plain.chosen, 5})[1]
    assert heavy.total <= plain.total


def test_measured_draws_say_what_solved_draws_say() -> None:
    problem = asked()
    found = solve(problem)
    draws = CHILDREN * random.uniform(0.3, 3.0, (12, 14))
    said = robustness(problem, found, draws, method="exact", gap=0.0)
    measured = robustness_by(
        problem,
        found,
        12,
        answer=lambda draw: solve(problem.but(demand=draws[draw])).chosen,
        worth=lambda plan, draw: worth(problem, {*plan, 5}, draws[draw]),
        seconds=60.0,
        most_plans=12,
    )
    assert isinstance(measured, Robustness)
    assert measured.draws == 12
    assert measured.core == said.core
    assert measured.frequency == pytest.approx(said.frequency)
    assert measured.base.mean_regret == pytest.approx(said.base.mean_regret, abs=1e-9)
    assert measured.least_regret.max_regret == pytest.approx(said.least_regret.max_regret, abs=1e-9)


def test_a_rule_that_breaks_in_some_draws_is_counted_and_slow_draws_are_told() -> None:
    problem = asked()
    found = solve(problem)
    other = next(one for one in range(14) if one != 5 and one not in found.chosen)

    def value(plan: tuple[int, ...], draw: int) -> float:
        return float("nan") if plan == found.chosen and draw % 4 == 0 else 10.0 + len(plan)

    said = robustness_by(problem, found, 8, answer=lambda _draw: (other,), worth=value, seconds=60.0)
    assert isinstance(said, Robustness)
    assert said.kept == pytest.approx(0.75)
    assert said.least_regret.chosen == (other,)
    assert said.base.max_regret == 0
    assert isinstance(robustness_by(problem, found, 8, answer=lambda _draw: None, worth=value, seconds=0.0), TooSlow)


@pytest.mark.parametrize("model", ADDITIVE)
def test_measured_swaps_keep_tolerance_and_rule(model: str) -> None:
    problem = asked(model)
    found = solve(problem)

    def measured(plan: NDArray[np.bool_]) -> float:
        return float("nan") if plan[3] else worth(problem, set(np.flatnonzero(plan).tolist()))

    plans, done = diverse_by(
        problem, found, worth=measured, rank=lambda _plan, _site: np.zeros(14), tolerance=0.2, tries=14
    )
    assert done
    single = swaps(problem, found, tolerance=0.2, most_per_site=99)
    assert bool(plans) == any(swap.candidate != 3 for swap in single)
    for other in plans:
        assert other.objective == pytest.approx(worth(problem, {*other.chosen, 5}))
        assert other.loss <= 0.2
        assert 3 not in other.chosen
        assert other.different == len(set(other.chosen) - set(found.chosen)) > 0
    assert diverse_by(problem, found, worth=measured, rank=lambda _plan, _site: np.zeros(14), stop=lambda: True) == (
        [],
        False,
    )
