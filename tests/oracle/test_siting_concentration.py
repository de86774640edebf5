"""Searches that meet in the sites that any of them used, and prices that prove: against every plan there is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from geodata.analysis.siting import SitingProblem, median, set_cover, solve
from geodata.analysis.siting.evaluate import objective_of
from geodata.analysis.siting.median_search import MedianSearch, ways_of
from geodata.analysis.siting.result import Run

SEEDS = range(4)


def drawn(seed: int, model: str = "p_median") -> SitingProblem:
    """12 places, each a candidate; 4 new sites beside one that exists, one that must and one that must not be."""
    random = np.random.default_rng(seed)
    places = random.random((12, 2))
    kind = random.permutation(12)
    return SitingProblem(
        model=model,  # type: ignore[arg-type] # one of two
        demand=random.integers(0, 9, 12).astype(float),
        distance=np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)) + random.random((12, 12)) / 5,
        standard=0.6 if model == "gradual_cover" else None,
        full_within=0.1 if model == "gradual_cover" else None,
        sites=4,
        fixed=kind == 0,
        forced=kind == 1,
        forbidden=kind == 2,
    )


def best_of_all(problem: SitingProblem) -> float:
    """The best objective, by trying every choice of four."""
    free = [i for i in range(12) if not (problem.fixed[i] or problem.forbidden[i] or problem.forced[i])]
    worths = []
    for new in itertools.combinations(free, 3):
        plan = problem.fixed | problem.forced
        plan[list(new)] = True
        worths.append(objective_of(problem, plan))
    return max(worths) if problem.counts_cover else min(worths)


def new_run(problem: SitingProblem) -> Run:
    return Run(sign=1 if problem.counts_cover else -1, time_limit_s=60.0, gap=0.0, seed=0)


@pytest.mark.parametrize("model", ["p_median", "gradual_cover"])
@pytest.mark.parametrize("seed", SEEDS)
def test_where_searches_meet_the_plan_is_no_worse_than_theirs_and_keeps_the_limits(model: str, seed: int) -> None:
    problem = drawn(seed, model)
    table, run = ways_of(problem), new_run(problem)
    search = MedianSearch(table, 0)
    first = search.value
    run.offer(search.plan, objective_of(problem, search.plan), "first")
    met = median._concentrated(problem, table, search, search.climb(search.first_prices(), np.array([1.0]), 50), run)
    assert met.value <= first
    assert not (met.plan & problem.forbidden).any()
    assert met.plan[problem.fixed | problem.forced].all()
    assert (met.plan & ~problem.fixed).sum() <= 4
    sign = 1 if problem.counts_cover else -1
    assert sign * objective_of(problem, met.plan) <= sign * best_of_all(problem) + 1e-9
    assert run.best == pytest.approx(objective_of(problem, met.plan), rel=1e-9)


@pytest.mark.parametrize("model", ["p_median", "gradual_cover"])
@pytest.mark.parametrize("seed", SEEDS)
def test_with_concentration_what_is_called_optimal_is(model: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(median, "_branching_is_hopeless", lambda *_: True)
    problem = drawn(seed, model)
    found = solve(problem, time_limit_s=60)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best_of_all(problem), rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_prove_a_bound(seed: int) -> None:
    problem = drawn(seed)
    table = ways_of(problem)
    search, random = MedianSearch(table, 0), np.random.default_rng(seed)
    best = best_of_all(problem) / table.scale
    for _ in range(50):
        assert search.bound_at(random.uniform(0, 1.5, len(table.outside)) * search.first_prices()) <= best + 1e-9


@pytest.mark.parametrize("heat", [0.0, 0.1, 10.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_however_hot_the_best_plan_is_kept_and_its_cost_is_its_own(seed: int, heat: float) -> None:
    problem = drawn(seed)
    table = ways_of(problem)
    search = MedianSearch(table, seed)
    before = search.value
    search.anneal(120, heat * before, lambda: False)
    assert search.value <= before
    assert search.value * table.scale == pytest.approx(objective_of(problem, search.plan))
    open_ways = np.where(search.plan[:, None], table.ways, np.inf)
    assert (search.served_by == open_ways.argmin(axis=0)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_for_fewer_sites_that_goes_on_never_ends_below_the_fewest(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_cover, "_FEW_PAIRS_TO_BRANCH", 0)
    problem = replace(drawn(seed), model="set_cover", standard=0.5, sites=None)
    found = solve(problem, time_limit_s=60)
    reached = (problem.distance <= 0.5) | (problem.demand == 0)[:, None]
    free = [i for i in range(12) if not (problem.fixed[i] or problem.forbidden[i])]
    fewest = next(
        size
        for size in range(len(free) + 1)
        for new in itertools.combinations(free, size)
        if set(np.flatnonzero(problem.forced)) <= set(new)
        and reached[:, [*new, *np.flatnonzero(problem.fixed)]].any(axis=1).all()
    )
    assert (found.status, found.objective) == ("optimal", fewest)


def test_once_cancelled_no_further_search_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    class Counted(MedianSearch):
        def __init__(self, *args: Any, **more: Any) -> None:
            begun.append(1)
            super().__init__(*args, **more)

    monkeypatch.setattr(median, "MedianSearch", Counted)
    problem = drawn(0)
    table, phases = ways_of(problem), []
    run = Run(
        sign=-1, time_limit_s=60.0, gap=0.0, seed=0, on_progress=lambda now: phases.append(now.phase),
        cancelled=lambda: phases.count("searching anew") >= 3,
    )  # fmt: skip
    search = MedianSearch(table, 0)
    run.offer(search.plan, objective_of(problem, search.plan), "first")
    met = median._concentrated(problem, table, search, 0.0, run)
    assert run.was_cancelled
    # The one that was at work, and two to stand on the best plan.
    assert len(begun) == 3
    assert objective_of(problem, met.plan) <= run.best * (1 + 1e-9)
