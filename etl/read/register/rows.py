"""A row of a register as a centre, and everything that is wrong with it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from pyproj.exceptions import CRSError

from etl.read.register.mapping import Mapping, RegisterReading, meaning
from etl.read.register.shapes import X, Y
from geodata import crs
from geodata.analysis.readings import parse_angle
from geodata.catalogue.service_types import load_service_types
from geodata.errors import UserError

STATUSES = ("open", "planned", "closed")
_WGS84, _GCJ02, _BD09 = "WGS-84", "GCJ-02", "BD-09"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(?:人|名|个|children|persons)?")
_DATE = re.compile(r"((?:19|20)\d\d)(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?年?(?:T.*)?")
_BETWEEN = re.compile(r"[,;，；、|]")
_EPSG = re.compile(r"(?:EPSG:)?(\d{4,5})", re.IGNORECASE)


@dataclass
class Row:
    """The cells of one row by field, what is wrong with them, and where."""

    cells: dict[str, str]
    number: int
    file: Path
    headers: dict[str, str]
    faults: list[UserError] = field(default_factory=list)

    def fault(self, message: str, name: str, expected: str) -> None:
        """Note a fault of the cell `name`."""
        self.faults.append(
            UserError(message, file=self.file, row=self.number, column=self.headers.get(name, name),
                      value=self.cells.get(name) or None, expected=expected)
        )  # fmt: skip


def make_row(cells: dict[str, str], number: int, mapping: Mapping, file: Path) -> Row:
    """The fields of a row: the first filled column of each, else the constant of the register."""
    found, headers = {}, {}
    for name, columns in mapping.columns.items():
        filled = next((column for column in columns if cells.get(column)), columns[0])
        found[name], headers[name] = cells.get(filled, ""), filled
    for name, constant in mapping.reading.constants.items():
        found[name] = found.get(name) or constant
    row = Row(found, number, file, headers)
    if "@short" in cells or any(name.startswith("@surplus") for name in cells):
        row.faults.append(
            UserError("This row has too many or too few cells", file=file, row=number,
                      value=cells.get("@short", "too many"), expected="a cell for each column")
        )  # fmt: skip
    if "@broken" in cells:
        row.faults.append(UserError("This entry cannot be read", file=file, row=number, value=cells["@broken"]))
    return row


def centre_of(row: Row, reading: RegisterReading, system: str | None) -> dict[str, object]:
    """The centre in `row`, its place in WGS-84 degrees if a system is declared, else as given; faults are noted in it.

    Parameters
    ----------
    row
        From `make_row`.
    reading
        How this register is read.
    system
        What the file says its geometries are in, if anything.
    """
    name_zh, name_en = _names(row)
    x, y, declared = _place(row, reading, system)
    opened, closed = _date(row, "opened"), _date(row, "closed")
    if opened and closed and closed < opened[: len(closed)]:
        row.fault("This centre closed before it opened", "closed", f"a date after {opened}")
    county = row.cells.get("county", "") or row.cells.get("prefecture", "")
    if x is None and not county and not row.faults:
        row.fault("This row has neither a place nor a county", "county", "coordinates, or a county's name or code")
    return {
        "centre_id": row.cells.get("centre_id") or f"row-{row.number}",
        "name_zh": name_zh,
        "name_en": name_en,
        "programme": row.cells.get("programme") or None,
        "type": _type(row, reading),
        "services": ",".join(_services(row.cells.get("services", ""), reading)),
        "x": x,
        "y": y,
        "crs": declared,
        "county": row.cells.get("county", ""),
        "prefecture": row.cells.get("prefecture", ""),
        "province": row.cells.get("province", ""),
        "address": row.cells.get("address") or None,
        "opened": opened,
        "closed": closed,
        "capacity": _number(row, "capacity"),
        "staff": _number(row, "staff"),
        "status": _status(row, reading, closed),
        "verified": _date(row, "verified"),
        "source": row.cells.get("source") or None,
        "licence": row.cells.get("licence") or None,
        "row": row.number,
    }


def _names(row: Row) -> tuple[str, str]:
    plain = row.cells.get("name", "")
    zh = row.cells.get("name_zh") or (plain if _CHINESE.search(plain) else "")
    en = row.cells.get("name_en") or (plain if plain and not _CHINESE.search(plain) else "")
    if not (zh or en):
        row.fault("This centre has no name", "name", "a name in Chinese or English")
    return zh or en, en or zh


def _type(row: Row, reading: RegisterReading) -> str | None:
    """The kind of centre: as the column says, else as programme or name say."""
    word = row.cells.get("type", "")
    types = load_service_types()
    for text in [word] if word else [row.cells.get(name, "") for name in ("programme", "name", "name_zh", "name_en")]:
        found = text if text in types else meaning("type", text, reading)
        if found in types:
            return found
    row.fault("This type of centre is unknown", "type", "one of " + ", ".join(types) + "; or name it in a mapping")
    return None


def _status(row: Row, reading: RegisterReading, closed: str | None) -> str | None:
    word = row.cells.get("status", "")
    if word:
        found = meaning("status", word, reading)
        if found not in STATUSES:
            row.fault("This status is unknown", "status", "one of " + ", ".join(STATUSES))
        return found
    if closed:
        return "closed"
    if "status" in row.headers:
        row.fault("This cell must not be empty", "status", "one of " + ", ".join(STATUSES))
    return "open"


def _services(text: str, reading: RegisterReading) -> list[str]:
    """Ids of services; a word that none is called stays as it is written."""
    found = []
    for piece in (part.strip() for part in _BETWEEN.split(text)):
        known = meaning("services", piece, reading)
        parts = [meaning("services", word, reading) for word in piece.split()]
        if known is None and len(parts) > 1 and all(parts):
            found += [part for part in parts if part]  # forms write several answers with blanks between them
        elif piece:
            found.append(known or piece)
    return list(dict.fromkeys(found))


def _place(row: Row, reading: RegisterReading, system: str | None) -> tuple[float | None, float | None, str]:
    """x, y and the system: WGS-84 where it was declared and converted, empty where nobody said."""
    texts = row.cells.get("lon", ""), row.cells.get("lat", "")
    from_geometry = row.headers.get("lon") == X and row.headers.get("lat") == Y
    if not any(texts) and row.cells.get("geopoint"):
        parts = row.cells["geopoint"].strip("[]()POINT ").replace(",", " ").replace("，", " ").split()
        texts = (parts[1], parts[0]) if len(parts) >= 2 else ("", row.cells["geopoint"])
    if not any(texts):
        return None, None, ""
    numbers = [parse_angle(text) for text in texts]
    for name, text, number in zip(("lon", "lat"), texts, numbers, strict=True):
        if number is None:
            row.fault("This is not a number" if text else "This cell must not be empty", name,
                      "degrees with a decimal point, or degrees, minutes and seconds")  # fmt: skip
    x, y = numbers
    if x is None or y is None:
        return None, None, ""
    declared = row.cells.get("crs") or reading.crs or (system if from_geometry else "") or ""
    return _converted(row, reading, x, y, declared)


def _converted(
    row: Row, reading: RegisterReading, x: float, y: float, declared: str
) -> tuple[float | None, float | None, str]:
    named = meaning("crs", declared, reading) if declared else ""
    epsg = _EPSG.fullmatch(declared)
    try:
        if not declared or named == _WGS84:
            return x, y, named or ""
        if named in {_GCJ02, _BD09}:
            change = crs.wgs84_from_gcj02 if named == _GCJ02 else crs.wgs84_from_bd09
            lon, lat = change(x, y)
        else:
            lon, lat = crs.wgs84_from_crs(f"EPSG:{epsg[1]}" if epsg else declared, x, y)
    except (CRSError, ArithmeticError):
        row.fault("This system of coordinates is unknown, or the point lies outside of it", "crs",
                  "WGS-84, GCJ-02, BD-09 or an EPSG code")  # fmt: skip
        return None, None, ""
    if not (math.isfinite(float(lon)) and math.isfinite(float(lat))):
        row.fault("This point lies outside its system of coordinates", "lon", f"a point of {declared[:60]}")
        return None, None, ""
    return float(lon), float(lat), named or (epsg[0].upper() if epsg else "file")


def _number(row: Row, name: str) -> float | None:
    text = row.cells.get(name, "")
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    number = float(found[1]) if found else math.nan
    if not math.isfinite(number):
        row.fault("This is not a number of 0 or more", name, "digits with a decimal point")
        return None
    return number


def _date(row: Row, name: str) -> str | None:
    """A year, month or day as ISO 8601 says it: 2019, 2019-05, 2019-05-01."""
    text = row.cells.get(name, "")
    if not text:
        return None
    found = _DATE.fullmatch(text)
    parts = [part for part in found.groups() if part] if found else []
    if not found or not all(1 <= int(part) <= most for part, most in zip(parts[1:], (12, 31), strict=False)):
        row.fault("This is no date", name, "2019, 2019-05 or 2019-05-01")
        return None
    return "-".join(part.zfill(2) for part in parts)
