"""The one gate that every figure passes before anybody sees it.

A count of children from 1 to 9 is withheld, and so is any ratio or change with such a count above or below the line,
because one decimal of a share gives a small count away in a third of the cases. Cells pass the gate *before* they are
added up: a withheld cell adds nothing to any sum, so no sum or difference of shown figures can depend on it.

Complementary suppression, needed once sums come from elsewhere than these cells, belongs here too.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from geodata.analysis.aggregate import VALUE, WITHHELD, Column, Mask

SMALLEST_SHOWN_COUNT = 10


def gate_counts(column: Column) -> Column:
    """`column` with every count above 0 and below 10 withheld. For counts of children only."""
    return _withhold(column, small(column))


def gate_derived(column: Column, counts: Iterable[Column]) -> Column:
    """A ratio or change withheld wherever one of the counts it was made from is withheld or from 1 to 9."""
    hidden = np.zeros(column.state.shape, dtype=np.bool_)
    for count in counts:
        hidden |= small(count) | (count.state == WITHHELD)
    return _withhold(column, hidden & column.known)


def small(column: Column) -> Mask:
    """Where a count is above 0 and below the smallest one that is shown."""
    return np.asarray((column.state == VALUE) & (column.value > 0) & (column.value < SMALLEST_SHOWN_COUNT))


def _withhold(column: Column, hidden: Mask) -> Column:
    return Column.of(column.value, np.where(hidden, WITHHELD, column.state), column.quality, column.reason)
