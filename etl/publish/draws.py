"""Writes draws and intervals: the same bytes for the same workbooks, number of draws and seed.

Draws are a build product and stay out of git. Intervals are what the model made of them, rounded: one row a unit, five
columns an indicator (`<indicator>.low`, `.high`, `.best`, `.worst`, `.alike`), empty where a unit has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.store.draws import CODE, TENS

# Column of the table of intervals -> last part of the column's name in the file.
PARTS = {"low": "low", "high": "high", "rank_best": "best", "rank_worst": "worst", "alike": "alike"}


def compact(values: NDArray[np.float64]) -> NDArray[Any]:
    """Tens of persons as the smallest unsigned integers that hold them all."""
    tens = np.floor(values / TENS + 0.5)
    return tens.astype(np.uint16 if tens.max() <= np.iinfo(np.uint16).max else np.uint32)


def write_draws(code: NDArray[np.str_], measures: Mapping[str, NDArray[np.float64]], path: Path) -> Path:
    """One year's draws in the format of `geodata.store.draws`; `measures` in persons, shape (draws, units)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    arrays: dict[str, Any] = {CODE: code} | {name: compact(drawn) for name, drawn in measures.items()}
    with aside.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    aside.replace(path)
    return path


def intervals_csv(table: pd.DataFrame) -> str:
    """The intervals of one year as CSV text, units by level and code, indicators by id."""
    wide = table.pivot_table(index=["level", "code"], columns="indicator", values=list(PARTS), aggfunc="first")
    columns = {
        f"{indicator}.{part}": [_cell(value) for value in wide[column, indicator].tolist()]
        for indicator in sorted(table["indicator"].unique())
        for column, part in PARTS.items()
        if (column, indicator) in wide
    }
    return pd.DataFrame(columns, index=wide.index).to_csv(lineterminator="\n")


def _cell(value: float) -> str:
    """The shortest digits that give the value back; three decimals at most, so never an exponent."""
    if np.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)
