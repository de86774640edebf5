"""What a plan is worth, computed plainly from the problem: every solver's answer is measured here, and only here."""

from __future__ import annotations

import weakref

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.breaches import nearest_usable
from geodata.analysis.siting.problem import Bools, Floats, SitingProblem, Sparse

# A run measures many plans of one problem, which never changes: its pairs are looked up once.
_PAIRS: weakref.WeakKeyDictionary[SitingProblem, Sparse] = weakref.WeakKeyDictionary()


def within_standard(problem: SitingProblem) -> Sparse:
    """Pairs within the standard, n x m, value 1. Do not write into it."""
    found = _PAIRS.get(problem)
    if found is None:
        found = _PAIRS[problem] = _within_standard(problem)
    return found


def _within_standard(problem: SitingProblem) -> Sparse:
    standard = problem.standard_of()
    if problem.is_sparse:
        pairs = problem.distance.tocoo()
        keep = pairs.data <= standard[pairs.col]
        rows, columns = pairs.row[keep], pairs.col[keep]
    else:
        rows, columns = np.nonzero((problem.distance <= standard) & np.isfinite(problem.distance))
    ones = np.ones(len(rows))
    return sp.csr_matrix((ones, (rows, columns)), shape=problem.distance.shape)


def cover_share(problem: SitingProblem) -> Sparse:
    """Gradual coverage of each pair, n x m: 1 up to `full_within`, falling evenly to 0 at the standard."""
    pairs = within_standard(problem).tocoo()
    distance = np.asarray(problem.distance[pairs.row, pairs.col], dtype=float).ravel()
    full = float(problem.full_within or 0.0)
    span = problem.standard_of()[pairs.col] - full
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(distance <= full, 1.0, 1.0 - (distance - full) / span)
    return sp.csr_matrix((np.clip(share, 0.0, 1.0), (pairs.row, pairs.col)), shape=problem.distance.shape)


def covered(problem: SitingProblem, is_open: Bools) -> Floats:
    """How much of each demand point counts as covered, 0 to 1, by the plan (capacity left aside)."""
    if problem.model == "gradual_cover":
        share = cover_share(problem)[:, np.flatnonzero(is_open)]
        return np.zeros(problem.n_demand) if share.shape[1] == 0 else np.asarray(share.max(axis=1).todense()).ravel()
    times = np.asarray(within_standard(problem) @ is_open.astype(float)).ravel()
    if problem.model == "backup_cover":
        share = problem.backup_share
        return np.where(times >= 2, 1.0, np.where(times >= 1, 1.0 - share, 0.0))
    return (times >= 1).astype(float)


def objective_of(problem: SitingProblem, is_open: Bools) -> float:
    """The objective of a plan (all open candidates); infinite where it leaves somebody whom the model must serve."""
    if problem.model.startswith("capacitated"):
        return served_within_capacity(problem, is_open)
    if problem.model == "set_cover":
        left = (covered(problem, is_open) == 0) & (problem.demand > 0)
        return float("inf") if left.any() else float(problem.cost[is_open & ~problem.fixed].sum())
    if problem.counts_cover:
        return float(problem.demand @ covered(problem, is_open))
    nearest = nearest_usable(problem, is_open)
    peopled = problem.demand > 0
    if problem.model == "p_centre":
        return float(nearest[peopled].max())
    return float(problem.demand[peopled] @ nearest[peopled])


def served_within_capacity(problem: SitingProblem, is_open: Bools) -> float:
    """The objective of a capacitated model once it is known what is open: a transport problem."""
    flow = transport(problem, is_open)
    return flow[0] if flow is not None else float("inf")


def transport(problem: SitingProblem, is_open: Bools) -> tuple[float, Sparse] | None:
    """Objective and children sent from each point (row) to each candidate (column); None if not all can be served."""
    from scipy.optimize import linprog

    reach = within_standard(problem)
    pairs = (reach @ sp.diags(is_open.astype(float))).tocoo()
    pairs.eliminate_zeros()
    n, m = problem.distance.shape
    median = problem.model == "capacitated_median"
    if pairs.nnz == 0:
        return None if median else (0.0, sp.csr_matrix((n, m)))
    ones, number = np.ones(pairs.nnz), np.arange(pairs.nnz)
    by_point: Sparse = sp.csr_matrix((ones, (pairs.row, number)), shape=(n, pairs.nnz))
    by_site: Sparse = sp.csr_matrix((ones, (pairs.col, number)), shape=(m, pairs.nnz))
    assert problem.capacity is not None  # noqa: S101  # the problem checked it
    if median:
        cost = np.asarray(problem.distance[pairs.row, pairs.col], dtype=float).ravel()
        found = linprog(cost, A_ub=by_site, b_ub=problem.capacity, A_eq=by_point, b_eq=problem.demand, method="highs")
    else:
        both: Sparse = sp.vstack([by_site, by_point])
        room = np.concatenate([problem.capacity, problem.demand])
        found = linprog(-ones, A_ub=both, b_ub=room, method="highs")
    if found.status != 0 or found.x is None or found.fun is None:
        return None
    flow: Sparse = sp.csr_matrix((found.x, (pairs.row, pairs.col)), shape=(n, m))
    return float(found.fun if median else -found.fun), flow
