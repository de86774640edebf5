"""Other ways to the same estimate, all put to the same test: provinces they have not seen.

Each alternative changes one thing of the model: how the structure signal is fitted, how it is weighed against the
identity, or how the absence of two spouses hangs together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import expit

from geodata.analysis.estimate import absence
from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.model import Signals, estimate
from geodata.analysis.estimate.types import Counts, Estimate, Floats, Parameters, Totals
from geodata.analysis.estimate.validate import log_rmse, province_shares, r_squared

# Per unit of the fit, so that counties and districts mean the same by them.
RIDGE_PENALTIES = tuple(10.0**power for power in np.arange(-4, 1.1, 0.5))
# The share is stretched from the bounds within which it is believed to 0..1.
LOWEST, HIGHEST = absence.BELIEVED
NEWTON_STEPS = 25
# National Bureau of Statistics: East, Centre (with the North-east), West.
EAST = ("11", "12", "13", "31", "32", "33", "35", "37", "44", "46")
CENTRE = ("14", "21", "22", "23", "34", "36", "41", "42", "43")
# Where most movers stay in their province, fewer children lose both parents at once.
RHO_EAST, RHO_CENTRE, RHO_WEST = 0.3, 0.5, 0.6
# An alternative is clearly better where its error is a tenth lower, with every province and without any one of them.
CLEARLY = 0.9


@dataclass(frozen=True)
class Method:
    """A regression of the absent share on the design of structure.

    fit
        (design, share, province) -> coefficients; by province a method may choose its settings, leaving each out.
    predict
        (design, coefficients) -> share.
    """

    fit: Callable[[Floats, Floats, NDArray[np.str_]], Floats]
    predict: Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Score:
    """One alternative on the common table.

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
    r2_counties: float
    r2_districts: float
    log_rmse: float
    log_rmse_left_out: float
    log_rmse_without_one: tuple[float, ...]
    both_away_percent: float
    both_away_percent_east: float


def least_squares(design: Floats, share: Floats, _: NDArray[np.str_]) -> Floats:
    """The present model: ordinary least squares."""
    return penalised(design, share, 0.0)


def penalised(design: Floats, share: Floats, penalty: float) -> Floats:
    """Ridge regression, the intercept free; `penalty` per unit of the fit."""
    return _solve(design.T @ design, design.T @ share, penalty * len(design))


def ridge(design: Floats, share: Floats, province: NDArray[np.str_]) -> Floats:
    """Ridge regression with that of `RIDGE_PENALTIES` which predicts provinces left out best."""
    names, at = np.unique(province, return_inverse=True)
    grams = np.stack([design[at == i].T @ design[at == i] for i in range(len(names))])
    moments = np.stack([design[at == i].T @ share[at == i] for i in range(len(names))])
    # The sums over all provinces less one stand for a fit without it: one pass over the units serves every penalty.
    others, other_moments = grams.sum(axis=0) - grams, moments.sum(axis=0) - moments
    taught = (len(share) - np.bincount(at)).astype(np.float64)[:, None, None]

    def error(penalty: float) -> float:
        without = _solve(others, other_moments, penalty * taught)
        return float(((share - (design * without[at]).sum(axis=1)) ** 2).sum())

    return penalised(design, share, min(RIDGE_PENALTIES, key=error))


def _solve(gram: Floats, moment: Floats, penalty: float | Floats) -> Floats:
    free_intercept = np.diag(np.arange(gram.shape[-1]) > 0)
    solution = np.linalg.solve(gram + penalty * free_intercept, moment[..., None])[..., 0]
    return np.asarray(solution, dtype=np.float64)


def fractional_logit(design: Floats, share: Floats, _: NDArray[np.str_]) -> Floats:
    """Quasi-likelihood logit of a fraction (Papke and Wooldridge 1996): bounded, and steeper in the middle.

    Newton's method. The fraction is the share's place between the bounds within which it is believed.
    """
    fraction = (share - LOWEST) / (HIGHEST - LOWEST)
    coefficients = np.zeros(design.shape[1])
    for _step in range(NEWTON_STEPS):
        expected = expit(design @ coefficients)
        weighted = design * (expected * (1 - expected))[:, None]
        coefficients = coefficients + np.linalg.solve(weighted.T @ design, design.T @ (fraction - expected))
    return np.asarray(coefficients, dtype=np.float64)


def linear(design: Floats, coefficients: Floats) -> Floats:
    """Share predicted by a linear fit."""
    return np.asarray(design @ coefficients, dtype=np.float64)


def bounded(design: Floats, coefficients: Floats) -> Floats:
    """Share predicted by `fractional_logit`."""
    return np.asarray(LOWEST + (HIGHEST - LOWEST) * expit(design @ coefficients), dtype=np.float64)


METHODS = {
    "present": Method(least_squares, linear),
    "ridge": Method(ridge, linear),
    "fractional_logit": Method(fractional_logit, bounded),
}


def left_out(method: Method, design: Floats, share: Floats, province: NDArray[np.str_],
             teach: NDArray[np.bool_]) -> Floats:  # fmt: skip
    """Share of every unit, predicted from a fit on those units of all other provinces that `teach`."""
    out = np.empty(len(share))
    for name in np.unique(province):
        here, others = province == name, teach & (province != name)
        out[here] = method.predict(design[here], method.fit(design[others], share[others], province[others]))
    return out


def structure_by(method: Method, counts: Counts, share: Floats) -> tuple[Floats, Floats]:
    """Structure signal of every unit, fitted on all provinces and with its own left out; counties, districts apart."""
    design, use = absence.design_matrix(counts), absence.believed(counts, share)
    inside, outside = np.empty(len(share)), np.empty(len(share))
    for rows in (~counts.district, counts.district):
        x, y, province, teach = design[rows], share[rows], counts.province[rows], use[rows]
        inside[rows] = method.predict(x, method.fit(x[teach], y[teach], province[teach]))
        outside[rows] = left_out(method, x, y, province, teach)
    return inside, outside


def shrinkage_weight(counts: Counts, share: Floats, predicted: Floats, use: NDArray[np.bool_]) -> Floats:
    """Weight of the identity against structure, after Fay and Herriot (1979): more where the identity is surer.

    A census has no sampling error; the identity errs with registrations that lag behind moves. The squared gap to a
    prediction from other provinces is taken apart, by non-negative least squares, into a constant part, what
    structure misses, and a part that grows with in-migrants per registered person, what the identity gets wrong. The
    weight is the first over both; counties and districts apart. An error of the identity that does not grow with
    moves is laid at structure's door: the weight is an upper bound.
    """
    moved = np.full(len(share), np.nan)
    in_migrants = counts.moved_within_province + counts.moved_from_other_province
    np.divide(in_migrants, counts.registered, out=moved, where=counts.registered > 0)
    weight = np.zeros(len(share))
    for rows in (~counts.district, counts.district):
        teach = rows & use & np.isfinite(moved)
        gap = (share[teach] - predicted[teach]) ** 2
        (missed, lagging), _ = nnls(np.column_stack([np.ones(len(gap)), moved[teach]]), gap)
        both = missed + lagging * np.nan_to_num(moved[rows])
        weight[rows] = np.divide(missed, both, out=np.zeros(len(both)), where=both > 0)
    return weight


def regional_rho(province: NDArray[np.str_]) -> Floats:
    """Correlation of two spouses' absence by unit: lower in the East, higher in the West."""
    prefix = np.array([code[:2] for code in province])
    return np.where(np.isin(prefix, EAST), RHO_EAST, np.where(np.isin(prefix, CENTRE), RHO_CENTRE, RHO_WEST))


def compare(counts: Counts, moved: Movers, signals: Signals, totals: Totals,
            published: Mapping[str, float]) -> list[Score]:  # fmt: skip
    """Every alternative on one table, the present model first.

    signals
        Those of the present model: the identity and where it is sure are shared by all alternatives.
    published
        Shares of provinces in rural left-behind children, percent; checks, never fitted.
    """
    point, share, sure = Parameters(), signals.identity, signals.sure
    present = structure_by(METHODS["present"], counts, share)
    weight = shrinkage_weight(counts, share, present[1], sure)
    tried = {name: (structure_by(method, counts, share), point) for name, method in METHODS.items()} | {
        "shrinkage": (present, replace(point, mix=weight)),
        "regional_rho": (present, replace(point, rho=regional_rho(counts.province))),
        "identity_only": (present, replace(point, mix=1.0)),
        "structure_only": (present, replace(point, mix=0.0)),
    }

    def score(name: str) -> Score:
        structures, parameters = tried[name]
        inside, outside = (estimate(counts, moved, Signals(share, one, sure), totals, parameters) for one in structures)
        return _score(name, counts, signals, structures[1], (inside, outside), published)

    return [score(name) for name in tried]


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


def _score(name: str, counts: Counts, signals: Signals, outside: Floats, found: tuple[Estimate, Estimate],
           published: Mapping[str, float]) -> Score:  # fmt: skip
    use = absence.believed(counts, signals.identity)
    counties, districts = use & ~counts.district, use & counts.district
    shares, shares_out = (province_shares(one.left_behind_rural, counts.province, published) for one in found)
    return Score(
        name=name,
        r2_counties=r_squared(signals.identity[counties], outside[counties]),
        r2_districts=r_squared(signals.identity[districts], outside[districts]),
        log_rmse=log_rmse(shares, published),
        log_rmse_left_out=log_rmse(shares_out, published),
        log_rmse_without_one=tuple(
            log_rmse(shares_out, {code: value for code, value in published.items() if code != left})
            for left in sorted(published)
        ),
        both_away_percent=both_away_percent(found[0], np.ones(len(counts.code), dtype=bool)),
        both_away_percent_east=both_away_percent(found[0], np.isin([c[:2] for c in counts.province], EAST)),
    )


def both_away_percent(found: Estimate, use: NDArray[np.bool_]) -> float:
    """Rural left-behind children whose parents are both away, percent of all rural ones, over the units `use`."""
    left = found.left_behind_rural + found.left_behind_urban
    rural_part = np.divide(found.left_behind_rural, left, out=np.zeros_like(left), where=left > 0)
    return float(100 * (found.both_away * rural_part)[use].sum() / found.left_behind_rural[use].sum())
