"""No figure that leaves the gate says anything about a count from 1 to 9 other than that there is one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.aggregate import VALUE, WITHHELD, ZERO, Column, IntArray
from geodata.analysis.disclosure import gate_counts, gate_derived
from geodata.analysis.figures import Measured, Published, Term, published

COUNTIES, GROUPS = 6, 3
Raw = list[int]

small = st.integers(1, 9)
ordinary = st.one_of(st.just(0), st.integers(10, 10**6))


def measured(counts: Raw) -> Measured:
    states = [VALUE if count else ZERO for count in counts]
    return Measured(Column.of(counts, states, np.zeros(len(counts))), is_count=True)


@st.composite
def two_worlds(draw: st.DrawFn) -> tuple[list[Raw], list[Raw]]:
    """Six measures of the same counties twice: equal but for the counts from 1 to 9, which differ freely."""
    first, second = [], []
    for _ in range(6):
        shared = [draw(st.one_of(ordinary, small)) for _ in range(COUNTIES)]
        first.append(shared)
        second.append([draw(small) if 0 < count < 10 else count for count in shared])
    return first, second


group_of = st.lists(st.integers(-1, GROUPS - 1), min_size=COUNTIES, max_size=COUNTIES)


def everything(raw: list[Raw], group: IntArray) -> list[Published]:
    """A sum, a share, a change of a sum and a change of a share, at the level of counties and of groups."""
    a, b, c, d, e, f = (measured(counts) for counts in raw)
    kinds = [
        ([Term([a])], 1.0, 0),
        ([Term([a, b])], 1.0, 0),
        ([Term([a, b], [c])], 100.0, 3),
        ([Term([a, b]), Term([d, e])], 1.0, 3),
        ([Term([a, b], [c]), Term([d, e], [f])], 100.0, 3),
    ]
    own = np.arange(COUNTIES, dtype=np.intp)
    found = []
    for terms, per, decimals in kinds:
        found.append(published(terms, own, COUNTIES, per=per, decimals=decimals))
        found.append(published(terms, group, GROUPS, per=per, decimals=decimals))
    return found


@given(two_worlds(), group_of)
def test_no_output_depends_on_a_withheld_count(worlds: tuple[list[Raw], list[Raw]], group: list[int]) -> None:
    places = np.array(group, dtype=np.intp)
    for first, second in zip(everything(worlds[0], places), everything(worlds[1], places), strict=True):
        np.testing.assert_array_equal(first.column.value, second.column.value)
        np.testing.assert_array_equal(first.column.state, second.column.state)
        np.testing.assert_array_equal(first.members_known, second.members_known)


@given(two_worlds(), group_of)
def test_no_count_from_1_to_9_is_shown(worlds: tuple[list[Raw], list[Raw]], group: list[int]) -> None:
    counts = everything(worlds[0], np.array(group, dtype=np.intp))[:4]
    for figure in counts:
        shown = figure.column.value[figure.column.shown]
        assert not ((shown > 0) & (shown < 10)).any()


@given(two_worlds())
def test_a_share_of_a_small_count_is_withheld(worlds: tuple[list[Raw], list[Raw]]) -> None:
    above, below = measured(worlds[0][0]), measured(worlds[0][1])
    share = published([Term([above], [below])], np.arange(COUNTIES), COUNTIES, per=100, decimals=1)
    for i in range(COUNTIES):
        if 0 < worlds[0][0][i] < 10 or 0 < worlds[0][1][i] < 10:
            assert share.column.state[i] == WITHHELD


def test_9_is_withheld_and_10_is_shown() -> None:
    gated = gate_counts(measured([0, 1, 9, 10]).column)
    assert gated.state.tolist() == [ZERO, WITHHELD, WITHHELD, VALUE]
    assert np.isnan(gated.value[1:3]).all()


def test_the_gate_catches_a_ratio_that_came_with_a_small_numerator() -> None:
    share = Column.of([0.5], [VALUE], [0])
    assert gate_derived(share, [measured([7]).column]).state[0] == WITHHELD
    assert gate_derived(share, [measured([70]).column]).state[0] == VALUE


def test_kilometres_are_no_children() -> None:
    kilometres = Measured(Column.of([5.0], [VALUE], [0]), is_count=False)
    mean = published([Term([kilometres], [measured([100])])], np.zeros(1, dtype=np.intp), 1, per=1, decimals=2)
    assert (mean.column.state[0], mean.column.value[0]) == (VALUE, 0.05)
