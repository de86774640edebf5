"""What follows from the estimates: further counts and flows of both years, in order; nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from etl.measure import flows as flow
from etl.measure.counts import prefecture_codes
from etl.measure.estimates import BASE_YEAR, LATER_YEAR, YearEstimate
from etl.measure.structure import (
    ARRANGEMENTS,
    OTHER_COUNTY,
    OTHER_PROVINCE,
    Fitted,
    National,
    YearStructure,
    account,
    fit,
    structure_year,
)
from etl.read.facts import Facts
from etl.read.flows import read_points
from geodata.analysis.estimate.rounding import Published
from geodata.analysis.estimate.structure import BANDS, Ints

PERCENT = 100
# Of the published flows between provinces that the model is held against.
SURVEY_YEAR = 2015


@dataclass(frozen=True)
class Further:
    """Further counts and flows by year, what they rest on, and what the method page says about them."""

    structure: dict[int, YearStructure]
    fitted: Fitted
    national: National
    flows: dict[int, flow.FlowTables]
    metadata: dict[str, Any]


def further(years: Mapping[int, YearEstimate], units: Mapping[int, pd.DataFrame],
            rounded: Mapping[int, Published], facts: Facts, today: pd.DataFrame) -> Further:  # fmt: skip
    """Further counts and flows of every year.

    units, rounded
        Census figures and the published estimate by year.
    today
        code, name, prefecture and province of every county.
    """
    national = national_structure(facts)
    fitted = fit(years[BASE_YEAR], units[BASE_YEAR], national)
    found = {
        year: structure_year(one, units[year], rounded[year], fitted, national) for year, one in sorted(years.items())
    }
    metadata = account(years, found, fitted, national)
    metadata["register"] = {
        year: entry["left_behind_children_registered"].value
        for year, entry in sorted(facts.national.items())
        if "left_behind_children_registered" in entry
    }
    flows = {}
    for year in sorted(years):
        flows[year], metadata[f"flows_{year}"] = _flows(years[year], rounded[year], found[year], facts, today)
    return Further(found, fitted, national, flows, metadata)


def _flows(year: YearEstimate, rounded: Published, structure: YearStructure, facts: Facts,
           today: pd.DataFrame) -> tuple[flow.FlowTables, dict[str, Any]]:  # fmt: skip
    prefecture, points = prefecture_codes(today), read_points()
    fitted = flow.fit_moves(year, prefecture, points)
    left = np.maximum(rounded.left_behind_rural, 0) + np.maximum(rounded.left_behind_urban, 0)
    tables = flow.flow_tables(year, fitted, left, _migrants_by_scope(rounded, structure))
    at = year.counts.year
    left_province = {code: fact.value for code, fact in facts.left_province.get(at, {}).items()} | {
        key.removeprefix("left_"): fact.value
        for key, fact in facts.national[at].items()
        if key.startswith("left_") and key[5:].isdigit()
    }
    # The survey asked who came in the five years to 2015: held against 2020, as 2010 was before.
    survey = facts.national[SURVEY_YEAR] if at == LATER_YEAR else {}
    to_beijing = {key[-6:]: fact.value for key, fact in survey.items()}
    return tables, flow.account(year, prefecture, points, fitted, left_province, to_beijing)


def _migrants_by_scope(rounded: Published, structure: YearStructure) -> dict[str, Ints]:
    """Published migrant children by how far they came; what is withheld counts as none."""
    known = [
        np.maximum(one, 0) for one in (rounded.migrant, *(structure.rounded[m] for m in (OTHER_COUNTY, OTHER_PROVINCE)))
    ]
    return dict(zip(flow.SCOPES, (known[0] - known[1], known[1] - known[2], known[2]), strict=True))


def national_structure(facts: Facts) -> National:
    """The published structure of rural left-behind children of 2010; ages are brought to a sum of exactly one."""
    published = facts.structure_rural_2010
    bands = np.array([published[f"aged_{low}_{high}_percent"].value for low, high in BANDS])
    kin = (published[f"{key}_percent"].value for key in ("with_grandparents", "with_others", "alone"))
    return National(
        ages=bands / bands.sum(),
        both_away=published["both_parents_away_percent"].value / PERCENT,
        kin={name: value / PERCENT for name, value in zip(ARRANGEMENTS[1:], kin, strict=True)},
    )
