"""What may be opened, what must, and how much room there is: the same for every model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.problem import Bools, Floats, Ints, SitingProblem, Sparse


@dataclass(frozen=True)
class Limits:
    """The limits of a problem, by candidate.

    `locked` are open in every plan: existing centres that stay as they are, and forced ones. `allowed` may be opened.
    `sites_left` and `money_left` are what remains once the forced are paid. `replaced` are existing centres that one of
    their alternatives may replace; they are neither locked nor allowed.
    """

    locked: Bools
    allowed: Bools
    cost: Floats
    group: Ints
    replaced: Bools
    sites_left: float
    money_left: float

    @property
    def room(self) -> Floats:
        """Sites and money left, as the kernels count them down."""
        return np.array([self.sites_left, self.money_left])


def allowing(limits: Limits, allowed: Bools) -> Limits:
    """These limits with other candidates allowed."""
    return Limits(
        limits.locked, allowed, limits.cost, limits.group, limits.replaced, limits.sites_left, limits.money_left
    )


def limits_of(problem: SitingProblem) -> Limits:
    """Read the limits off a problem. Groups are renumbered from 0; members of a group whose place is taken are out."""
    stays = problem.stays
    group = np.full(problem.n_candidates, -1)
    grouped = problem.action_of >= 0
    if grouped.any():
        group[grouped] = np.unique(problem.action_of[grouped], return_inverse=True)[1].ravel()
    selectable = problem.selectable
    has_alternative = np.isin(group, group[selectable & grouped]) & grouped
    forced = problem.forced
    taken = np.isin(group, group[forced & grouped]) & grouped
    replaced = stays & has_alternative
    # A forced alternative replaces the centre of its place for good.
    locked = (stays & ~replaced) | forced
    sites = np.inf if problem.sites is None else float(problem.sites)
    money = np.inf if problem.budget is None else float(problem.budget)
    return Limits(
        locked=locked,
        allowed=selectable & ~forced & ~taken,
        cost=np.where(stays, 0.0, problem.cost),
        group=group.astype(np.int64),
        replaced=replaced & ~taken,
        sites_left=sites - forced.sum(),
        money_left=money - float(problem.cost[forced].sum()),
    )


def limit_rows(limits: Limits, problem: SitingProblem) -> tuple[Sparse, Floats, Floats]:
    """The limits as rows lower <= A y <= upper over one 0/1 variable a candidate: sites, budget, one action a place."""
    m = problem.n_candidates
    new = (~problem.fixed).astype(float)
    rows, lower, upper = [], [], []
    if problem.sites is not None:
        rows.append(sp.csr_matrix(new))
        lower.append(-np.inf)
        upper.append(float(problem.sites))
    if problem.budget is not None:
        rows.append(sp.csr_matrix(new * problem.cost))
        lower.append(-np.inf)
        upper.append(float(problem.budget))
    for number in range(int(limits.group.max(initial=-1)) + 1):
        members = limits.group == number
        usable = members & (limits.allowed | limits.locked | limits.replaced)
        if usable.sum() > 1:
            rows.append(sp.csr_matrix(usable.astype(float)))
            # An existing centre stays unless one of its alternatives takes its place.
            lower.append(1.0 if limits.replaced[usable].any() else 0.0)
            upper.append(1.0)
    matrix = sp.vstack(rows).tocsr() if rows else sp.csr_matrix((0, m))
    return matrix, np.array(lower), np.array(upper)


def site_bounds(limits: Limits) -> tuple[Floats, Floats]:
    """Lower and upper bound of each candidate's 0/1 variable."""
    return limits.locked.astype(float), (limits.locked | limits.allowed | limits.replaced).astype(float)


def with_existing(limits: Limits, is_open: Bools) -> Bools:
    """A plan completed: an existing centre stays unless an alternative at its place is open."""
    plan = np.array(is_open, dtype=bool)
    for site in np.flatnonzero(limits.replaced):
        others = (limits.group == limits.group[site]) & ~limits.replaced
        plan[site] = not plan[others].any()
    return plan
