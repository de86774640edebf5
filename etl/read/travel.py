"""What travel times are made of: a friction surface or heights (GeoTIFF), a road network, a matrix of the user's own.

Each reader gives what the pure functions of `geodata.analysis.access` take: a surface for `friction.least_cost`,
`Roads`, and a table for `roads.own_matrix`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geodata import crs
from geodata.analysis.access.friction import Grid
from geodata.analysis.access.roads import Roads
from geodata.analysis.readings import EAST, NORTH, SOUTH, WEST
from geodata.errors import ManyErrors, UserError

# Minutes a metre in single precision: 20 million cells are 80 MB. China at 1 km has 20 million, at 500 m 80 million.
MAX_CELLS = 100_000_000
MAX_TABLE_BYTES = 500_000_000
# What the typical cell may take: from 600 km/h to .06 km/h. Speeds in km/h or minutes a cell lie far beyond.
QUICKEST, SLOWEST = 0.0001, 1.0
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Relief is told by the heights this near, thinned to at most so many a side.
NEARBY_M, MOST_HEIGHTS = 5_000.0, 64
METRES_A_DEGREE = 111_320.0
_DEGREES = {"lon": (-180.0, 180.0), "lat": (-90.0, 90.0)}
_FAULTS_TOLD = 20
_YES, _NO = ("1", "true", "yes", "是", "t", "y"), ("", "0", "false", "no", "否", "f", "n")


@dataclass(frozen=True)
class Surface:
    """Minutes a metre by cell (infinite: a barrier), where the cells lie, and the system they lie in (WKT)."""

    minutes_a_metre: npt.NDArray[np.float32]
    grid: Grid
    system: str

    def cell(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Position of the cell that each WGS-84 place lies in, as `Grid.cell` gives it; -1 outside the surface."""
        return self.grid.cell(*self.places(lon, lat))

    def places(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """WGS-84 places in the system of the surface."""
        if not self.grid.metric:
            return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
        x, y = crs.crs_from_wgs84(self.system, lon, lat)
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def read_friction(file: Path) -> Surface:
    """Minutes a metre by cell, in the manner of the Malaria Atlas Project; infinite where nobody can go.

    What the raster marks as no data is a barrier. Degrees of WGS-84 or CGCS2000, or any plane in metres. Of a raster in
    degrees that covers more only the part around China is read.

    Raises
    ------
    UserError
        If the file is no such raster, too large, turned, beside China, or holds what can be no minutes a metre.
    """
    try:
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS="{none}"),
            rasterio.open(file, driver="GTiff") as raster,
        ):
            system = _system(raster, file)
            window = _around_china(raster, system, file)
            if window.width * window.height > MAX_CELLS:
                raise UserError("This raster is too large", file=file, value=f"{window.width} x {window.height} cells",
                                expected=f"at most {MAX_CELLS:,} cells")  # fmt: skip
            to = raster.transform
            left, top = to.c + window.col_off * to.a, to.f + window.row_off * to.e
            grid = Grid(window.height, window.width, left, top, to.a, to.e, metric=not system.is_geographic)
            minutes = np.ma.filled(raster.read(1, window=window, masked=True).astype(np.float32), np.inf)
    except RasterioError as error:
        said = str(error).replace(str(file), file.name)
        raise UserError("This raster cannot be read", file=file, value=said, expected="a GeoTIFF") from error
    if (minutes < 0).any():
        raise UserError("A cell of this surface takes less than no time", file=file, value=float(minutes.min()),
                        expected="minutes a metre, 0 or more; barriers marked as no data")  # fmt: skip
    minutes[np.isnan(minutes)] = np.inf
    _refuse_other_units(minutes, file)
    return Surface(minutes, grid, system.to_wkt())


def read_relief(file: Path, lon: Floats, lat: Floats) -> Floats:
    """Relief at WGS-84 places in metres: the greatest difference of height within `NEARBY_M`; NaN where none is known.

    `file` is an elevation model, metres of height by cell, in degrees or in a plane in metres.

    Raises
    ------
    UserError
        If the file is no such raster or knows the height of no place.
    """
    found = np.full(len(lon), np.nan)
    try:
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS="{none}"),
            rasterio.open(file, driver="GTiff") as raster,
        ):
            system = _system(raster, file)
            x, y = (lon, lat) if system.is_geographic else crs.crs_from_wgs84(system.to_wkt(), lon, lat)
            for at in range(len(lon)):
                heights = _heights(raster, x[at], y[at], lat[at] if system.is_geographic else None)
                if heights.size:
                    found[at] = float(heights.max() - heights.min())
    except RasterioError as error:
        said = str(error).replace(str(file), file.name)
        raise UserError("This raster cannot be read", file=file, value=said, expected="a GeoTIFF of heights") from error
    if np.isnan(found).all():
        raise UserError("This raster knows the height of no settlement", file=file, expected="heights in China, metres")
    return found


def read_roads(edges: Path, nodes: Path | None = None) -> Roads:
    """A road network: `edges` with start, end, minutes and, if any, oneway; where the nodes lie, as WGS-84 degrees.

    Either `nodes` has id, lon, lat, and start and end are ids; or the edges have start_lon, start_lat, end_lon, end_lat
    themselves, and ends at the same numbers (to 1e-7 degrees) are one node.

    Raises
    ------
    UserError
        If a file cannot be read or misses a column, and for each cell that cannot be used.
    """
    ways = _table(edges, ("minutes",) if nodes is None else ("start", "end", "minutes"))
    minutes = _numbers(ways["minutes"], edges, "minutes", 0, 1e6)
    lon, lat, ends = _ends_by_place(ways, edges) if nodes is None else _ends_by_id(ways, edges, nodes)
    oneway = ways["oneway"].str.lower() if "oneway" in ways else pd.Series("", index=ways.index)
    _refuse(edges, "oneway", oneway, ~oneway.isin([*_YES, *_NO]).to_numpy(), "yes or no")
    table = pd.DataFrame({"start": ends[0], "end": ends[1], "minutes": minutes, "oneway": oneway.isin(_YES)})
    return Roads.of(lon, lat, table)


def read_matrix(file: Path) -> pd.DataFrame:
    """A matrix of the user's own as a table: origin, destination, minutes as text, for `roads.own_matrix` to check.

    Raises
    ------
    UserError
        If the file cannot be read or misses a column.
    """
    return _table(file, ("origin", "destination", "minutes"))


def sha256_of(*files: Path) -> str:
    """SHA-256 of the files, one after the other."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _heights(raster: rasterio.DatasetReader, x: float, y: float, lat: float | None) -> Floats:
    """Known heights within `NEARBY_M` of a place, thinned to some thousand cells; `lat` of a raster in degrees."""
    to = raster.transform
    wide = 1.0 if lat is None else METRES_A_DEGREE * math.cos(math.radians(lat))
    high = 1.0 if lat is None else METRES_A_DEGREE
    reach = max(NEARBY_M / abs(to.a * wide), 0.5), max(NEARBY_M / abs(to.e * high), 0.5)
    column, row = (x - to.c) / to.a, (y - to.f) / to.e
    left, right = max(math.floor(column - reach[0]), 0), min(math.ceil(column + reach[0]), raster.width)
    top, bottom = max(math.floor(row - reach[1]), 0), min(math.ceil(row + reach[1]), raster.height)
    if left >= right or top >= bottom:
        return np.empty(0)
    shape = min(bottom - top, MOST_HEIGHTS), min(right - left, MOST_HEIGHTS)
    cells = raster.read(1, window=Window(left, top, right - left, bottom - top), out_shape=shape, masked=True)
    known = np.ma.compressed(cells).astype(float)
    return np.asarray(known[np.isfinite(known)])


def _system(raster: rasterio.DatasetReader, file: Path) -> CRS:
    to = raster.transform
    if to.b or to.d:
        raise UserError("This raster is turned against its axes", file=file, expected="rows from north to south")
    system = CRS.from_wkt(raster.crs.to_wkt()) if raster.crs else None
    if system is None or not (system.is_geographic or _is_metric(system)):
        named = system.name if system else None
        raise UserError("This raster says no system of degrees or metres", file=file, value=named,
                        expected="WGS-84 degrees, or a plane in metres")  # fmt: skip
    return system


def _around_china(raster: rasterio.DatasetReader, system: CRS, file: Path) -> Window:
    """The part of a raster in degrees that lies around China; of a plane all."""
    whole = Window(0, 0, raster.width, raster.height)
    if not system.is_geographic:
        return whole
    to = raster.transform
    edges = [((lon - to.c) / to.a, (lat - to.f) / to.e) for lon, lat in ((WEST, NORTH), (EAST, SOUTH))]
    (left, top), (right, bottom) = ((math.floor(x), math.floor(y)) for x, y in edges)
    left, right = sorted((left, right + 1))
    top, bottom = sorted((top, bottom + 1))
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, raster.width), min(bottom, raster.height)
    if left >= right or top >= bottom:
        raise UserError("This raster lies beside China", file=file, value=[round(edge, 2) for edge in raster.bounds],
                        expected=f"{WEST:g} to {EAST:g} degrees east, {SOUTH:g} to {NORTH:g} north")  # fmt: skip
    return Window(left, top, right - left, bottom - top)


def _refuse_other_units(minutes: npt.NDArray[np.float32], file: Path) -> None:
    """A surface of speeds (km/h) or of minutes a cell would be walked without complaint and give nonsense."""
    usable = minutes[np.isfinite(minutes) & (minutes > 0)]
    if not usable.size:
        raise UserError("No cell of this surface can be travelled", file=file, expected="minutes a metre above 0")
    typical = float(np.median(usable))
    if not QUICKEST <= typical <= SLOWEST:
        raise UserError("These can be no minutes a metre", file=file,
                        value=f"{typical:.4g} in the typical cell, {0.06 / typical:.3g} km/h",
                        expected=f"{QUICKEST:g} to {SLOWEST:g}; walking at 5 km/h is 0.012")  # fmt: skip


def _is_metric(system: CRS) -> bool:
    return bool(system.is_projected) and all(axis.unit_name == "metre" for axis in system.axis_info)


def _ends_by_id(ways: pd.DataFrame, edges: Path, nodes: Path) -> tuple[Floats, Floats, list[Ints]]:
    places = _table(nodes, ("id", "lon", "lat"))
    position = pd.Index(places["id"])
    lon, lat = (_numbers(places[name], nodes, name, *limits) for name, limits in _DEGREES.items())
    if not position.is_unique:
        twice = int(np.flatnonzero(position.duplicated())[0])
        raise UserError("Two nodes have the same id", file=nodes, row=twice + 2, column="id", value=position[twice])
    ends = [position.get_indexer(pd.Index(ways[name])).astype(np.int64) for name in ("start", "end")]
    for name, at in zip(("start", "end"), ends, strict=True):
        _refuse(edges, name, ways[name], at < 0, "an id of a node")
    return lon, lat, ends


def _ends_by_place(ways: pd.DataFrame, edges: Path) -> tuple[Floats, Floats, list[Ints]]:
    columns = [f"{end}_{name}" for end in ("start", "end") for name in _DEGREES]
    missing = [name for name in columns if name not in ways]
    if missing:
        raise UserError("A column is missing", file=edges, column=missing[0],
                        expected=", ".join(columns) + "; or a table of nodes (id, lon, lat) with --nodes")  # fmt: skip
    numbers = [_numbers(ways[name], edges, name, *_DEGREES[name.rpartition("_")[2]]) for name in columns]
    both = np.round(np.column_stack([np.concatenate(numbers[0::2]), np.concatenate(numbers[1::2])]), 7)
    places, at = np.unique(both, axis=0, return_inverse=True)
    return np.asarray(places[:, 0], float), np.asarray(places[:, 1], float), np.split(at.ravel().astype(np.int64), 2)


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
