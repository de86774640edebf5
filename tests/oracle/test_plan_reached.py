"""The quick explanations of a plan held against the engine's plain ones; remembered distances against fresh ones."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from dashboard.planning.metres import Metres
from dashboard.planning.reached import Reached
from geodata.analysis.access.catchments import within
from geodata.analysis.siting import SitingProblem, solve
from geodata.analysis.siting.curve import nested_curve, opening_sequence
from geodata.analysis.siting.explain import reasons

SEEDS = st.integers(0, 10_000)


def question(seed: int) -> tuple[SitingProblem, Reached]:
    """A random maximal covering problem with existing centres, whole numbers of children and unequal costs."""
    random = np.random.default_rng(seed)
    points, sites, existing = random.integers(5, 40), random.integers(3, 12), random.integers(0, 4)
    distance = random.uniform(0, 10, (points, sites + existing))
    demand = random.integers(0, 100, points).astype(float)
    demand[0] += 1
    near = sp.csr_matrix(np.where(distance <= 3, distance + 1e-9, 0.0))
    money = random.choice([0.0, 5.0])
    problem = SitingProblem(
        model="max_cover",
        demand=demand,
        distance=near,
        standard=4.0,
        sites=int(random.integers(1, sites + 1)),
        budget=money or None,
        cost=np.concatenate([random.integers(1, 4, sites), np.zeros(existing)]).astype(float),
        fixed=np.arange(sites + existing) >= sites,
    )
    return problem, Reached(demand, sp.csr_matrix((np.ones(near.nnz), near.indices, near.indptr), near.shape))


@given(SEEDS)
def test_reasons_are_those_of_the_engine(seed: int) -> None:
    problem, who = question(seed)
    result = solve(problem, method="quick")
    money = np.inf if problem.budget is None else problem.budget
    found = who.why(result.chosen, problem.stays, problem.selectable, problem.cost, money)
    for reason in reasons(problem, result):
        mine = found[reason.site]
        assert mine.alone == pytest.approx(reason.marginal)
        assert mine.reached == pytest.approx(reason.reached)
        assert mine.already == pytest.approx(reason.already)
        assert tuple(problem.candidate_names[other] for other in mine.others) == reason.others
        assert mine.flip == pytest.approx(reason.flip)
        assert (mine.runner_up < 0) == (reason.runner_up < 0)


@given(SEEDS)
def test_openings_are_those_of_the_engine(seed: int) -> None:
    problem, who = question(seed)
    result = solve(problem, method="quick")
    mine = who.openings(problem.stays, result.chosen, len(result.chosen))
    plain = opening_sequence(problem, result)
    assert [step.gain for step in mine] == pytest.approx([step.gain for step in plain])
    assert [step.total for step in mine] == pytest.approx([step.objective for step in plain])
    whatever = problem.but(budget=None, cost=np.ones(problem.n_candidates))
    offered = np.flatnonzero(problem.selectable).tolist()
    growing = [step.gain for step in who.openings(problem.stays, offered, 6) if step.gain > 0]
    assert growing == pytest.approx([step.gain for step in nested_curve(whatever, 6)])


def test_a_standard_cut_from_wider_pairs_is_the_standard_itself() -> None:
    random = np.random.default_rng(7)
    lon, lat = random.uniform(100, 104, (2, 300))[0], random.uniform(26, 30, 300)
    site_lon, site_lat = random.uniform(100, 104, 60), random.uniform(26, 30, 60)
    metres = Metres(lon, lat, site_lon, site_lat)
    exact = within(lon, lat, site_lon, site_lat, radius_m=90_000.0).all_pairs()
    # The radius is made to fall on a pair: exactly at the standard is within, a hair below it is not.
    on_a_pair = float(np.sort(exact.cost)[200])
    for radius_m in (500.0, 30_000.0, on_a_pair, np.nextafter(on_a_pair, 0), 50_000.0, 120_000.0, 260_000.0):
        found = metres.within(radius_m)
        fresh = within(lon, lat, site_lon, site_lat, radius_m=radius_m).all_pairs()
        assert found.nnz == len(fresh.point)
        coo = found.tocoo()
        assert (coo.row.tolist(), coo.col.tolist()) == (fresh.point.tolist(), fresh.centre.tolist())
        assert coo.data == pytest.approx(fresh.cost, abs=0.1)


def test_places_without_sites_have_no_pairs() -> None:
    nowhere = np.empty(0)
    assert Metres(np.array([104.0]), np.array([30.0]), nowhere, nowhere).within(1_000.0).shape == (1, 0)
