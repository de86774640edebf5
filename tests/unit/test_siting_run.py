"""A run reports, can be stopped, repeats itself by seed, and never claims more than it has shown."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from geodata.analysis.siting import Progress, SitingProblem, solve

random = np.random.default_rng(7)
PLACES = random.uniform(0, 100, (120, 2))
WAYS = np.hypot(*(PLACES[:, None, :] - PLACES[None, :, :]).transpose(2, 0, 1))
CHILDREN = random.integers(1, 100, 120).astype(float)


def asked(model: str) -> SitingProblem:
    standard = {"max_cover": 12.0, "set_cover": 12.0}.get(model)
    return SitingProblem(
        model=model, demand=CHILDREN, distance=WAYS, standard=standard, sites=None if model == "set_cover" else 9
    )  # type: ignore[arg-type]  # one of the models


@pytest.mark.parametrize("model", ["max_cover", "p_median", "set_cover", "p_centre"])
def test_progress_never_goes_back_and_bounds_never_cross(model: str) -> None:
    heard: list[Progress] = []
    found = solve(asked(model), time_limit_s=30, on_progress=heard.append)
    sign = 1 if asked(model).counts_cover else -1
    plans = [step for step in heard if np.isfinite(step.best)]
    assert plans
    for before, after in pairwise(plans):
        assert sign * after.best >= sign * before.best
        assert sign * after.bound <= sign * before.bound
    assert all(sign * step.bound >= sign * step.best for step in plans)
    assert found.objective == plans[-1].best


@pytest.mark.parametrize("model", ["max_cover", "p_median"])
def test_the_same_seed_gives_the_same_plan(model: str) -> None:
    one, other = (solve(asked(model), seed=3, gap=1e-3) for _ in range(2))
    assert one.chosen == other.chosen


@pytest.mark.parametrize("model", ["max_cover", "p_median", "set_cover", "p_centre"])
def test_a_cancelled_run_returns_a_plan_and_an_honest_gap(model: str) -> None:
    stopped = solve(asked(model), cancelled=lambda: True)
    best = solve(asked(model), time_limit_s=60)
    sign = 1 if asked(model).counts_cover else -1
    assert stopped.status in {"cancelled", "optimal"}
    assert stopped.open_sites
    assert sign * stopped.bound >= sign * best.objective


def test_no_time_still_gives_a_plan() -> None:
    found = solve(asked("max_cover"), time_limit_s=0.0)
    assert len(found.chosen) == 9
    assert found.bound >= found.objective


def test_loading_the_package_loads_no_solver() -> None:
    code = "import sys, geodata.analysis.siting; print({'highspy', 'numba'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
