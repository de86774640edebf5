"""A user's own table of county counts: CSV (UTF-8, BOM, GB18030) or XLSX, cell by cell. All faults in one report.

Definitions never share a scale: each is a figure of its own, and each demands the ages it is about.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etl.read.register.limits import RawTable, open_zip, read_bytes, read_member
from etl.read.register.tables import read_csv, read_xlsx
from geodata.errors import ManyErrors, UserError

REQUIRED = ("unit", "definition", "age_from", "age_to", "year", "count", "source", "licence")
OPTIONAL = ("unit_year", "scope")
COLUMNS = ("unit", "unit_year", "definition", "scope", "age_from", "age_to", "year", "count", "source", "licence")
CHINESE = {
    "区划": "unit", "单位": "unit", "地区": "unit", "县区": "unit", "县（市、区）": "unit", "区划代码": "unit",
    "区划年份": "unit_year", "口径": "definition", "城乡": "scope", "起始年龄": "age_from", "终止年龄": "age_to",
    "年份": "year", "人数": "count", "数量": "count", "来源": "source", "许可": "licence", "许可协议": "licence",
}  # fmt: skip
# Ages in whole years, both included (../../docs: NBS 0-17, the register under 16, compulsory education).
AGES = {"NBS_LBC": (0, 17), "NBS_MIG": (0, 17), "MCA_LBC": (0, 15), "MOE_LBC": (6, 14)}
SCOPES = {"": "total", "total": "total", "rural": "rural", "urban": "urban",
          "合计": "total", "农村": "rural", "城镇": "urban"}  # fmt: skip
YEARS = (2010, 2020)
# No county of China has ten million children.
LARGEST_COUNT = 10_000_000
_TOTALS = re.compile(r"^(合计|总计|小计|全国|全省|全市|共计|total|sum|subtotal|100000)$", re.IGNORECASE)
_MERGED = re.compile(rb'<mergeCell\s+ref="([A-Z0-9:]+)"')


@dataclass(frozen=True)
class CountRow:
    """One count as it was given; `row` counts as a spreadsheet does."""

    row: int
    unit: str
    unit_year: int | None
    definition: str
    scope: str
    year: int
    count: int
    source: str
    licence: str


@dataclass(frozen=True)
class RawCounts:
    """The rows of one file, its name and hash."""

    file: Path
    rows: tuple[CountRow, ...]
    sha256: str


def read_counts(file: Path) -> RawCounts:
    """The counts in `file`, places not yet looked up.

    Raises
    ------
    UserError
        If the file cannot be read or lacks a column, and for every wrong cell: row, column, value, what would be right.
    """
    content = read_bytes(file)
    if content[:4] == b"PK\x03\x04":
        _refuse_merged_cells(content, file)
        raw = read_xlsx(content, file)
    else:
        raw = read_csv(content, file)
    names = _columns(raw, file)
    rows: list[CountRow] = []
    errors: list[UserError] = []
    for number, named in raw.rows:
        cells = {names[head]: unicodedata.normalize("NFKC", cell).strip() for head, cell in named.items()
                 if head in names}  # fmt: skip
        beyond = [cell for head, cell in named.items() if head.startswith("@surplus")]
        if beyond:
            errors.append(UserError("This row has more cells than the header", file=file, row=number, value=beyond[0],
                                    expected="thousands without commas, or the cell in quotes"))  # fmt: skip
            continue
        row, faults = _row(cells, file, number)
        errors += faults
        rows += [row] if row else []
    if errors:
        raise ManyErrors(f"{file} has {len(errors)} faults; nothing was imported:", errors)
    if not rows:
        raise UserError("The table holds no count", file=file, expected="at least one row below the header")
    return RawCounts(file, tuple(rows), hashlib.sha256(content).hexdigest())


def _refuse_merged_cells(content: bytes, file: Path) -> None:
    """A merged cell leaves all but its first row without a value: which rows it meant is a guess."""
    packed = open_zip(content, file)
    for name in packed.namelist():
        if name.startswith("xl/worksheets/sheet1."):
            merged = _MERGED.findall(read_member(packed, name, file))
            if merged:
                raise ManyErrors(
                    f"{file} has merged cells; nothing was imported:",
                    [UserError("These cells are merged", file=file, key=ref.decode(),
                               expected="each row with its own value: take the merge apart and fill down")
                     for ref in merged[:20]],
                )  # fmt: skip


def _columns(raw: RawTable, file: Path) -> dict[str, str]:
    """Head as printed -> column; Chinese heads and blanks around are understood."""
    names: dict[str, str] = {}
    unknown = []
    for head in raw.headers:
        plain = unicodedata.normalize("NFKC", head).strip().lower()
        name = CHINESE.get(head.strip(), CHINESE.get(plain, plain))
        if name in COLUMNS and name not in names.values():
            names[head] = name
        elif head and not head.startswith("@"):
            unknown.append(head)
    missing = [name for name in REQUIRED if name not in names.values()]
    if missing or unknown:
        fault = f"missing {', '.join(missing)}" if missing else f"unknown or double {', '.join(unknown)}"
        raise UserError(
            "The columns are not as declared", file=file, row=1, value=fault,
            expected="a table with the columns " + ", ".join(COLUMNS) + " (python -m etl template counts OUT.csv)",
        )  # fmt: skip
    return names


def _row(cells: dict[str, str], file: Path, number: int) -> tuple[CountRow | None, list[UserError]]:
    """A row as a count, or what is wrong with it."""

    def faults(found: list[tuple[str, str, str]]) -> list[UserError]:
        return [
            UserError(message, file=file, row=number, column=column, value=cells.get(column, ""), expected=expected)
            for message, column, expected in found
        ]

    if _TOTALS.match(cells["unit"]):
        total = (
            "This is a total among counties",
            "unit",
            "counties, or a province by code or name; leave this row out",
        )
        return None, faults([total])
    empty = [
        ("This cell must not be empty", column, "a value; a merged cell fills only its first row")
        for column in REQUIRED
        if not cells.get(column)
    ]
    numbers = {name: _whole(cells.get(name, "")) for name in ("unit_year", "age_from", "age_to", "year", "count")}
    found = [*empty, *_wrong_numbers(cells, numbers), *_wrong_definition(cells, numbers)]
    scope, count, year = SCOPES.get(cells.get("scope", "").lower()), numbers["count"], numbers["year"]
    if found or scope is None or count is None or year is None:
        return None, faults(found)
    definition = cells["definition"].upper()
    return CountRow(number, cells["unit"], numbers["unit_year"], definition, scope, year, count, cells["source"],
                    cells["licence"]), []  # fmt: skip


def _wrong_numbers(cells: dict[str, str], numbers: dict[str, int | None]) -> Iterator[tuple[str, str, str]]:
    """Message, column and what would be right for every number that cannot be."""
    for name, value in numbers.items():
        if cells.get(name) and value is None:
            yield "This is not a whole number", name, "digits alone; a value in 万 written out"
    count, year, unit_year = (numbers[name] for name in ("count", "year", "unit_year"))
    if count is not None and not 0 <= count <= LARGEST_COUNT:
        yield "This count is impossible", "count", f"0 to {LARGEST_COUNT:,}"
    if year is not None and year not in YEARS:
        yield "The map holds no figures of this year", "year", "2010 or 2020"
    if unit_year is not None and not 2000 <= unit_year <= 2100:
        yield "This is no year of division codes", "unit_year", "2000 or later, or nothing"


def _wrong_definition(cells: dict[str, str], numbers: dict[str, int | None]) -> Iterator[tuple[str, str, str]]:
    """The same for definition, ages and scope, which must fit each other."""
    definition, scope = cells["definition"].upper(), SCOPES.get(cells.get("scope", "").lower())
    if definition and definition not in AGES:
        yield "This definition is unknown", "definition", "one of " + ", ".join(AGES)
        return
    ages = (numbers["age_from"], numbers["age_to"])
    if definition and None not in ages and ages != AGES[definition]:
        low, high = AGES[definition]
        message = f"Ages and definition contradict each other: {definition} counts ages {low} to {high}"
        yield message, "age_to", f"{low} to {high}, or the definition that these ages belong to"
    if scope is None or (scope != "total" and definition and definition != "NBS_LBC"):
        yield "This scope is not offered", "scope", "total, rural or urban for NBS_LBC, nothing for others"


def _whole(text: str) -> int | None:
    """1234, 1,234 or 1234.0 as a number; None for anything else."""
    plain = text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+", text) else text
    return int(plain.split(".")[0]) if re.fullmatch(r"-?\d{1,15}(\.0+)?", plain) else None
