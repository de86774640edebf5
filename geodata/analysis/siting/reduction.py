"""A covering problem made small: points with the same reach are one, dominated candidates go.

Demand points with the same candidates in reach are one (Cordeau, Furini & Ljubić 2019 reduce alike); a candidate that
reaches no more than another is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.evaluate import objective_of, within_standard
from geodata.analysis.siting.limits import Limits, allowing, limits_of
from geodata.analysis.siting.problem import Bools, Floats, SitingProblem, Sparse

# Above this many covered pairs, looking for dominated candidates costs more than it spares.
_MAX_PAIRS_FOR_DOMINANCE = 3_000_000


@dataclass(frozen=True)
class Cover:
    """A covering problem reduced: `reach` (points x candidates, 0/1), weight of each point, worth of each cover."""

    reach: Sparse
    weight: Floats
    worth: Floats
    limits: Limits
    scale: float


def reduce_cover(problem: SitingProblem) -> Cover:
    """Merge points with the same reach, leave out those that nobody reaches or that are settled already."""
    limits = limits_of(problem)
    usable = limits.locked | limits.allowed | limits.replaced
    reach = (within_standard(problem) @ sp.diags(usable.astype(float))).tocsr()
    reach.eliminate_zeros()
    reach.sort_indices()
    worth = np.array([1.0])
    if problem.model == "backup_cover" and problem.backup_share > 0:
        worth = np.array([1.0 - problem.backup_share, problem.backup_share])
    by_locked = np.asarray(reach @ limits.locked.astype(float)).ravel()
    settled = by_locked >= len(worth)
    open_question = (problem.demand > 0) & (np.diff(reach.indptr) > 0) & ~settled
    kept = reach[np.flatnonzero(open_question)]
    keys: dict[bytes, int] = {}
    owner = np.empty(kept.shape[0], dtype=np.int64)
    for row in range(kept.shape[0]):
        key = kept.indices[kept.indptr[row] : kept.indptr[row + 1]].tobytes()
        owner[row] = keys.setdefault(key, len(keys))
    weight = np.bincount(owner, weights=problem.demand[open_question], minlength=len(keys))
    first = np.zeros(len(keys), dtype=np.int64)
    first[owner[::-1]] = np.arange(len(owner))[::-1]
    # Weights of about 1: the solver's tolerances are absolute.
    scale = float(problem.demand.sum()) / problem.n_demand
    cover = Cover(kept[first].tocsr(), weight / scale, worth, limits, scale)
    return _without_dominated(cover)


def _without_dominated(cover: Cover) -> Cover:
    """Drop candidates that cover no more than another at no lower cost; of equals the first stays."""
    limits, reach = cover.limits, cover.reach
    if reach.nnz > _MAX_PAIRS_FOR_DOMINANCE or (limits.group >= 0).any() or len(cover.worth) > 1:
        return cover
    free = np.flatnonzero(limits.allowed)
    sub = reach[:, free]
    size = np.asarray(sub.sum(axis=0)).ravel()
    shared = (sub.T @ sub).tocoo()
    one, other = shared.row, shared.col
    inside = (shared.data == size[one]) & (one != other) & (limits.cost[free][one] >= limits.cost[free][other])
    same = inside & (size[one] == size[other]) & (limits.cost[free][one] == limits.cost[free][other])
    inside &= ~same | (one > other)
    allowed = limits.allowed.copy()
    allowed[free[size == 0]] = False
    # Dropping whoever lies inside another is safe together: the largest of a chain stays.
    allowed[free[np.unique(one[inside])]] = False
    if allowed.sum() + limits.locked.sum() == 0:
        return cover
    return Cover(reach, cover.weight, cover.worth, allowing(limits, allowed), cover.scale)


def absolute(problem: SitingProblem, cover: Cover, value: float) -> float:
    """From the reduced problem's scaled objective to children: what was settled or merged away is added."""
    return value * cover.scale + settled_value(problem, cover)


def settled_value(problem: SitingProblem, cover: Cover) -> float:
    """Covered demand that stands outside the reduced problem: what locked sites cover however the rest is chosen."""
    locked = cover.limits.locked
    reduced = value_on(cover, locked)
    return objective_of(problem, locked) - reduced * cover.scale


def value_on(cover: Cover, is_open: Bools) -> float:
    """What the reduced problem's points are worth under a plan, scaled."""
    times = np.asarray(cover.reach @ is_open.astype(float)).ravel().astype(int)
    steps = np.concatenate([[0.0], np.cumsum(cover.worth)])
    return float(cover.weight @ steps[np.minimum(times, len(cover.worth))])
