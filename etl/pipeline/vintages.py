"""Asking the time machine from the command line; needs no release."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from etl.place.vintages import vintages_table
from etl.read.division_index import read_county_units
from etl.read.divisions import read_divisions
from etl.read.estimates import read_estimates
from geodata.analysis.resolve import Meaning, TimeMachine
from geodata.analysis.resolve_above import Above, HigherUnits, resolve_any
from geodata.codes import province_of


def units_by_name() -> pd.DataFrame:
    """Counties, prefectures and provinces of today: the columns of `units` that need no outline."""
    read = read_county_units()
    counties = pd.DataFrame(
        {
            "level": "county",
            "code": read["code"],
            "name_zh": read["name"],
            "province_code": read["code"].map(province_of),
            "prefecture_code": read["code"].str[:4] + "00",
        }
    )
    above = [
        pd.DataFrame({"level": level, "code": counties[f"{level}_code"], "name_zh": read[level]})
        for level in ("prefecture", "province")
    ]
    return pd.concat([counties, *(table.drop_duplicates("code") for table in above)], ignore_index=True)


def time_machine() -> TimeMachine:
    """What every division since 2000 is today, from the committed lists and the codes of the boundary package."""
    divisions, estimates = read_divisions(), read_estimates()
    return TimeMachine(
        vintages_table(
            divisions.lists,
            divisions.above,
            divisions.changes,
            units_by_name(),
            estimates.figures,
            estimates.crosswalk,
        )
    )


def resolve_lines(unit: str, year: int | None, province: str | None) -> Iterator[str]:
    """What `unit` is today, a line each; raises `UserError` if it is unknown or ambiguous."""
    machine = time_machine()
    found = resolve_any(machine, HigherUnits(machine.table), unit, year=year, province=province)
    yield from _lines(found.meaning)
    for other in found.others:
        yield f"also stood for {other.place}: {other.kind}"


def _lines(meaning: Meaning | Above) -> Iterator[str]:
    yield meaning.place
    if isinstance(meaning, Above):
        for share in meaning.targets:
            yield f"  → {share.code} {share.name}  {share.counties} of its {share.of} counties, {meaning.kind}"
        return
    for target in meaning.targets:
        error = "error unknown" if target.error is None else f"± {target.error:.0%}" if target.error else "exact"
        border = "border changed" if target.boundary_changed else "same border"
        yield f"  → {target.code} {target.name}  {target.weight:.1%} ({error}), {target.kind}, {border}"
        yield f"    {target.reason.zh} | {target.reason.en}"
