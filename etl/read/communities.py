"""Villages and neighbourhoods per county, as committed in `geodata/reference/communities.csv`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geodata.errors import UserError
from geodata.settings import REFERENCE_DIR

COMMUNITIES_FILE = REFERENCE_DIR / "communities.csv"


def read_communities(file: Path = COMMUNITIES_FILE) -> pd.DataFrame:
    """code, communities, townships: one row a county of today.

    Raises
    ------
    UserError
        If the file is missing, lacks a column, or holds anything but counts.
    """
    expected = "columns code, communities, townships, as tools/communities.py writes them"
    try:
        table = pd.read_csv(file, dtype={"code": str})
        return table[["code", "communities", "townships"]].astype({"communities": int, "townships": int})
    except FileNotFoundError:
        raise UserError("This file is missing", file=file, expected=expected) from None
    except (KeyError, ValueError) as error:
        raise UserError("This file cannot be read", file=file, value=str(error), expected=expected) from error
