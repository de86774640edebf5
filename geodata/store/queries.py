"""One function a question, one SQL file each in `sql/`. Tables come back as frames, in the order the file states."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pandas as pd

from geodata.codes import Level
from geodata.errors import UserError
from geodata.store.store import Reading, Store, remembered

SQL_DIR = Path(__file__).resolve().parent / "sql"
TileKey = tuple[str, int, int, int]


@remembered(at_most=5)
def units(reading: Reading, level: Level | None = None) -> pd.DataFrame:
    """Every unit, or those of one level, with the names of the units above, by level and code. Do not change it."""
    table = _frame(reading, "units")
    return table if level is None else table[table["level"] == level].reset_index(drop=True)


@remembered(at_most=1)
def figures(reading: Reading) -> pd.DataFrame:
    """Measures by county and year, *before* the disclosure gate: only `dashboard.views.values` may read this."""
    return _frame(reading, "figures")


@remembered(at_most=1)
def intervals(reading: Reading) -> pd.DataFrame:
    """How sure modelled figures are: level, code, year, indicator, low, high, rank_best, rank_worst, alike.

    By indicator, year, level and code. A figure without a row has no interval: official, measured, or not known.
    """
    return _frame(reading, "intervals")


@remembered(at_most=1)
def access(reading: Reading) -> pd.DataFrame:
    """What of access does not add up over counties: level, code, figure, value, low, high, state, quality.

    By figure, level and code; `figure` is an id of `Catalogue.access` or of an indicator.
    """
    return _frame(reading, "access")


@remembered(at_most=1)
def equity(reading: Reading) -> pd.DataFrame:
    """How places in reach are shared: level, code, curve, step, people, access, index, by curve, level, code, step."""
    return _frame(reading, "equity")


@remembered(at_most=1)
def vintages(reading: Reading) -> pd.DataFrame:
    """What each county of each year since 2000 is today, by code, year, name and county of today."""
    return _frame(reading, "vintages")


@remembered(at_most=1)
def sources(reading: Reading) -> pd.DataFrame:
    """Where the numbers come from, by source id."""
    return _frame(reading, "sources")


@remembered(at_most=1)
def centres(reading: Reading) -> pd.DataFrame:
    """All centres, by id."""
    return _frame(reading, "centres")


@remembered(at_most=1)
def settlements(reading: Reading) -> pd.DataFrame:
    """Demand points by id. Their children are unrounded, for weighting: what they make is rounded when shown."""
    return _frame(reading, "settlements")


@remembered(at_most=1)
def travel(reading: Reading) -> pd.DataFrame:
    """How minutes were found and what they assume: one row."""
    return _frame(reading, "travel")


@remembered(at_most=1)
def minutes(reading: Reading) -> pd.DataFrame:
    """Minutes of settlements to each kind of centre, by type, services and settlement; empty along the straight line.

    Infinite where none can be reached, not a number where nobody knows.
    """
    return _frame(reading, "minutes")


def nearest_centres(source: Store | Reading, codes: tuple[str, ...], at_most: int) -> pd.DataFrame:
    """Centres nearest to the settlements of the counties `codes`: centre_id, distance_m, settlements; nearest first."""
    return _frame(source.reading(), "nearest_centres", codes=list(codes), at_most=at_most)


def flows(source: Store | Reading, codes: tuple[str, ...], year: int) -> pd.DataFrame:
    """Flows from or to the units `codes`: year, level, origin, scope, destination, both counts, quality.

    By level and scope, the largest count of left-behind children first.
    """
    return _frame(source.reading(), "flows", codes=list(codes), year=year)


def boundaries(source: Store | Reading, level: Level) -> pd.DataFrame:
    """Outlines of one level as WKB (WGS-84), by code."""
    return _frame(source.reading(), "boundaries", level=level)


@remembered(at_most=1)
def build_report(reading: Reading) -> pd.DataFrame:
    """What the build read, accepted, rejected and reconciled."""
    return _frame(reading, "build_report")


@remembered(at_most=1)
def tiles(reading: Reading) -> MappingProxyType[TileKey, bytes]:
    """All tiles of the base map by (layer, z, x, y): some megabytes, read once, so that no map waits for a disk."""
    rows = reading.cursor().execute(_sql("tiles")).fetchall()
    return MappingProxyType({(layer, z, x, y): bytes(data) for layer, z, x, y, data in rows})


@remembered(at_most=1)
def tile_layers(reading: Reading) -> frozenset[str]:
    """The names of the tile pyramids."""
    return frozenset(layer for layer, *_ in tiles(reading))


def tile(source: Store | Reading, layer: str, z: int, x: int, y: int) -> bytes | None:
    """One gzip-compressed vector tile, or None where the map is empty. y counts from the north."""
    return tiles(source).get((layer, z, x, y))


def _frame(reading: Reading, question: str, **values: Any) -> pd.DataFrame:
    try:
        frame = reading.cursor().execute(_sql(question), values).df()
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise UserError(
            "This release was built by another version of the software", file=reading.file, expected="`make build`"
        ) from error
    # Text columns as plain Python strings with None, whatever the pandas version makes of them.
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    return frame


@cache
def _sql(question: str) -> str:
    return (SQL_DIR / f"{question}.sql").read_text(encoding="utf-8")
