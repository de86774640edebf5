"""Where parents of left-behind children live: the project's own flows, and the points their distances rest on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geodata.codes import is_code
from geodata.errors import ManyErrors, UserError
from geodata.settings import REFERENCE_DIR

POINTS_FILE = REFERENCE_DIR / "prefecture_points.csv"
FLOWS_DIR = REFERENCE_DIR / "estimates"
YEARS = (2010, 2020)
SCOPES = ("same_county", "same_province", "other_province")
_COUNTS = ["left_behind_children", "migrant_children"]
_COLUMNS = ["level", "origin", "scope", "destination", *_COUNTS]
# Between provinces the margins are sums of many counties; between prefectures distance alone decides.
_QUALITY = {"province": "modelled", "prefecture": "modelled_weak", "county": "modelled_weak"}


def read_points(file: Path = POINTS_FILE) -> pd.DataFrame:
    """lon, lat (WGS-84 degrees) by prefecture code; `UserError` where the file is not as declared."""
    points = _read(file, ["code", "lon", "lat"]).set_index("code")
    numbers = points.apply(pd.to_numeric, errors="coerce")
    if numbers.isna().any(axis=None):
        row = int(numbers.isna().any(axis=1).to_numpy().argmax())
        raise UserError("This is not a place", file=file, row=row + 2, value=list(points.iloc[row]), expected="degrees")
    return pd.DataFrame(numbers)


def read_flows(folder: Path = FLOWS_DIR) -> pd.DataFrame:
    """The table `flows` of the contract, from `flows_<year>.csv` and `flows_counties_<year>.csv` in `folder`.

    Raises `UserError` for a file that is missing or not as declared; every wrong row is named.
    """
    return pd.concat([_of_year(folder, year) for year in YEARS], ignore_index=True)


def _of_year(folder: Path, year: int) -> pd.DataFrame:
    between = _checked(_read(folder / f"flows_{year}.csv", _COLUMNS), folder / f"flows_{year}.csv", _COUNTS)
    counties = folder / f"flows_counties_{year}.csv"
    wide = _checked(_read(counties, ["code", *SCOPES]), counties, list(SCOPES))
    long = wide.melt("code", list(SCOPES), "scope", "left_behind_children").rename(columns={"code": "origin"})
    long = long[long["left_behind_children"] > 0].assign(level="county", destination=None, migrant_children=None)
    long["destination"] = long["origin"].where(long["scope"] == "same_county", None)
    long["migrant_children"] = long["migrant_children"].astype(float)
    table = pd.concat([between, long], ignore_index=True).assign(year=year)
    return table.assign(quality=table["level"].map(_QUALITY)).sort_values(
        ["level", "origin", "scope", "destination"], ignore_index=True, na_position="last"
    )


def _read(file: Path, columns: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError("This file is missing", file=file, expected="`python -m etl estimate --census DIR`") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UserError("This table cannot be read", file=file, value=str(error), expected="CSV in UTF-8") from error
    if list(table.columns) != columns:
        raise UserError("The columns are not as declared", file=file, row=1, value=list(table.columns),
                        expected=", ".join(columns))  # fmt: skip
    return table


def _checked(table: pd.DataFrame, file: Path, counts: list[str]) -> pd.DataFrame:
    """`table` with counts as numbers and empty cells as None, or every wrong row in one error."""
    codes = [name for name in ("code", "origin", "destination") if name in table]
    numbers = table[counts].apply(pd.to_numeric, errors="coerce")
    wrong = ((numbers.isna() & (table[counts] != "")) | (numbers < 0)).any(axis=1)
    for name in codes:
        wrong |= ~(table[name].map(is_code) | ((table[name] == "") & (name != "code")))
    if "scope" in table:
        wrong |= ~table["scope"].isin(SCOPES) | ~table["level"].isin(["province", "prefecture"])
    errors = [
        UserError("This flow is not as declared", file=file, row=int(row) + 2, value=list(table.loc[row]),
                  expected="division codes or nothing, a scope, counts of 0 or more or nothing")
        for row in table.index[wrong]
    ]  # fmt: skip
    if errors:
        raise ManyErrors("The flows are not as declared:", errors)
    table[counts] = numbers
    for name in codes:
        table[name] = table[name].where(table[name] != "", None)
    return table
