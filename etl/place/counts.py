"""A user's counts on today's counties: places looked up, doubles and gaps found, what was divided since shared out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geodata.analysis.resolve import AmbiguousUnit, Meaning, TimeMachine, UnknownUnit
from geodata.errors import ManyErrors, UserError

KEY = ["definition", "scope", "year"]
# Where an old place went whole and its border is known, today's count is as official as the old one.
ESTIMATED_KINDS = ("split", "adjusted")


@dataclass(frozen=True)
class PlacedCounts:
    """counties: definition, scope, year, code, value, exact, row. provinces: definition, scope, year, code, value, row.

    `exact` is false where a part of the count was shared out by an estimated weight, or the border is not quite the
    same. `notes` say what was shared out.
    """

    counties: pd.DataFrame
    provinces: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Given:
    """One row on its way to today: what it stands for, and the year of the list by which its unit is read."""

    row: int
    key: tuple[str, str, int]
    count: int
    meaning: Meaning
    list_year: int


def place_counts(rows: pd.DataFrame, machine: TimeMachine, units: pd.DataFrame, file: Path) -> PlacedCounts:
    """The counts in `rows` (row, unit, unit_year, definition, scope, year, count) by county of today and by province.

    units
        The table `units` of the release.

    Raises
    ------
    UserError
        For every row whose place is unknown, ambiguous, a prefecture, given twice, or a part of a county of today
        whose other parts are missing.
    """
    above = {level: _names(units, level) for level in ("province", "prefecture")}
    given: list[_Given] = []
    provinces: list[dict[str, Any]] = []
    errors: list[UserError] = []
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows.to_dict("records"):
        key = (row["definition"], row["scope"], int(row["year"]))
        province = above["province"].get(row["unit"])
        try:
            if province:
                place: Any = province
            else:
                meaning, list_year = _meaning(row, machine, above["prefecture"])
                place = (meaning.code, meaning.name)
        except UserError as error:
            errors.append(_at(error, file, row))
            continue
        if (place, key) in seen:
            errors.append(_fault("This place stands here twice", file, row, f"one row; row {seen[place, key]} has it"))
            continue
        seen[place, key] = row["row"]
        if province:
            provinces.append(dict(zip(KEY, key, strict=True)) | {"code": province, "value": row["count"],
                                                                 "row": row["row"]})  # fmt: skip
        else:
            given.append(_Given(row["row"], key, int(row["count"]), meaning, list_year))
    counties, notes, more = _on_today(given, machine, file)
    errors += more
    if errors:
        raise ManyErrors(f"{file} has {len(errors)} faults; nothing was imported:", errors)
    columns = [*KEY, "code", "value", "row"]
    return PlacedCounts(counties, pd.DataFrame(provinces, columns=columns), tuple(notes))


def _meaning(row: dict[Any, Any], machine: TimeMachine, prefectures: dict[str, str]) -> tuple[Meaning, int]:
    """What the unit of `row` stands for, by the codes of its own year, else of the counts' year, else of today."""
    unit, stated = str(row["unit"]), row["unit_year"]
    year = int(stated) if stated is not None and not pd.isna(stated) else None
    try:
        found = machine.resolve(unit, year=year or int(row["year"])).meaning
    except UnknownUnit:
        if unit in prefectures:
            raise UserError("This is a total of a prefecture among counties", value=unit,
                            expected="its counties, or the province; leave this row out") from None  # fmt: skip
        if year is not None:
            raise
        found = machine.resolve(unit).meaning
        return found, found.to_year or int(machine.table["from_year"].max())
    return found, year or int(row["year"])


def _on_today(given: list[_Given], machine: TimeMachine, file: Path) -> tuple[pd.DataFrame, list[str], list[UserError]]:
    """Counts by county of today; what was shared out; rows that cover only a part of a county, or cover it twice."""
    arriving: dict[tuple[tuple[str, str, int], str], list[_Given]] = defaultdict(list)
    notes = []
    for one in given:
        for target in one.meaning.targets:
            arriving[one.key, target.code].append(one)
            if target.kind in ESTIMATED_KINDS:
                error = "unknown" if target.error is None else f"±{target.error:.0%}"
                notes.append(
                    f"row {one.row}: {target.weight:.1%} of {one.meaning.name} to {target.name}, error {error}"
                )
    counties, errors = [], []
    for (key, code), parts in arriving.items():
        row = {"row": parts[0].row, "unit": parts[0].meaning.name}
        years = {part.list_year for part in parts}
        if len(years) > 1:
            rows = ", ".join(str(part.row) for part in parts)
            errors.append(_fault(f"{code} of today is counted twice, in rows {rows}", file, row, "units of one year"))
            continue
        missing = _parts(machine.table, code, years.pop()) - {(p.meaning.code, p.meaning.name) for p in parts}
        if missing:
            listed = ", ".join(" ".join(place) for place in sorted(missing))
            errors.append(_fault(f"This is only a part of {code} of today", file, row, f"also a row for {listed}"))
            continue
        shares = [(p.count, t) for p in parts for t in p.meaning.targets if t.code == code]
        counties.append({
            **dict(zip(KEY, key, strict=True)), "code": code, "value": sum(n * t.weight for n, t in shares),
            "exact": all(t.kind not in ESTIMATED_KINDS for _, t in shares), "row": row["row"],
        })  # fmt: skip
    return pd.DataFrame(counties, columns=[*KEY, "code", "value", "exact", "row"]), notes, errors


def _parts(table: pd.DataFrame, code: str, year: int) -> set[tuple[str, str]]:
    """The places in the list of `year` that make up today's county `code`, without those only the census prints."""
    rows = table[table["to_code"] == code]
    standing = rows[(rows["from_year"] <= year) & (rows["to_year"].fillna(np.inf) >= year)]
    listed = standing[
        ~((standing["from_year"] == standing["to_year"]) & standing["reason_en"].str.startswith("as the"))
    ]
    return set(zip(listed["code"], listed["name"], strict=True))


def _names(units: pd.DataFrame, level: str) -> dict[str, str]:
    """Code by code and by name of the units of a level, undivided cities left out: they are counties too."""
    counties = set(units.loc[units["level"] == "county", "code"])
    rows = units[(units["level"] == level) & ~units["code"].isin(counties)]
    return {text: code for code, name in zip(rows["code"], rows["name_zh"], strict=True) for text in (code, name)}


def _fault(message: str, file: Path, row: dict[Any, Any], expected: str) -> UserError:
    return UserError(message, file=file, row=row["row"], column="unit", value=row["unit"], expected=expected)


def _at(error: UserError, file: Path, row: dict[Any, Any]) -> UserError:
    expected = error.expected
    if isinstance(error, AmbiguousUnit):
        expected = "one of " + "; ".join(error.candidates)
    return _fault(error.message, file, row, expected or "a county code or name")
