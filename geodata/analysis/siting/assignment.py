"""Programs in which children are sent from points to sites: medians on few remaining pairs, and all capacitated models.

Capacitated median and covering with divisible demand (Current & Storbeck 1988): the children of a point may go to
several sites. x[i, j] is the part of point i that goes to site j; x[i, j] <= y[j], and each site holds what it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.evaluate import objective_of, transport, within_standard
from geodata.analysis.siting.highs import Found, Program, maximise, prices
from geodata.analysis.siting.limits import Limits, limit_rows, limits_of, site_bounds, with_existing
from geodata.analysis.siting.problem import Bools, Floats, Ints, SitingProblem
from geodata.analysis.siting.result import Run


@dataclass(frozen=True)
class Pairs:
    """Ways that may be used: point, candidate, what sending the whole point that way gains; going nowhere gains 0."""

    point: Ints
    site: Ints
    gain: Floats
    demand: Floats
    must_serve: bool
    capacity: Floats | None = None


def program_of(pairs: Pairs, problem: SitingProblem, limits: Limits) -> Program:
    """The program: one 0/1 variable a candidate, then the part of the point for each pair."""
    k, m, n = len(pairs.point), problem.n_candidates, len(pairs.demand)
    ones, number = np.ones(k), np.arange(k)
    served = sp.csr_matrix((ones, (pairs.point, number)), shape=(n, k))
    to_site = sp.csr_matrix((ones, (number, pairs.site)), shape=(k, m))
    fixed_rows, low, high = limit_rows(limits, problem)
    blocks: list[list[Any]] = [[None, served], [-to_site, sp.identity(k)]]
    row_lower = [np.full(n, 1.0 if pairs.must_serve else 0.0), np.full(k, -np.inf)]
    row_upper = [np.ones(n), np.zeros(k)]
    if pairs.capacity is not None:
        load = sp.csr_matrix((pairs.demand[pairs.point], (pairs.site, number)), shape=(m, k))
        blocks.append([-sp.diags(pairs.capacity), load])
        row_lower.append(np.full(m, -np.inf))
        row_upper.append(np.zeros(m))
    if fixed_rows.shape[0]:
        blocks.append([fixed_rows, None])
        row_lower.append(low)
        row_upper.append(high)
    lower, upper = site_bounds(limits)
    return Program(
        gain=np.concatenate([np.zeros(m), pairs.gain]),
        lower=np.concatenate([lower, np.zeros(k)]),
        upper=np.concatenate([upper, np.ones(k)]),
        rows=sp.csr_matrix(sp.bmat(blocks)),
        row_lower=np.concatenate(row_lower),
        row_upper=np.concatenate(row_upper),
    )


def start_of(pairs: Pairs, plan: Bools) -> Floats:
    """A plan as a point of the program, each demand point going its best open way (capacity left aside)."""
    x = np.zeros(len(pairs.point))
    usable = np.flatnonzero(plan[pairs.site])
    order = usable[np.lexsort((pairs.site[usable], -pairs.gain[usable], pairs.point[usable]))]
    points = pairs.point[order]
    first = order[np.r_[True, points[1:] != points[:-1]]] if len(order) else order
    x[first] = 1.0
    return np.concatenate([plan.astype(float), x])


def branch(
    program: Program, m: int, run: Run, start: Floats | None, *, tell_bound: bool, outside: float, scale: float
) -> Found:
    """Branch and bound by HiGHS; `run` hears bounds of outside + scale x the program's."""

    def tell(_best: float, bound: float) -> None:
        if tell_bound and np.isfinite(bound):
            run.prove(outside + scale * bound, "branching")

    integer = np.arange(len(program.gain)) < m
    return maximise(
        program, integer, start=start, time_limit_s=run.left_s, gap=run.gap, seed=run.seed, tell=tell, stop=run.stop
    )


def solve_capacitated(problem: SitingProblem, run: Run, *, quick: bool) -> None:
    """Capacitated covering or median: a start by the largest sites and the relaxation, then branch and bound."""
    limits = limits_of(problem)
    usable = limits.locked | limits.allowed | limits.replaced
    reach = (within_standard(problem) @ sp.diags(usable.astype(float))).tocoo()
    reach.eliminate_zeros()
    some = problem.demand[reach.row] > 0
    point, site = reach.row[some].astype(np.int64), reach.col[some].astype(np.int64)
    median = problem.model == "capacitated_median"
    scale = float(problem.demand.sum()) / problem.n_demand
    weight = problem.demand / scale
    if median:
        way = np.asarray(problem.distance[point, site], dtype=float).ravel()
        unit = float(np.median(way[way > 0])) if (way > 0).any() else 1.0
        gain, scale = -weight[point] * way / unit, scale * unit
    else:
        gain = weight[point]
    # Points without children need no service.
    peopled = problem.demand > 0
    number = np.cumsum(peopled) - 1
    assert problem.capacity is not None  # noqa: S101  # the problem checked it
    mean = float(problem.demand.sum()) / problem.n_demand
    pairs = Pairs(number[point], site, gain, weight[peopled], median, problem.capacity / mean)
    program = program_of(pairs, problem, limits)
    sign = -1.0 if median else 1.0
    relaxed = prices(program, run.left_s)
    parts = relaxed[0][: problem.n_candidates] if relaxed is not None else np.zeros(problem.n_candidates)
    _start(problem, limits, parts, run)
    if quick:
        _prove_cheaply(problem, run)
        return
    plan = run.plan
    start = None if plan is None else _flow_start(problem, pairs, plan)
    found = branch(program, problem.n_candidates, run, start, tell_bound=True, outside=0.0, scale=sign * scale)
    if found.values is not None:
        plan = with_existing(limits, found.values[: problem.n_candidates] > 0.5)
        run.offer(plan, objective_of(problem, plan), "branching")
    if np.isfinite(found.bound):
        run.prove(sign * scale * found.bound, "branching")


def _prove_cheaply(problem: SitingProblem, run: Run) -> None:
    """A bound without work: all demand, or every child served at the nearest usable site."""
    if problem.counts_cover:
        run.prove(float(problem.demand.sum()), "bound")
        return
    from geodata.analysis.siting.breaches import nearest_usable

    nearest = nearest_usable(problem, problem.stays | problem.selectable)
    peopled = problem.demand > 0
    run.prove(float(problem.demand[peopled] @ nearest[peopled]), "bound")


def _start(problem: SitingProblem, limits: Limits, parts: Floats, run: Run) -> None:
    """Offer the plan that rounds the relaxation: the largest parts first, as long as sites and money last."""
    from geodata.analysis.siting.rounding import fill_by

    assert problem.capacity is not None  # noqa: S101  # the problem checked it
    for score in (parts + 1e-9 * problem.capacity / problem.capacity.max(initial=1.0), problem.capacity):
        plan = with_existing(limits, fill_by(score, limits))
        value = objective_of(problem, plan)
        if np.isfinite(value):
            run.offer(plan, value, "rounding")


def _flow_start(problem: SitingProblem, pairs: Pairs, plan: Bools) -> Floats | None:
    flow = transport(problem, plan)
    if flow is None:
        return None
    back = np.flatnonzero(problem.demand > 0)
    sent = np.asarray(flow[1][back[pairs.point], pairs.site]).ravel() / problem.demand[back[pairs.point]]
    return np.concatenate([plan.astype(float), np.clip(sent, 0.0, 1.0)])
