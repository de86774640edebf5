"""Tables: CSV in the encodings and with the separators of spreadsheets and forms, and XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl

from etl.read.register.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    RawTable,
    decode,
    open_zip,
    read_member,
    refuse_doctype,
)
from geodata.errors import UserError

_SEPARATORS = ",;\t"
# Kobo writes `_index` and the like after the questions; ODK may put labels above names: only one header row is read.
_EXPECTED = "a table whose first row names the columns"


def read_csv(content: bytes, file: Path) -> RawTable:
    """A CSV file. The separator is the one of comma, semicolon and tab that its first line has most of."""
    text, encoding = decode(content, file)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    csv.field_size_limit(len(text) + 1)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UserError("This is no readable CSV", file=file, value=str(error), expected=_EXPECTED) from error
    table = _table("csv", lines, file)
    table.encoding = encoding
    return table


def read_xlsx(content: bytes, file: Path) -> RawTable:
    """The first sheet of an XLSX workbook; formulas by their last result."""
    packed = open_zip(content, file)
    for name in packed.namelist():
        if name.lower().endswith((".xml", ".rels", ".vml")):
            refuse_doctype(read_member(packed, name, file), file, name)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        # The dimensions a workbook states are not to be trusted: a single cell at XFD1048576 would be a billion cells.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)
        return _table("xlsx", ([_text(cell) for cell in row] for row in rows), file)
    except (UserError, MemoryError):
        raise
    except (zipfile.BadZipFile, *_OPENPYXL_FAULTS) as error:
        raise UserError("This workbook cannot be read", file=file, value=str(error), expected="XLSX") from error


# What openpyxl lets through when a workbook is not what it seems.
_OPENPYXL_FAULTS = (
    AttributeError, IndexError, KeyError, LookupError, OSError, SyntaxError, TypeError, ValueError, RuntimeError,
)  # fmt: skip


def _table(kind: str, lines: Iterable[list[str]], file: Path) -> RawTable:
    """Lines with a header as rows; a line that is longer than the header keeps its surplus in a column of that name."""
    table = RawTable(kind)
    header: list[str] | None = None
    for number, cells in _filled(lines):
        if header is None:
            header = _unique([cell.strip() for cell in cells])
            table = RawTable(kind, headers=[name for name in header if name])
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            surplus = {f"@surplus_{place}": cell for place, cell in enumerate(cells[len(header) :]) if cell.strip()}
        else:
            surplus = {}
        padded = [*cells, *[""] * (len(header) - len(cells))]
        named = {name: cell for name, cell in zip(header, padded, strict=False) if name}
        if len(cells) < len(header) and kind == "csv":
            surplus["@short"] = str(len(cells))
        table.add(number, named | surplus, file)
    if header is None:
        raise UserError("The register is empty", file=file, expected=_EXPECTED)
    return table


def _filled(lines: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Lines with anything in them and their number: spreadsheets leave blank lines at the end."""
    for number, cells in enumerate(lines, start=1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _unique(header: list[str]) -> list[str]:
    """Headers, a repeated one with the number of its column, so that no column hides another."""
    seen: set[str] = set()
    names = []
    for place, name in enumerate(header, start=1):
        shown = f"{name} ({place})" if name and name in seen else name
        seen.add(shown)
        names.append(shown)
    return names


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
