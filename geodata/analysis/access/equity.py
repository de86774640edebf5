"""How evenly access is shared: Lorenz curve and Gini coefficient, and whether it follows need: concentration index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Cumulative shares from (0, 0) to (1, 1): of `people`, in the curve's order, and of `access` that they have.

    `index` is one minus twice the area under the curve: the Gini coefficient for a Lorenz curve (0 all alike, towards 1
    all for one), the concentration index for a concentration curve (below 0: those first in order have more than their
    share). Not a number where there are no people or no access at all.
    """

    people: Floats
    access: Floats
    index: float


def lorenz(access: npt.ArrayLike, people: npt.ArrayLike) -> Curve:
    """Lorenz curve of access for each child over the children of all units, least access first.

    Parameters
    ----------
    access
        Access for each child (places a child, say), 0 or more. Units where it or the children are unknown stay out.
    people
        Children of each unit.
    """
    value, weight = _known(access, people)
    return _curve(value, weight, value)


def concentration(access: npt.ArrayLike, people: npt.ArrayLike, order: npt.ArrayLike) -> Curve:
    """Concentration curve of access, units in the order of `order` (least first), as poverty or need.

    With need as the order an index above 0 says that access goes where the need is, below 0 that it goes where it is
    least. Units of equal order share their access, so that the index does not hang on how ties are sorted.
    """
    value, weight, place = _known(access, people, order)
    return _curve(value, weight, place)


def _known(*columns: npt.ArrayLike) -> list[Floats]:
    arrays = [np.asarray(column, dtype=float) for column in columns]
    known = np.isfinite(arrays).all(axis=0) & (arrays[1] > 0)
    if (arrays[0][known] < 0).any():
        raise ValueError("access must not be negative")
    return [array[known] for array in arrays]


def _curve(value: Floats, weight: Floats, order: Floats) -> Curve:
    _, place = np.unique(order, return_inverse=True)
    people = np.bincount(place, weights=weight) if len(weight) else np.zeros(0)
    access = np.bincount(place, weights=weight * value) if len(weight) else np.zeros(0)
    total_people, total_access = people.sum(), access.sum()
    if not (total_people > 0 and total_access > 0):
        return Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), float("nan"))
    x = np.append(0.0, np.cumsum(people) / total_people)
    y = np.append(0.0, np.cumsum(access) / total_access)
    return Curve(x, y, float(1.0 - np.sum(np.diff(x) * (y[1:] + y[:-1]))))
