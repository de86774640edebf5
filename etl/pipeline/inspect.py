"""Looking at what there is: checks of everything that is committed or published, the build report, lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd

from etl.pipeline.register import RegisterChoice, check_lines, places_of
from etl.place.units import load_names
from etl.publish.release import CURRENT, RELEASES, check_tables, content_sha256
from etl.read.boundaries import read_boundaries
from etl.read.estimates import read_estimates
from etl.read.sources import read_sources
from etl.report import page
from geodata.catalogue import load_catalogue
from geodata.catalogue.service_types import load_service_types
from geodata.contracts.release import TABLES
from geodata.errors import UserError
from geodata.settings import data_dir


def check_register(choice: RegisterChoice) -> list[str]:
    """How the register of `choice` is read, what of it is set aside, and what the coordinate doctor says."""
    raw = choice.read()  # first: a file that cannot be read says so before the boundaries are opened
    return check_lines(choice, raw, places_of(read_boundaries()))


def check_project() -> Iterator[str]:
    """A line for each thing that is in order; a `UserError` at the first that is not."""
    catalogue = load_catalogue()
    yield (
        f"catalogue: {len(catalogue.indicators)} indicators, {len(catalogue.measures)} measures, "
        f"{len(catalogue.palettes)} palettes, {len(load_service_types())} types of centres"
    )
    sources = read_sources()
    yield f"sources: {len(sources)}"
    _check_measures_have_sources(set(sources["source_id"]))
    yield f"names: {len(load_names().names)} whole names, {len(load_names().stems)} stems"
    estimates = read_estimates()
    yield f"estimates: {estimates.figures['code'].nunique()} counties, version {estimates.metadata['method_version']}"
    current = current_file()
    if current is None:
        yield "release: none built yet"
        return
    tables = read_release(current)
    checked = check_tables(tables)
    found, stated = content_sha256(checked), tables["release"]["content_sha256"][0]
    if found != stated:
        raise UserError("The release was altered after it was built", file=current, value=found, expected=stated)
    yield f"release: {current.stem}, {len(tables['figures']):,} figures, content as built"


def explain() -> str:
    """The build report of the current release as one page of text."""
    file = current_file()
    if file is None:
        raise UserError("There is no release to explain", file=data_dir(), expected="a release: `python -m etl build`")
    tables = read_release(file, ["release", "build_report"])
    release = tables["release"].iloc[0]
    head = [
        f"Release {release['release_id']}, built {release['built_at']}, {file.stat().st_size / 1e6:.1f} MB",
        f"software {release['version']}, method {release['method_version']}, centres: {release['centres_kind']}",
        f"content {release['content_sha256']}",
    ]
    return "\n".join(head) + "\n" + page(tables["build_report"])


def listing() -> str:
    """Sources, indicators and releases, one a line."""
    lines = ["Sources"]
    lines += [f"  {row.source_id:<18} {row.role:<12} {row.title_en}" for row in read_sources().itertuples()]
    lines.append("Indicators")
    lines += [f"  {i.id:<36} {i.name.en} · {i.name.zh}" for i in load_catalogue().indicators.values()]
    lines.append(f"Releases in {data_dir()}")
    current = current_file()
    releases = sorted((data_dir() / RELEASES).glob("[!.]*.duckdb"))
    lines += [f"  {file.stem}{'  (current)' if file == current else ''}" for file in releases] or ["  none"]
    return "\n".join(lines)


def current_file() -> Path | None:
    """The file of the current release, or None if none was built yet."""
    pointer = data_dir() / CURRENT
    if not pointer.is_file():
        return None
    file = data_dir() / RELEASES / f"{pointer.read_text(encoding='utf-8').strip()}.duckdb"
    if not file.is_file():
        raise UserError("CURRENT names a release that is not there", file=pointer, value=file.stem,
                        expected="a file in releases/; build anew")  # fmt: skip
    return file


def read_release(file: Path, names: list[str] | None = None) -> dict[str, pd.DataFrame]:
    """Tables of the release in `file`, all unless `names` are given."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            return {name: connection.execute(f'FROM "{name}"').df() for name in names or TABLES}
    except duckdb.Error as error:
        raise UserError(
            "This release cannot be read", file=file, value=str(error).splitlines()[0], expected="`python -m etl build`"
        ) from error


def _check_measures_have_sources(known: set[str]) -> None:
    for measure in load_catalogue().measures.values():
        for source in measure.sources:
            if source not in known:
                raise UserError("A measure names a source that is not described", key=measure.id, value=source,
                                expected="one of " + ", ".join(sorted(known)))  # fmt: skip
