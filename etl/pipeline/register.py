"""A user's register from file to the table `centres`: read, put into counties, mended if agreed, told in the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from etl.place.doctor import CountyNames, PlacedCentres, county_names, findings, place_centres
from etl.read.boundaries import RawBoundaries
from etl.read.register.centres import RawCentres, read_centres, write_rejected
from etl.read.sources import SourceEntry
from etl.report import Report
from geodata.analysis.coordinates import datum_stakes
from geodata.analysis.readings import DATUMS
from geodata.catalogue.load import parse_entry
from geodata.errors import UserError
from geodata.settings import data_dir
from geodata.text import LANGUAGES

_STEP = "Register of centres"
_DOCTOR = "Coordinate doctor"
_DATUM_WORDS = {"gcj02": "GCJ-02 (Amap, Tencent)", "bd09": "BD-09 (Baidu)"}


@dataclass(frozen=True)
class RegisterChoice:
    """Which register, and how the person wants it: file, mapping file, whether fixes are agreed to, whether strict."""

    file: Path
    mapping: Path | None = None
    apply_fixes: bool = False
    strict: bool = False

    def read(self) -> RawCentres:
        """The register as read; see `read_centres`."""
        return read_centres(self.file, self.mapping, strict=self.strict)


def places_of(raw: RawBoundaries) -> CountyNames:
    """Counties of the boundaries, as the doctor wants them: in full detail, because 400 m would hide GCJ-02."""
    return county_names(raw.counties, raw.units_above, raw.outlines)


def placed_register(choice: RegisterChoice, raw: RawCentres, names: CountyNames) -> PlacedCentres:
    """The register in its counties.

    Raises
    ------
    UserError
        If none of its centres is in a county; in strict mode, if any is not.
    """
    placed = place_centres(raw.table, names, apply_fixes=choice.apply_fixes)
    lost = placed.rejected
    if len(lost) and (choice.strict or placed.table.empty):
        first = lost.iloc[0]
        raise UserError(f"{len(lost)} centres of the register lie in no county; nothing was imported",
                        file=choice.file, row=int(first["row"]), column=first["column"], value=first["value"],
                        expected=first["expected"])  # fmt: skip
    return placed


def all_rejected(raw: RawCentres, placed: PlacedCentres) -> pd.DataFrame:
    """Every row that was set aside, whether it could not be read or not be placed."""
    return pd.concat([raw.rejected, placed.rejected], ignore_index=True).sort_values("row", kind="stable")


def write_quarantine(choice: RegisterChoice, raw: RawCentres, placed: PlacedCentres) -> Path | None:
    """The rejected rows with their reasons as a CSV file in the data folder; None where there are none."""
    rejected = all_rejected(raw, placed)
    if rejected.empty:
        return None
    file = data_dir() / "rejected" / f"{choice.file.stem}.rejected.csv"
    write_rejected(rejected, file)
    return file


def note_register(report: Report, raw: RawCentres, placed: PlacedCentres) -> None:
    """Read = accepted + rejected; why rows were rejected; what the doctor found, proposed and was allowed to apply."""
    rejected = all_rejected(raw, placed)
    accepted, aside = len(placed.table), int(rejected["row"].nunique())
    report.note(_STEP, "rows read", raw.rows_read, accepted + aside, ok=raw.rows_read == accepted + aside)
    report.note(_STEP, "rows accepted", accepted)
    report.note(_STEP, "rows rejected", aside)
    for reason, count in rejected.groupby("reason")["row"].nunique().items():
        report.note(_STEP, f"rejected: {reason}", int(count))
    for how, count in placed.table["coordinates"].value_counts().sort_index().items():
        report.note(_STEP, f"places: {how}", int(count))
    unsaid = len(datum_unsaid(placed))
    if unsaid:
        report.note(_DOCTOR, "coordinate system not said, read as WGS-84; if it is another, some 500 m off", unsaid)
    for row in findings(placed.checks).itertuples():
        report.note(_DOCTOR, f"{row.centre_id}, row {row.row}: {row.finding}", finding_text(row))


def datum_unsaid(placed: PlacedCentres) -> pd.DataFrame:
    """The centres with a place whose coordinate system nobody says and the doctor could not tell: read as WGS-84."""
    if placed.checks["fix"].isin([reading.id for reading in DATUMS]).any():
        return placed.table.iloc[:0]
    table = placed.table
    return table[(table["coordinates"] == "as_given") & table["crs"].isna()]


def datum_lines(placed: PlacedCentres, names: CountyNames) -> list[str]:
    """The question that only the maker of the register can answer, and what hangs on it; empty where it is answered."""
    rows = datum_unsaid(placed)
    if rows.empty:
        return []
    county = pd.Index(names.outlines.codes).get_indexer(pd.Index(rows["code"]))
    stakes = [
        f"  If they are {_DATUM_WORDS[stake.reading]}, each lies some {stake.moved_m:,.0f} m off (median); "
        f"{stake.coming} would come into the county they name, {stake.leaving} would leave it."
        for stake in datum_stakes(rows["lon"], rows["lat"], county, names.outlines)
    ]
    return [
        f"Coordinate system: {len(rows)} places do not say theirs and counties cannot tell it: read as WGS-84.",
        *stakes,
        "  Which is it? Say so in a column `crs`, or with `constants: {crs: GCJ-02}` in a file for --mapping.",
    ]


def finding_text(row: Any) -> str:
    """What is proposed or was done, with the metres."""
    outside = "" if np.isnan(row.outside_m) or row.outside_m == 0 else f"{row.outside_m:,.0f} m outside its county; "
    if not row.fix:
        return f"{outside}no fix"
    done = "applied" if row.applied else "proposed"
    moved = "" if np.isnan(row.moved_m) else f", moves {row.moved_m:,.0f} m"
    where = "" if np.isnan(row.fixed_lon) else f" to {row.fixed_lon:.5f}, {row.fixed_lat:.5f}"
    return f"{outside}{row.fix} {done}{where}{moved}"


def origin_row(raw: RawCentres, choice: RegisterChoice) -> dict[str, str] | None:
    """Who made the register, as in the table `sources`, where the mapping's source file says so.

    Raises
    ------
    UserError
        If that file says something of it but not all.
    """
    stated = {key: value for key, value in (raw.origin or {}).items() if key != "read"}
    if not stated or choice.mapping is None:
        return None
    entry = parse_entry(SourceEntry, stated, choice.mapping)
    texts = {
        f"{name}_{language}": getattr(entry, name).to(language)
        for name in ("title", "producer", "licence")
        for language in LANGUAGES
    }
    return {**texts, "year": entry.year, "citation": entry.citation, "url": entry.url or ""}


def check_lines(choice: RegisterChoice, raw: RawCentres, names: CountyNames) -> list[str]:
    """What `check FILE` prints: how the file was read, what was set aside and why, and what the doctor says."""
    placed = placed_register(choice, raw, names)
    accepted, rejected = placed.table, all_rejected(raw, placed)
    by_status = ", ".join(f"{count} {status}" for status, count in accepted["status"].value_counts().items())
    lines = [f"{choice.file}: {raw.format}{f', {raw.encoding}' if raw.encoding else ''}; {raw.rows_read} rows"]
    lines += ["Columns (put right in the `read: columns:` of a file for --mapping):"]
    lines += [f"  {field}: {', '.join(headers)}" for field, headers in raw.mapping.columns.items()]
    if raw.mapping.unused:
        lines.append(f"  not read: {', '.join(raw.mapping.unused)}")
    if "status" not in raw.mapping.columns and "status" not in raw.mapping.reading.constants:
        lines.append("  status: no such column, so all count as open unless they have a closing date")
    lines.append(f"{len(accepted)} centres are as they should be ({by_status}).")
    unplaced = int(accepted["lon"].isna().sum())
    if unplaced:
        lines.append(f"{unplaced} of them have no usable place: they count for their county and for no distance.")
    if len(rejected):
        lines.append(f"{rejected['row'].nunique()} rows were set aside:")
        lines += [
            f"  row {row.row}, {row.column}: {row.reason}. Found {row.value!r}. Expected {row.expected}."
            for row in rejected.itertuples()
        ]
    said = findings(placed.checks)
    lines.append(f"Coordinate doctor: {len(said)} of {len(placed.checks)} places to look at.")
    lines += [f"  row {row.row}, {row.centre_id}: {row.finding}; {finding_text(row)}" for row in said.itertuples()]
    lines += datum_lines(placed, names)
    if (said["fix"] != "").any():
        lines.append("To apply these fixes: python -m etl build --centres FILE --apply-fixes")
    return lines
