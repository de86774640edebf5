"""Sums, ratios and changes of figures over counties, keeping the four states and the quality flags apart.

A ratio is always the ratio of two sums over the same counties, never a mean of ratios. A change compares the same
counties in both years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.states import QUALITIES, STATES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Flags = NDArray[np.int8]
Mask = NDArray[np.bool_]

VALUE, ZERO, NO_DATA, WITHHELD = (np.int8(STATES.index(name)) for name in ("value", "zero", "no_data", "withheld"))
NO_QUALITY, MODELLED, WEAK = (np.int8(QUALITIES.index(name)) for name in ("none", "modelled", "modelled_weak"))

# Why a figure that could have been computed was not; the place in this tuple is what `Column.reason` holds.
REASONS = ("", "no_start", "no_denominator")
NO_START = np.int8(REASONS.index("no_start"))
NO_DENOMINATOR = np.int8(REASONS.index("no_denominator"))


@dataclass(frozen=True)
class Column:
    """One figure for each of n units: `value` (NaN unless shown), `state`, `quality` and `reason` as places in
    `STATES`, `QUALITIES` and `REASONS`.
    """

    value: FloatArray
    state: Flags
    quality: Flags
    reason: Flags

    @classmethod
    def of(cls, value: Any, state: Any, quality: Any, reason: Any = None) -> Column:
        """A column with values, qualities and reasons cleared wherever the state leaves none to show."""
        state = np.asarray(state, dtype=np.int8)
        shown = (state == VALUE) | (state == ZERO)
        cleared = np.where(state == ZERO, 0.0, np.where(shown, np.asarray(value, dtype=np.float64), np.nan))
        reason = np.zeros(state.shape, dtype=np.int8) if reason is None else np.asarray(reason, dtype=np.int8)
        return cls(
            value=cleared,
            state=state,
            quality=np.where(state == NO_DATA, NO_QUALITY, np.asarray(quality, dtype=np.int8)).astype(np.int8),
            reason=np.where(state == NO_DATA, reason, 0).astype(np.int8),
        )

    @property
    def shown(self) -> Mask:
        """Where there is a number to show: the state is value or zero."""
        return np.isin(self.state, (VALUE, ZERO))

    @property
    def known(self) -> Mask:
        """Where somebody knows the figure, shown or withheld."""
        return np.not_equal(self.state, NO_DATA)


@dataclass(frozen=True)
class RolledUp:
    """Sums over groups of counties, how many counties each group has and how many of them show a figure."""

    column: Column
    members: IntArray
    members_known: IntArray


def add(columns: Sequence[Column]) -> Column:
    """Several measures of the same units added up.

    Unknown if any measure is unknown: a sum without one of its kinds would be a different thing under the same name.
    A withheld measure adds nothing, and the sum is withheld if nothing else stands beside it.
    """
    unknown = reduce(np.logical_or, [column.state == NO_DATA for column in columns])
    total = np.sum([np.where(column.shown, column.value, 0.0) for column in columns], axis=0)
    state = _state_of_sum(
        any_value=np.any([column.state == VALUE for column in columns], axis=0),
        any_withheld=np.any([column.state == WITHHELD for column in columns], axis=0),
        any_known=~unknown,
    )
    return Column.of(total, state, np.max([column.quality for column in columns], axis=0))


def comparable(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns with every unit unknown in all of them that is unknown in one, so that their sums share members."""
    unknown = reduce(np.logical_or, [column.state == NO_DATA for column in columns])
    return tuple(
        Column.of(column.value, np.where(unknown, NO_DATA, column.state), column.quality, column.reason)
        for column in columns
    )


def roll_up(column: Column, group: IntArray, groups: int) -> RolledUp:
    """Sums of a column of counties over `groups` groups.

    Parameters
    ----------
    column
        Figures of n counties; no value is negative.
    group
        For each county the place of its group from 0 to `groups` - 1, or -1 for none.

    Notes
    -----
    A sum runs over the parts that are known; withheld parts add nothing. It is `no_data` if no part is known, `zero`
    only if every known part is a true zero, and `withheld` if parts are withheld and no other part is above zero:
    calling that a zero would deny the children who were withheld. Its flag is `geodata.states.flag_of_sum` of the
    known parts.
    """
    inside = group >= 0
    where = group[inside]

    def count(mask: Mask) -> IntArray:
        return np.bincount(where[mask[inside]], minlength=groups)

    weights = np.where(column.shown, column.value, 0.0)[inside]
    total = np.bincount(where, weights=weights, minlength=groups).astype(np.float64)
    state = _state_of_sum(
        any_value=count(column.state == VALUE) > 0,
        any_withheld=count(column.state == WITHHELD) > 0,
        any_known=count(column.known) > 0,
    )
    return RolledUp(
        column=Column.of(total, state, _flags_of_sums(column, group, groups, total)),
        members=np.bincount(where, minlength=groups),
        members_known=count(column.shown),
    )


def _flags_of_sums(column: Column, group: IntArray, groups: int, total: FloatArray) -> Flags:
    """`geodata.states.flag_of_sum` for all groups at once."""
    known = (group >= 0) & column.known
    where, flag = group[known], column.quality[known]
    strongest = np.zeros(groups, dtype=np.int8)
    np.maximum.at(strongest, where, np.where(flag == WEAK, MODELLED, flag))
    value = np.where(column.shown, column.value, 0.0)[known]
    weak = np.bincount(where, weights=value * (flag == WEAK), minlength=groups)
    parts = np.bincount(where, minlength=groups)
    all_weak = (np.bincount(where[flag == WEAK], minlength=groups) == parts) & (parts > 0)
    return np.where((strongest == MODELLED) & ((2 * weak > total) | all_weak), WEAK, strongest).astype(np.int8)


def ratio(numerator: Column, denominator: Column, per: float) -> Column:
    """`per` times numerator over denominator; unknown with a reason where the denominator is zero."""
    state = _state_of_pair(numerator, denominator)
    empty = (state == VALUE) & (denominator.state == ZERO)
    state = np.where(empty, NO_DATA, np.where((state == VALUE) & (numerator.state == ZERO), ZERO, state))
    divisor = np.where(denominator.state == VALUE, denominator.value, 1.0)
    return Column.of(
        per * numerator.value / divisor,
        state,
        np.maximum(numerator.quality, denominator.quality),
        np.where(empty, NO_DENOMINATOR, np.maximum(numerator.reason, denominator.reason)),
    )


def relative_change(start: Column, end: Column) -> Column:
    """Change from `start` to `end` in percent of `start`; unknown with a reason where `start` is zero."""
    state = _state_of_pair(start, end)
    empty = (state == VALUE) & (start.state == ZERO)
    divisor = np.where(start.state == VALUE, start.value, 1.0)
    change = 100.0 * (end.value - start.value) / divisor
    return _change(change, np.where(empty, NO_DATA, state), start, end, np.where(empty, NO_START, 0))


def difference(start: Column, end: Column) -> Column:
    """`end` minus `start`, in the unit of both: percentage points for shares."""
    return _change(end.value - start.value, _state_of_pair(start, end), start, end, 0)


def _change(change: FloatArray, state: Any, start: Column, end: Column, reason: Any) -> Column:
    return Column.of(
        change,
        np.where((state == VALUE) & (change == 0), ZERO, state),
        np.maximum(start.quality, end.quality),
        np.maximum(reason, np.maximum(start.reason, end.reason)),
    )


def _state_of_sum(any_value: Mask, any_withheld: Mask, any_known: Mask) -> Flags:
    return np.select([~any_known, any_value, any_withheld], [NO_DATA, VALUE, WITHHELD], default=ZERO).astype(np.int8)


def _state_of_pair(first: Column, second: Column) -> Flags:
    """`value` where both figures are shown; otherwise what keeps them from being set against each other."""
    unknown = (first.state == NO_DATA) | (second.state == NO_DATA)
    withheld = (first.state == WITHHELD) | (second.state == WITHHELD)
    return np.select([unknown, withheld], [NO_DATA, WITHHELD], default=VALUE).astype(np.int8)
