"""The present model and every alternative on one table, all put to the same test: provinces they have not seen.

Each alternative changes one thing: how the structure signal is fitted, how it is weighed against the identity, what is
known of people away, or how the absence of parents follows from that of people. None is fitted to the shares it is
held against; where somebody had to choose a number, the table counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from geodata.analysis.estimate import absence
from geodata.analysis.estimate.absence import Signals, absent_share
from geodata.analysis.estimate.alternatives import METHODS, shrinkage_weight, structure_by
from geodata.analysis.estimate.children import children
from geodata.analysis.estimate.leavers import leavers
from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.model import estimate
from geodata.analysis.estimate.solve import solve_increasing
from geodata.analysis.estimate.types import Counts, Estimate, Floats, Parameters, Totals
from geodata.analysis.estimate.validate import log_rmse, province_shares, r_squared

# National Bureau of Statistics: East, Centre (with the North-east), West.
EAST = ("11", "12", "13", "31", "32", "33", "35", "37", "44", "46")
CENTRE = ("14", "21", "22", "23", "34", "36", "41", "42", "43")
# Where most movers stay in their province, fewer children lose both parents at once.
RHO_EAST, RHO_CENTRE, RHO_WEST = 0.3, 0.5, 0.6
# Parents who stay in their province leave their children behind less often: by a quarter, to try.
NEAR = 0.75
# Half of the people away are taken to be aged 25-44.
AGED_25_44 = 0.5
# Rural left-behind children of 2010 among rural children, published (All-China Women's Federation 2013).
LEFT_OF_RURAL = 0.377
# An alternative is clearly better where its error is a tenth lower, with every province and without any one of them.
CLEARLY = 0.9


@dataclass(frozen=True)
class Census:
    """What the estimate of a census is made from, and what it is held against.

    left_province
        People registered in a province who live in another one, by province code.
    published
        Shares of provinces in rural left-behind children, percent; checks, never fitted.
    """

    counts: Counts
    moved: Movers
    signals: Signals
    totals: Totals
    left_province: Mapping[str, float]
    published: Mapping[str, float]


@dataclass(frozen=True)
class Trial:
    """One way to an estimate.

    census
        Counts and signals as this way has them.
    structure
        The structure signal fitted on all provinces, and with each province's own left out.
    chosen
        Numbers that somebody, or cross-validation, had to choose.
    """

    census: Census
    structure: tuple[Floats, Floats]
    parameters: Parameters
    chosen: int = 0


@dataclass(frozen=True)
class Score:
    """One alternative on the common table.

    chosen
        Numbers that somebody had to choose for it.
    r2_counties, r2_districts
        Absent share of 2010, each province predicted from a fit on all others.
    log_rmse, log_rmse_left_out
        Root-mean-square log error of the published province shares of rural left-behind children; structure fitted
        on all provinces, and each province's structure fitted on all others.
    log_rmse_without_one
        The latter without each of the published provinces in turn, in order of code.
    both_away_percent, both_away_percent_east
        Rural left-behind children whose parents are both away, the nation and the East.
    """

    name: str
    chosen: int
    r2_counties: float
    r2_districts: float
    log_rmse: float
    log_rmse_left_out: float
    log_rmse_without_one: tuple[float, ...]
    both_away_percent: float
    both_away_percent_east: float


def compare(census: Census) -> list[Score]:
    """Every way on one table, the present model first."""
    return [_score(name, trial) for name, trial in trials(census).items()]


def trials(census: Census) -> dict[str, Trial]:
    """The present model and every alternative, by name."""
    counts, signals, point = census.counts, census.signals, Parameters()
    by_method = {name: structure_by(method, counts, signals.identity) for name, method in METHODS.items()}
    fitted = by_method["present"]
    present = Trial(census, fitted, point)
    weight = shrinkage_weight(counts, signals.identity, fitted[1], signals.sure)

    def assuming(chosen: int = 0, **changed: Any) -> Trial:
        return replace(present, parameters=replace(point, **changed), chosen=chosen)

    def knowing(left_province: Mapping[str, float]) -> Trial:
        known = leavers(counts, census.moved, left_province)
        return replace(
            present, census=replace(census, signals=replace(signals, leavers=known), left_province=left_province)
        )

    others = {code: people for code, people in census.left_province.items() if code not in census.published}
    return {
        "present": present,
        "no_leavers": knowing({}),
        "other_leavers": knowing(others),
        "mended": _mended(census),
        "ridge": replace(present, structure=by_method["ridge"], chosen=1),
        "fractional_logit": replace(present, structure=by_method["fractional_logit"]),
        "shrinkage": assuming(mix=weight),
        "identity_only": assuming(mix=1.0),
        "structure_only": assuming(mix=0.0),
        "regional_rho": assuming(3, rho=regional_rho(counts.province)),
        "distance": assuming(1, kappa=point.kappa * near_and_far(census)),
        "adults": assuming(1, kappa=point.kappa * adults_away(census)),
        "rural_children": replace(present, census=replace(census, counts=more_rural(census))),
    }


def _mended(census: Census) -> Trial:
    """The identity itself is brought to the people known to be away, and structure learns from the mended one."""
    mixed = absent_share(replace(census.signals, leavers=None), Parameters())
    share = census.signals.identity * absent_share(census.signals, Parameters()) / mixed
    signals = replace(census.signals, identity=share, sure=absence.believed(census.counts, share))
    structure = structure_by(METHODS["present"], census.counts, share)
    return Trial(replace(census, signals=signals), structure, Parameters())


def regional_rho(province: NDArray[np.str_]) -> Floats:
    """Correlation of two spouses' absence by unit: lower in the East, higher in the West."""
    prefix = np.array([code[:2] for code in province])
    return np.where(np.isin(prefix, EAST), RHO_EAST, np.where(np.isin(prefix, CENTRE), RHO_CENTRE, RHO_WEST))


def near_and_far(census: Census) -> Floats:
    """Factor on the absence of parents by unit: `NEAR` for those who stay in the province, one on the whole."""
    _, at = np.unique(census.counts.province, return_inverse=True)
    inside = np.bincount(at, weights=census.counts.moved_within_province - census.moved.between_districts)
    names = np.unique(census.counts.province)
    outside = np.array([census.left_province.get(str(name), 0.0) for name in names])
    far = np.divide(outside, outside + inside, out=np.zeros(len(names)), where=outside + inside > 0)[at]
    return _one_on_the_whole(NEAR + (1 - NEAR) * far, census)


def adults_away(census: Census) -> Floats:
    """Factor on the absence of parents by unit: people aged 25-44 away of all of them, per absent share."""
    counts, absent = census.counts, absent_share(census.signals, Parameters())
    moved = np.minimum(census.moved.inter + counts.moved_within_province, counts.population)
    local = np.divide(
        counts.population - moved, counts.population, out=np.zeros_like(moved), where=counts.population > 0
    )
    away = AGED_25_44 * absent / (1 - absent) * local * counts.population
    people = away + local * (counts.men_25_44 + counts.women_25_44)
    per_absent = np.divide(away, people * absent, out=np.ones_like(away), where=people > 0)
    return _one_on_the_whole(per_absent, census)


def _one_on_the_whole(factor: Floats, census: Census) -> Floats:
    return np.asarray(factor / np.average(factor, weights=census.counts.population), dtype=np.float64)


def more_rural(census: Census) -> Counts:
    """Counts whose rural share is that of children: the logit raised alike until as many are rural as published."""
    counts = census.counts
    share = np.divide(counts.rural, counts.population, out=np.zeros_like(counts.rural), where=counts.population > 0)
    everyone = children(counts, census.totals.children, Parameters())

    def rural(factor: Floats) -> Floats:
        return np.asarray(expit(logit(share) + np.log(factor)), dtype=np.float64)

    with np.errstate(divide="ignore"):
        target = census.totals.left_behind_rural / LEFT_OF_RURAL
        factor = solve_increasing(lambda guess: np.asarray((rural(guess) * everyone).sum()), target)
        return replace(counts, rural=counts.population * rural(factor))


def clearly_better(other: Score, present: Score) -> bool:
    """Whether an alternative should replace the present model.

    Its error on provinces left out is a tenth lower, on all published provinces and without any one of them, and it
    explains the absent share of counties no worse.
    """
    pairs = [
        (other.log_rmse_left_out, present.log_rmse_left_out),
        *zip(other.log_rmse_without_one, present.log_rmse_without_one, strict=True),
    ]
    return other.r2_counties >= present.r2_counties and all(theirs <= CLEARLY * ours for theirs, ours in pairs)


def _score(name: str, trial: Trial) -> Score:
    census, outside = trial.census, trial.structure[1]
    counts, identity, published = census.counts, census.signals.identity, census.published
    use = absence.believed(counts, identity)
    counties, districts = use & ~counts.district, use & counts.district
    found, found_out = (
        estimate(counts, census.moved, replace(census.signals, structure=one), census.totals, trial.parameters)
        for one in trial.structure
    )
    shares, shares_out = (
        province_shares(one.left_behind_rural, counts.province, published) for one in (found, found_out)
    )
    return Score(
        name=name,
        chosen=trial.chosen,
        r2_counties=r_squared(identity[counties], outside[counties]),
        r2_districts=r_squared(identity[districts], outside[districts]),
        log_rmse=log_rmse(shares, published),
        log_rmse_left_out=log_rmse(shares_out, published),
        log_rmse_without_one=tuple(
            log_rmse(shares_out, {code: value for code, value in published.items() if code != left})
            for left in sorted(published)
        ),
        both_away_percent=both_away_percent(found, np.ones(len(counts.code), dtype=bool)),
        both_away_percent_east=both_away_percent(found, np.isin([c[:2] for c in counts.province], EAST)),
    )


def both_away_percent(found: Estimate, use: NDArray[np.bool_]) -> float:
    """Rural left-behind children whose parents are both away, percent of all rural ones, over the units `use`."""
    left = found.left_behind_rural + found.left_behind_urban
    rural_part = np.divide(found.left_behind_rural, left, out=np.zeros_like(left), where=left > 0)
    return float(100 * (found.both_away * rural_part)[use].sum() / found.left_behind_rural[use].sum())
