"""The real census workbooks, where they are at hand, and a toy workbook laid out like them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from etl.census_source import CensusSource, load_source
from geodata.analysis.estimate import Counts
from tests.support.project import PROJECT_DIR

CENSUS_DIR = PROJECT_DIR.parent / "shared" / "data" / "census"

Row = tuple[str, str, dict[str, object]]


def real_census_dir() -> Path:
    """The folder of the real workbooks. Skips the test where they are not at hand, never in CI."""
    if not CENSUS_DIR.is_dir() and os.environ.get("CI") != "true":
        pytest.skip(f"the census workbooks are not at hand: {CENSUS_DIR}")
    return CENSUS_DIR


def toy_cells(source: CensusSource, rows: list[tuple[dict[str, object], float | None]]) -> list[list[object]]:
    """Cells of a workbook laid out as `source` says.

    `rows`: overrides by column head, and the population; every figure of a counted row is its population unless
    overridden. A population of None leaves every figure blank.
    """
    layout = source.read
    labels = [head for head in (layout.code, layout.province, layout.prefecture, layout.name) if head]
    heads = [*labels, *layout.figures().values()]
    cells: list[list[object]] = [list(heads)]
    for overrides, population in rows:
        figures: dict[str, object] = dict.fromkeys(layout.figures().values(), "" if population is None else population)
        known = {**dict.fromkeys(labels, ""), **figures, **overrides}
        cells.append([known[head] for head in heads])
    return cells


def toy_2010(*rows: tuple[object, str, float | None]) -> list[list[object]]:
    """Rows of the 2010 kind: code as printed, name, population."""
    return toy_cells(load_source(2010), [({"区划代码": code, "地区": name}, people) for code, name, people in rows])


def toy_2020(*rows: tuple[object, str, str, str, float | None]) -> list[list[object]]:
    """Rows of the 2020 kind: code as printed, province, prefecture, name, population."""
    return toy_cells(
        load_source(2020),
        [({"区划代码": c, "省": p, "市": q, "区县": n}, people) for c, p, q, n, people in rows],
    )


def toy_counts(units: int = 60, *, year: int = 2010, seed: int = 1) -> Counts:
    """A made-up country of counties and districts in three provinces, every figure plausible."""
    draw = np.random.default_rng(seed)
    people = draw.integers(20_000, 900_000, units).astype(float)

    def part(low: float, high: float) -> np.ndarray:
        return people * draw.uniform(low, high, units)

    at = np.arange(units)
    # Cities of six units, three of them districts, in each of the three provinces.
    district = (at // 3) % 2 == 0
    household = people / draw.uniform(2.2, 4.0, units)
    within = part(0.01, 0.10)
    return Counts(
        year=year,
        code=np.array([f"{11 + i % 3}{1 + i // 9:02d}{1 + i % 9:02d}" for i in at]),
        province=np.array([f"{11 + i % 3}0000" for i in at]),
        city=np.array([f"{11 + i % 3}{1 + i // 18:02d}" for i in at]),
        district=district,
        exact=at % 11 != 0,
        population=people,
        registered=part(0.8, 1.3),
        rural=part(0.0, 0.9),
        age_0_14=part(0.10, 0.25),
        age_10_14=part(0.03, 0.08),
        age_15_19=part(0.03, 0.12),
        age_20_24=part(0.03, 0.12),
        men_25_44=part(0.10, 0.18),
        women_25_44=part(0.10, 0.18),
        age_50_74=part(0.15, 0.35),
        households=household,
        household_population=people * 0.95,
        two_generation=household * draw.uniform(0.3, 0.5, units),
        three_generation=household * draw.uniform(0.1, 0.3, units),
        households_65=household * draw.uniform(0.1, 0.4, units),
        births_per_woman=draw.uniform(0.8, 2.0, units),
        moved_within_county=within,
        moved_within_district=np.where(district, within, 0.0),
        moved_within_province=part(0.01, 0.15),
        moved_from_other_province=part(0.005, 0.2),
    )
