"""Both years' estimates on today's counties, and their validation, from census figures added up to those counties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.measure.counts import counts_of
from geodata.analysis.estimate import (
    Benchmarks,
    Counts,
    Estimate,
    Parameters,
    Signals,
    Totals,
    absence,
    estimate,
    validate,
)
from geodata.analysis.estimate.leavers import leavers
from geodata.analysis.estimate.migrants import Movers, movers
from geodata.states import Quality

BASE_YEAR, LATER_YEAR = 2010, 2020
PER_MILLE = 1_000
# Below this a unit's shares are chance: the islands of Sansha, border posts.
FEWEST_PEOPLE = 5_000
# Shares of tiny populations say nothing about a decade.
FEWEST_CHILDREN = 1_000


@dataclass(frozen=True)
class YearEstimate:
    """One year: counts, signals, floating population, the unrounded estimate, and a quality flag a unit."""

    counts: Counts
    signals: Signals
    movers: Movers
    estimate: Estimate
    quality: list[Quality]


def estimate_years(
    units: Mapping[int, pd.DataFrame],
    names: pd.Series,
    totals: Mapping[int, Totals],
    benchmarks: Mapping[int, Benchmarks],
    left_province: Mapping[int, Mapping[str, float]],
    parameters: Parameters,
) -> dict[int, YearEstimate]:
    """Estimates of 2010 and 2020.

    Parameters
    ----------
    units
        Census figures by today's code for both years (`etl.place.crosswalk.to_units`).
    names
        Names of today's counties by code.
    totals, benchmarks
        Published totals of the nation and, where known, of provinces, by year.
    left_province
        Where known, people registered in a province who live in another one, by year and province code.
    """
    counts = {year: counts_of(frame, names, year) for year, frame in units.items()}
    moved = {year: movers(counts[year], totals[year].floating_intra) for year in units}
    natural_rate = units[BASE_YEAR]["natural_rate_permille"].to_numpy(dtype=float) / PER_MILLE
    signals = {
        year: replace(one, leavers=leavers(counts[year], moved[year], left_province.get(year, {})))
        for year, one in signals_of(counts, moved, natural_rate).items()
    }
    return {
        year: YearEstimate(
            counts[year],
            signals[year],
            moved[year],
            estimate(counts[year], moved[year], signals[year], totals[year], parameters, benchmarks.get(year)),
            quality_of(counts[year], signals[year]),
        )
        for year in sorted(counts)
    }


def quality_of(counts: Counts, signals: Signals) -> list[Quality]:
    """`modelled` for counties whose identity is sure; `modelled_weak` for districts, the rest, and tiny units."""
    strong = signals.sure & ~counts.district & (counts.population >= FEWEST_PEOPLE)
    return ["modelled" if good else "modelled_weak" for good in strong]


def signals_of(
    counts: Mapping[int, Counts], moved: Mapping[int, Movers], natural_rate: NDArray[np.float64]
) -> dict[int, Signals]:
    """The identity and structure signals of both years; `natural_rate` per person and year, by unit of 2010.

    The registered population of the later census is projected, so its identity is sure only where the unit is surely
    the same place in both.
    """
    base, later = counts[BASE_YEAR], counts[LATER_YEAR]
    share = absence.identity(base, base.registered, moved[BASE_YEAR].between_districts)
    sure = absence.believed(base, share)
    base_design, later_design = absence.design_matrix(base), absence.design_matrix(later)
    fitted = absence.fit(base_design, base.district, share, sure)
    at = pd.Index(later.code).get_indexer(pd.Index(base.code))
    if (at < 0).any():
        raise ValueError(f"units of {base.year} without figures in {later.year}: {list(base.code[at < 0])}")
    matched = replace(later, **{name: value[at] for name, value in vars(later).items() if name != "year"})
    registered = np.full(len(later.code), np.nan)
    registered[at] = absence.project_registered(base, matched, natural_rate)
    later_sure = np.zeros(len(later.code), dtype=bool)
    later_sure[at] = absence.same_place(base, matched) & sure
    later_share = absence.identity(later, registered, moved[LATER_YEAR].between_districts)
    return {
        base.year: Signals(share, absence.structure(base_design, base.district, fitted), sure),
        later.year: Signals(later_share, absence.structure(later_design, later.district, fitted), later_sure),
    }


def validation(years: Mapping[int, YearEstimate], shares: Mapping[str, float], both_away: float,
               left_province: Mapping[int, Mapping[str, float]]) -> dict[str, Any]:  # fmt: skip
    """The checks to publish beside the estimates.

    shares
        Published shares of provinces in rural left-behind children of 2010, percent, by province code.
    both_away
        Published share of rural left-behind children with both parents away, 2010, percent.
    left_province
        People registered in a province who live in another one, met or not, by year and province code.
    """
    base, later = years[BASE_YEAR], years[LATER_YEAR]
    ours = validate.province_shares(base.estimate.left_behind_rural, base.counts.province, shares)
    left = base.estimate.left_behind_rural + base.estimate.left_behind_urban
    rural_part = np.divide(base.estimate.left_behind_rural, left, out=np.zeros_like(left), where=left > 0)
    return {
        "absent_share_structure_2010": validate.structure_fit(base.counts, base.signals.identity),
        "province_shares_rural_2010": {
            "log_rmse": validate.log_rmse(ours, shares),
            "percent": {code: {"estimated": ours[code], "published": shares[code]} for code in sorted(shares)},
        },
        "people_away_before_step_4b": {year: _away(years[year], listed) for year, listed in left_province.items()},
        "both_away_percent_of_rural_left_behind_2010": {
            "estimated": float(
                100 * (base.estimate.both_away * rural_part).sum() / base.estimate.left_behind_rural.sum()
            ),
            "published": both_away,
        },
        "correlation_2010_2020": _correlations(base, later),
        "floating_population": {
            year: {
                "intra": float(one.movers.intra.sum()),
                "inter": float(one.movers.inter.sum()),
                "inside_cities": float(
                    (one.counts.moved_within_county + one.counts.moved_within_province - one.movers.intra).sum()
                ),
            }
            for year, one in years.items()
        },
        "calibrated": {
            year: {key: float(value) for key, value in one.estimate.solved.items()} for year, one in years.items()
        },
    }


def _away(year: YearEstimate, listed: Mapping[str, float]) -> dict[str, Any]:
    errors = validate.away_errors(year.counts, year.movers, year.signals, listed)
    return {
        "provinces": len(errors),
        "log_rmse": validate.weighted_rms(errors, listed),
        "log_known_per_estimated": errors,
        "met": year.signals.leavers is not None,
    }


def _correlations(base: YearEstimate, later: YearEstimate) -> dict[str, float]:
    at = pd.Index(later.counts.code).get_indexer(pd.Index(base.counts.code))
    county = ~base.counts.district & (base.estimate.children >= FEWEST_CHILDREN)

    def shares(year: YearEstimate) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        children = np.maximum(year.estimate.children, 1.0)
        return (
            (year.estimate.left_behind_rural + year.estimate.left_behind_urban) / children,
            year.estimate.migrant / children,
        )

    (left_base, migrant_base), (left_later, migrant_later) = shares(base), shares(later)
    return {
        "counties": int(county.sum()),
        "left_behind_share": validate.correlation(left_base[county], left_later[at][county]),
        "migrant_share": validate.correlation(migrant_base[county], migrant_later[at][county]),
    }
