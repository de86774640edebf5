"""Which units need a service most: a composite index of need and gap, why a unit stands where it does, how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# How far weights are shaken: shares drawn around the chosen ones, as if these rested on so many opinions.
CONCENTRATION = 20.0
DRAWS = 1_000


@dataclass(frozen=True)
class Priority:
    """Index from 0 to 100 by unit, its rank (1: first to be served) and its parts.

    Attributes
    ----------
    index, rank
        Not a number for units of which a component is unknown; equal indices share the mean of their ranks.
    parts
        Shape (units, components): what each component adds to the index; the row's greatest is the reason to name.
    """

    index: Floats
    rank: Floats
    parts: Floats

    @property
    def reason(self) -> Ints:
        """Position of the component that adds most (of equals the first); -1 where the index is unknown."""
        known = np.isfinite(self.index)
        return np.where(known, np.argmax(np.where(known[:, None], self.parts, 0.0), axis=1), -1).astype(np.int64)


@dataclass(frozen=True)
class Stability:
    """How ranks fare when weights change: best and worst of 90 % of the draws, how often among the first `first`."""

    rank_best: Floats
    rank_worst: Floats
    share_among_first: Floats
    first: int


def scores(components: npt.ArrayLike, *, higher_is_worse: Sequence[bool]) -> Floats:
    """Components as percentile ranks from 0 to 1, 1 the greatest need; ties share their mean; unknown stays unknown.

    Ranks rather than values: a single extreme county would else press all others together at the foot of the scale.
    """
    table = np.asarray(components, dtype=float)
    known = np.isfinite(table).all(axis=1)
    result = np.full(table.shape, np.nan)
    count = int(known.sum())
    for column, worse in enumerate(higher_is_worse):
        values = table[known, column] * (1.0 if worse else -1.0)
        result[known, column] = (_rank(values) - 1.0) / (count - 1.0) if count > 1 else 0.5
    return result


def priority(components: npt.ArrayLike, *, weights: Sequence[float], higher_is_worse: Sequence[bool]) -> Priority:
    """Composite need-gap index: the weighted mean of the components' percentile ranks, times 100.

    Parameters
    ----------
    components
        Shape (units, components). A unit that lacks a component has no index: a guess would rank it.
    weights
        0 or more, one a component; only their proportions count.
    higher_is_worse
        For each component whether more of it is more need.

    Raises
    ------
    ValueError
        If weights are negative, all zero, or do not fit the components.
    """
    table = np.asarray(components, dtype=float)
    share = _shares(weights, table.shape[1])
    if len(higher_is_worse) != table.shape[1]:
        raise ValueError("say for every component whether more of it is worse")
    parts = scores(table, higher_is_worse=higher_is_worse) * share * 100.0
    index = parts.sum(axis=1)
    return Priority(index, _ranks(index), parts)


def rank_stability(
    components: npt.ArrayLike,
    *,
    weights: Sequence[float],
    higher_is_worse: Sequence[bool],
    first: int,
    seed: int,
    draws: int = DRAWS,
    concentration: float = CONCENTRATION,
) -> Stability:
    """Ranks under weights drawn around the chosen ones (Dirichlet), always the same for a seed.

    A component of weight 0 stays at 0. With `concentration` 20 and two equal weights, 90 % of the draws lie between
    .32 and .68.
    """
    table = np.asarray(components, dtype=float)
    share = _shares(weights, table.shape[1])
    own = scores(table, higher_is_worse=higher_is_worse)
    used = share > 0
    drawn = np.random.default_rng(seed).dirichlet(concentration * share[used], size=draws)
    ranks = np.array([_ranks(own[:, used] @ weight) for weight in drawn])
    known = np.isfinite(own).all(axis=1)
    best, worst = np.full(len(table), np.nan), np.full(len(table), np.nan)
    best[known], worst[known] = np.quantile(ranks[:, known], [0.05, 0.95], axis=0)
    among = np.where(known, (ranks <= first).mean(axis=0), np.nan)
    return Stability(np.floor(best), np.ceil(worst), among, first)


def _shares(weights: Sequence[float], components: int) -> Floats:
    share = np.asarray(weights, dtype=float)
    if len(share) != components or not (share >= 0).all() or not share.sum() > 0:
        raise ValueError("weights must be 0 or more, not all 0, one for each component")
    return np.asarray(share / share.sum())


def _ranks(index: Floats) -> Floats:
    """1 the greatest; rounding first, so that sums taken in another order still tie."""
    return _rank(-np.round(index, 9))


def _rank(values: Floats) -> Floats:
    """Places from 1, the smallest; ties share the mean of theirs, NaN has none."""
    # Not scipy.stats, which takes a server's start two seconds to import.
    return np.asarray(pd.Series(values).rank(), dtype=np.float64)
