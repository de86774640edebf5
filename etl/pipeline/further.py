"""What follows from the estimates of both years: further counts by county, in order; nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from etl.measure.estimates import BASE_YEAR, YearEstimate
from etl.measure.structure import ARRANGEMENTS, Fitted, National, YearStructure, account, fit, structure_year
from etl.read.facts import Facts
from geodata.analysis.estimate.rounding import Published
from geodata.analysis.estimate.structure import BANDS

PERCENT = 100


@dataclass(frozen=True)
class Further:
    """Further counts by year, what they rest on, and what the method page says about them."""

    structure: dict[int, YearStructure]
    fitted: Fitted
    national: National
    metadata: dict[str, Any]


def further(years: Mapping[int, YearEstimate], units: Mapping[int, pd.DataFrame],
            rounded: Mapping[int, Published], facts: Facts) -> Further:  # fmt: skip
    """Further counts of every year; `units` are the census figures and `rounded` the published estimate by year."""
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
    return Further(found, fitted, national, metadata)


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
