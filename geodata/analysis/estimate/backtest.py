"""The decade back-test: what the 2010 model says of 2020 when it is told nothing published about the children of 2020.

It tests stability, not truth: the 2020 estimate it is compared with shares its structure signal. Only the absent
share is also held against something it did not see, the projected identity of 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.analysis.estimate.absence import Signals, absent_share
from geodata.analysis.estimate.children import children
from geodata.analysis.estimate.left_behind import both_parents
from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.parents import parents_away
from geodata.analysis.estimate.types import Counts, Estimate, Floats, Parameters
from geodata.analysis.estimate.validate import correlation

TOP = 100
# Shares of tiny populations say nothing about a decade.
FEWEST_CHILDREN = 1_000


@dataclass(frozen=True)
class Backtest:
    """How the blind estimate of the later census compares with its estimate, and how much the decade itself moved.

    units
        Counties compared (no districts, at least 1,000 children in both estimates).
    blind_spearman, decade_spearman
        Rank correlation of the share of children left behind: blind with later, base with later.
    blind_top_kept, decade_top_kept
        Share of the top 100 counties of the later estimate that stand in the top 100 of the blind one, of the base.
    absence_correlation
        Structure fitted on the base census, read on the later one, with the later, projected identity: counties
        where it is sure.
    nation
        Measure -> (blind, later estimate), persons.
    province
        Province code -> blind share of the nation's left-behind children per share in the later estimate, less one.
    """

    units: int
    blind_spearman: float
    decade_spearman: float
    blind_top_kept: float
    decade_top_kept: float
    absence_correlation: float
    nation: dict[str, tuple[float, float]]
    province: dict[str, float]

    @property
    def province_log_rmse(self) -> float:
        """Root-mean-square log error of the provinces' shares."""
        return float(np.sqrt(np.mean(np.log1p(list(self.province.values())) ** 2)))


def blind(base: Counts, base_estimate: Estimate, later: Counts, moved: Movers, structure: Floats,
          parameters: Parameters) -> Estimate:  # fmt: skip
    """The later census estimated with all that was calibrated on the base census, and nothing published since.

    Children 15-17 per person 15-19, children per mover and both odds scales are those of `base_estimate`; absence is
    `structure` alone, the fit of the base census read on the later one. The floating population is the later one's.
    """
    aged_15_17 = (base_estimate.children - base.age_0_14).sum() / base.age_15_19.sum() * later.age_15_19.sum()
    all_children = children(later, float(later.age_0_14.sum() + aged_15_17), parameters)
    relative = _ratio(all_children, later.population) / (all_children.sum() / later.population.sum())
    solved: Mapping[str, float] = base_estimate.solved
    brought = solved["rate_inter"] * moved.inter + solved["rate_intra"] * moved.intra
    migrant = np.minimum(brought * relative, parameters.most_migrant * all_children)
    nobody = np.zeros(len(later.code), dtype=bool)
    absent = absent_share(Signals(np.full(len(later.code), np.nan), structure, nobody), parameters)
    away = parents_away(absent, later, parameters)
    odds = away.any_away / (1 - away.any_away)
    rural, stay = _ratio(later.rural, later.population), all_children - migrant

    def left(part: Floats, scale: float) -> Floats:
        return np.asarray(part * np.minimum(scale * odds / (1 + scale * odds), parameters.most_left_behind))

    left_rural, left_urban = left(stay * rural, solved["scale_rural"]), left(stay * (1 - rural), solved["scale_urban"])
    return Estimate(
        children=all_children,
        children_rural=all_children * rural,
        migrant=migrant,
        left_behind_rural=left_rural,
        left_behind_urban=left_urban,
        both_away=both_parents(left_rural + left_urban, away),
        solved=dict(solved),
    )


def backtest(base: Counts, base_estimate: Estimate, later: Counts, later_estimate: Estimate, later_blind: Estimate,
             later_signals: Signals) -> Backtest:  # fmt: skip
    """Compare; `later_*` in the units of `later`. Raises `ValueError` for a unit of `base` that `later` lacks."""
    at = _positions(base.code, later.code)
    use = ~later.district[at] & (base_estimate.children >= FEWEST_CHILDREN)
    use &= later_estimate.children[at] >= FEWEST_CHILDREN
    now, then, guess = (
        _left_share(one)[rows][use] for one, rows in ((later_estimate, at), (base_estimate, ...), (later_blind, at))
    )
    sure = later_signals.sure & ~later.district
    return Backtest(
        units=int(use.sum()),
        blind_spearman=spearman(guess, now),
        decade_spearman=spearman(then, now),
        blind_top_kept=top_kept(guess, now, TOP),
        decade_top_kept=top_kept(then, now, TOP),
        absence_correlation=correlation(later_signals.structure[sure], later_signals.identity[sure]),
        nation={
            name: (float(getattr(later_blind, name).sum()), float(getattr(later_estimate, name).sum()))
            for name in ("children", "migrant", "left_behind_rural", "left_behind_urban")
        },
        province=_province_errors(later.province, _left(later_blind), _left(later_estimate)),
    )


def spearman(first: Floats, second: Floats) -> float:
    """Rank correlation; equal values share their mean rank."""
    one, other = (np.asarray(pd.Series(values).rank(), dtype=np.float64) for values in (first, second))
    return correlation(one, other)


def top_kept(first: Floats, second: Floats, top: int) -> float:
    """Share of the `top` highest of `second` that are among the `top` highest of `first`; ties in order of units."""
    best = [set(np.argsort(-values, kind="stable")[:top].tolist()) for values in (first, second)]
    return len(best[0] & best[1]) / len(best[1])


def _positions(wanted: NDArray[np.str_], codes: NDArray[np.str_]) -> NDArray[np.intp]:
    at = {code: i for i, code in enumerate(codes.tolist())}
    missing = [code for code in wanted.tolist() if code not in at]
    if missing:
        raise ValueError(f"units of the base census without figures later: {missing}")
    return np.array([at[code] for code in wanted.tolist()], dtype=np.intp)


def _province_errors(province: NDArray[np.str_], guess: Floats, found: Floats) -> dict[str, float]:
    return {
        str(code): float(
            guess[province == code].sum() / guess.sum() / (found[province == code].sum() / found.sum()) - 1
        )
        for code in np.unique(province)
    }


def _left(found: Estimate) -> Floats:
    return found.left_behind_rural + found.left_behind_urban


def _left_share(found: Estimate) -> Floats:
    return _ratio(_left(found), found.children)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
