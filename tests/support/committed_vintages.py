"""The table `vintages` as a build makes it, from the committed lists and today's codes in the boundary package."""

from __future__ import annotations

from functools import cache

import pandas as pd

from etl.pipeline.vintages import time_machine
from etl.read.divisions import Divisions, read_divisions


@cache
def committed_divisions() -> Divisions:
    """The lists and changes that are committed."""
    return read_divisions()


@cache
def committed_table() -> pd.DataFrame:
    """Everything since 2000; do not change it."""
    return time_machine().table
