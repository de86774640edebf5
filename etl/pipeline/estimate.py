"""Census workbooks in, county estimates out: the order of the steps, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import yaml

from etl.measure.counts import with_moves_inside_districts
from etl.measure.estimates import BASE_YEAR, LATER_YEAR, YearEstimate, estimate_years, validation
from etl.pipeline.further import further
from etl.place.crosswalk import link, to_units
from etl.publish.estimates import (
    MEASURES,
    crosswalk_csv,
    estimate_rows,
    estimates_csv,
    frame_csv,
    metadata_yaml,
    write_files,
)
from etl.publish.further_page import with_further
from etl.publish.method_page import with_checks
from etl.read.census import CensusTable, read_census
from etl.read.division_index import read_county_units
from etl.read.facts import Facts, read_facts
from geodata.analysis.estimate import Benchmarks, Parameters, Totals
from geodata.analysis.estimate.rounding import WITHHELD, Published, publish
from geodata.errors import ManyErrors, UserError
from geodata.settings import PROJECT_DIR, REFERENCE_DIR

OUT_DIR = REFERENCE_DIR / "estimates"
METHOD_PAGE = PROJECT_DIR / "docs" / "method" / "estimates.md"
FURTHER_PAGE = METHOD_PAGE.with_name("further.md")
RELEASE = 1
# Raise both when the arithmetic changes; they are fixed so that the same workbooks give the same bytes.
METHOD_VERSION = "1.1"
METHOD_DATE = "2026-11-22"
CHILDREN_0_14 = [f"age_{age:02d}_{sex}" for age in (0, 1, 5, 10) for sex in ("m", "f")]
LABELS = ("code", "name", "province", "prefecture")
# Published sums may stray this far from the published national totals through rounding.
SUM_TOLERANCE = 0.002

Progress = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class EstimateReport:
    """What a run did: the files it wrote and the metadata that stand in `estimates.yaml`."""

    files: tuple[Path, ...]
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Estimates:
    """Both years' estimates, unrounded, with all they were made from; mappings by year."""

    facts: Facts
    today: pd.DataFrame
    tables: dict[int, CensusTable]
    links: dict[int, pd.DataFrame]
    totals: dict[int, Totals]
    benchmarks: dict[int, Benchmarks]
    parameters: Parameters
    years: dict[int, YearEstimate]
    units: dict[int, pd.DataFrame]


def run(census_dir: Path, out_dir: Path = OUT_DIR, progress: Progress | None = None) -> EstimateReport:
    """Estimate both years from the workbooks in `census_dir` and write the release files into `out_dir`.

    Nothing is written unless every step succeeds. A run into the project's own folder also renews the table of
    checks on the method page. Raises `UserError` for anything a person can put right.
    """
    files, metadata = build(census_dir, progress)
    written = write_files(files, out_dir)
    if out_dir == OUT_DIR:
        page = with_checks(METHOD_PAGE.read_text(encoding="utf-8"), metadata)
        METHOD_PAGE.write_text(page, encoding="utf-8")
        more = yaml.safe_load(files["further.yaml"])
        FURTHER_PAGE.write_text(with_further(FURTHER_PAGE.read_text(encoding="utf-8"), more), encoding="utf-8")
    return EstimateReport(tuple(written), metadata)


def check(census_dir: Path, out_dir: Path = OUT_DIR, progress: Progress | None = None) -> EstimateReport:
    """Rebuild the release files and compare them, byte for byte, with those in `out_dir`; write nothing.

    Raises `UserError` naming every file that differs.
    """
    files, metadata = build(census_dir, progress)
    errors = []
    for name, text in files.items():
        path = out_dir / name
        if not path.exists() or path.read_bytes() != text.encode("utf-8"):
            errors.append(UserError("This file is not what the workbooks give", file=path,
                                    expected="the output of `python -m etl estimate --census DIR`"))  # fmt: skip
    if errors:
        raise ManyErrors("The estimates do not follow from the workbooks:", errors)
    return EstimateReport(tuple(out_dir / name for name in files), metadata)


def build(census_dir: Path, progress: Progress | None = None) -> tuple[dict[str, str], dict[str, Any]]:
    """The text of every release file by name, and the metadata."""
    say = progress or (lambda _step: None)
    made = estimates(census_dir, say)
    years, links = made.years, made.links
    rounded = {year: publish(one.estimate) for year, one in years.items()}
    say("validate")
    metadata = _metadata(made.tables, links, years, rounded, made.facts, made.parameters)
    more = further(years, made.units, rounded, made.facts, made.today)
    files = {}
    for year in sorted(years):
        parts = more.structure[year].rounded
        rows = estimate_rows(list(years[year].counts.code), list(years[year].quality), rounded[year], parts, made.today)
        files[f"estimates_{year}.csv"] = estimates_csv(rows)
        files[f"crosswalk_{year}.csv"] = crosswalk_csv(links[year])
    files["estimates.yaml"] = metadata_yaml(metadata)
    for year, tables in more.flows.items():
        files[f"flows_{year}.csv"] = frame_csv(tables.flows)
        files[f"flows_counties_{year}.csv"] = frame_csv(tables.counties)
    files["further.yaml"] = metadata_yaml(more.metadata)
    return files, metadata


def estimates(census_dir: Path, say: Progress) -> Estimates:
    """Read the workbooks, map them to today's counties, estimate both years."""
    facts, parameters, today = read_facts(), Parameters(), read_county_units()
    names = today.set_index("code")["name"]
    tables, links, units = {}, {}, {}
    weights: pd.Series | None = None
    # The later census first: its children share out earlier counties that were split since.
    for year in (LATER_YEAR, BASE_YEAR):
        say(f"census {year}: read")
        tables[year] = read_census(census_dir, year)
        links[year] = link(tables[year].leaves, today, year, weights)
        leaves = with_moves_inside_districts(tables[year].leaves)
        units[year] = to_units(leaves, links[year], *_figures(leaves, tables[year]))
        if weights is None:
            weights = units[year][CHILDREN_0_14].sum(axis=1)
    say("estimate")
    totals, benchmarks = {year: _totals(facts, year) for year in units}, _benchmarks(facts)
    years = estimate_years(units, names, totals, benchmarks, left_province(facts), parameters)
    return Estimates(facts, today, tables, links, totals, benchmarks, parameters, years, units)


def _figures(leaves: pd.DataFrame, table: CensusTable) -> tuple[list[str], dict[str, str]]:
    rates = dict.fromkeys(table.source.read.rates, "population")
    return [name for name in leaves.columns if name not in rates and name not in LABELS], rates


def _totals(facts: Facts, year: int) -> Totals:
    return Totals(
        children=facts.value(year, "children"),
        migrant_children=facts.value(year, "migrant_children"),
        migrant_children_inter=facts.value(year, "migrant_children_inter"),
        left_behind_rural=facts.value(year, "left_behind_children_rural"),
        left_behind_urban=facts.value(year, "left_behind_children_urban"),
        floating_intra=facts.value(year, "floating_intra"),
    )


def left_province(facts: Facts) -> dict[int, dict[str, float]]:
    """People registered in a province who live in another one, by year and province code."""
    return {year: {code: fact.value for code, fact in listed.items()} for year, listed in facts.left_province.items()}


def _left_published(facts: Facts) -> dict[int, dict[str, float]]:
    """As `left_province`, and the figures of other years that are only compared with."""
    checks = {
        year: {code: fact.value for key, fact in named.items() if (code := key.removeprefix("left_")).isdigit()}
        for year, named in facts.national.items()
    }
    return dict(sorted(({year: one for year, one in checks.items() if one} | left_province(facts)).items()))


def _benchmarks(facts: Facts) -> dict[int, Benchmarks]:
    return {year: Benchmarks(given.get("rural", {}), given.get("urban", {})) for year, given in facts.benchmark.items()}


def _metadata(tables: Mapping[int, CensusTable], links: Mapping[int, pd.DataFrame], years: Mapping[int, YearEstimate],
              rounded: Mapping[int, Published], facts: Facts, parameters: Parameters) -> dict[str, Any]:  # fmt: skip
    both_away = facts.structure_rural_2010["both_parents_away_percent"].value
    shares = {code: share.percent for code, share in facts.province_shares_rural[BASE_YEAR].items()}
    return {
        "release": RELEASE,
        "date": METHOD_DATE,
        "method_version": METHOD_VERSION,
        "cells": {
            "number": "persons, rounded to 100, under 100 to 10",
            "0": "a true zero",
            "withheld": "modelled above 0 and below 10",
            "empty": "nothing is known (quality none)",
        },
        "quality": {
            "modelled": "counties whose absent share rests on an identity and on structure",
            "modelled_weak": "urban districts, and units that rest on structure alone, were carved out, or are tiny",
            "none": "no census row: Hong Kong, Macao, Taiwan, Jinmen; Nansha in 2010",
        },
        "sources": {
            table.source.source_id: {
                "file": table.source.read.file, "sha256": table.sha256, "url": table.source.url,
                "licence": table.source.licence.en, "citation": table.source.citation,
            }
            for table in _by_year(tables).values()
        },
        "parameters": asdict(parameters),
        "published": {
            year: {name: fact.model_dump() for name, fact in facts.national[year].items()} for year in sorted(years)
        },
        "left_province": {
            year: {code: fact.model_dump() for code, fact in listed.items()}
            for year, listed in sorted(facts.left_province.items())
        },
        "rows": {year: _row_account(tables[year], links[year]) for year in sorted(years)},
        "sums": {year: _sums(years[year], rounded[year], facts, year) for year in sorted(years)},
        "units": {year: _unit_account(years[year], rounded[year]) for year in sorted(years)},
        "validation": validation(_by_year(years), shares, both_away, _left_published(facts)),
    }  # fmt: skip


def _by_year(mapping: Mapping[int, T]) -> dict[int, T]:
    return {year: mapping[year] for year in sorted(mapping)}


def _row_account(table: CensusTable, links: pd.DataFrame) -> dict[str, Any]:
    mapped = table.leaves["population"].loc[links["leaf"]].to_numpy() * links["share"].to_numpy()
    return {
        "read": table.rows,
        "accepted": len(table.leaves),
        "rejected": len(table.rejected),
        "rejected_because": {str(k): int(v) for k, v in sorted(table.rejected["reason"].value_counts().items())},
        "printed_population": table.printed_total,
        "accepted_population": float(table.leaves["population"].sum()),
        "mapped_population": round(float(mapped.sum()), 3),
        "blank_cells_filled": {
            "zero": int((table.filled["value"] == 0).sum()),
            "from_printed_totals": [
                f"row {row}, {name}, {figure}: {value:.0f}"
                for row, name, figure, value, _ in table.filled[table.filled["value"] != 0].itertuples(index=False)
            ],
        },
        "corrected_cells": [f"{c.code} {c.name}, {c.column}: {c.expect:.0f} -> {c.value:.0f}" for c in table.corrected],
        "actions": {str(k): int(v) for k, v in sorted(links["action"].value_counts().items())},
    }


def _sums(year: YearEstimate, rounded: Published, facts: Facts, number: int) -> dict[str, dict[str, float]]:
    sums: dict[str, dict[str, float]] = {}
    for measure, attribute in MEASURES.items():
        cells = getattr(rounded, attribute)
        sums[measure] = {
            "before_rounding": round(float(getattr(year.estimate, attribute).sum())),
            "after_rounding": int(cells[cells != WITHHELD].sum()),
        }
        if measure in facts.national[number]:
            sums[measure]["published"] = facts.value(number, measure)
            _check_sum(measure, number, sums[measure])
    return sums


def _check_sum(measure: str, year: int, sums: Mapping[str, float]) -> None:
    for key in ("before_rounding", "after_rounding"):
        if abs(sums[key] / sums["published"] - 1) > SUM_TOLERANCE:
            raise UserError(
                f"The counties do not add up to the published total of {year}",
                key=measure, value=sums[key], expected=f"{sums['published']:.0f}, give or take {SUM_TOLERANCE:.1%}",
            )  # fmt: skip


def _unit_account(year: YearEstimate, rounded: Published) -> dict[str, Any]:
    return {
        "with_figures": len(year.counts.code),
        "modelled": year.quality.count("modelled"),
        "modelled_weak": year.quality.count("modelled_weak"),
        "districts": int(year.counts.district.sum()),
        "carved_out": int((~year.counts.exact).sum()),
        "withheld_cells": int(sum((getattr(rounded, a) == WITHHELD).sum() for a in MEASURES.values())),
        "roundings_lowered": rounded.lowered,
    }
