"""A user's official counts on their way into a release: read, placed, in the figures, with their origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from etl.measure.official import with_official
from etl.place.counts import PlacedCounts, place_counts
from etl.read.counts import RawCounts, read_counts
from etl.read.sources import read_sources
from etl.report import Report
from geodata.analysis.resolve import TimeMachine
from geodata.errors import UserError

SOURCE = "counts"


@dataclass(frozen=True)
class Imported:
    """The figures with the counts in them, and what was placed, file by file."""

    figures: pd.DataFrame
    placed: tuple[PlacedCounts, ...]


def with_counts(
    tables: Mapping[str, pd.DataFrame], files: Sequence[RawCounts]
) -> tuple[dict[str, pd.DataFrame], Imported]:
    """The tables of a release with the counts of `files` in `figures` and their origins in `sources`."""
    sources = tables["sources"]
    described = sources[sources["source_id"] != SOURCE]
    if not files:
        return {**tables, "sources": described}, Imported(tables["figures"], ())
    imported = import_counts(files, tables["figures"], TimeMachine(tables["vintages"]), tables["units"])
    named = pd.concat([described, count_sources(files)], ignore_index=True)
    return {**tables, "figures": imported.figures, "sources": named}, imported


def import_counts(
    files: Sequence[RawCounts], figures: pd.DataFrame, machine: TimeMachine, units: pd.DataFrame
) -> Imported:
    """Figures with the counts of all `files`, later files around earlier ones.

    Raises
    ------
    UserError
        For every fault of a file; nothing is imported by halves. A county counted in two files is a fault.
    """
    counties = units[units["level"] == "county"].set_index("code")["province_code"]
    placed: list[PlacedCounts] = []
    for raw in files:
        found = place_counts(pd.DataFrame([asdict(row) for row in raw.rows]), machine, units, raw.file)
        _refuse_twice(found, placed, raw.file)
        figures = with_official(figures, found.counties, found.provinces, counties, raw.file)
        placed.append(found)
    return Imported(figures, tuple(placed))


def count_sources(files: Sequence[RawCounts]) -> pd.DataFrame:
    """Rows of the table `sources`: one a source and licence that the files name, with the file's hash."""
    described = read_sources()
    template = described[described["source_id"] == SOURCE].drop(columns="file").iloc[0]
    origins = {(row.source, row.licence, raw.sha256): row.year for raw in files for row in raw.rows}
    rows = []
    for number, ((source, licence, sha256), year) in enumerate(origins.items(), start=1):
        row = template.to_dict() | {"source_id": SOURCE if number == 1 else f"{SOURCE}_{number}", "sha256": sha256}
        row |= {"producer_zh": source, "producer_en": source, "licence_zh": licence, "licence_en": licence}
        rows.append(row | {"year": str(year), "citation": source})
    return pd.DataFrame(rows, columns=described.columns.drop("file"))


def note_counts(report: Report, files: Sequence[RawCounts], imported: Imported) -> None:
    """Rows read and placed by definition, and everything that was shared out by an estimate."""
    for raw, placed in zip(files, imported.placed, strict=True):
        step = f"Official counts, {raw.file.name}"
        report.note(step, "rows read", len(raw.rows))
        report.note(step, "rows rejected", 0, 0)
        for definition, rows in placed.counties.groupby("definition"):
            report.note(step, f"counties of today: {definition}", len(rows))
        report.note(step, "province totals shared out among the rest", len(placed.provinces))
        for note in placed.notes:
            report.note(step, "shared out", note)


def check_counts(file: Path, figures: pd.DataFrame, machine: TimeMachine, units: pd.DataFrame) -> Iterator[str]:
    """Lines on a file that is in order, or a `UserError` that names every fault. Nothing is imported."""
    raw = read_counts(file)
    imported = import_counts([raw], figures, machine, units)
    for placed in imported.placed:
        yield (
            f"{file}: {len(raw.rows)} rows are as they should be "
            f"({len(placed.counties)} counts of counties of today, {len(placed.provinces)} totals of provinces)."
        )
        yield from placed.notes


def _refuse_twice(found: PlacedCounts, before: list[PlacedCounts], file: Path) -> None:
    key = ["definition", "scope", "year", "code"]
    for earlier in before:
        twice = found.counties.merge(earlier.counties[key], on=key)
        if len(twice):
            first = twice.iloc[0]
            raise UserError("Another file counts this county too", file=file, row=int(first["row"]),
                            value=first["code"], expected="each county in one file")  # fmt: skip
