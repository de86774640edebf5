"""Census figures of today's counties, as the columns the estimator asks for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.analysis.estimate import Counts
from geodata.analysis.estimate.types import Floats
from geodata.codes import province_of

# A district's name ends so; the same ending on these names means something else.
DISTRICT_ENDING = "区"
NOT_URBAN = ("林区", "特区")
# Sansha: islands, called districts.
ISLANDS = "4603"
# Development zones of the censuses whose names end otherwise.
ZONE_ENDINGS = ("新城", "产业园", "管委会")
SEXES = ("m", "f")


def is_district(code: str, name: str) -> bool:
    """Whether a unit is an urban district, a development zone or an undivided city, not a county."""
    if code.endswith("00"):
        return True
    return (
        name.endswith((DISTRICT_ENDING, *ZONE_ENDINGS))
        and not name.endswith(NOT_URBAN)
        and not code.startswith(ISLANDS)
    )


def with_moves_inside_districts(leaves: pd.DataFrame) -> pd.DataFrame:
    """Census leaves with `moved_within_district`: moves inside the county of places that were districts at the time.

    Such moves do not make a migrant. They must be told apart before rows are added up to today's counties: 130 of
    today's districts were still counties in 2010.
    """
    district = np.array([is_district(code, name) for code, name in zip(leaves["code"], leaves["name"], strict=True)])
    return leaves.assign(moved_within_district=leaves["moved_within_county"].where(district, 0.0))


def ages(units: pd.DataFrame, low: int, high: int, sexes: tuple[str, ...] = SEXES) -> Floats:
    """Persons aged `low` to `high` inclusive, group borders as in the tables (0, 1, 5, 10, ... 85)."""
    groups = [
        column for column in units.columns
        if column.startswith("age_") and low <= int(column[4:6]) <= high and column[-1] in sexes
    ]  # fmt: skip
    return np.asarray(units[groups].to_numpy(dtype=float).sum(axis=1), dtype=np.float64)


def counts_of(units: pd.DataFrame, names: pd.Series, year: int) -> Counts:
    """Counts of `units` (index: today's code) for the estimator; `names` by code."""
    codes = [str(code) for code in units.index]

    def column(name: str) -> Floats:
        return units[name].to_numpy(dtype=float) if name in units else np.full(len(units), np.nan)

    return Counts(
        year=year,
        code=np.array(codes),
        province=np.array([province_of(code) for code in codes]),
        city=np.array([code[:4] for code in codes]),
        district=np.array([is_district(code, names[code]) for code in codes]),
        exact=units["exact"].to_numpy(dtype=bool),
        population=column("population"),
        registered=column("registered"),
        rural=column("rural"),
        age_0_14=ages(units, 0, 14),
        age_10_14=ages(units, 10, 14),
        age_15_19=ages(units, 15, 19),
        age_20_24=ages(units, 20, 24),
        men_25_44=ages(units, 25, 44, ("m",)),
        women_25_44=ages(units, 25, 44, ("f",)),
        age_50_74=ages(units, 50, 74),
        households=column("households"),
        household_population=column("household_population"),
        two_generation=column("two_generation"),
        three_generation=column("three_generation"),
        households_65=column("households_65"),
        births_per_woman=column("births_per_woman"),
        moved_within_county=column("moved_within_county"),
        moved_within_district=column("moved_within_district"),
        moved_within_province=column("moved_within_province"),
        moved_from_other_province=column("moved_from_other_province"),
    )


def prefecture_codes(units: pd.DataFrame) -> pd.Series:
    """Code of the prefecture above each unit, by the unit's code.

    units
        code, name, prefecture and province (names). A unit named like its prefecture hangs directly below the
        province and is its own prefecture; counties under several prefixes (Chongqing) have the province's code.
    """
    own = (units["name"] == units["prefecture"]) | units["code"].str.endswith("00")
    prefix = units["code"].str[:4]
    spread = prefix.groupby([units["province"], units["prefecture"]]).transform("nunique") > 1
    codes = (prefix + "00").where(~spread, prefix.str[:2] + "0000").where(~own, units["code"])
    return pd.Series(codes.to_numpy(), index=units["code"].to_numpy())
