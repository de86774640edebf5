"""Asking the time machine from the command line; needs no release."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from etl.place.vintages import vintages_table
from etl.read.division_index import read_county_units
from etl.read.divisions import read_divisions
from etl.read.estimates import read_estimates
from geodata.analysis.resolve import Meaning, TimeMachine
from geodata.codes import province_of


def time_machine() -> TimeMachine:
    """What every division since 2000 is today, from the committed lists and the codes of the boundary package."""
    divisions, estimates = read_divisions(), read_estimates()
    counties = read_county_units()
    units = pd.DataFrame(
        {
            "level": "county",
            "code": counties["code"],
            "name_zh": counties["name"],
            "province_code": counties["code"].map(province_of),
            "prefecture_code": counties["code"].str[:4] + "00",
        }
    )
    return TimeMachine(
        vintages_table(
            divisions.lists, divisions.above, divisions.changes, units, estimates.figures, estimates.crosswalk
        )
    )


def resolve_lines(unit: str, year: int | None, province: str | None) -> Iterator[str]:
    """What `unit` is today, a line each; raises `UserError` if it is unknown or ambiguous."""
    found = time_machine().resolve(unit, year=year, province=province)
    yield from _lines(found.meaning)
    for other in found.others:
        yield f"also stood for {other.place}: {other.kind}"


def _lines(meaning: Meaning) -> Iterator[str]:
    yield meaning.place
    for target in meaning.targets:
        error = "error unknown" if target.error is None else f"± {target.error:.0%}" if target.error else "exact"
        border = "border changed" if target.boundary_changed else "same border"
        yield f"  → {target.code} {target.name}  {target.weight:.1%} ({error}), {target.kind}, {border}"
        yield f"    {target.reason.zh} | {target.reason.en}"
