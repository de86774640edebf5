"""The user's register of centres: a CSV file, in UTF-8 (with or without BOM) or GB18030. All faults in one report."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geodata.catalogue.service_types import load_service_types
from geodata.errors import ManyErrors, UserError

COLUMNS = ("centre_id", "name_zh", "name_en", "type", "services", "lon", "lat", "capacity", "status")
STATUSES = ("open", "planned", "closed")
_NEVER_EMPTY = ("centre_id", "name_zh", "type", "lon", "lat", "status")
# China and its waters, degrees; a point outside is a slip.
_WEST, _EAST, _SOUTH, _NORTH = 73.0, 136.0, 3.0, 54.0
_TEMPLATE = "a CSV file with the columns " + ", ".join(COLUMNS)


@dataclass(frozen=True)
class RawCentres:
    """The columns of a register plus `row` (as a spreadsheet counts), not yet in counties; and the file's hash."""

    table: pd.DataFrame
    sha256: str


def read_centres(file: Path) -> RawCentres:
    """The register in `file`. An empty name_en repeats name_zh; services and capacity may be empty.

    Raises
    ------
    UserError
        If the file cannot be read or a column is missing, and for every wrong cell: row, column, value, what is right.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            "The register of centres cannot be read", file=file, value=error.strerror, expected=_TEMPLATE
        ) from error
    rows = _rows(content, file)
    errors: list[UserError] = []
    seen: dict[str, int] = {}
    centres = []
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue  # spreadsheets leave blank lines at the end
        if len(row) != len(COLUMNS):
            errors.append(
                UserError("This row has too many or too few cells", file=file, row=number, value=len(row),
                          expected=f"{len(COLUMNS)} cells")
            )  # fmt: skip
            continue
        centre, faults = _centre(dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True)), file, number)
        errors.extend(faults)
        centre_id = str(centre["centre_id"])
        if centre_id in seen:
            errors.append(
                UserError("This centre_id was used before", file=file, row=number, column="centre_id",
                          value=centre_id, expected=f"an id of its own; row {seen[centre_id]} has it")
            )  # fmt: skip
        elif centre_id:
            seen[centre_id] = number
        centres.append(centre)
    if errors:
        raise ManyErrors(f"{file} has {len(errors)} faults; nothing was imported:", errors)
    if not centres:
        raise UserError("The register holds no centre", file=file, expected="at least one row below the header")
    return RawCentres(pd.DataFrame(centres), hashlib.sha256(content).hexdigest())


def _rows(content: bytes, file: Path) -> list[list[str]]:
    """The rows below the header, cells in the order of `COLUMNS`."""
    try:
        text = _decode(content, file)
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise UserError("This is no readable CSV", file=file, value=str(error), expected=_TEMPLATE) from error
    except ValueError:
        raise UserError("The register is empty", file=file, expected=_TEMPLATE) from None
    names = [name.strip() for name in header]
    missing, unknown = [n for n in COLUMNS if n not in names], [n for n in names if n not in COLUMNS]
    if missing or unknown or len(set(names)) != len(names):
        fault = f"missing {', '.join(missing)}" if missing else f"unknown or double {', '.join(unknown or names)}"
        raise UserError("The columns are not as declared", file=file, row=1, value=fault, expected=_TEMPLATE)
    order = [names.index(name) for name in COLUMNS]
    return [[row[at] for at in order] if len(row) == len(names) else row for row in rows]


def _decode(content: bytes, file: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError("The encoding of this file is unknown", file=file, expected="UTF-8 or GB18030")


def _centre(cells: dict[str, str], file: Path, row: int) -> tuple[dict[str, object], list[UserError]]:
    """A row as a centre and what is wrong with it."""
    faults = [
        UserError("This cell must not be empty", file=file, row=row, column=column, expected="a value")
        for column in _NEVER_EMPTY
        if not cells[column]
    ]
    types = load_service_types()
    if cells["type"] and cells["type"] not in types:
        faults.append(_fault("This type of centre is unknown", "one of " + ", ".join(types), file, row, "type", cells))
    if cells["status"] and cells["status"] not in STATUSES:
        faults.append(_fault("This status is unknown", "one of " + ", ".join(STATUSES), file, row, "status", cells))
    lon, lat, capacity = (_number(cells[column]) for column in ("lon", "lat", "capacity"))
    for column, number in (("lon", lon), ("lat", lat), ("capacity", capacity)):
        if cells[column] and number is None:
            faults.append(_fault("This is not a number", "digits with a decimal point", file, row, column, cells))
    if capacity is not None and capacity < 0:
        faults.append(_fault("A capacity cannot be negative", "0 or more", file, row, "capacity", cells))
    if lon is not None and lat is not None:
        faults.extend(_misplaced(lon, lat, file, row, cells))
    services = [name.strip() for name in cells["services"].replace(";", ",").split(",") if name.strip()]
    centre: dict[str, object] = {
        **cells,
        "name_en": cells["name_en"] or cells["name_zh"],
        "services": ",".join(services),
        "lon": lon,
        "lat": lat,
        "capacity": capacity,
        "row": row,
    }
    return centre, faults


def _misplaced(lon: float, lat: float, file: Path, row: int, cells: dict[str, str]) -> list[UserError]:
    if _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH:
        return []
    if _WEST <= lat <= _EAST and _SOUTH <= lon <= _NORTH:
        return [
            UserError("Longitude and latitude are swapped", file=file, row=row, column="lon, lat",
                      value=f"{cells['lon']}, {cells['lat']}", expected=f"{cells['lat']}, {cells['lon']}")
        ]  # fmt: skip
    return [
        UserError("This place is not in China", file=file, row=row, column="lon, lat",
                  value=f"{cells['lon']}, {cells['lat']}",
                  expected=f"degrees (WGS-84): lon {_WEST:g} to {_EAST:g}, lat {_SOUTH:g} to {_NORTH:g}")
    ]  # fmt: skip


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _fault(message: str, expected: str, file: Path, row: int, column: str, cells: dict[str, str]) -> UserError:
    return UserError(message, file=file, row=row, column=column, value=cells[column], expected=expected)
