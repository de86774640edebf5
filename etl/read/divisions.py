"""The lists of counties since 2000, and what is known about the changes between them."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from geodata.analysis.vintages import Change, Place
from geodata.codes import KINDS
from geodata.errors import ManyErrors, UserError
from geodata.settings import REFERENCE_DIR

DIVISIONS_FILE = REFERENCE_DIR / "divisions.csv"
CHANGES_FILE = Path(__file__).resolve().parent.parent / "corrections" / "divisions.csv"
FIRST_YEAR, NEWEST_YEAR = 2000, 2023
# The outlines of the map come after the newest list.
TODAY = NEWEST_YEAR + 1
_DIVISION_COLUMNS = ["code", "name", "prefecture", "province", "from_year", "to_year"]
_CHANGE_COLUMNS = ["year", "code", "name", "to_code", "to_name", "kind", "share", "note_zh", "note_en"]


@dataclass(frozen=True)
class Divisions:
    """Places by year, the names of prefecture and province above each, and the known changes."""

    lists: dict[int, frozenset[Place]]
    above: dict[Place, tuple[str, str]]
    changes: tuple[Change, ...]


def read_divisions(file: Path = DIVISIONS_FILE, changes_file: Path = CHANGES_FILE) -> Divisions:
    """Lists and changes.

    Raises
    ------
    UserError
        If a file is missing or its columns are not as declared, and for every change that names a place its year does
        not have, a kind that does not exist, or shares of one place that do not add up to one.
    """
    years: dict[int, set[Place]] = defaultdict(set)
    above: dict[Place, tuple[str, str]] = {}
    for row in _rows(file, _DIVISION_COLUMNS):
        place = (row["code"], row["name"])
        above[place] = (row["prefecture"], row["province"])
        for year in range(int(row["from_year"]), int(row["to_year"] or NEWEST_YEAR) + 1):
            years[year].add(place)
    lists = {year: frozenset(places) for year, places in sorted(years.items())}
    return Divisions(lists, above, _changes(changes_file, lists))


def _changes(file: Path, lists: dict[int, frozenset[Place]]) -> tuple[Change, ...]:
    changes, errors = [], []
    shares: dict[tuple[int, Place], float] = defaultdict(float)
    for number, row in enumerate(_rows(file, _CHANGE_COLUMNS), start=2):
        year, old, new = int(row["year"]), (row["code"], row["name"]), (row["to_code"], row["to_name"])
        kind = next((kind for kind in KINDS if kind == row["kind"]), None)
        if kind is None:
            errors.append(UserError("This kind of change is unknown", file=file, row=number, column="kind",
                                    value=row["kind"], expected="one of " + ", ".join(KINDS)))  # fmt: skip
            continue
        errors += [
            UserError("The list of that year has no such place", file=file, row=number, value=" ".join(place))
            for place, listed in ((old, lists.get(year - 1)), (new, lists.get(year)))
            if listed is not None and place not in listed
        ]
        share = float(row["share"]) if row["share"] else None
        if share is not None:
            shares[year, old] += share
        changes.append(Change(year, old, new, kind, share, row["note_zh"], row["note_en"]))
    errors += [
        UserError("The shares of a place must add up to one", file=file, key=f"{year} {old[0]} {old[1]}", value=total)
        for (year, old), total in shares.items()
        if abs(total - 1) > 1e-9
    ]
    if errors:
        raise ManyErrors("The table of known changes does not fit the lists:", errors)
    return tuple(changes)


def _rows(file: Path, columns: list[str]) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if reader.fieldnames != columns:
                raise UserError("The columns are not as declared", file=file, row=1, value=reader.fieldnames,
                                expected=", ".join(columns))  # fmt: skip
            return list(reader)
    except FileNotFoundError:
        raise UserError("The table of divisions is missing", file=file) from None
