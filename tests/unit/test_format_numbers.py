"""Numbers, states and dates as readers of both languages see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import format as fmt
from geodata.catalogue import Catalogue, Indicator


@pytest.fixture
def count(catalogue: Catalogue) -> Indicator:
    return catalogue.indicators["children"]


@pytest.fixture
def share(catalogue: Catalogue) -> Indicator:
    return catalogue.indicators["left_behind_share"]


@pytest.fixture
def change(catalogue: Catalogue) -> Indicator:
    return catalogue.indicators["children_change"]


def test_counts_have_thousands_separators(count: Indicator) -> None:
    assert fmt.figure(66_930_000.0, "value", count, "zh") == "66,930,000"


def test_shares_keep_their_last_digit(share: Indicator) -> None:
    assert fmt.figure(23.0, "value", share, "en") == "23.0"


def test_a_true_zero_and_a_small_share_are_told_apart(share: Indicator) -> None:
    assert fmt.figure(0.0, "zero", share, "en") == "0"
    assert fmt.figure(0.0, "value", share, "en") == "<0.1"


def test_changes_carry_their_sign(change: Indicator) -> None:
    assert fmt.figure(-4.8, "value", change, "en") == "\N{MINUS SIGN}4.8"
    assert fmt.figure(1234.5, "value", change, "en") == "+1,234.5"
    assert fmt.figure(0.0, "zero", change, "en") == "0"
    assert fmt.figure(0.0, "value", change, "en") == "0.0"


@pytest.mark.parametrize(
    ("state", "lang", "text"),
    [
        ("no_data", "en", "No data"),
        ("no_data", "zh", "无数据"),
        ("withheld", "en", "Withheld"),
        ("withheld", "zh", "不公布"),
    ],
)
def test_states_without_a_number_are_words(count: Indicator, state: str, lang: str, text: str) -> None:
    assert fmt.figure(None, state, count, lang) == text
    assert fmt.with_unit(text, state, "children", lang) == text


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("children", "12名儿童", "12 children"),
        ("percent", "12%", "12%"),
        ("points", "12个百分点", "12 percentage points"),
        ("km", "12公里", "12 km"),
    ],
)
def test_units_follow_the_number(unit: str, zh: str, en: str) -> None:
    assert fmt.with_unit("12", "value", unit, "zh") == zh
    assert fmt.with_unit("12", "value", unit, "en") == en


@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_a_written_number_reads_back(ticks: int, decimals: int) -> None:
    value = ticks / 10**decimals
    text = fmt.number(value, decimals, signed=True)
    assert float(text.replace(",", "").replace(fmt.MINUS, "-")) == value
    assert ("-" in text, text.startswith("+")) == (False, value > 0)


def test_intervals(count: Indicator, change: Indicator) -> None:
    assert fmt.interval(1_000, 2_499, count, "en") == "1,000–2,499"
    assert fmt.interval(5, 5, count, "zh") == "5"
    assert fmt.interval(-9.9, 9.9, change, "en") == "−9.9 to +9.9"


def test_dates_years_and_distances() -> None:
    assert fmt.date("2026-05-02T23:00:00Z", "en") == "2 May 2026"
    assert fmt.date("2026-05-02T23:00:00Z", "zh") == "2026年5月2日"
    assert (fmt.year(2020, "zh"), fmt.year(2020, "en")) == ("2020年", "2020")
    assert (fmt.distance(994, "en"), fmt.distance(996, "en")) == ("990 m", "1.0 km")
    assert fmt.distance(12_345, "zh") == "12.3公里"


def test_programs_get_whole_numbers_as_such() -> None:
    assert repr(fmt.plain(12_300.0, 0)) == "12300"
    assert repr(fmt.plain(12.3, 1)) == "12.3"
    assert fmt.plain(None, 0) is None
