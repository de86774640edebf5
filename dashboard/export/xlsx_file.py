"""The map as a workbook: the sheet with the data, the sheet that says what it is."""

from __future__ import annotations

import io
from datetime import datetime

import xlsxwriter

from dashboard.export.rows import COLUMNS, cells, origin
from dashboard.i18n import t
from dashboard.views.models import UnitMap

_WIDTHS = {"code": 9, "name_zh": 22, "name_en": 34, "province_zh": 18, "province_en": 20, "display": 12}
# Columns that are written with the digits of the figure.
FIGURES = ("value", "low", "high", "assumed_low", "assumed_high")


def xlsx_file(view: UnitMap, address: str) -> bytes:
    """The rows of the map in their order, codes as text, numbers as numbers with the digits of the screen."""
    out = io.BytesIO()
    lang = view.state.lang
    decimals = view.table.indicator.decimals
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        # The moment of the build, not of the download: the same view gives the same file.
        book.set_properties({"title": view.title, "created": datetime.fromisoformat(view.release.built_at)})
        bold = book.add_format({"bold": True, "bottom": 1})
        figure = book.add_format({"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")})
        data = book.add_worksheet(t("export.sheet_data", lang))
        data.freeze_panes(1, 3)
        for place, column in enumerate(COLUMNS):
            data.write_string(0, place, column, bold)
            data.set_column(place, place, _WIDTHS.get(column, 14))
        for line, row in enumerate(view.table.rows, start=1):
            for place, (column, cell) in enumerate(zip(COLUMNS, cells(row, decimals), strict=True)):
                if isinstance(cell, str):
                    data.write_string(line, place, cell)
                elif cell is not None:
                    data.write_number(line, place, cell, figure if column in FIGURES else None)
        data.autofilter(0, 0, len(view.table.rows), len(COLUMNS) - 1)
        about = book.add_worksheet(t("export.sheet_about", lang))
        about.set_column(0, 0, 22)
        about.set_column(1, 1, 100, book.add_format({"text_wrap": True}))
        for line, (label, text) in enumerate(origin(view, address)):
            about.write_string(line, 0, label, bold)
            about.write_string(line, 1, text)
    return out.getvalue()
