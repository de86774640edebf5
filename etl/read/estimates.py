"""The estimates that this project ships: counts per county and year, and how census rows reached the counties."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from geodata.catalogue.load import read_yaml
from geodata.codes import is_code
from geodata.errors import ManyErrors, UserError
from geodata.settings import REFERENCE_DIR
from geodata.states import Quality

ESTIMATES_DIR = REFERENCE_DIR / "estimates"
YEARS = (2010, 2020)
# Divided as the nation's were: what is the county's own is only how many, so that no cell of these is a sure one.
NATIONAL_STRUCTURE = (
    "left_behind_rural_one_parent",
    "left_behind_rural_grandparents",
    "left_behind_rural_other_people",
    "left_behind_rural_alone",
)
MEASURES = (
    "children",
    "children_rural",
    "migrant_children",
    "left_behind_children_rural",
    "left_behind_children_urban",
    "left_behind_both_away",
    "left_behind_registered",
    "left_behind_aged_0_5",
    "left_behind_aged_6_11",
    "left_behind_aged_12_14",
    "left_behind_aged_15_17",
    *NATIONAL_STRUCTURE,
    "migrant_children_other_county",
    "migrant_children_other_province",
)
_COLUMNS = ["code", "name", *MEASURES, "quality"]
_CROSSWALK_COLUMNS = ["year", "census_code", "census_name", "code", "action", "reason"]
_CELL = "a number of 0 or more, withheld, or nothing"


@dataclass(frozen=True)
class Estimates:
    """figures (code, year, measure, value, state, quality) and crosswalk as in the contract, and `estimates.yaml`."""

    figures: pd.DataFrame
    crosswalk: pd.DataFrame
    metadata: dict[str, Any]
    sha256: str


def read_estimates(folder: Path = ESTIMATES_DIR) -> Estimates:
    """All estimates in `folder`.

    Raises
    ------
    UserError
        If a file is missing or not as declared; every wrong cell is named.
    """
    files = {year: folder / f"estimates_{year}.csv" for year in YEARS}
    crosswalks = {year: folder / f"crosswalk_{year}.csv" for year in YEARS}
    figures = pd.concat([_figures(_read_csv(file, _COLUMNS), year, file) for year, file in files.items()])
    crosswalk = pd.concat([_crosswalk(file, year) for year, file in crosswalks.items()])
    digest = hashlib.sha256()
    for file in (*files.values(), *crosswalks.values()):
        digest.update(file.read_bytes())
    return Estimates(
        figures=figures.sort_values(["code", "year", "measure"], ignore_index=True),
        crosswalk=crosswalk.reset_index(drop=True),
        metadata=read_yaml(folder / "estimates.yaml"),
        sha256=digest.hexdigest(),
    )


def _read_csv(file: Path, columns: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            "The estimates are missing", file=file, expected="a file written by `python -m etl estimate --census DIR`"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UserError("This table cannot be read", file=file, value=str(error), expected="CSV in UTF-8") from error
    if list(table.columns) != columns:
        raise UserError("The columns are not as declared", file=file, row=1, value=list(table.columns),
                        expected=", ".join(columns))  # fmt: skip
    return table


def _figures(table: pd.DataFrame, year: int, file: Path) -> pd.DataFrame:
    long = table.melt(["code", "quality"], list(MEASURES), "measure", "cell", ignore_index=False)
    text = long["cell"].str.strip()
    number = pd.to_numeric(text.where(~text.isin(["", "withheld"])), errors="coerce")
    state = np.select(
        [text == "", text == "withheld", number == 0, number > 0], ["no_data", "withheld", "zero", "value"], "wrong"
    )
    wrong_cell = (state == "wrong") | np.isinf(number)
    contradicts = (long["quality"] == "none") != (state == "no_data")
    errors = [
        *_bad_cells(long[wrong_cell], "This is not a count", "cell", file, _CELL),
        *_bad_cells(
            long[contradicts & ~wrong_cell], "Count and quality contradict each other", "cell", file,
            "an empty cell exactly where the quality is none",
        ),
    ]  # fmt: skip
    for row, code, quality in zip(table.index + 2, table["code"], table["quality"], strict=True):
        if not is_code(code):
            errors.append(UserError("This is not a division code", file=file, row=int(row), column="code", value=code))
        if quality not in get_args(Quality):
            errors.append(
                UserError("This quality is unknown", file=file, row=int(row), column="quality", value=quality,
                          expected="one of " + ", ".join(get_args(Quality)))
            )  # fmt: skip
    twice = table[table["code"].duplicated()]
    errors += [
        UserError("This code stands here twice", file=file, row=row, value=code)
        for row, code in zip(twice.index + 2, twice["code"], strict=True)
    ]
    if errors:
        raise ManyErrors(f"The estimates of {year} are not as declared:", errors)
    return pd.DataFrame(
        {
            "code": long["code"],
            "year": year,
            "measure": long["measure"],
            "value": number.astype(float),
            "state": state,
            "quality": _quality(long),
        }
    )


def _quality(long: pd.DataFrame) -> pd.Series:
    """The flag of each cell: its unit's, but weak at best where the nation's structure divides it."""
    weak = long["measure"].isin(NATIONAL_STRUCTURE) & (long["quality"] == "modelled")
    return long["quality"].mask(weak, "modelled_weak")


def _bad_cells(rows: pd.DataFrame, message: str, column: str, file: Path, expected: str) -> list[UserError]:
    return [
        UserError(message, file=file, row=row, column=measure, value=value, expected=expected)
        for row, measure, value in zip(rows.index + 2, rows["measure"], rows[column], strict=True)
    ]  # fmt: skip


def _crosswalk(file: Path, year: int) -> pd.DataFrame:
    table = _read_csv(file, _CROSSWALK_COLUMNS)
    if not (table["year"] == str(year)).all() or not table["code"].map(is_code).all():
        row = table.index[(table["year"] != str(year)) | ~table["code"].map(is_code)][0]
        raise UserError("This row of the crosswalk is not as declared", file=file, row=int(row) + 2,
                        value=list(table.loc[row]), expected=f"year {year} and a division code")  # fmt: skip
    return table.assign(year=year, census_code=table["census_code"].where(table["census_code"] != "", None))
