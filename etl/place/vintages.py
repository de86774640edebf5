"""The table `vintages`: what each county of each year since 2000 is today."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import pandas as pd

from etl.place.units import load_names, romanise
from geodata.analysis.vintages import (
    Change,
    Gaps,
    Lists,
    Place,
    Step,
    growth_spread,
    share_error,
    ways_to_today,
)
from geodata.codes import ONLY_CALLED_OTHERWISE, PROVINCES_WITHOUT_DATA, Kind
from geodata.errors import ManyErrors, UserError

COLUMNS = [
    "code", "name", "name_en", "prefecture", "province", "from_year", "to_year", "to_code", "to_name", "weight",
    "error", "kind", "boundary_changed", "reason_zh", "reason_en",
]  # fmt: skip
_WITHOUT_ENGLISH = [column for column in COLUMNS if column != "name_en"]
# A Chinese name in an English sentence, with its code where it has one: 萧山区 (330109).
_NAMED = re.compile(r"([\u3400-\u9fff]+)(?: \((\d{6})\))?")
# How the census reached today's counties, in the words of this table.
_CENSUS_KINDS: dict[str, Kind] = {
    "kept": "same", "undivided": "same", "renamed": "renamed", "recoded": "recoded", "merged": "merged",
    "folded": "folded",
}  # fmt: skip
_Run = tuple[int, int, tuple[Step, ...]]


def vintages_table(
    lists: Lists,
    above: Mapping[Place, tuple[str, str]],
    changes: tuple[Change, ...],
    units: pd.DataFrame,
    figures: pd.DataFrame,
    crosswalk: pd.DataFrame,
) -> pd.DataFrame:
    """One row for each place, run of years and county of today.

    Parameters
    ----------
    lists, above, changes
        `etl.read.divisions.Divisions`.
    units
        The table `units` of the release.
    figures
        The estimates (code, year, measure, value): children of today divide what was split, their growth since 2010
        says how wrong that may be.
    crosswalk
        How census rows reached today's counties: adds zones and spellings that only the census has.

    Raises
    ------
    UserError
        If a place of some year leads nowhere.
    """
    counties = units[(units["level"] == "county") & ~units["province_code"].isin(PROVINCES_WITHOUT_DATA)]
    names = dict(zip(counties["code"], counties["name_zh"], strict=True))
    newest = max(lists)
    children = figures[figures["measure"] == "children"].pivot_table(index="code", columns="year", values="value")
    try:
        ways = ways_to_today(
            {**lists, newest + 1: frozenset(names.items())},
            changes,
            {str(code): float(count) for code, count in children[2020].dropna().items()},
        )
    except Gaps as gaps:
        raise ManyErrors(
            "Some former divisions lead nowhere; say where in etl/corrections/divisions.csv:",
            [UserError("This place disappears", value=" ".join(place), key=str(year)) for year, place in gaps.places],
        ) from None
    rows = [row for place, runs in _runs(ways).items() for row in _rows(place, runs, above, newest)]
    rows += _census_rows(crosswalk, ways, names, above)
    table = pd.DataFrame(rows, columns=_WITHOUT_ENGLISH)
    table["error"] = _errors(table, children, counties)
    table = _with_english(table, names)[COLUMNS]
    return table.sort_values(["code", "from_year", "name", "to_code"], ignore_index=True)


def _runs(ways: dict[int, dict[Place, tuple[Step, ...]]]) -> dict[Place, list[_Run]]:
    """Years in a row in which a place leads to the same counties with the same weights."""
    runs: dict[Place, list[_Run]] = defaultdict(list)
    for year in sorted(ways):
        for place, steps in ways[year].items():
            done = runs[place]
            if done and done[-1][1] == year - 1 and done[-1][2] == steps:
                done[-1] = (done[-1][0], year, steps)
            else:
                done.append((year, year, steps))
    return runs


def _rows(
    place: Place, runs: list[_Run], above: Mapping[Place, tuple[str, str]], newest: int
) -> list[tuple[object, ...]]:
    return [
        (
            *place, *above[place], first, None if last == newest else last, *step.place, step.weight, None, step.kind,
            step.kind not in ONLY_CALLED_OTHERWISE,
            "；".join(zh for zh, _ in step.reasons), "; ".join(en for _, en in step.reasons),
        )
        for first, last, steps in runs
        for step in steps
    ]  # fmt: skip


def _census_rows(
    crosswalk: pd.DataFrame, ways: dict[int, dict[Place, tuple[Step, ...]]], names: Mapping[str, str],
    above: Mapping[Place, tuple[str, str]],
) -> list[tuple[object, ...]]:  # fmt: skip
    """Zones and spellings of the census that no list has: rows of their year alone."""
    provinces = {code[:2]: province for (code, _), (_, province) in above.items()}
    rows: list[tuple[object, ...]] = []
    for row in crosswalk.to_dict("records"):
        place = (row["census_code"], row["census_name"])
        if not isinstance(place[0], str) or place in ways.get(int(row["year"]), {}):
            continue
        kind = _CENSUS_KINDS.get(row["action"])
        if kind is None:  # split: 三亚市, which the lists have under another code
            continue
        today = (row["code"], names[row["code"]])
        prefecture = above.get(today, ("", ""))[0]
        years = (int(row["year"]), int(row["year"]))
        zh, en = row["reason"].split(" | ")
        reasons = (f"人口普查用名：{zh}", f"as the census prints it: {en}")
        changed = kind not in ONLY_CALLED_OTHERWISE
        rows.append((*place, prefecture, provinces[today[0][:2]], *years, *today, 1.0, None, kind, changed, *reasons))
    return rows


def _with_english(table: pd.DataFrame, today: Mapping[str, str]) -> pd.DataFrame:
    """`table` with names in pinyin by rule, in a column and inside English reasons; the Chinese name stays beside it.

    Spellings of one place (`names` of `names_en.yaml`) hold for the counties of `today`, by code and name.
    """
    spelling = load_names()

    @cache
    def english(code: str | None, name: str) -> str:
        return romanise(code if code and today.get(code) == name else "", name, spelling).name_en

    def named(found: re.Match[str]) -> str:
        name, code = found[1], found[2]
        return f"{english(code, name)} ({name}, {code})" if code else f"{english(None, name)} ({name})"

    names = [english(code, name) for code, name in zip(table["code"], table["name"], strict=True)]
    reasons = [_NAMED.sub(named, reason) for reason in table["reason_en"]]
    return table.assign(name_en=names, reason_en=reasons)


def _errors(table: pd.DataFrame, children: pd.DataFrame, counties: pd.DataFrame) -> pd.Series:
    """0 where all of a place goes to one county, the error of the estimated share where it was split, else unknown."""
    both = children.dropna()
    prefecture = counties.set_index("code")["prefecture_code"].reindex(both.index).fillna("").astype(str)
    spread = growth_spread(both[2010], both[2020], list(prefecture))
    error = pd.Series(share_error(table["weight"], spread), index=table.index).round(3)
    return error.where(table["kind"] != "adjusted")
