"""Prefectures and provinces of any year since 2000: found by code and name, followed to today by their counties."""

from __future__ import annotations

from functools import cache

import pytest

from etl.pipeline.vintages import resolve_lines
from geodata.analysis.resolve import AmbiguousUnit, Meaning, TimeMachine, UnknownUnit
from geodata.analysis.resolve_above import Above, HigherUnits, resolve_any
from tests.support.committed_vintages import committed_table


@cache
def asked() -> tuple[TimeMachine, HigherUnits]:
    return TimeMachine(committed_table()), HigherUnits(committed_table())


@pytest.fixture
def machine() -> TimeMachine:
    return asked()[0]


@pytest.fixture
def higher() -> HigherUnits:
    return asked()[1]


@pytest.mark.parametrize(
    ("unit", "year", "name", "years", "kind", "today"),
    [
        ("341400", None, "巢湖市", (2000, 2010), "split", {"340100": (2, 9), "340200": (1, 7), "340500": (2, 6)}),
        ("巢湖市", 2005, "巢湖市", (2000, 2010), "split", {"340100": (2, 9), "340200": (1, 7), "340500": (2, 6)}),
        ("襄樊市", None, "襄樊市", (2000, 2009), "renamed", {"420600": (9, 9)}),
        ("湖北省襄樊市", 2003, "襄樊市", (2000, 2009), "renamed", {"420600": (9, 9)}),
        ("420600", 2003, "襄樊市", (2000, 2009), "renamed", {"420600": (9, 9)}),
        ("420600", 2020, "襄阳市", (2010, None), "same", {"420600": (9, 9)}),
        ("莱芜", 2010, "莱芜市", (2000, 2018), "merged", {"370100": (2, 12)}),
        ("庆阳地区", None, "庆阳地区", (2000, 2001), "upgraded", {"621000": (8, 8)}),
        ("110200", 2005, "县", (2000, 2014), "merged", {"110100": (2, 16)}),
        ("130000 河北省", None, "河北省", (2000, None), "same", {"130000": (167, 167)}),
        ("内蒙古", None, "内蒙古自治区", (2000, None), "same", {"150000": (103, 103)}),
        ("香港", None, "香港特别行政区", (2000, None), "same", {}),
    ],
)
def test_what_a_prefecture_or_province_is_today(
    unit: str, year: int | None, name: str, years: tuple[int, int | None], kind: str, today: dict[str, tuple[int, int]]
) -> None:
    meaning = resolve_any(*asked(), unit, year=year).meaning
    assert isinstance(meaning, Above)
    assert (meaning.name, (meaning.from_year, meaning.to_year), meaning.kind) == (name, years, kind)
    assert {target.code: (target.counties, target.of) for target in meaning.targets} == today


@pytest.mark.parametrize("year", [2000, 2010, 2023])
def test_every_prefecture_and_province_of_a_year_is_found_and_is_what_its_counties_are(
    machine: TimeMachine, higher: HigherUnits, year: int
) -> None:
    table = committed_table()
    listed = table[~table["reason_en"].str.startswith("as the census prints it")]
    standing = listed[(listed["from_year"] <= year) & (listed["to_year"].fillna(9999) >= year)]
    counties = standing[~standing["code"].str.endswith("00")]
    # The slow way: county by county, as the time machine answers for each.
    for digits, zeros in ((4, "00"), (2, "0000")):
        reached: dict[str, set[str]] = {}
        members = standing if digits == 2 else counties
        for code, name in members[["code", "name"]].drop_duplicates().itertuples(index=False):
            found = machine.resolve(f"{code} {name}", year=year).meaning
            reached.setdefault(code[:digits] + zeros, set()).update(target.code for target in found.targets)
        assert len(reached) >= (31 if digits == 2 else 339)
        for code, today in reached.items():
            if not code.endswith("0000") or digits == 2:
                (meaning,), _ = higher.find(code, year)
                assert (meaning.counties, meaning.year) == (today, year), code
                assert sum(target.counties for target in meaning.targets) == len(today)


def test_a_county_comes_first_where_a_name_or_code_is_both(machine: TimeMachine, higher: HigherUnits) -> None:
    chaohu = resolve_any(machine, higher, "巢湖市")
    assert isinstance(chaohu.meaning, Meaning)
    assert chaohu.meaning.code == "340181"
    assert [other.code for other in chaohu.others] == ["341400"]
    assert isinstance(resolve_any(machine, higher, "441900").meaning, Meaning)
    assert isinstance(resolve_any(machine, higher, "密云").meaning, Meaning)


@pytest.mark.parametrize(
    ("unit", "candidates"),
    [
        ("吉林", ["220000 吉林省", "220200 吉林市"]),
        ("海南", ["150303 海南区", "460000 海南省"]),
        ("朝阳", ["110105 朝阳区", "211300 朝阳市"]),
    ],
)
def test_a_short_name_of_several_places_is_refused_with_the_candidates(
    machine: TimeMachine, higher: HigherUnits, unit: str, candidates: list[str]
) -> None:
    with pytest.raises(AmbiguousUnit) as raised:
        resolve_any(machine, higher, unit)
    listed = " ".join(raised.value.candidates)
    assert all(candidate in listed for candidate in candidates)


def test_the_province_tells_equal_names_apart(machine: TimeMachine, higher: HigherUnits) -> None:
    assert resolve_any(machine, higher, "海南", province="460000").meaning.code == "460000"


@pytest.mark.parametrize(("unit", "year"), [("999900", None), ("341400", 2015), ("不存在市", None)])
def test_what_never_stood_is_unknown(machine: TimeMachine, higher: HigherUnits, unit: str, year: int | None) -> None:
    with pytest.raises(UnknownUnit):
        resolve_any(machine, higher, unit, year=year)


def test_the_command_line_says_it_in_lines() -> None:
    lines = list(resolve_lines("莱芜市", 2010, None))
    assert lines == ["371200 莱芜市 (山东省, 2000–2018)", "  → 370100 济南市  2 of its 12 counties, merged"]
