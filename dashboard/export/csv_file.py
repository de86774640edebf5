"""The map as CSV: UTF-8 with a byte order mark, origin in lines that begin with `#`, then one row a unit."""

from __future__ import annotations

import csv
import io
import re

from dashboard.export.rows import COLUMNS, cells, origin
from dashboard.views.models import UnitMap

# RFC 4180; with a bare \n the csv module leaves a \r inside a cell unquoted, and the row breaks there.
_LINE_END = "\r\n"
_SIGNED_NUMBER = re.compile(r"[+-][0-9,]+(\.[0-9]+)?")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(view: UnitMap, address: str) -> bytes:
    """The rows of the map in their order, `value` rounded as on the screen, empty where there is no number.

    Text that a spreadsheet could run as a formula is preceded by an apostrophe; numbers never are. Read it back with
    `pandas.read_csv(file, comment="#", dtype={"code": str})`.
    """
    out = io.StringIO()
    for label, text in origin(view, address):
        out.write(f"# {label}: {text}{_LINE_END}")
    writer = csv.writer(out, lineterminator=_LINE_END)
    writer.writerow(COLUMNS)
    decimals = view.table.indicator.decimals
    for row in view.table.rows:
        writer.writerow([_safe(cell) for cell in cells(row, decimals)])
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: str | float | None) -> str | int | float | None:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) and not _SIGNED_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
