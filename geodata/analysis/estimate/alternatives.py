"""Other regressions of the absent share on structure, and other weights of the two signals; `trials` compares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import expit

from geodata.analysis.estimate import absence
from geodata.analysis.estimate.types import Counts, Floats

# Per unit of the fit, so that counties and districts mean the same by them.
RIDGE_PENALTIES = tuple(10.0**power for power in np.arange(-4, 1.1, 0.5))
# The share is stretched from the bounds within which it is believed to 0..1.
LOWEST, HIGHEST = absence.BELIEVED
# Newton's method doubles the digits with every step: six or seven do.
NEWTON_STEPS, CONVERGED = 25, 1e-10


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


def fractional_logit(design: Floats, share: Floats, _province: NDArray[np.str_]) -> Floats:
    """Quasi-likelihood logit of a fraction (Papke and Wooldridge 1996): bounded, and steeper in the middle.

    Newton's method. The fraction is the share's place between the bounds within which it is believed.
    """
    fraction = (share - LOWEST) / (HIGHEST - LOWEST)
    coefficients = np.zeros(design.shape[1])
    for _ in range(NEWTON_STEPS):
        expected = expit(design @ coefficients)
        weighted = design * (expected * (1 - expected))[:, None]
        step = np.linalg.solve(weighted.T @ design, design.T @ (fraction - expected))
        coefficients = coefficients + step
        if np.abs(step).max() < CONVERGED:
            break
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
