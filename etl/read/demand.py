"""The user's own demand points: villages or townships with weights, or a population raster, in place of GeoNames."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from etl.read.register.child import read_apart
from etl.read.register.limits import read_bytes
from geodata import crs
from geodata.analysis.readings import in_china, parse_angle
from geodata.errors import ManyErrors, UserError

Floats = npt.NDArray[np.float64]

# First header that is found, compared without case and blanks.
_HEADERS = {
    "id": ("id", "code", "编号", "代码", "行政区划代码"),
    "name_zh": ("name_zh", "name", "village", "township", "名称", "村名", "乡镇", "中文名称"),
    "name_en": ("name_en", "英文名称"),
    "lon": ("lon", "longitude", "lng", "x", "经度", "@x"),
    "lat": ("lat", "latitude", "y", "纬度", "@y"),
    "weight": ("weight", "children", "population", "人口", "儿童", "儿童数", "人口数", "权重"),
    "kind": ("kind", "urban_rural", "城乡"),
}
_KINDS = {"urban": "urban", "rural": "rural", "城镇": "urban", "城市": "urban", "乡村": "rural", "农村": "rural"}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# A raster of 100 m cells over the whole country has 2.4e9 of them.
MAX_CELLS = 3_000_000_000
# As many blocks as a release of all villages would have points, before those without people are left out.
MOST_BLOCKS = 200_000


@dataclass(frozen=True)
class RawDemand:
    """Demand points in the form of a gazetteer, and what was set aside.

    Attributes
    ----------
    table
        settlement_id, name_zh (or None), name_en, lon, lat (WGS-84), population (the weight, above 0), kind (urban or
        rural; rural where the file does not say, which nothing is computed from).
    rejected
        row, value, reason.
    people
        Sum of the weights that were accepted; for a raster equal to the sum of its cells.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    sha256: str
    people: float


def read_demand(file: Path) -> RawDemand:
    """Demand points of `file`: a table or layer with lon, lat and weight, or a GeoTIFF of people a cell.

    Raises
    ------
    UserError
        If the file cannot be read, has no such columns, or holds no place with people.
    """
    with _readable(file).open("rb") as opened:
        is_raster = opened.read(4) in _TIFF
    return _raster(file) if is_raster else _points(file)


def _readable(file: Path) -> Path:
    if not file.is_file():
        raise UserError("The demand points cannot be read", file=file, expected="a table of points or a GeoTIFF")
    return file


def _points(file: Path) -> RawDemand:
    raw, content = read_apart(file), read_bytes(file)
    headers = _headers(raw["headers"], file)
    rows, rejected, seen = [], [], set()
    for number, cells in raw["rows"]:
        point = {name: cells.get(header, "") for name, header in headers.items()}
        lon, lat, weight = (parse_angle(point[name]) for name in ("lon", "lat", "weight"))
        point_id = point.get("id") or f"row-{number}"
        reason = _reason(lon, lat, weight, taken=point_id in seen)
        if reason or lon is None or lat is None or weight is None:
            value = ", ".join(point[name] for name in ("lon", "lat", "weight"))
            rejected.append({"row": number, "value": value, "reason": reason})
            continue
        seen.add(point_id)
        name = point.get("name_zh") or None
        kind = _KINDS.get(point.get("kind", "").lower(), "rural")
        rows.append((f"own-{point_id}", name, point.get("name_en") or name or point_id, lon, lat, weight, kind))
    if not rows:
        faults = [UserError(row["reason"], file=file, row=row["row"], value=row["value"]) for row in rejected[:20]]
        raise ManyErrors(f"{file}: no demand point can be used:", faults)
    columns = ["settlement_id", "name_zh", "name_en", "lon", "lat", "population", "kind"]
    table = pd.DataFrame(rows, columns=columns)
    aside = pd.DataFrame(rejected, columns=["row", "value", "reason"])
    return RawDemand(table, aside, hashlib.sha256(content).hexdigest(), float(table["population"].sum()))


def _headers(found: list[str], file: Path) -> dict[str, str]:
    plain = {header.replace(" ", "").lower(): header for header in found}
    headers = {
        name: next(plain[word] for word in words if word in plain)
        for name, words in _HEADERS.items()
        if any(word in plain for word in words)
    }
    missing = [name for name in ("lon", "lat", "weight") if name not in headers]
    if missing:
        raise UserError("A column of the demand points is missing", file=file, value=", ".join(missing),
                        expected="columns lon, lat, weight; id, name and kind (urban, rural) if known")  # fmt: skip
    return headers


def _reason(lon: float | None, lat: float | None, weight: float | None, *, taken: bool) -> str:
    if lon is None or lat is None or weight is None:
        return "Longitude, latitude or weight is no number"
    if not in_china(np.array([lon]), np.array([lat]))[0]:
        return "This place is not in China: degrees of WGS-84 are expected"
    if weight < 0:
        return "A weight cannot be negative"
    if weight == 0:
        return "Nobody lives here: a weight of 0"
    return "This id was used before" if taken else ""


def _raster(file: Path) -> RawDemand:
    """A point for each block of cells: on its fullest cell, with the people of the whole block."""
    try:
        # No sidecar files, no other driver: a raster of a stranger reads nothing but itself.
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", CPL_VSIL_CURL_ALLOWED_EXTENSIONS="{none}"),
            rasterio.open(file, driver="GTiff") as raster,
        ):
            if raster.width * raster.height > MAX_CELLS:
                raise UserError("This raster is too large", file=file, value=f"{raster.width} x {raster.height} cells",
                                expected=f"at most {MAX_CELLS:,} cells")  # fmt: skip
            if raster.crs is None:
                raise UserError("This raster does not say its system of coordinates", file=file)
            side = max(1, int(np.ceil(np.sqrt(raster.width * raster.height / MOST_BLOCKS))))
            strips = [_strip(raster, top, side, file) for top in range(0, raster.height, side)]
            columns, rows, people = (np.concatenate(parts) for parts in zip(*strips, strict=True))
            to = raster.transform
            x = to.c + to.a * (columns + 0.5) + to.b * (rows + 0.5)
            y = to.f + to.d * (columns + 0.5) + to.e * (rows + 0.5)
            lon, lat = crs.wgs84_from_crs(raster.crs.to_wkt(), x, y)
    except (RasterioError, CRSError) as error:
        raise UserError("This raster cannot be read", file=file, value=str(error).replace(str(file), file.name),
                        expected="a GeoTIFF of people a cell") from error  # fmt: skip
    inside = in_china(lon, lat)
    if not inside.any():
        raise UserError("This raster shows nobody in China", file=file, expected="people a cell, above 0 somewhere")
    ids = [f"cell-{row}-{column}" for row, column in zip(rows[inside], columns[inside], strict=True)]
    table = pd.DataFrame(
        {"settlement_id": ids, "name_zh": None, "name_en": ids, "lon": lon[inside], "lat": lat[inside],
         "population": people[inside], "kind": "rural"}
    )  # fmt: skip
    outside = pd.DataFrame(
        {"row": rows[~inside], "value": people[~inside].astype(str), "reason": "This block is not in China"}
    )
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return RawDemand(table, outside, sha256, float(people[inside].sum()))


def _strip(
    raster: rasterio.DatasetReader, top: int, side: int, file: Path
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Column, row and people of the fullest cell of each block with anybody in `side` rows from `top`."""
    height = min(side, raster.height - top)
    cells = raster.read(1, window=Window(0, top, raster.width, height), masked=True)
    people = np.nan_to_num(np.ma.filled(cells.astype(float), 0.0), posinf=-1.0, neginf=-1.0)
    if (people < 0).any():
        raise UserError("A cell of this raster holds fewer than nobody", file=file, row=top, value=float(people.min()),
                        expected="people of 0 or more, and the empty cells marked as no data")  # fmt: skip
    blocks = -(-raster.width // side)
    padded = np.zeros((height, blocks * side))
    padded[:, : raster.width] = people
    by_block = padded.reshape(height, blocks, side).transpose(1, 0, 2).reshape(blocks, height * side)
    total = by_block.sum(axis=1)
    block = np.flatnonzero(total > 0)
    row, column = np.divmod(by_block[block].argmax(axis=1), side)
    return column + block * side, row + top, total[block]
