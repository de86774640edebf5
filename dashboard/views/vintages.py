"""Former divisions: what a code or a name of an earlier year is today, and where a trend line must break."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from geodata.analysis import resolve
from geodata.analysis.resolve import Meaning, TimeMachine
from geodata.analysis.resolve_above import Above, HigherUnits, resolve_any
from geodata.store import Reading, queries, remembered
from geodata.text import Text

YEARS_OF_FIGURES = (2010, 2020)


@remembered(at_most=1)
def time_machine(reading: Reading) -> TimeMachine:
    """All divisions since 2000, ready to be asked."""
    return TimeMachine(queries.vintages(reading))


@remembered(at_most=1)
def higher_units(reading: Reading) -> HigherUnits:
    """Prefectures and provinces since 2000, ready to be asked."""
    return HigherUnits(queries.vintages(reading))


@remembered(at_most=512)
def comparable(reading: Reading, code: str, years: tuple[int, int] = YEARS_OF_FIGURES) -> tuple[bool, Text]:
    """Whether a line between the figures of two years of the county `code` may be drawn through, and why or why not."""
    return resolve.comparable(queries.vintages(reading), code, years)


def resolve_answer(reading: Reading, unit: str, year: int | None, province: str | None) -> dict[str, Any]:
    """What `unit` is today, as a program reads it. Raises `UnknownUnit` or `AmbiguousUnit`."""
    found = resolve_any(time_machine(reading), higher_units(reading), unit, year=year, province=province)
    return {
        "release": reading.release.release_id,
        "unit": unit,
        "year": year,
        "meaning": _plain(found.meaning),
        "other_meanings": [_plain(other) for other in found.others],
    }


def _plain(meaning: Meaning | Above) -> dict[str, Any]:
    plain = asdict(meaning) | {"kind": meaning.kind}
    if isinstance(meaning, Above):
        return plain | {"counties": sorted(meaning.counties)}
    plain["level"] = "county"
    targets = [asdict(target) | {"reason": target.reason.model_dump()} for target in meaning.targets]
    return plain | {"targets": targets}
