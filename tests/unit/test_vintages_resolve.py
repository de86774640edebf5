"""Any code or name since 2000 is understood; what is not clear is said, with the candidates."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from geodata.analysis.resolve import AmbiguousUnit, TimeMachine, UnknownUnit, comparable
from tests.support.committed_vintages import committed_table


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return committed_table()


@pytest.fixture(scope="module")
def machine(table: pd.DataFrame) -> TimeMachine:
    return TimeMachine(table)


def test_every_county_of_every_year_since_2000_is_found_by_its_code_and_name(table: pd.DataFrame,
                                                                             machine: TimeMachine) -> None:  # fmt: skip
    lost = []
    listed = table[~table["reason_en"].str.startswith("as the census prints it")]
    for year in range(2000, 2024):
        standing = listed[(listed["from_year"] <= year) & (listed["to_year"].fillna(9999) >= year)]
        places = standing[["code", "name"]].drop_duplicates()
        assert 2850 <= len(places) <= 2875
        for code, name in places.itertuples(index=False):
            try:
                machine.resolve(f"{code} {name}", year=year)
            except (UnknownUnit, AmbiguousUnit):
                lost.append((year, code, name))
    assert lost == []


@pytest.mark.parametrize(
    ("unit", "year", "kind", "today"),
    [
        ("110114", 2005, "same", ["110114"]),
        ("110103", None, "merged", ["110101"]),
        ("崇文区", 2005, "merged", ["110101"]),
        ("密云县", None, "upgraded", ["110118"]),
        ("密云", None, "same", ["110118"]),
        ("110114001001", None, "same", ["110114"]),
        ("河北省石家庄市桥东区", None, "split", ["130102", "130104"]),
        ("330110", 2020, "split", ["330110", "330113"]),
        ("330110", 2021, "same", ["330110"]),
        ("500110", 2010, "merged", ["500110"]),  # 万盛区
        ("130207 丰润区", 2010, "recoded", ["130208"]),  # the census swaps two codes
        ("431181", 2023, "recoded", ["431121"]),  # the outlines keep the old code
        ("130171", 2020, "folded", ["130108"]),  # a development zone of the census
        ("659012", 2023, "folded", ["654201"]),
        ("441900", 2000, "same", ["441900"]),
        ("\uff14\uff11\uff10211", 2010, "merged", ["410202"]),  # full-width digits
    ],
)
def test_what_a_place_is_today(machine: TimeMachine, unit: str, year: int | None, kind: str, today: list[str]) -> None:
    meaning = machine.resolve(unit, year=year).meaning
    assert (meaning.kind, [target.code for target in meaning.targets]) == (kind, today)
    assert sum(target.weight for target in meaning.targets) == pytest.approx(1)


def test_names_that_several_places_bear_are_refused_with_the_candidates(machine: TimeMachine) -> None:
    with pytest.raises(AmbiguousUnit) as raised:
        machine.resolve("桥东区")
    assert len(raised.value.candidates) == 3
    assert "130103 桥东区 (河北省石家庄市, 2000–2014)" in str(raised.value)
    assert machine.resolve("朝阳区", province="吉林省").meaning.code == "220104"
    assert machine.resolve("朝阳区", province="110000").meaning.code == "110105"


def test_a_code_that_was_given_to_another_place_needs_a_year(machine: TimeMachine) -> None:
    with pytest.raises(AmbiguousUnit, match="漠河市"):
        machine.resolve("232701")
    assert machine.resolve("232701", year=2010).meaning.name == "加格达奇区"
    assert machine.resolve("232701", year=2020).meaning.name == "漠河市"


def test_unknown_units_say_what_is_near_or_when_it_stood(machine: TimeMachine) -> None:
    with pytest.raises(UnknownUnit, match="2000–2014"):
        machine.resolve("130103", year=2020)
    with pytest.raises(UnknownUnit, match="昌平区"):
        machine.resolve("昌平区区")
    with pytest.raises(UnknownUnit, match="six-digit"):
        machine.resolve("999999")


def test_a_recoding_is_no_change_of_the_border(machine: TimeMachine) -> None:
    (recoded,) = machine.resolve("密云县", year=2010).meaning.targets
    (merged,) = machine.resolve("崇文区", year=2005).meaning.targets
    assert (recoded.boundary_changed, recoded.error) == (False, 0)
    assert (merged.boundary_changed, merged.error) == (True, 0)
    halves = machine.resolve("130103").meaning.targets
    assert all(half.boundary_changed and 0.1 < (half.error or 0) < 0.5 for half in halves)
    # A part of unknown size left: the error is not known, and that is said.
    (adjusted,) = machine.resolve("遵义县").meaning.targets
    assert adjusted.kind == "adjusted"
    assert adjusted.error is None


def test_counties_that_were_divided_cannot_be_compared_over_time(table: pd.DataFrame) -> None:
    assert comparable(table, "110101", (2010, 2020))[0]  # 崇文 went there whole
    ok, reason = comparable(table, "330113", (2010, 2020))
    assert not ok
    assert "余杭区" in reason.zh
    not_comparable = [code for code in table["to_code"].unique() if not comparable(table, code, (2010, 2020))[0]]
    assert 60 <= len(not_comparable) <= 90


def test_english_names_former_divisions_in_pinyin_beside_the_chinese(table: pd.DataFrame) -> None:
    names = dict(zip(table["code"] + table["name"], table["name_en"], strict=True))
    assert names["110103崇文区"] == "Chongwen District"
    assert names["540102城关区"] == "Chengguan District"
    assert not table["name_en"].str.contains(r"[\u3400-\u9fff]").any()
    # Only where its pinyin stands before it.
    for reason in table["reason_en"].unique():
        assert not re.search(r"(?<!\()[\u3400-\u9fff]", re.sub(r"\([\u3400-\u9fff]+", "(", reason)), reason
    _, reason = comparable(table, "330113", (2010, 2020))
    assert reason.en.startswith("Yuhang District (余杭区, 330110) of 2010: divided in the list of 2021 between Yuhang ")
