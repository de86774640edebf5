"""Which reader a file needs, by what it is and not only by what it is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from etl.read.register import forms, shapes, tables
from etl.read.register.limits import RawTable, decode, open_zip, read_bytes
from geodata.errors import UserError

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz")
_SQLITE, _ZIP, _OLD_EXCEL = b"SQLite format 3\0", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_raw(file: Path) -> RawTable:
    """The rows of `file`.

    Raises
    ------
    UserError
        If the file is too large, of an unknown kind, damaged, or holds what a register has no business to hold.
    """
    content, ending = read_bytes(file), file.suffix.lower()
    if content.startswith(_SQLITE):
        return shapes.read_geopackage(file, file)
    if content.startswith(_OLD_EXCEL):
        raise UserError("This is an old Excel file", file=file, expected="saved as .xlsx or .csv")
    if content.startswith(_ZIP):
        return _packed(content, file)
    if ending == ".kml" or content[:400].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return shapes.read_kml(content, file)
    if ending in {".json", ".geojson"}:
        return _json(content, file)
    if ending in {".csv", ".txt", ".tsv"}:
        return tables.read_csv(content, file)
    raise UserError("This kind of file is not known", file=file, value=ending or "no ending",
                    expected="one of " + ", ".join(ENDINGS))  # fmt: skip


def needs_gdal(file: Path) -> bool:
    """Whether GDAL will read `file`: then its drivers are to be thinned out first."""
    try:
        with file.open("rb") as opened:
            head = opened.read(16)
    except OSError:
        return False
    return head.startswith(_SQLITE) or (head.startswith(_ZIP) and file.suffix.lower() == ".zip")


def _packed(content: bytes, file: Path) -> RawTable:
    names = [name.lower() for name in open_zip(content, file).namelist()]
    if any(name.endswith(".shp") for name in names):
        return shapes.read_shapefile(content, file)
    if "xl/workbook.xml" in names or file.suffix.lower() == ".xlsx":
        return tables.read_xlsx(content, file)
    if any(name.endswith(".kml") for name in names):
        return shapes.read_kmz(content, file)
    raise UserError("This ZIP holds no register that is known", file=file, value=", ".join(names[:5]),
                    expected="an XLSX, a zipped Shapefile or a KMZ")  # fmt: skip


def _json(content: bytes, file: Path) -> RawTable:
    text, _ = decode(content, file)
    try:
        parsed: Any = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise UserError("This JSON is nested too deeply", file=file) from error
    except ValueError as error:
        raise UserError("This JSON cannot be read", file=file, value=str(error), expected="JSON in UTF-8") from error
    if isinstance(parsed, dict) and "elements" in parsed:
        return forms.read_overpass(parsed, file)
    if isinstance(parsed, dict) and parsed.get("type") in ("FeatureCollection", "Feature"):
        return shapes.read_geojson(parsed, file)
    if isinstance(parsed, dict | list):
        return forms.read_form(parsed, file)
    raise UserError("This JSON is no register", file=file, expected="an object or a list")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
