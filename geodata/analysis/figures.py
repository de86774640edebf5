"""From measures of counties to the published figure of one indicator at one level: gate, add, roll up, divide, gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geodata.analysis.aggregate import (
    Column,
    IntArray,
    add,
    comparable,
    difference,
    ratio,
    relative_change,
    roll_up,
)
from geodata.analysis.disclosure import gate_counts, gate_derived


@dataclass(frozen=True)
class Measured:
    """One measure of all counties, raw. Sums of children times kilometres are no counts of children."""

    column: Column
    is_count: bool


@dataclass(frozen=True)
class Term:
    """What stands above and below the line in one year; `denominator` is empty for a count."""

    numerator: Sequence[Measured]
    denominator: Sequence[Measured] = ()


@dataclass(frozen=True)
class Published:
    """What may be shown for each unit of a level, rounded; `members` are the counties it was summed over."""

    column: Column
    members: IntArray
    members_known: IntArray


@dataclass(frozen=True)
class _Side:
    """A sum of measures above or below the line."""

    column: Column
    is_count: bool


def published(terms: Sequence[Term], group: IntArray, groups: int, *, per: float, decimals: int) -> Published:
    """The published figure of each of `groups` units.

    Parameters
    ----------
    terms
        One term for a year, or two (start, end) for a change: relative in percent for counts, a difference for ratios.
    group
        For each county the place of the unit it belongs to, or -1.
    per
        What a ratio is multiplied by; 1 for counts.
    decimals
        Digits after the point; values come back rounded, so that nothing downstream shows more.
    """
    sides = [side for term in terms for side in (_side(term.numerator), _side(term.denominator)) if side is not None]
    matched = comparable([side.column for side in sides])
    rolled = [roll_up(column, group, groups) for column in matched]
    counts = [part.column for part, side in zip(rolled, sides, strict=True) if side.is_count]
    columns = iter(part.column for part in rolled)
    by_year = [ratio(next(columns), next(columns), per) if term.denominator else next(columns) for term in terms]
    if len(by_year) == 1:
        figure = by_year[0]
    else:
        figure = (difference if terms[0].denominator else relative_change)(*by_year)
    # The second gate stays shut as long as every cell passed the first; it is there for whoever finds a way around it.
    return Published(
        column=_rounded(gate_derived(figure, counts), decimals),
        members=rolled[0].members,
        members_known=np.min([part.members_known for part in rolled], axis=0),
    )


def _side(measures: Sequence[Measured]) -> _Side | None:
    if not measures:
        return None
    gated = [gate_counts(measure.column) if measure.is_count else measure.column for measure in measures]
    return _Side(add(gated), all(measure.is_count for measure in measures))


def _rounded(column: Column, decimals: int) -> Column:
    # Adding zero turns the minus zero of a rounded small decrease into plain zero.
    return replace(column, value=np.round(column.value, decimals) + 0.0)
