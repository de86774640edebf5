"""Bounds for covering models, from prices: of the linear relaxation, of subgradients, of the relaxation with cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.highs import Program, prices
from geodata.analysis.siting.limits import allowing, site_bounds
from geodata.analysis.siting.problem import Floats
from geodata.analysis.siting.reduction import Cover, value_on
from geodata.analysis.siting.result import PROVEN_GAP, Run
from geodata.analysis.siting.tightening import Cuts, broken_cuts, joined, no_cuts, with_cuts

# Above this many covered pairs the linear program takes minutes; subgradients, so many rounds of so many steps, do not.
MOST_PAIRS_TO_RELAX = 400_000
_CLIMBS, _CLIMB_STEPS, _CLIMB_IDLE = 30, 100, 30
# Rounds of cuts end when one closes less than this part of what is open, or after this part of the time.
_LEAST_CLOSED, _MOST_ROUNDS, _MOST_OF_TIME = 0.01, 20, 0.8


@dataclass(frozen=True)
class Priced:
    """A proven bound on the reduced, scaled problem, the points' prices behind it, each candidate's saving; cuts."""

    bound: float
    price: Floats
    saving: Floats
    is_open: Floats = field(default_factory=lambda: np.zeros(0))
    covered: Floats = field(default_factory=lambda: np.zeros(0))
    cuts: Cuts | None = None


def price(cover: Cover, run: Run) -> Priced | None:
    """Bound the reduced problem by the prices of its linear relaxation; None if time ended first."""
    if cover.reach.nnz > MOST_PAIRS_TO_RELAX and len(cover.worth) == 1:
        return _proven(cover, _climbed(cover, run))
    relaxed = prices(_relaxation(cover), run.left_s)
    if relaxed is None:
        return None
    n, m = cover.reach.shape
    priced = _proven(cover, np.clip(relaxed[1][:n], 0.0, cover.weight * cover.worth[0]))
    return replace(priced, is_open=relaxed[0][:m], covered=relaxed[0][m : m + n])


def _proven(cover: Cover, price: Floats) -> Priced:
    """The bound that these prices of points prove: whatever they are, no plan has more."""
    saving = np.asarray(cover.reach.T @ price).ravel()
    kept = sum(np.maximum(cover.weight * worth - price, 0.0) for worth in cover.worth)
    return Priced(float(np.sum(kept)) + _most_saved(cover, saving), price, saving)


def proven_with_cuts(cover: Cover, price: Floats, cuts: Cuts, cut_price: Floats) -> Priced:
    """The bound that prices >= 0 of points and cuts prove for maximal covering: no plan has more.

    Each point is reached or missed and each cut is kept, so the missed weight is at least the prices, less what open
    sites save of them, less what missed points would pay beyond their weight.
    """
    saving = np.asarray(cover.reach.T @ price + cuts.use.T @ cut_price).ravel()
    load = price + np.asarray(cuts.points.T @ cut_price).ravel()
    missed = price.sum() + cut_price @ cuts.least - np.maximum(load - cover.weight, 0.0).sum()
    bound = float(cover.weight.sum() - missed) + _most_saved(cover, saving)
    return Priced(bound, np.minimum(load, cover.weight), saving, cuts=cuts)


def _most_saved(cover: Cover, saving: Floats) -> float:
    """The most that sites within the limits save; of sites and money whichever binds harder: each alone is a bound."""
    from geodata.analysis.siting.median_kernels import choose

    limits, share = cover.limits, np.zeros(len(saving))
    kernel_limits, room = (limits.allowed, limits.locked, limits.cost, limits.group), limits.room
    by_sites = float(choose(saving, kernel_limits, np.array([room[0], np.inf]), share))
    if not np.isfinite(room[1]):
        return by_sites
    return min(by_sites, float(choose(saving, kernel_limits, np.array([np.inf, room[1]]), share)))


def tighten(
    cover: Cover, priced: Priced, run: Run, best: Callable[[], float], told: Callable[[Priced], None]
) -> Priced:
    """Add cuts that the linear plan breaks, round by round, and price anew; `told` hears each tighter bound.

    `best` is the best plan so far in the reduced problem's unit: candidates that no better plan can have are closed.
    """
    usable = cover.limits.allowed | cover.limits.locked
    cover = replace(cover, reach=sp.csr_matrix(cover.reach @ sp.diags(usable.astype(float))))
    cover.reach.eliminate_zeros()
    cover.reach.sort_indices()
    (n, m), cuts = cover.reach.shape, no_cuts(cover.reach)
    last = priced
    for _ in range(_MOST_ROUNDS):
        if run.stop() or run.seconds > _MOST_OF_TIME * run.time_limit_s:
            break
        new = broken_cuts(cover.reach, last.is_open, last.covered, last.price)
        if not len(new):
            break
        cuts = joined(cuts, new)
        cover = close_hopeless(cover, priced, best())
        found = prices(with_cuts(_relaxation(cover), cuts), run.left_s)
        if found is None:
            break
        paid = np.maximum(found[1], 0.0)
        last = proven_with_cuts(cover, paid[len(cuts) : len(cuts) + n], cuts, paid[: len(cuts)])
        last = replace(last, is_open=found[0][:m], covered=found[0][m : m + n])
        closed = (priced.bound - last.bound) / max(priced.bound - best(), PROVEN_GAP)
        if closed > 0:
            priced = last
            told(priced)
        if closed < _LEAST_CLOSED:
            break
        cuts = cuts.only(np.flatnonzero(paid[: len(cuts)] > PROVEN_GAP))
    return priced


def close_hopeless(cover: Cover, priced: Priced | None, best: float) -> Cover:
    """Close candidates that no plan better than `best` can have: with one of them open, the bound falls below it."""
    limits = cover.limits
    if priced is None or np.isfinite(limits.money_left) or limits.replaced.any():
        return cover
    free = np.flatnonzero(limits.allowed)
    room = int(min(limits.sites_left, len(free)))
    if room == 0 or room >= len(free):
        return cover
    last = np.sort(priced.saving[free])[::-1][room - 1]
    hopeless = priced.bound - last + priced.saving < best - PROVEN_GAP
    return replace(cover, limits=allowing(limits, limits.allowed & ~hopeless))


def _climbed(cover: Cover, run: Run) -> Floats:
    """Prices by subgradients, in seconds where the linear program takes minutes."""
    from geodata.analysis.siting import median_kernels

    limits, reach = cover.limits, cover.reach
    lists: tuple[Any, ...] = (reach.indptr.astype(np.int64), reach.indices.astype(np.int32), np.zeros(reach.nnz))
    kernel_limits = (limits.allowed, limits.locked, limits.cost, limits.group)
    dual, pace, usual = cover.weight / 2, np.array([1.0]), np.zeros(reach.shape[1])
    total = float(cover.weight.sum())
    plan = run.plan if run.plan is not None else limits.locked
    target = total - value_on(cover, plan)
    for _ in range(_CLIMBS):
        bound = median_kernels.climb(
            lists, cover.weight, kernel_limits, limits.room, dual, target, _CLIMB_STEPS, _CLIMB_IDLE, pace, usual
        )
        run.tell("relaxation")
        if run.stop() or pace[0] < 1e-4 or bound >= target:
            break
    return dual


def _relaxation(cover: Cover) -> Program:
    """The linear program whose prices bound the problem: the limits once, without groups."""
    n, m = cover.reach.shape
    levels = len(cover.worth)
    limits = cover.limits
    lower, upper = site_bounds(limits)
    rows, most = [], []
    for left, use in ((limits.sites_left, np.ones(m)), (limits.money_left, limits.cost)):
        if np.isfinite(left):
            rows.append(sp.csr_matrix(use * limits.allowed))
            most.append(left)
    blocks: list[list[Any]] = [[cover.reach, *([-sp.identity(n)] * levels)]]
    if rows:
        blocks.append([sp.vstack(rows), *([None] * levels)])
    return Program(
        gain=np.concatenate([np.zeros(m), *(cover.weight * worth for worth in cover.worth)]),
        lower=np.concatenate([lower, np.zeros(n * levels)]),
        upper=np.concatenate([upper, np.ones(n * levels)]),
        rows=sp.csr_matrix(sp.bmat(blocks)),
        row_lower=np.concatenate([np.zeros(n), np.full(len(most), -np.inf)]),
        row_upper=np.concatenate([np.full(n, np.inf), np.array(most)]),
    )
