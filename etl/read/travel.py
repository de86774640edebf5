"""What travel times are made of: a friction surface (GeoTIFF), a road network (two tables), a matrix of the user's own.

Each reader gives what the pure functions of `geodata.analysis.access` take: `Grid` and minutes a metre for
`friction.least_cost`, `Roads`, and a table for `roads.own_matrix`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError

from geodata.analysis.access.friction import Grid
from geodata.analysis.access.roads import Roads
from geodata.errors import ManyErrors, UserError

# Minutes a metre in single precision: 20 million cells are 80 MB. China at 1 km has 20 million, at 500 m 80 million.
MAX_CELLS = 100_000_000
MAX_TABLE_BYTES = 500_000_000
_FAULTS_TOLD = 20
_YES, _NO = ("1", "true", "yes", "是", "t", "y"), ("", "0", "false", "no", "否", "f", "n")


def read_friction(file: Path) -> tuple[npt.NDArray[np.float32], Grid]:
    """Minutes a metre by cell, in the manner of the Malaria Atlas Project; infinite where nobody can go.

    What the raster marks as no data is a barrier. Degrees of WGS-84 or CGCS2000, or any plane in metres.

    Raises
    ------
    UserError
        If the file is no such raster, too large, turned, or holds minutes below 0.
    """
    try:
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS="{none}"),
            rasterio.open(file, driver="GTiff") as raster,
        ):
            if raster.width * raster.height > MAX_CELLS:
                raise UserError("This raster is too large", file=file, value=f"{raster.width} x {raster.height} cells",
                                expected=f"at most {MAX_CELLS:,} cells")  # fmt: skip
            grid = _grid(raster, file)
            minutes = np.ma.filled(raster.read(1, masked=True).astype(np.float32), np.inf)
    except RasterioError as error:
        said = str(error).replace(str(file), file.name)
        raise UserError("This raster cannot be read", file=file, value=said, expected="a GeoTIFF") from error
    if (minutes < 0).any():
        raise UserError("A cell of this surface takes less than no time", file=file, value=float(minutes.min()),
                        expected="minutes a metre, 0 or more; barriers marked as no data")  # fmt: skip
    return np.where(np.isnan(minutes), np.float32(np.inf), minutes), grid


def read_roads(nodes: Path, edges: Path) -> Roads:
    """A road network: `nodes` with id, lon, lat (WGS-84), `edges` with start, end (ids), minutes and, if any, oneway.

    Raises
    ------
    UserError
        If a file cannot be read or misses a column, and for each cell that cannot be used.
    """
    places = _table(nodes, ("id", "lon", "lat"))
    ways = _table(edges, ("start", "end", "minutes"))
    position = pd.Index(places["id"])
    lon, lat = (
        _numbers(places[name], nodes, name, *limits) for name, limits in (("lon", (-180, 180)), ("lat", (-90, 90)))
    )
    minutes = _numbers(ways["minutes"], edges, "minutes", 0, 1e6)
    start, end = (position.get_indexer(ways[name]) if position.is_unique else None for name in ("start", "end"))
    if start is None or end is None:
        twice = int(np.flatnonzero(position.duplicated())[0])
        raise UserError("Two nodes have the same id", file=nodes, row=twice + 2, column="id", value=position[twice])
    oneway = ways["oneway"].str.lower() if "oneway" in ways else pd.Series("", index=ways.index)
    _refuse(edges, "start", ways["start"], start < 0, "an id of a node")
    _refuse(edges, "end", ways["end"], end < 0, "an id of a node")
    _refuse(edges, "oneway", oneway, ~oneway.isin([*_YES, *_NO]).to_numpy(), "yes or no")
    table = pd.DataFrame({"start": start, "end": end, "minutes": minutes, "oneway": oneway.isin(_YES)})
    return Roads.of(lon, lat, table)


def read_matrix(file: Path) -> pd.DataFrame:
    """A matrix of the user's own as a table: origin, destination, minutes as text, for `roads.own_matrix` to check.

    Raises
    ------
    UserError
        If the file cannot be read or misses a column.
    """
    return _table(file, ("origin", "destination", "minutes"))


def _grid(raster: rasterio.DatasetReader, file: Path) -> Grid:
    to = raster.transform
    if to.b or to.d:
        raise UserError("This raster is turned against its axes", file=file, expected="rows from north to south")
    system = CRS.from_wkt(raster.crs.to_wkt()) if raster.crs else None
    if system is None or not (system.is_geographic or _is_metric(system)):
        named = system.name if system else None
        raise UserError("This raster says no system of degrees or metres", file=file, value=named,
                        expected="WGS-84 degrees, or a plane in metres")  # fmt: skip
    return Grid(raster.height, raster.width, to.c, to.f, to.a, to.e, metric=not system.is_geographic)


def _is_metric(system: CRS) -> bool:
    return bool(system.is_projected) and all(axis.unit_name == "metre" for axis in system.axis_info)


def _table(file: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """A CSV as text, empty cells as empty text."""
    try:
        if file.stat().st_size > MAX_TABLE_BYTES:
            raise UserError("This file is too large", file=file, expected=f"at most {MAX_TABLE_BYTES // 10**6} MB")
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # pandas' own errors of reading are ValueErrors
        raise UserError("This table cannot be read", file=file, value=str(error).strip(),
                        expected="CSV in UTF-8 with the columns " + ", ".join(needed)) from error  # fmt: skip
    table.columns = table.columns.str.strip()
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise UserError("A column is missing", file=file, column=missing[0], expected=", ".join(needed))
    return pd.DataFrame({name: table[name].str.strip() for name in table.columns})


def _numbers(cells: pd.Series, file: Path, column: str, least: float, most: float) -> npt.NDArray[np.float64]:
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    _refuse(file, column, cells, ~((numbers >= least) & (numbers <= most)), f"a number from {least:g} to {most:g}")
    return numbers


def _refuse(file: Path, column: str, cells: pd.Series, wrong: npt.NDArray[np.bool_], expected: str) -> None:
    rows = np.flatnonzero(wrong)
    if len(rows):
        raise ManyErrors(
            f"{file} holds {len(rows)} cells in {column} that cannot be used:",
            [UserError("This cell cannot be used", file=file, row=int(row) + 2, column=column, value=cells.iloc[row],
                       expected=expected) for row in rows[:_FAULTS_TOLD]],
        )  # fmt: skip
