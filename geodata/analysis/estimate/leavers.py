"""Step 4b: the people away from each province add up to those that the census found elsewhere.

A census counts movers twice: at home, as registered people who are not there, and where they live, with the province
they are registered in. In 2010 the two disagree. Of the registered people of Guizhou 7.6 million were neither at home
nor elsewhere in the province, yet only 4.0 million were found in other provinces; of Jiangxi's 3.2 and 5.8 million. In
some provinces people at home were missed, in others counted though gone. The places where movers live counted better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.types import Counts, Floats

MOST_ABSENT = 0.95


@dataclass(frozen=True)
class Leavers:
    """People away from their county by province, known from where they live.

    names
        Codes of the provinces with a published figure, sorted; before them "", all others together, if there are any.
    group
        Of each unit, the place of its province, or of "", among the names.
    away
        By group, people who live in another county, of the province or beyond.
    at_home
        By unit, residents who are registered in it.
    """

    names: NDArray[np.str_]
    group: NDArray[np.intp]
    away: Floats
    at_home: Floats


def leavers(counts: Counts, moved: Movers, left_province: Mapping[str, float]) -> Leavers | None:
    """Leavers of a census; None where no figure is published.

    left_province
        People registered in a province who live in another one, by province code. Provinces not listed share the
        rest of all who moved across provinces.

    Who lives in another county of the same province is counted there. Raises `ValueError` where the listed provinces
    have more leavers than arrived anywhere.
    """
    if not left_province:
        return None
    intra = np.maximum(counts.moved_within_province - moved.between_districts, 0.0)
    listed = np.where(np.isin(counts.province, list(left_province)), counts.province, "")
    names, group = np.unique(listed, return_inverse=True)
    rest = moved.inter.sum() - sum(left_province.values())
    if "" in names and rest <= 0:
        raise ValueError(f"{-rest:.0f} more people left the listed provinces than arrived in any")
    outside = np.array([left_province.get(str(name), rest) for name in names])
    return Leavers(
        names=names,
        group=group.astype(np.intp),
        away=outside + np.bincount(group, weights=intra),
        at_home=np.maximum(counts.population - moved.inter - intra, 0.0),
    )


def people_away(absent: Floats, known: Leavers) -> Floats:
    """People away by group that absent shares speak for: of H registered, a H are absent and (1 - a) H at home."""
    order = np.argsort(known.group, kind="stable")
    starts = np.searchsorted(known.group[order], np.arange(len(known.away)))
    people = known.at_home * absent / (1 - absent)
    return np.asarray(np.add.reduceat(people[..., order], starts, axis=-1), dtype=np.float64)


def met(absent: Floats, known: Leavers) -> Floats:
    """`absent`, shares above 0, shape (units,) or (draws, units), with each group's people away as known.

    The people away of every unit of a group are multiplied alike and those at home stay as counted (one step of
    iterative proportional fitting, as in structure-preserving estimation; Purcell and Kish 1980).
    """
    absent = np.minimum(absent, MOST_ABSENT)
    found = people_away(absent, known)
    factor = np.divide(known.away, found, out=np.ones_like(found), where=found > 0)
    odds = factor[..., known.group] * absent / (1 - absent)
    return np.asarray(odds / (1 + odds), dtype=np.float64)
