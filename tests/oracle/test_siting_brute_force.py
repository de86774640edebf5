"""Every model against trying all plans: on small instances nothing may be better than what `solve` calls optimal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geodata.analysis.siting import MODELS, SitingError, SitingProblem, solve

# The first call compiles; each instance after it takes about 20 ms.
slow_to_start = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
whole = st.integers(0, 9)


@st.composite
def problems(draw: st.DrawFn, model: str, *, actions: bool = False) -> SitingProblem:
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    demand = np.array(draw(st.lists(whole, min_size=n, max_size=n)), dtype=float)
    distance = np.array(draw(st.lists(st.lists(whole, min_size=m, max_size=m), min_size=n, max_size=n)), dtype=float)
    cost = np.array(draw(st.lists(st.integers(1, 5), min_size=m, max_size=m)), dtype=float)
    kinds = draw(st.lists(st.sampled_from(["free"] * 5 + ["fixed", "forced", "forbidden"]), min_size=m, max_size=m))
    kind = np.array(kinds)
    places = draw(st.lists(st.integers(-1, 2), min_size=m, max_size=m)) if actions else [-1] * m
    limit = draw(st.sampled_from(["sites", "budget", "both"]))
    sites = draw(st.integers(0, m)) if limit != "budget" else None
    budget = float(draw(st.integers(0, 12))) if limit != "sites" else None
    if model == "p_centre":
        sites, budget = draw(st.integers(1, m)), None
    if model == "set_cover" and draw(st.booleans()):
        sites, budget = None, None
    capacity = np.array(draw(st.lists(st.integers(0, 15), min_size=m, max_size=m)), dtype=float)
    free_standard = model in {"p_median", "p_centre", "capacitated_median"}
    try:
        return SitingProblem(
            model=model,  # type: ignore[arg-type] # one of MODELS
            demand=demand,
            distance=distance,
            standard=None if free_standard else float(draw(st.integers(1, 9))),
            sites=sites,
            budget=budget,
            cost=cost,
            capacity=capacity if model.startswith("capacitated") else None,
            fixed=kind == "fixed",
            forced=kind == "forced",
            forbidden=kind == "forbidden",
            action_of=np.array(places),
            full_within=1.0 if model == "gradual_cover" else None,
            backup_share=draw(st.sampled_from([0.0, 0.3, 0.5])),
        )
    except SitingError:
        assume(condition=False)
        raise


def all_plans(problem: SitingProblem) -> Iterator[set[int]]:
    """Yield every set of open candidates that keeps the limits, told from the words of `SitingProblem` alone."""
    fixed = {i for i in range(problem.n_candidates) if problem.fixed[i] and not problem.closed[i]}
    free = [i for i in range(problem.n_candidates) if not problem.fixed[i] and not problem.forbidden[i]]
    for size in range(len(free) + 1):
        for new in itertools.combinations(free, size):
            places = [problem.action_of[i] for i in new if problem.action_of[i] >= 0]
            if (
                (problem.sites is not None and size > problem.sites)
                or (problem.budget is not None and sum(problem.cost[i] for i in new) > problem.budget)
                or any(problem.forced[i] and i not in new for i in free)
                or len(set(places)) < len(places)
            ):
                continue
            yield set(new) | {i for i in fixed if problem.action_of[i] not in places}


def worth(problem: SitingProblem, plan: set[int]) -> float | None:
    """The objective by loops; None where the plan leaves somebody whom the model must serve."""
    if problem.model.startswith("capacitated"):
        return flow_worth(problem, plan)
    if problem.model == "set_cover":
        reached = all(
            any(problem.distance[j, i] <= problem.standard for i in plan)
            for j in range(problem.n_demand)
            if problem.demand[j] > 0
        )
        return float(sum(problem.cost[i] for i in plan if not problem.fixed[i])) if reached else None
    ways = [sorted(problem.distance[j, i] for i in plan) for j in range(problem.n_demand)]
    peopled = [j for j in range(problem.n_demand) if problem.demand[j] > 0]
    if problem.model in {"p_median", "p_centre"}:
        if not plan:
            return None
        if problem.model == "p_centre":
            return float(max(ways[j][0] for j in peopled))
        return float(sum(problem.demand[j] * ways[j][0] for j in peopled))
    return float(sum(problem.demand[j] * share(problem, ways[j]) for j in peopled))


def share(problem: SitingProblem, ways: list[float]) -> float:
    """How much of a point with these ways to open sites, shortest first, is covered."""
    standard = float(problem.standard)  # type: ignore[arg-type] # covering models have one
    near = [way for way in ways if way <= standard]
    if problem.model == "gradual_cover":
        full = float(problem.full_within or 0)
        shares = [1.0 if way <= full else 1.0 - (way - full) / (standard - full) for way in near]
        return max(shares, default=0.0)
    if problem.model == "backup_cover":
        return [0.0, 1.0 - problem.backup_share, 1.0][min(len(near), 2)]
    return float(bool(near))


def flow_worth(problem: SitingProblem, plan: set[int]) -> float | None:
    """The best way to send the children, as a dense linear program over all pairs."""
    n, sites = problem.n_demand, sorted(plan)
    median = problem.model == "capacitated_median"
    if not sites:
        return None if median and problem.demand.sum() > 0 else 0.0
    assert problem.capacity is not None
    way = problem.distance[:, sites]
    near = np.ones_like(way) if median else (way <= problem.standard).astype(float)
    k = len(sites)
    load = np.array([[float(pair % k == site) for pair in range(n * k)] for site in range(k)])
    sent = np.array([[float(pair // k == point) for pair in range(n * k)] for point in range(n)])
    capacity = problem.capacity[sites]
    if median:
        found = linprog(way.ravel(), load, capacity, sent, problem.demand)
        return float(found.fun) if found.status == 0 else None
    bounds = [(0, None if ok else 0) for ok in near.ravel()]
    found = linprog(-near.ravel(), np.vstack([load, sent]), np.concatenate([capacity, problem.demand]), bounds=bounds)
    return float(-found.fun)


def check(problem: SitingProblem) -> None:
    worths = [(value, plan) for plan in all_plans(problem) if (value := worth(problem, plan)) is not None]
    if not worths:
        with pytest.raises(SitingError):
            solve(problem, time_limit_s=20)
        return
    best = max(value for value, _ in worths) if problem.counts_cover else min(value for value, _ in worths)
    found = solve(problem, time_limit_s=20)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.bound == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert worth(problem, set(found.open_sites)) == pytest.approx(found.objective, rel=1e-6, abs=1e-6)
    assert set(found.open_sites) in [plan for _, plan in worths]
    quick = solve(problem, method="quick", time_limit_s=20) if has_quick(problem) else found
    if problem.counts_cover:
        assert quick.objective <= best * (1 + 1e-6) + 1e-6
        assert quick.bound >= best * (1 - 1e-6) - 1e-6
    else:
        assert quick.objective >= best * (1 - 1e-6) - 1e-6
        assert quick.bound <= best * (1 + 1e-6) + 1e-6


def has_quick(problem: SitingProblem) -> bool:
    """A quick answer is promised where any plan within the limits is a plan."""
    return problem.counts_cover or problem.model in {"p_median", "p_centre"}


@pytest.mark.parametrize("model", MODELS)
@slow_to_start
@given(data=st.data())
def test_no_plan_is_better(model: str, data: st.DataObject) -> None:
    check(data.draw(problems(model)))


@pytest.mark.parametrize("model", [model for model in MODELS if model != "p_centre"])
@settings(slow_to_start, max_examples=40)
@given(data=st.data())
def test_no_plan_is_better_with_alternatives_at_one_place(model: str, data: st.DataObject) -> None:
    check(data.draw(problems(model, actions=True)))
