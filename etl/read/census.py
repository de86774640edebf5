"""Reads the county tabulations of the 2010 and 2020 censuses. Every row is a leaf or is rejected with a reason.

Leaves are the rows that no other row adds up: counties, districts, undivided cities and development zones. They add up
to every printed province and to the nation, and this is checked before anything is handed on.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from etl.census_source import CensusSource, Correction, Layout, load_corrections, load_source
from geodata.errors import ManyErrors, UserError

HEADER_ROW = 1
# 2010 prints 市 in 25 names with a look-alike character.
LOOKALIKES = str.maketrans({"巿": "市"})
# Blank cells of several counties of one prefecture are zero only while what is left for them is about nothing.
BLANKS_ARE_ZERO_BELOW = 50
MOST_ERRORS = 20

NATION, PROVINCE, PREFECTURE, SUBTOTAL, LEAF = "nation", "province", "prefecture", "subtotal", "leaf"
REASONS = {
    NATION: "total of the nation",
    PROVINCE: "total of a province",
    PREFECTURE: "total of a prefecture",
    SUBTOTAL: "subtotal without a code",
    "blank": "separator without any entry",
    "empty": "no figure is printed",
}


@dataclass(frozen=True)
class CensusTable:
    """One census as read. `rows` counts data rows; rows = len(leaves) + len(rejected).

    leaves
        index: spreadsheet row. Columns: code ("" where none is printed), name, province (name), prefecture (name),
        then the figures of the layout as floats: persons, households or, for rates, as printed.
    rejected
        row, code, name, reason.
    filled
        Blank cells of leaves and what was put there: row, name, figure, value, reason.
    printed_total
        Population of the nation as printed, or the sum of the printed provinces where no national row is printed.
    """

    source: CensusSource
    sha256: str
    rows: int
    leaves: pd.DataFrame
    rejected: pd.DataFrame
    filled: pd.DataFrame
    corrected: tuple[Correction, ...]
    printed_total: float


def read_census(folder: Path, year: int) -> CensusTable:
    """Read the workbook of `year` in `folder`.

    Raises `UserError` for a workbook that is missing, truncated or altered (its SHA-256 is pinned), for wrong column
    heads, for a cell that is not a number, and for leaves that do not add up to the printed totals.
    """
    source = load_source(year)
    path = folder / source.read.file
    sha256 = _check_file(path, source)
    return parse_census(_cells(path), source, load_corrections(year), path, sha256)


def parse_census(
    cells: list[list[object]], source: CensusSource, corrections: tuple[Correction, ...], path: Path, sha256: str = ""
) -> CensusTable:
    """The same from the cells of the sheet, header first; `path` is only named in errors."""
    layout = source.read
    heads = _find_heads([as_text(cell) for cell in cells[0]] if cells else [], layout, path)
    # Only the columns that are used become text: the workbooks hold three times as many.
    columns = {head: [as_text(row[at]) for row in cells[1:]] for head, at in heads.items()}
    labels = _labels(columns, layout)
    figures = _figures(columns, layout, path)
    _correct(figures, labels, layout, corrections, path)
    kinds = _kinds(labels, figures, layout)
    labels["kind"] = kinds
    filled = _fill_blanks(figures, labels, layout, path)
    total = _reconcile(figures["population"], labels, path)
    leaf = labels["kind"] == LEAF
    leaves = pd.concat([labels.loc[leaf, ["code", "name", "province", "prefecture"]], figures[leaf]], axis=1)
    rejected = labels.loc[~leaf, ["code", "name", "kind"]].rename_axis("row").reset_index()
    rejected["reason"] = rejected.pop("kind").map(REASONS)
    return CensusTable(source, sha256, len(labels), leaves, rejected, filled, corrections, total)


def as_text(cell: object) -> str:
    """A cell as text: 110101.0 -> "110101", "  东城区" -> "东城区"."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _check_file(path: Path, source: CensusSource) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            "The census workbook is missing",
            file=path,
            expected=f"{source.read.file}; run `python -m etl fetch census`, or download {source.url} into this folder",
        ) from None
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != source.sha256:
        raise UserError(
            "The census workbook is truncated or altered: its SHA-256 is not the pinned one",
            file=path,
            value=sha256,
            expected=f"{source.sha256}; download {source.url} again",
        )
    return sha256


def _cells(path: Path) -> list[list[object]]:
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except CalamineError as error:
        raise UserError(f"The workbook cannot be opened ({error})", file=path, expected="an XLSX file") from error


def _bare(head: str) -> str:
    return re.sub(r"\s", "", head)


def _find_heads(header: list[str], layout: Layout, path: Path) -> dict[str, int]:
    found = {_bare(head): at for at, head in reversed(list(enumerate(header)))}
    wanted = [layout.code, layout.name, layout.province, layout.prefecture, *layout.figures().values()]
    missing = [head for head in wanted if head is not None and head not in found]
    if missing:
        raise ManyErrors(
            "The census workbook does not have the right column heads:",
            [
                UserError(
                    "A column is missing", file=path, row=HEADER_ROW, column=head, expected=f"a column headed {head}"
                )
                for head in missing
            ],
        )
    return {head: found[head] for head in wanted if head is not None}


def _labels(columns: dict[str, list[str]], layout: Layout) -> pd.DataFrame:
    """Code, name, province and prefecture of every row; index = spreadsheet row."""
    labels = pd.DataFrame(
        {
            "code": ["" if code in layout.missing else code for code in columns[layout.code]],
            "name": [name.translate(LOOKALIKES) for name in columns[layout.name]],
        },
    )
    labels.index += HEADER_ROW + 1
    if layout.province and layout.prefecture:
        labels["province"] = columns[layout.province]
        labels["prefecture"] = [layout.prefecture_of.get(name, name) for name in columns[layout.prefecture]]
    else:
        labels["province"], labels["prefecture"] = _places_by_order(labels, layout)
    return labels


def _places_by_order(labels: pd.DataFrame, layout: Layout) -> tuple[list[str], list[str]]:
    """Province and prefecture of rows that are only told by the rows above them."""
    province = prefecture = ""
    provinces, prefectures = [], []
    for code, name in zip(labels["code"], labels["name"], strict=True):
        if code.endswith("0000"):
            province = prefecture = name
        elif code.endswith("00"):
            prefecture = name
        elif name in layout.direct:
            prefecture = province
        provinces.append(province)
        prefectures.append(prefecture)
    return provinces, prefectures


def _figures(columns: dict[str, list[str]], layout: Layout, path: Path) -> pd.DataFrame:
    errors: list[UserError] = []
    figures = pd.DataFrame(
        {
            figure: [
                _number(cell, layout, errors, path, row, head) for row, cell in enumerate(columns[head], HEADER_ROW + 1)
            ]
            for figure, head in layout.figures().items()
        },
        dtype=float,
    )
    if errors:
        raise ManyErrors("The census workbook holds cells that are not numbers:", errors[:MOST_ERRORS])
    figures.index += HEADER_ROW + 1
    return figures


def _number(cell: str, layout: Layout, errors: list[UserError], path: Path, row: int, head: str) -> float:
    if cell in layout.missing:
        return math.nan
    try:
        number = float(cell)
    except ValueError:
        number = -1.0
    # Natural growth is the only figure that may be negative.
    if not math.isfinite(number) or (number < 0 and head != layout.rates.get("natural_rate_permille")):
        errors.append(
            UserError("This is not a count", file=path, row=row, column=head, value=cell, expected="a number")
        )
    return number


def _correct(
    figures: pd.DataFrame, labels: pd.DataFrame, layout: Layout, corrections: tuple[Correction, ...], path: Path
) -> None:
    names = {head: figure for figure, head in layout.figures().items()}
    for correction in corrections:
        rows = labels.index[(labels["code"] == correction.code) & (labels["name"] == correction.name)]
        figure = names[correction.column]
        found = figures.loc[rows[0], figure] if len(rows) == 1 else math.nan
        if found != correction.expect:
            raise UserError(
                "A correction no longer fits the workbook; review it in etl/corrections",
                file=path,
                row=int(rows[0]) if len(rows) else None,
                column=correction.column,
                value=float(found),
                expected=f"{correction.expect:.0f} at {correction.code} {correction.name}",
            )
        figures.loc[rows[0], figure] = correction.value


def _kinds(labels: pd.DataFrame, figures: pd.DataFrame, layout: Layout) -> list[str]:
    counted = figures["population"].notna()
    coded = labels["code"] != ""
    six = labels["code"].str.fullmatch(r"\d{6}")
    below = coded & six & ~labels["code"].str.endswith("00")
    nameless_leaf = ~coded & counted & ~labels["name"].isin([*layout.subtotals, layout.nation])
    inhabited = set(
        zip(labels.loc[below | nameless_leaf, "province"], labels.loc[below | nameless_leaf, "prefecture"], strict=True)
    )
    kinds = []
    for code, name, province, prefecture, has_figures in zip(
        labels["code"], labels["name"], labels["province"], labels["prefecture"], counted, strict=True
    ):
        if not code and not name:
            kind = "blank"
        elif not has_figures:
            kind = "empty"
        elif name == layout.nation:
            kind = NATION
        elif code.endswith("0000"):
            kind = PROVINCE
        elif code.endswith("00"):
            # An undivided city such as 441900 has no row below it, so its own row is the leaf.
            kind = PREFECTURE if (province, prefecture) in inhabited else LEAF
        else:
            kind = SUBTOTAL if not code and name in layout.subtotals else LEAF
        kinds.append(kind)
    return kinds


def _fill_blanks(figures: pd.DataFrame, labels: pd.DataFrame, layout: Layout, path: Path) -> pd.DataFrame:
    """Blank counts of leaves: what the prefecture's printed total leaves for them. Rates stay blank."""
    counts = [name for name in figures.columns if name not in layout.rates]
    leaf = labels["kind"] == LEAF
    totals = labels[labels["kind"].isin([PREFECTURE, PROVINCE])]
    total_rows = {(p, q): row for row, p, q in zip(totals.index, totals["province"], totals["prefecture"], strict=True)}
    places = pd.Series(list(zip(labels["province"], labels["prefecture"], strict=True)), index=labels.index)
    records = []
    for figure in counts:
        blank_rows = figures.index[leaf & figures[figure].isna()]
        for place, rows in pd.Series(blank_rows, index=blank_rows).groupby(places[blank_rows]):
            total_row = total_rows.get(place)
            # A place directly below its province shares the province's total with every county of it.
            near = labels["province"] == place[0] if place[0] == place[1] else places == place
            siblings = figures.loc[leaf & near, figure]
            left = 0.0 if total_row is None else figures.loc[total_row, figure] - siblings.sum()
            left = 0.0 if not np.isfinite(left) else max(left, 0.0)
            if len(rows) > 1 and left >= BLANKS_ARE_ZERO_BELOW:
                raise UserError(
                    f"{len(rows)} blank cells share {left:.0f} of the printed total of {place[1]}",
                    file=path,
                    row=int(rows.iloc[0]),
                    column=layout.figures()[figure],
                    expected="at most one blank cell",
                )
            for row in rows:
                value = left if len(rows) == 1 else 0.0
                figures.loc[row, figure] = value
                records.append((row, labels.loc[row, "name"], figure, value, "what the printed total leaves"))
    return pd.DataFrame(records, columns=["row", "name", "figure", "value", "reason"])


def _reconcile(population: pd.Series, labels: pd.DataFrame, path: Path) -> float:
    """Check that leaves add up to every printed province, and provinces to the nation; the printed total."""
    leaf = labels["kind"] == LEAF
    sums = population[leaf].groupby(labels.loc[leaf, "province"]).sum()
    errors = []
    provinces = labels.index[labels["kind"] == PROVINCE]
    for row in provinces:
        printed, added = population[row], sums.get(labels.loc[row, "province"], 0.0)
        if printed != added:
            errors.append(
                UserError(
                    f"The counties of {labels['name'][row]} do not add up to its printed population",
                    file=path,
                    row=int(row),
                    column="population",
                    value=f"{added:.0f}",
                    expected=f"{printed:.0f}",
                )
            )
    nation = labels.index[labels["kind"] == NATION]
    total = float(population[nation[0]] if len(nation) else population[provinces].sum())
    if not errors and float(sums.sum()) != total:
        added = f"{sums.sum():.0f}"
        errors.append(
            UserError("The leaves do not add up to the nation", file=path, value=added, expected=f"{total:.0f}")
        )
    if errors:
        raise ManyErrors("The census workbook does not add up:", errors)
    return total
