"""Writes the draws, a build product that stays out of git: the same bytes for the same workbooks, number and seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geodata.analysis.estimate.draws import DRAWN_MEASURES, Draws
from geodata.analysis.estimate.rounding import WITHHELD, round_count

INTERVAL_COLUMNS = ("level", "code", "measure", "estimate", "low", "high", "half_width_percent")
RANK_COLUMNS = ("code", "rank", "best", "worst")
# Draws are kept in tens: the noise of one draw is hundreds, and 16 bits then hold 655,350 children.
TENS = 10


def compact(values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[Any]]:
    """Tens of persons as the smallest unsigned integers that hold them all."""
    tens = np.floor(values / TENS + 0.5)
    return tens.astype(np.uint16 if tens.max() <= np.iinfo(np.uint16).max else np.uint32)


def write_draws(drawn: Draws, path: Path) -> Path:
    """One year's draws as a compressed NumPy archive: `code`, and each measure in tens, shape (draws, units)."""
    rural, urban, both = (compact(getattr(drawn, name)) for name in DRAWN_MEASURES)
    aside = path.with_name(f".{path.name}")
    with aside.open("wb") as stream:
        np.savez_compressed(
            stream, code=drawn.code, left_behind_rural=rural, left_behind_urban=urban, both_away=both
        )  # fmt: skip
    aside.replace(path)
    return path


def read_draws(path: Path) -> Draws:
    """The draws of `write_draws`, in persons, rounded to ten."""
    with np.load(path, allow_pickle=False) as archive:
        return Draws(code=archive["code"], **{name: archive[name].astype(np.float64) * TENS for name in DRAWN_MEASURES})


def intervals_csv(table: pd.DataFrame) -> str:
    """Intervals as CSV text, rounded like the estimates: `withheld` above 0 and below 10, and no width beside it."""
    width = table["half_width"]
    shown = table.assign(half_width_percent=(100 * width).map("{:.0f}".format).where(width.notna(), ""))
    hidden = np.zeros(len(table), dtype=bool)
    for name in ("estimate", "low", "high"):
        cells = round_count(table[name].to_numpy(dtype=float))
        hidden |= cells == WITHHELD
        shown[name] = ["withheld" if cell == WITHHELD else str(cell) for cell in cells]
    shown.loc[hidden, "half_width_percent"] = ""
    return shown[list(INTERVAL_COLUMNS)].to_csv(index=False, lineterminator="\n")


def ranks_csv(table: pd.DataFrame) -> str:
    """Ranks and their intervals as CSV text."""
    return table[list(RANK_COLUMNS)].to_csv(index=False, lineterminator="\n")
