"""Geometries: GeoJSON, KML and KMZ, GeoPackage, and Shapefiles in a ZIP. A line or area becomes a point on it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError  # names only: defusedxml does the reading

import defusedxml.ElementTree
import numpy as np
import shapely
from defusedxml.common import DefusedXmlException

from etl.read.register.limits import RawTable, decode, open_zip, read_member, refuse_doctype
from geodata.errors import UserError

X, Y = "@x", "@y"
# The only two drivers GDAL keeps: all others, VRT and the network ones first, could read what no register names.
DRIVERS = ("ESRI Shapefile", "GPKG")
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GDAL_ENV = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "OGR_SQLITE_STATIC_VIRTUAL_OGR": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "GDAL_DRIVER_PATH": "disable",
}


def read_geojson(content: dict[str, Any], file: Path) -> RawTable:
    """A FeatureCollection or Feature; its old-style `crs` member counts, without one it is WGS-84 as RFC 7946 says."""
    features = content.get("features") if content.get("type") == "FeatureCollection" else [content]
    if not isinstance(features, list):
        raise UserError("This GeoJSON holds no features", file=file, key="features", expected="a list")
    table = RawTable("geojson", crs=_geojson_crs(content))
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict):
            table.add(number, {"@broken": "no feature"}, file)
            continue
        properties = feature.get("properties")
        cells = {str(key): text(value) for key, value in properties.items()} if isinstance(properties, dict) else {}
        if "id" in feature and "id" not in cells:
            cells["id"] = text(feature["id"])
        table.add(number, cells | _point_of(feature.get("geometry")), file)
    return table


def read_kml(content: bytes, file: Path) -> RawTable:
    """The placemarks of a KML file. Links to other places are refused: what they show is not in the file."""
    refuse_doctype(content, file)
    try:
        root = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UserError("This KML cannot be read", file=file, value=str(error), expected="well-formed XML") from error
    table = RawTable("kml", crs=None)
    links = 0
    number = 0
    for element in root.iter():
        kind = _local(element)
        links += kind == "NetworkLink"
        if kind == "Placemark":
            number += 1
            table.add(number, _placemark(element), file)
    if links:
        raise UserError("This KML links to other files, which are not read", file=file, value=f"{links} NetworkLink",
                        expected="a KML saved with its places inside")  # fmt: skip
    return table


def read_kmz(content: bytes, file: Path) -> RawTable:
    """The first KML file in a KMZ."""
    packed = open_zip(content, file)
    names = [name for name in packed.namelist() if name.lower().endswith(".kml")]
    if not names:
        raise UserError("This KMZ holds no KML", file=file, expected="a KMZ of Google Earth")
    return read_kml(read_member(packed, names[0], file), file)


def read_shapefile(content: bytes, file: Path) -> RawTable:
    """The one Shapefile in a ZIP. Text is read as its .cpg says, else as UTF-8 or GB18030."""
    packed = open_zip(content, file)
    layers = [name for name in packed.namelist() if name.lower().endswith(".shp")]
    if len(layers) != 1:
        raise UserError("This ZIP does not hold one Shapefile", file=file, value=f"{len(layers)} .shp",
                        expected="one layer with its .shp, .shx, .dbf and .prj")  # fmt: skip
    stem = PurePosixPath(layers[0]).with_suffix("")
    with tempfile.TemporaryDirectory() as folder:
        for name in packed.namelist():
            path = PurePosixPath(name)
            if path.with_suffix("") == stem and path.suffix.lower() in _PARTS:
                (Path(folder) / f"layer{path.suffix.lower()}").write_bytes(read_member(packed, name, file))
        main = Path(folder) / "layer.shp"
        if main.read_bytes()[:4] != b"\0\0\x27\x0a":
            raise UserError("This is no Shapefile", file=file, key=layers[0], expected="a .shp of ESRI's format")
        declared = Path(folder) / "layer.cpg"
        encodings = (None,) if declared.exists() else ("UTF-8", "GB18030")
        for encoding in encodings:
            try:
                return _ogr(main, file, "shapefile", encoding)
            except UnicodeDecodeError:
                continue
    raise UserError("The encoding of this Shapefile is unknown", file=file, expected="UTF-8 or GB18030, or a .cpg")


def read_geopackage(path: Path, file: Path) -> RawTable:
    """The first layer of a GeoPackage."""
    return _ogr(path, file, "geopackage", None)


def keep_only_safe_drivers(arguments: list[str]) -> None:
    """Start this process anew with all GDAL drivers skipped but `DRIVERS`; nothing to do where that is so."""
    import pyogrio  # noqa: PLC0415  # its drivers register on import, by what the environment says then

    others = sorted(set(pyogrio.list_drivers()) - set(DRIVERS))
    if not others:
        return
    if "GDAL_SKIP" in os.environ:
        raise RuntimeError(f"GDAL keeps drivers that it was told to skip: {others}")
    environment = {**os.environ, **_GDAL_ENV, "GDAL_SKIP": ",".join(others)}
    os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606  # this very interpreter


def text(value: object) -> str:
    """A value of JSON or of a table as text; lists as comma-separated words, whole numbers without a point."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        return ",".join(text(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _point_of(geometry: object) -> dict[str, str]:
    """The x and y of a point, or of a point on any other geometry; nothing where there is none."""
    if not isinstance(geometry, dict):
        return {}
    try:
        point = shapely.point_on_surface(shapely.from_geojson(json.dumps(geometry)))
        return {} if point.is_empty else {X: repr(float(shapely.get_x(point))), Y: repr(float(shapely.get_y(point)))}
    except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError):
        return {"@broken": "a geometry that cannot be read"}


def _geojson_crs(content: dict[str, Any]) -> str | None:
    member = content.get("crs")
    name = member.get("properties", {}).get("name") if isinstance(member, dict) else None
    return None if not isinstance(name, str) or name.endswith(("CRS84", "4326", "4490")) else name


def _placemark(placemark: Element) -> dict[str, str]:
    cells: dict[str, str] = {}
    for element in placemark.iter():
        kind, content = _local(element), (element.text or "").strip()
        if kind in {"name", "description", "address"} and content:
            cells.setdefault(kind, content)
        elif kind == "Data":
            value = next((child.text or "" for child in element if _local(child) == "value"), "")
            cells[element.get("name", "")] = value
        elif kind == "SimpleData":
            cells[element.get("name", "")] = content
        elif kind == "coordinates" and content and X not in cells:
            x, _, rest = content.split()[0].partition(",")
            cells |= {X: x, Y: rest.partition(",")[0]}
    return {name: cell for name, cell in cells.items() if name}


def _local(element: Element) -> str:
    # A comment or an instruction has a function for a tag.
    return str(element.tag).rpartition("}")[2]


def _ogr(path: Path, file: Path, kind: str, encoding: str | None) -> RawTable:
    from pyogrio import errors, raw  # noqa: PLC0415  # in a process of its own, see `keep_only_safe_drivers`

    try:
        meta, _, shapes, columns = raw.read(path, encoding=encoding, force_2d=True, datetime_as_string=True)
    except UnicodeDecodeError:
        raise
    except (errors.DataSourceError, errors.DataLayerError, errors.FeatureError, ValueError, OSError) as error:
        said = str(error).replace(str(path), file.name)
        raise UserError(f"This {kind} cannot be read", file=file, value=said) from error
    table = RawTable(kind, crs=cast("str | None", meta["crs"]))
    rows = len(shapes) if shapes is not None else len(columns[0]) if columns else 0
    geometries = np.atleast_1d(shapely.from_wkb(shapes if shapes is not None else [None] * rows, on_invalid="ignore"))
    points = shapely.point_on_surface(geometries)
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    for number in range(rows):
        cells = {str(name): text(_plain(column[number])) for name, column in zip(meta["fields"], columns, strict=True)}
        if np.isfinite(xs[number]) and np.isfinite(ys[number]):
            cells |= {X: repr(float(xs[number])), Y: repr(float(ys[number]))}
        table.add(number + 1, cells, file)
    return table


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


__all__ = [
    "X", "Y", "decode", "keep_only_safe_drivers", "read_geojson", "read_geopackage", "read_kml", "read_kmz",
    "read_shapefile", "text",
]  # fmt: skip
