"""Laws of classes and histogram for any values and every method."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.classes import Classes, Method, classify, histogram

METHODS: tuple[Method, ...] = ("quantile", "natural", "equal")

counts = st.lists(st.integers(0, 10**6).map(float), min_size=1, max_size=80)
tied = st.lists(st.sampled_from([0.0, 100.0, 100.0, 200.0, 5_000.0, 70_000.0, 70_100.0, 80_000.0]), min_size=1)
shares = st.lists(st.integers(0, 1000).map(lambda tenths: tenths / 10), min_size=1, max_size=80)
changes = st.lists(st.integers(-900, 5000).map(lambda tenths: tenths / 10), min_size=1, max_size=80)
method = st.sampled_from(METHODS)
number = st.integers(1, 9)


def check(values: np.ndarray, classes: Classes, k: int) -> None:
    """What holds for all classes of all values."""
    listed = classes.classes
    index = classes.index_of(values)
    assert 1 <= len(listed) <= k
    assert all(entry.low <= entry.high for entry in listed)
    assert all(below.high < above.low for below, above in pairwise(listed))
    for value, place in zip(values, index, strict=True):
        holding = [i for i, entry in enumerate(listed) if entry.low <= value <= entry.high]
        assert holding == [place], "a value stands in exactly the class whose bounds hold it"
    assert [entry.count for entry in listed] == np.bincount(index, minlength=len(listed)).tolist()
    assert all(entry.count for entry in listed)
    slots = [entry.slot for entry in listed]
    assert slots == sorted(set(slots))
    assert 0 <= slots[0] <= slots[-1] < k


@given(st.one_of(counts, tied), method, number)
@settings(max_examples=150)
def test_counts(values: list[float], by: Method, k: int) -> None:
    array = np.array(values)
    check(array, classify(array, by, k), k)


@given(shares, method)
def test_shares(values: list[float], by: Method) -> None:
    array = np.array(values)
    check(array, classify(array, by, decimals=1), 6)


@given(changes, method, st.sampled_from([3, 5, 7]))
def test_changes_lie_symmetrically_around_zero(values: list[float], by: Method, k: int) -> None:
    array = np.array(values)
    classes = classify(array, by, k, decimals=1, diverging=True)
    check(array, classes, k)
    for entry in classes.classes:
        if entry.slot < k // 2:
            assert entry.high < 0
        elif entry.slot > k // 2:
            assert entry.low > 0
    by_slot = {entry.slot: entry for entry in classes.classes}
    for slot, entry in by_slot.items():
        mirror = by_slot.get(k - 1 - slot)
        outermost = {classes.classes[0].slot, classes.classes[-1].slot}
        if mirror and not outermost & {slot, k - 1 - slot} and slot != k // 2:
            assert entry.low == -mirror.high


@given(st.one_of(counts, tied), method)
def test_few_distinct_values_get_a_class_each(values: list[float], by: Method) -> None:
    distinct = sorted(set(values))[:6]
    array = np.array([value for value in values if value in distinct])
    assert [entry.low for entry in classify(array, by).classes] == distinct


@given(st.floats(-1e6, 1e6), st.integers(1, 30), method)
def test_equal_values_make_one_class(value: float, size: int, by: Method) -> None:
    classes = classify(np.full(size, value), by, decimals=1)
    assert [entry.count for entry in classes.classes] == [size]


@given(st.lists(st.integers(1, 10**6), min_size=60, max_size=300, unique=True))
def test_quantiles_without_ties_hold_about_equally_many(values: list[int]) -> None:
    classes = classify(np.array(values, dtype=float), "quantile").classes
    assert len(classes) == 6


@given(st.one_of(counts, tied), method)
def test_the_histogram_counts_everybody(values: list[float], by: Method) -> None:
    array = np.array(values)
    classes = classify(array, by)
    bars = histogram(array, classes)
    assert sum(bar.count for bar in bars) == len(values)
    assert len(bars) <= 24
    assert all(0 <= bar.class_index < len(classes.classes) for bar in bars)
    assert [bar.class_index for bar in bars] == sorted(bar.class_index for bar in bars)


def test_a_column_that_is_mostly_one_value_keeps_classes_for_the_others() -> None:
    values = np.array([10.0] * 950 + [float(value) for value in range(11, 61)])
    classes = classify(values, "quantile").classes
    assert classes[0].count == 950
    assert len(classes) == 6


def test_bounds_are_numbers_people_say() -> None:
    values = np.round(np.exp(np.random.default_rng(7).normal(9, 1, 2_848)), -2)
    for entry in classify(values, "quantile").classes[1:]:
        assert len(f"{entry.low:.0f}".rstrip("0")) <= 2


def test_missing_values_stand_in_no_class() -> None:
    values = np.array([np.nan, 1.0, 5.0])
    assert classify(values, "quantile").index_of(values).tolist() == [-1, 0, 1]
    assert classify(np.array([np.nan]), "natural").classes == ()
    assert histogram(np.array([np.nan]), classify(np.array([np.nan]), "natural")) == ()


def test_diverging_classes_need_a_middle() -> None:
    with pytest.raises(ValueError, match="odd"):
        classify(np.array([1.0]), "equal", 6, diverging=True)


def test_a_column_that_ends_in_one_value_keeps_classes_for_the_others() -> None:
    values = np.array([100.0] * 950 + [float(value) for value in range(50)])
    classes = classify(values, "quantile").classes
    assert [entry.count for entry in classes] == [10, 10, 10, 10, 10, 950]


def test_equal_classes_look_equal() -> None:
    values = np.array([20.0, *range(1_000, 210_000, 700), 210_500.0])
    lows = [entry.low for entry in classify(values, "equal").classes[1:]]
    assert lows == [35_000, 70_000, 105_000, 140_000, 175_000]
