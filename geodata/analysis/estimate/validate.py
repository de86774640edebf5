"""How good the estimates are: computed, never typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.absence import Signals, absent_share, believed, design_matrix, fit, structure
from geodata.analysis.estimate.leavers import leavers, people_away
from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.types import Counts, Floats, Parameters


def r_squared(observed: Floats, predicted: Floats) -> float:
    """Share of the variance of `observed` that `predicted` explains; negative if worse than the mean."""
    return float(1 - ((observed - predicted) ** 2).sum() / ((observed - observed.mean()) ** 2).sum())


def structure_fit(counts: Counts, observed: Floats) -> dict[str, dict[str, float]]:
    """Fit of the structure signal to the identity `observed`, counties and districts apart.

    Units, R2, and R2 on provinces left out one at a time (each predicted from a fit on all others).
    """
    use, district, design = believed(counts, observed), counts.district, design_matrix(counts)
    inside = structure(design, district, fit(design, district, observed, use))
    outside = np.full(len(observed), np.nan)
    for province in np.unique(counts.province):
        held_out = counts.province == province
        fitted = fit(design, district, observed, use & ~held_out)
        outside[held_out] = structure(design[held_out], district[held_out], fitted)
    return {
        name: {
            "units": int(rows.sum()),
            "r2": r_squared(observed[rows], inside[rows]),
            "r2_leave_one_province_out": r_squared(observed[rows], outside[rows]),
        }
        for name, rows in (("counties", use & ~counts.district), ("districts", use & counts.district))
    }


def province_shares(values: Floats, province: NDArray[np.str_], published: Mapping[str, float]) -> dict[str, float]:
    """Estimated share of each published province in the nation, percent."""
    return {code: float(100 * values[province == code].sum() / values.sum()) for code in sorted(published)}


def log_rmse(estimated: Mapping[str, float], published: Mapping[str, float]) -> float:
    """Root-mean-square of log(estimated / published) over the published keys."""
    logs = [np.log(estimated[key] / published[key]) for key in sorted(published)]
    return float(np.sqrt(np.mean(np.square(logs))))


def correlation(first: Floats, second: Floats) -> float:
    """Pearson correlation."""
    return float(np.corrcoef(first, second)[0, 1])


def away_errors(
    counts: Counts, moved: Movers, signals: Signals, left_province: Mapping[str, float]
) -> dict[str, float]:
    """How far step 4b must move each province in `left_province`: log of known over estimated people away.

    Estimated people away are scaled to all who are, so that only the provinces' shares in them are judged.
    """
    known = leavers(counts, moved, left_province)
    if known is None:
        return {}
    found = people_away(absent_share(replace(signals, leavers=None), Parameters()), known)
    logs = np.log(known.away / known.away.sum() * found.sum() / found)
    return {str(name): float(log) for name, log in zip(known.names, logs, strict=True) if name}


def weighted_rms(errors: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Root-mean-square of the errors, each weighing as `weights` says."""
    keys = sorted(errors)
    return float(np.sqrt(np.average([errors[key] ** 2 for key in keys], weights=[weights[key] for key in keys])))
