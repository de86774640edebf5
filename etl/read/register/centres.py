"""The user's register of centres, whatever it came in: good rows, broken rows with reasons, and how it was read."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from etl.read.register.child import read_apart
from etl.read.register.limits import RawTable, read_bytes
from etl.read.register.mapping import Mapping, RegisterReading, guess, load_reading
from etl.read.register.rows import Row, centre_of, make_row
from geodata.errors import ManyErrors, UserError

COLUMNS = (
    "centre_id", "name_zh", "name_en", "programme", "type", "services", "x", "y", "crs", "county", "prefecture",
    "province", "address", "opened", "closed", "capacity", "staff", "status", "verified", "source", "licence", "row",
)  # fmt: skip
_NUMBERS = ("x", "y", "capacity", "staff")


@dataclass(frozen=True)
class RawCentres:
    """A register as read, not yet in counties.

    Attributes
    ----------
    table
        `COLUMNS`. x, y are WGS-84 degrees where `crs` says a system, else as given; not a number where there is no
        place. `row` counts as a spreadsheet does.
    rejected
        row, centre_id, column, value, reason, expected: why each broken row was set aside.
    mapping
        Which header was read as what, and the headers that were not read.
    format, encoding
        What the file is.
    sha256
        Of the file.
    origin
        What the mapping's source file says of producer and licence, if there is one.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    mapping: Mapping
    format: str
    encoding: str | None
    sha256: str
    origin: dict[str, Any] | None = None

    @property
    def rows_read(self) -> int:
        """Rows with anything in them: good ones and rejected ones."""
        return len(self.table) + int(self.rejected["row"].nunique())


def read_centres(file: Path, mapping_file: Path | None = None, *, strict: bool = False) -> RawCentres:
    """The register in `file`, parsed in a process of its own; broken rows are set aside with their reasons.

    Parameters
    ----------
    file
        CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ, or JSON of Kobo, ODK or Overpass.
    mapping_file
        A source file as in `etl/sources/registers/`, where the guessed meaning of columns is not the right one.
    strict
        Refuse the file if any row is broken.

    Raises
    ------
    UserError
        If the file cannot be read, no row is good, or a correction no longer fits; with `strict` for each fault.
    """
    reading, origin = load_reading(mapping_file) if mapping_file else (RegisterReading(), None)
    content = read_bytes(file)
    fields = read_apart(file)
    raw = RawTable(fields["format"], fields["headers"], crs=fields["crs"], encoding=fields["encoding"])
    raw.rows = [(number, cells) for number, cells in fields["rows"]]
    return interpret(raw, file, reading, strict=strict, sha256=hashlib.sha256(content).hexdigest(), origin=origin)


def interpret(
    raw: RawTable, file: Path, reading: RegisterReading, *, strict: bool, sha256: str,
    origin: dict[str, Any] | None = None,
) -> RawCentres:  # fmt: skip
    """What the rows of `raw` say, by the columns they stand in."""
    mapping = guess(raw.headers, reading, file)
    if not {"name", "name_zh", "name_en"} & set(mapping.columns):
        raise UserError("No column is known as the name of a centre", file=file, value=", ".join(raw.headers[:20]),
                        expected="a column like name or 名称, or one named in a --mapping file")  # fmt: skip
    centres, faults, seen = [], [], dict[str, int]()
    for number, cells in raw.rows:
        row = make_row(cells, number, mapping, file)
        _correct(row, reading)
        centre = centre_of(row, reading, raw.crs)
        centre_id = str(centre["centre_id"])
        if centre_id in seen:
            row.fault("This centre_id was used before", "centre_id", f"an id of its own; row {seen[centre_id]} has it")
        if row.faults:
            faults.append(row)
        else:
            seen[centre_id] = number
            centres.append(centre)
    if strict and faults:
        listed = [fault for row in faults for fault in row.faults]
        raise ManyErrors(f"{file} has {len(listed)} faults; nothing was imported:", listed)
    if not centres:
        reasons = [fault for row in faults[:20] for fault in row.faults]
        raise ManyErrors(f"{file}: the register holds no centre that can be read:", reasons)
    _refuse_idle_corrections(reading, [str(row["centre_id"]) for row in centres], faults, file)
    table = pd.DataFrame(centres, columns=list(COLUMNS)).astype(dict.fromkeys(_NUMBERS, float))
    return RawCentres(table, _rejected(faults), mapping, raw.format, raw.encoding, sha256, origin)


def write_rejected(rejected: pd.DataFrame, file: Path) -> None:
    """The rejected rows as CSV for a spreadsheet: a cell that a spreadsheet would run as a formula is quoted."""
    shown = rejected.map(lambda cell: f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t", "\r")) else cell)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        shown.to_csv(file, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    except OSError as error:
        raise UserError("The list of rejected rows cannot be written", file=file, value=error.strerror,
                        expected="a folder you may write to") from error  # fmt: skip


def _correct(row: Row, reading: RegisterReading) -> None:
    for correction in reading.corrections:
        if row.cells.get("centre_id") != correction.centre_id:
            continue
        found = row.cells.get(correction.column, "")
        if found != correction.expect:
            raise UserError("A correction no longer fits the register", file=row.file, row=row.number,
                            column=correction.column, value=found,
                            expected=f"{correction.expect!r}; drop the correction ({correction.reason})")  # fmt: skip
        row.cells[correction.column] = correction.value


def _refuse_idle_corrections(reading: RegisterReading, good: list[str], faults: list[Row], file: Path) -> None:
    known = {*good, *(row.cells.get("centre_id", "") for row in faults)}
    for correction in reading.corrections:
        if correction.centre_id not in known:
            raise UserError("A correction names a centre that the register does not have", file=file,
                            column="centre_id", value=correction.centre_id, expected="drop the correction")  # fmt: skip


def _rejected(faults: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "row": row.number,
                "centre_id": row.cells.get("centre_id", ""),
                "column": fault.column or "",
                "value": "" if fault.value is None else str(fault.value),
                "reason": fault.message,
                "expected": fault.expected or "",
            }
            for row in faults
            for fault in row.faults
        ],
        columns=["row", "centre_id", "column", "value", "reason", "expected"],
    )
