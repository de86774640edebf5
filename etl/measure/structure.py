"""Further counts of both years: the register-type figure, age bands, living arrangement, how far migrants came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from etl.measure.counts import ages
from etl.measure.estimates import BASE_YEAR, YearEstimate
from geodata.analysis.estimate import structure
from geodata.analysis.estimate.rounding import WITHHELD, Published, round_count
from geodata.analysis.estimate.structure import BANDS, Ints
from geodata.analysis.estimate.types import Floats

REGISTERED = "left_behind_registered"
AGED = tuple(f"left_behind_aged_{low}_{high}" for low, high in BANDS)
ARRANGEMENTS = ("one_parent", "grandparents", "other_people", "alone")
LIVING = tuple(f"left_behind_rural_{name}" for name in ARRANGEMENTS)
OTHER_PROVINCE, OTHER_COUNTY = "migrant_children_other_province", "migrant_children_other_county"
STRUCTURE_MEASURES = (REGISTERED, *AGED, *LIVING, OTHER_COUNTY, OTHER_PROVINCE)


class LeftAndMigrant(Protocol):
    """An estimate, or draws of one: persons, units on the last axis."""

    @property
    def left_behind_rural(self) -> Floats: ...
    @property
    def left_behind_urban(self) -> Floats: ...
    @property
    def both_away(self) -> Floats: ...
    @property
    def migrant(self) -> Floats: ...


@dataclass(frozen=True)
class National:
    """The published structure of the nation's rural left-behind children, as shares.

    ages
        By band of `BANDS`, adding up to one.
    both_away
        Both parents away.
    kin
        grandparents, other_people, alone: whom those live with whose parents are both away.
    """

    ages: Floats
    both_away: float
    kin: Mapping[str, float]


@dataclass(frozen=True)
class Fitted:
    """What the year with a published structure teaches and both years use: age weights, a factor on the odds."""

    age_weights: Floats
    both_factor: float


@dataclass(frozen=True)
class YearStructure:
    """One year's further counts: unrounded and rounded, by measure; which units' bands and arrangements add up."""

    counts: Mapping[str, Floats]
    rounded: Mapping[str, Ints]
    bands_add_up: float
    living_adds_up: float


def fit(base: YearEstimate, figures: pd.DataFrame, national: National) -> Fitted:
    """Weights that give the base year's rural left-behind children the published structure; `figures` of that year."""
    left, both = base.estimate.left_behind_rural, _both_share(base)
    weights = structure.age_weights(left, children_by_band(base, figures), national.ages)
    return Fitted(weights, structure.odds_factor(left, both, national.both_away))


def structure_year(year: YearEstimate, figures: pd.DataFrame, published: Published, fitted: Fitted,
                   national: National) -> YearStructure:  # fmt: skip
    """One year's further counts.

    figures
        Census figures of the units of `year`, same order.
    published
        The rounded estimate, which the rounded parts add up to wherever their steps let them.
    """
    estimate, mix = year.estimate, children_by_band(year, figures)
    counts = measures(year, mix, fitted, national, estimate)
    left = np.where(
        (published.left_behind_rural <= 0) & (published.left_behind_urban <= 0),
        np.minimum(published.left_behind_rural, published.left_behind_urban),
        np.maximum(published.left_behind_rural, 0) + np.maximum(published.left_behind_urban, 0),
    )
    by_age, bands_add_up = structure.round_parts(left, np.column_stack([counts[name] for name in AGED]))
    living, living_adds_up = structure.round_parts(
        published.left_behind_rural, np.column_stack([counts[name] for name in LIVING])
    )
    other_county = np.minimum(round_count(counts[OTHER_COUNTY]), published.migrant)
    rounded = {
        REGISTERED: np.minimum(round_count(counts[REGISTERED]), published.left_behind_rural),
        **dict(zip(AGED, by_age.T, strict=True)),
        **dict(zip(LIVING, living.T, strict=True)),
        OTHER_COUNTY: other_county,
        OTHER_PROVINCE: np.minimum(round_count(counts[OTHER_PROVINCE]), other_county),
    }
    return YearStructure(counts, rounded, float(bands_add_up.mean()), float(living_adds_up.mean()))


def measures(year: YearEstimate, mix: Floats, fitted: Fitted, national: National,
             drawn: LeftAndMigrant) -> dict[str, Floats]:  # fmt: skip
    """Every further measure, unrounded, of the year's own estimate (units,) or of draws of it (draws, units).

    The age mix (`children_by_band`), the weights and the division of migrants by origin are those of the point
    estimate in every draw.
    """
    left = drawn.left_behind_rural + drawn.left_behind_urban
    both = np.divide(drawn.both_away, left, out=np.zeros_like(left), where=left > 0)
    by_age = structure.by_age(left, mix, fitted.age_weights)
    living = structure.living_arrangement(drawn.left_behind_rural, both, fitted.both_factor, national.kin)
    from_province, from_county = structure.migrant_origins(
        drawn.migrant, year.movers, year.counts, year.estimate.solved["rate_inter"], year.estimate.solved["rate_intra"]
    )
    return {
        REGISTERED: structure.registered(drawn.left_behind_rural, both, mix, fitted.age_weights),
        **{name: by_age[..., band] for band, name in enumerate(AGED)},
        **{name: living[key] for name, key in zip(LIVING, ARRANGEMENTS, strict=True)},
        OTHER_COUNTY: from_county,
        OTHER_PROVINCE: from_province,
    }


def children_by_band(year: YearEstimate, figures: pd.DataFrame) -> Floats:
    """Children of each unit of `year` by band of age, (units, 4); `figures` of the census, same order."""
    return structure.age_mix(
        ages(figures, 0, 4), ages(figures, 5, 9), ages(figures, 10, 14), year.estimate.children - year.counts.age_0_14
    )


def account(years: Mapping[int, YearEstimate], found: Mapping[int, YearStructure], fitted: Fitted,
            national: National) -> dict[str, Any]:  # fmt: skip
    """What the method page says about the further counts: sums by year, the published structure against the fit."""
    base, counts = years[BASE_YEAR].estimate.left_behind_rural, found[BASE_YEAR].counts
    share = np.divide(base, base + years[BASE_YEAR].estimate.left_behind_urban, out=np.zeros_like(base), where=base > 0)
    percent = 100 / base.sum()
    kin = {ARRANGEMENTS[0]: 1 - national.both_away} | dict(national.kin)
    return {
        "age_weights": dict(zip(AGED, fitted.age_weights.tolist(), strict=True)),
        "both_away_odds_factor": fitted.both_factor,
        "percent_of_rural_left_behind_2010": {
            name: {"estimated": float((counts[name] * part).sum() * percent), "published": 100 * float(published)}
            for names, values, part in ((AGED, national.ages, share), (LIVING, kin.values(), 1.0))
            for name, published in zip(names, values, strict=True)
        },
        "sums": {
            year: {
                name: {
                    "before_rounding": round(float(one.counts[name].sum())),
                    "after_rounding": int(one.rounded[name][one.rounded[name] != WITHHELD].sum()),
                }
                for name in STRUCTURE_MEASURES
            }
            for year, one in sorted(found.items())
        },
        "share_of_units_whose_parts_add_up": {
            year: {"ages": one.bands_add_up, "living": one.living_adds_up} for year, one in sorted(found.items())
        },
    }


def _both_share(year: YearEstimate) -> Floats:
    left = year.estimate.left_behind_rural + year.estimate.left_behind_urban
    return np.divide(year.estimate.both_away, left, out=np.zeros_like(left), where=left > 0)
