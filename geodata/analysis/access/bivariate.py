"""Need and coverage in one picture: three classes of each, nine together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIDE = 3


@dataclass(frozen=True)
class Bivariate:
    """Classes from 0 (low) to 2 (high) of both, -1 where either is unknown; `cell` is 3 · need + coverage, or -1.

    Cell 6 is high need with low coverage. A value at a break belongs to the class below it, so that ties stay together.
    """

    need: Ints
    coverage: Ints
    cell: Ints
    need_breaks: tuple[float, float]
    coverage_breaks: tuple[float, float]


def bivariate(need: npt.ArrayLike, coverage: npt.ArrayLike) -> Bivariate:
    """Thirds of need and of coverage among the units of which both are known.

    Where many units share a value (no coverage at all, say) the thirds are as unequal as the ties make them; no unit is
    told apart from another of equal value.
    """
    across, up = np.asarray(need, dtype=float), np.asarray(coverage, dtype=float)
    known = np.isfinite(across) & np.isfinite(up)
    need_class, need_breaks = _thirds(across, known)
    coverage_class, coverage_breaks = _thirds(up, known)
    cell = np.where(known, SIDE * need_class + coverage_class, -1)
    return Bivariate(need_class, coverage_class, cell, need_breaks, coverage_breaks)


def _thirds(values: Floats, known: npt.NDArray[np.bool_]) -> tuple[Ints, tuple[float, float]]:
    if not known.any():
        return np.full(len(values), -1, dtype=np.int64), (float("nan"), float("nan"))
    # A break is a value that occurs: interpolated ones would fall between units in an arbitrary place.
    low, high = np.quantile(values[known], [1 / SIDE, 2 / SIDE], method="inverted_cdf").tolist()
    classes = np.searchsorted(np.array([low, high]), values, side="left")
    return np.where(known, classes, -1).astype(np.int64), (low, high)
