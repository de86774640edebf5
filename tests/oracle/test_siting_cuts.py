"""Cuts and the bounds they prove, against every plan there is; smaller covers against trying all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from geodata.analysis.siting import SitingProblem, solve
from geodata.analysis.siting.cut_kernels import COMMON, ODD
from geodata.analysis.siting.pricing import price, proven_with_cuts, tighten
from geodata.analysis.siting.reduction import reduce_cover, value_on
from geodata.analysis.siting.result import Run
from geodata.analysis.siting.tightening import broken_cuts, cuts_of, no_cuts


def reach_of(seed: int, n: int = 9, m: int = 8) -> sp.csr_matrix:
    random = np.random.default_rng(seed)
    return sp.csr_matrix((random.random((n, m)) < random.uniform(0.2, 0.7)).astype(float))


def every_plan(m: int) -> list[np.ndarray]:
    return [np.array(plan, dtype=float) for plan in itertools.product([0, 1], repeat=m)]


def a_circle(seed: int, n: int = 30, sites: int = 4) -> SitingProblem:
    """Each place reaches those beside it: halves of sites fit such a ring better than whole ones."""
    random = np.random.default_rng(seed)
    apart = np.abs(np.arange(n)[:, None] - np.arange(n)[None, :])
    ways = np.minimum(apart, n - apart) + random.uniform(0, 0.4, (n, n))
    return SitingProblem(
        model="max_cover", demand=random.integers(1, 9, n).astype(float), distance=ways, standard=1.2, sites=sites
    )


@pytest.mark.parametrize("seed", range(20))
def test_every_plan_keeps_every_cut(seed: int) -> None:
    random, reach = np.random.default_rng(seed), reach_of(seed)
    sets, kinds = np.full((12, 7), -1), np.tile([ODD, COMMON], 6)
    for row in sets:
        size = random.choice([3, 5, 7])
        row[:size] = random.choice(reach.shape[0], size, replace=False)
    cuts = cuts_of(reach, sets, kinds)
    for plan in every_plan(reach.shape[1]):
        missed = (np.asarray(reach @ plan).ravel() == 0).astype(float)
        assert (cuts.use @ plan + cuts.points @ missed >= cuts.least).all()


@pytest.mark.parametrize("seed", range(20))
def test_cuts_that_are_found_are_broken_by_what_they_were_found_for_and_kept_by_plans(seed: int) -> None:
    reach = reach_of(seed)
    half = np.full(reach.shape[1], 1 / np.diff(reach.indptr).clip(1).min())
    covered = np.minimum(np.asarray(reach @ half).ravel(), 1.0)
    cuts = broken_cuts(reach, half, covered, np.ones(len(covered)))
    assert (cuts.use @ half + cuts.points @ (1 - covered) < cuts.least).all()
    for plan in every_plan(reach.shape[1]):
        missed = (np.asarray(reach @ plan).ravel() == 0).astype(float)
        assert (cuts.use @ plan + cuts.points @ missed >= cuts.least).all()


@pytest.mark.parametrize("seed", range(20))
def test_any_prices_prove_a_bound(seed: int) -> None:
    random = np.random.default_rng(seed)
    problem = a_circle(seed, n=10, sites=2)
    cover = reduce_cover(problem)
    n = cover.reach.shape[0]
    sets = np.array([np.pad(random.choice(n, 3, replace=False), (0, 2), constant_values=-1) for _ in range(6)])
    cuts = cuts_of(cover.reach, sets, np.tile([ODD, COMMON], 3))
    proven = proven_with_cuts(cover, random.uniform(0, 2, n), cuts, random.uniform(0, 2, len(cuts))).bound
    for pair in itertools.combinations(range(10), 2):
        plan = np.isin(np.arange(10), pair)
        assert proven >= value_on(cover, plan & cover.limits.allowed) - 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_cuts_bring_the_bound_nearer_and_never_past_the_best_plan(seed: int) -> None:
    problem = a_circle(seed, sites=9)
    best = solve(problem, time_limit_s=20)
    assert best.status == "optimal"
    cover = reduce_cover(problem)
    run = Run(sign=1, time_limit_s=20, gap=0.0, seed=0)
    plain = price(cover, run)
    assert plain is not None
    heard: list[float] = []
    tight = tighten(cover, plain, run, lambda: best.objective / cover.scale, lambda found: heard.append(found.bound))
    assert tight.bound <= plain.bound
    assert tight.bound * cover.scale >= best.objective * (1 - 1e-7)
    assert heard == sorted(heard, reverse=True)


def test_three_points_whose_sites_reach_two_each_need_two_sites() -> None:
    """Halves of three sites reach everybody for 1.5; the cut over the three points asks for 2."""
    reach = sp.csr_matrix(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]]))
    cuts = broken_cuts(reach, np.full(3, 0.5), np.ones(3), np.ones(3))
    assert len(cuts) == 1
    assert cuts.use.toarray().tolist() == [[1.0, 1.0, 1.0]]
    assert cuts.points.toarray().tolist() == [[1.0, 1.0, 1.0]]
    assert cuts.least.tolist() == [2.0]


def test_no_cuts_are_no_rows() -> None:
    assert len(no_cuts(reach_of(0))) == 0


@pytest.mark.parametrize("seed", range(30))
def test_the_fewest_sites_are_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    ways = random.uniform(0, 10, (12, 9))
    ways[np.arange(12), random.integers(0, 9, 12)] = 0.0
    problem = SitingProblem(model="set_cover", demand=np.ones(12), distance=ways, standard=2.5)
    reach = ways <= 2.5
    fewest = next(
        size
        for size in range(1, 10)
        if any(reach[:, list(sites)].any(axis=1).all() for sites in itertools.combinations(range(9), size))
    )
    found = solve(problem)
    assert found.objective == found.bound == fewest
