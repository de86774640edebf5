"""Laws of sums, ratios and changes, whatever the figures."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.aggregate import (
    NO_DATA,
    NO_DENOMINATOR,
    NO_START,
    VALUE,
    WITHHELD,
    ZERO,
    Column,
    add,
    difference,
    ratio,
    relative_change,
    roll_up,
)
from geodata.states import QUALITIES, STATES, flag_of_sum

Cells = list[tuple[int, int, int]]
WHOLE = np.intp


def column(cells: Cells) -> Column:
    """A column from (state, value, quality); a state of value carries at least 1."""
    return Column.of([max(value, 1) for _, value, _ in cells], [s for s, _, _ in cells], [q for _, _, q in cells])


def cells(size: int) -> st.SearchStrategy[Cells]:
    cell = st.tuples(st.integers(0, 3), st.integers(1, 10**7), st.integers(0, 3))
    return st.lists(cell, min_size=size, max_size=size)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[Column, np.ndarray, int]:
    size, groups = draw(st.integers(1, 30)), draw(st.integers(1, 5))
    place = draw(st.lists(st.integers(-1, groups - 1), min_size=size, max_size=size))
    return column(draw(cells(size))), np.array(place, dtype=WHOLE), groups


@given(grouped())
def test_parts_sum_to_the_whole(drawn: tuple[Column, np.ndarray, int]) -> None:
    parts, group, groups = drawn
    rolled = roll_up(parts, group, groups)
    inside = group >= 0
    assert np.nansum(rolled.column.value) == np.nansum(parts.value[inside])
    assert rolled.members.sum() == inside.sum()
    assert rolled.members_known.sum() == parts.shown[inside].sum()


@given(grouped())
def test_a_state_says_what_the_parts_allow(drawn: tuple[Column, np.ndarray, int]) -> None:
    parts, group, groups = drawn
    rolled = roll_up(parts, group, groups).column
    for place in range(groups):
        found = {STATES[state] for state in parts.state[group == place]}
        known = found - {"no_data"}
        state = STATES[rolled.state[place]]
        assert (state == "no_data") == (not known)
        assert (state == "zero") == (known == {"zero"})
        assert (state == "value") == ("value" in known)
        flags = [
            (float(np.nan_to_num(parts.value[i])), QUALITIES[parts.quality[i]])
            for i in np.flatnonzero((group == place) & parts.known)
        ]
        assert QUALITIES[rolled.quality[place]] == flag_of_sum(flags)


@given(grouped(), st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(drawn: tuple[Column, np.ndarray, int], random: Random) -> None:
    parts, group, groups = drawn
    order = np.arange(group.size)
    random.shuffle(order)
    shuffled = Column(parts.value[order], parts.state[order], parts.quality[order], parts.reason[order])
    first, second = roll_up(parts, group, groups), roll_up(shuffled, group[order], groups)
    np.testing.assert_array_equal(first.column.value, second.column.value)
    np.testing.assert_array_equal(first.column.state, second.column.state)
    np.testing.assert_array_equal(first.column.quality, second.column.quality)


@given(grouped())
def test_summing_in_two_steps_is_summing_at_once(drawn: tuple[Column, np.ndarray, int]) -> None:
    parts, group, groups = drawn
    inside = group >= 0
    once = roll_up(parts, np.where(inside, 0, -1).astype(WHOLE), 1).column
    twice = roll_up(roll_up(parts, group, groups).column, np.zeros(groups, dtype=WHOLE), 1).column
    np.testing.assert_array_equal(once.value, twice.value)
    np.testing.assert_array_equal(once.state, twice.state)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=20))
def test_a_ratio_is_the_ratio_of_the_sums(pairs: list[tuple[int, int]]) -> None:
    above = column([(VALUE, value, 0) for value, _ in pairs])
    below = column([(VALUE, value, 0) for _, value in pairs])
    one_group = np.zeros(len(pairs), dtype=WHOLE)
    share = ratio(roll_up(above, one_group, 1).column, roll_up(below, one_group, 1).column, 100)
    assert share.value[0] == pytest.approx(100 * sum(a for a, _ in pairs) / sum(b for _, b in pairs))


def test_a_ratio_is_no_mean_of_ratios() -> None:
    above, below = column([(VALUE, 10, 0), (VALUE, 10, 0)]), column([(VALUE, 20, 0), (VALUE, 980, 0)])
    one_group = np.zeros(2, dtype=WHOLE)
    share = ratio(roll_up(above, one_group, 1).column, roll_up(below, one_group, 1).column, 100)
    assert share.value[0] == 2.0  # the mean of 50 % and 1.02 % would be 25.5


@pytest.mark.parametrize(
    ("above", "below", "state", "reason"),
    [
        (VALUE, VALUE, VALUE, 0),
        (ZERO, VALUE, ZERO, 0),
        (VALUE, ZERO, NO_DATA, NO_DENOMINATOR),
        (ZERO, ZERO, NO_DATA, NO_DENOMINATOR),
        (WITHHELD, VALUE, WITHHELD, 0),
        (VALUE, WITHHELD, WITHHELD, 0),
        (WITHHELD, ZERO, WITHHELD, 0),
        (NO_DATA, VALUE, NO_DATA, 0),
        (VALUE, NO_DATA, NO_DATA, 0),
        (WITHHELD, NO_DATA, NO_DATA, 0),
    ],
)
def test_states_of_a_ratio(above: int, below: int, state: int, reason: int) -> None:
    share = ratio(column([(above, 50, 0)]), column([(below, 100, 0)]), 100)
    assert (share.state[0], share.reason[0]) == (state, reason)
    assert np.isnan(share.value[0]) == (state in (NO_DATA, WITHHELD))


@pytest.mark.parametrize(
    ("start", "end", "relative", "points"),
    [(200, 150, -25.0, -50.0), (200, 200, 0.0, 0.0), (200, 0, -100.0, -200.0)],
)
def test_changes(start: int, end: int, relative: float, points: float) -> None:
    first, second = column([(VALUE, start, 0)]), column([(VALUE if end else ZERO, end, 0)])
    assert relative_change(first, second).value[0] == relative
    assert difference(first, second).value[0] == points
    assert (relative_change(first, second).state[0] == ZERO) == (relative == 0)


def test_a_change_from_nothing_has_no_percentage_but_a_difference() -> None:
    first, second = column([(ZERO, 0, 0)]), column([(VALUE, 30, 0)])
    change = relative_change(first, second)
    assert (change.state[0], change.reason[0]) == (NO_DATA, NO_START)
    assert difference(first, second).value[0] == 30.0


@given(cells(8), cells(8))
def test_adding_measures_never_invents_children(first: Cells, second: Cells) -> None:
    one, two = column(first), column(second)
    total = add([one, two])
    for i in range(8):
        states = {STATES[one.state[i]], STATES[two.state[i]]}
        assert (STATES[total.state[i]] == "no_data") == ("no_data" in states)
        assert (STATES[total.state[i]] == "zero") == (states == {"zero"})
    known = total.shown
    np.testing.assert_array_equal(total.value[known], np.nan_to_num(one.value[known]) + np.nan_to_num(two.value[known]))
