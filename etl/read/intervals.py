"""The intervals that this project ships beside its estimates, written by `python -m etl estimate --draws`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geodata.catalogue import Catalogue
from geodata.catalogue.load import read_yaml
from geodata.codes import LEVELS, is_code
from geodata.errors import ManyErrors, UserError
from geodata.settings import REFERENCE_DIR

ESTIMATES_DIR = REFERENCE_DIR / "estimates"
YEARS = (2010, 2020)
# Last part of a column's name in the files -> column of the table.
PARTS = {"low": "low", "high": "high", "best": "rank_best", "worst": "rank_worst", "alike": "alike"}
_EXPECTED = "a file written by `python -m etl estimate --census DIR --draws`"
_UNIT = ["level", "code"]


@dataclass(frozen=True)
class Intervals:
    """level, code, year, indicator, low, high, rank_best, rank_worst, alike as in the contract; `intervals.yaml`."""

    table: pd.DataFrame
    metadata: dict[str, Any]
    sha256: str


def read_intervals(catalogue: Catalogue, folder: Path = ESTIMATES_DIR) -> Intervals:
    """All intervals in `folder`.

    Raises
    ------
    UserError
        If a file is missing or not as declared; every wrong cell is named, the first ten of a kind.
    """
    files = {year: folder / f"intervals_{year}.csv" for year in YEARS}
    table = pd.concat([_intervals(file, year, catalogue) for year, file in files.items()], ignore_index=True)
    digest = hashlib.sha256()
    for file in files.values():
        digest.update(file.read_bytes())
    return Intervals(table, read_yaml(folder / "intervals.yaml"), digest.hexdigest())


def _intervals(file: Path, year: int, catalogue: Catalogue) -> pd.DataFrame:
    wide = _read_csv(file)
    parts = [column.rpartition(".")[::2] for column in wide.columns[2:]]
    for indicator, part in parts:
        if indicator not in catalogue.indicators or part not in PARTS:
            raise UserError("This column is not known", file=file, row=1, column=f"{indicator}.{part}",
                            expected=f"an indicator of the catalogue and one of {', '.join(PARTS)}")  # fmt: skip
    errors = _bad_units(wide, file)
    cells = wide[wide.columns[2:]]
    numbers = cells.apply(pd.to_numeric, errors="coerce")
    for row, column in np.argwhere((numbers.isna() & (cells != "")).to_numpy())[:10]:
        errors.append(UserError("This is not a number", file=file, row=int(row) + 2, column=cells.columns[column],
                                value=cells.iloc[row, column], expected="a number or nothing"))  # fmt: skip
    frames = []
    for indicator in dict.fromkeys(name for name, _ in parts):
        one = pd.DataFrame({
            column: numbers.get(f"{indicator}.{part}", pd.Series(np.nan, index=wide.index)).astype(float)
            for part, column in PARTS.items()
        })  # fmt: skip
        errors += _bad_bounds(one, indicator, file)
        frames.append(wide[_UNIT].assign(year=year, indicator=indicator, **one)[one["low"].notna()])
    if errors:
        raise ManyErrors(f"The intervals of {year} are not as declared:", errors)
    return pd.concat(frames, ignore_index=True)


def _read_csv(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError("The intervals are missing", file=file, expected=_EXPECTED) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UserError("This table cannot be read", file=file, value=str(error), expected="CSV in UTF-8") from error
    if list(table.columns[:2]) != _UNIT or len(table.columns) < 3:
        raise UserError("The columns are not as declared", file=file, row=1, value=list(table.columns[:3]),
                        expected="level, code, and columns such as left_behind_share.low")  # fmt: skip
    return table


def _bad_units(wide: pd.DataFrame, file: Path) -> list[UserError]:
    wrong = ~wide["level"].isin(LEVELS) | ~wide["code"].map(is_code)
    twice = wide.duplicated(_UNIT)
    return [
        UserError(message, file=file, row=int(row) + 2, value=f"{level} {code}", expected=expected)
        for message, at, expected in (
            ("This is no unit", wrong, "a level and a division code"),
            ("This unit stands here twice", twice, "one row a unit"),
        )
        for row, level, code in wide.loc[at, _UNIT].itertuples()
    ]


def _bad_bounds(one: pd.DataFrame, indicator: str, file: Path) -> list[UserError]:
    wrong = (one["low"].isna() != one["high"].isna()) | (one["low"] > one["high"])
    wrong |= (one["rank_best"].isna() != one["rank_worst"].isna()) | (one["rank_best"] > one["rank_worst"])
    return [
        UserError("These bounds are not in order", file=file, row=int(row) + 2, column=indicator,
                  value=one.loc[row].tolist(), expected="low <= high and best <= worst, both or neither")
        for row in one.index[wrong][:10]
    ]  # fmt: skip
