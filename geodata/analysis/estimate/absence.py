"""Step 4: the absent share of the registered population, from two signals: an identity, and the structure left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.leavers import Leavers, met
from geodata.analysis.estimate.types import WHOLE_CITIES, Counts, Floats, Parameters

FEATURES = (
    "adults_per_child", "births_per_woman", "two_generation", "three_generation", "household_size", "aged_50_74",
    "households_65", "sex_ratio_25_44", "aged_20_24", "rural", "moved_in_province", "moved_in_other",
)  # fmt: skip
# Coefficients are rounded, so that the last bit of a processor's arithmetic cannot reach a published figure.
COEFFICIENT_DECIMALS = 6
# The identity is believed for fitting within these bounds; outside, a registration or a boundary is wrong.
BELIEVED = (-0.20, 0.60)
# A district's identity is half its own, half its city's.
CITY_WEIGHT = 0.5
MOST_DEVIATIONS = 3.0
# A unit whose population changed more than this over the decade is not the same place, whatever its name.
SAME_PLACE = (0.6, 1.7)


@dataclass(frozen=True)
class Structure:
    """The fitted structure signal: coefficients, intercept first, for counties and for districts."""

    county: Floats
    district: Floats


@dataclass(frozen=True)
class Signals:
    """The two signals of absence (shares), where the identity is sure, and the people known to be away, if any.

    They do not depend on parameters.
    """

    identity: Floats
    structure: Floats
    sure: NDArray[np.bool_]
    leavers: Leavers | None = None


def identity(counts: Counts, registered: Floats, between_districts: Floats) -> Floats:
    """Absent share by the identity (H - R + I) / H; NaN where nobody is registered or nothing is known.

    H registered, R resident, I registered in another county. The core of a city has many registered people who live
    in its outer districts, children and all; so a district takes half its own identity and half that of all districts
    of its city together, in which moves between them (`between_districts`) cancel. In 2010 this lifts the fit on
    provinces left out from R2 .35 to .39 and the agreement of districts with 2020 from .69 to .70.
    """
    moved_in = counts.moved_within_province + counts.moved_from_other_province
    own = _share(registered - counts.population + moved_in, registered)
    pooled = counts.district & (registered > 0)
    whole_city = np.where(np.isin(counts.province, WHOLE_CITIES), counts.province, counts.city)
    _, at = np.unique(whole_city[pooled], return_inverse=True)
    absent = (registered - counts.population + moved_in - between_districts)[pooled]
    people = np.bincount(at, weights=registered[pooled]).astype(np.float64)
    city = _share(np.bincount(at, weights=absent).astype(np.float64), people)[at]
    own[pooled] = CITY_WEIGHT * city + (1 - CITY_WEIGHT) * own[pooled]
    return own


def _share(part: Floats, whole: Floats) -> Floats:
    """Share of the part in the whole, NaN where the whole is not positive."""
    share = np.full(len(whole), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def project_registered(earlier: Counts, later: Counts, natural_rate: Floats) -> Floats:
    """Registered population of the later census: g H (1 + n)^years, n shrunk halfway to its province.

    natural_rate
        Yearly natural growth of the earlier census, per person (0.005 = five per thousand).

    g makes registered and resident people equal in the nation. NaN where the earlier census has none.
    """
    years = later.year - earlier.year
    registered = np.nan_to_num(earlier.registered)
    rate = np.where(np.isnan(natural_rate), 0.0, natural_rate)
    _, at = np.unique(earlier.province, return_inverse=True)
    births = np.bincount(at, weights=rate * earlier.population)
    people = np.bincount(at, weights=earlier.population)
    province_rate = np.divide(births, people, out=np.zeros_like(births), where=people > 0)[at]
    grown = registered * (1 + (rate + province_rate) / 2) ** years
    known = earlier.registered > 0
    factor = later.population[known].sum() / grown[known].sum()
    return np.where(known, factor * grown, np.nan)


def same_place(earlier: Counts, later: Counts) -> NDArray[np.bool_]:
    """Whether a unit is surely the same place in both censuses."""
    change = np.divide(
        later.population, earlier.population, out=np.zeros(len(later.code)), where=earlier.population > 0
    )
    return np.asarray(earlier.exact & later.exact & (change > SAME_PLACE[0]) & (change < SAME_PLACE[1]))


def features(counts: Counts) -> Floats:
    """The twelve features, shape (units, 12), not standardised; a unit without households has the medians."""
    adults = _share(counts.men_25_44 + counts.women_25_44, counts.age_0_14)
    with np.errstate(divide="ignore"):
        columns = np.column_stack([
            np.log(adults),
            np.log(counts.births_per_woman),
            _share(counts.two_generation, counts.households),
            _share(counts.three_generation, counts.households),
            _share(counts.household_population, counts.households),
            _share(counts.age_50_74, counts.population),
            _share(counts.households_65, counts.households),
            _share(counts.men_25_44, counts.women_25_44),
            _share(counts.age_20_24, counts.age_10_14),
            _share(counts.rural, counts.population),
            _share(counts.moved_within_province, counts.population),
            _share(counts.moved_from_other_province, counts.population),
        ])  # fmt: skip
    columns[~np.isfinite(columns)] = np.nan
    return np.where(np.isnan(columns), np.nanmedian(columns, axis=0), columns)


def believed(counts: Counts, share: Floats) -> NDArray[np.bool_]:
    """Units whose identity `share` may teach the structure: counted as they are, the share within sane bounds."""
    with np.errstate(invalid="ignore"):
        return np.asarray(counts.exact & (share > BELIEVED[0]) & (share < BELIEVED[1]))


def fit(design: Floats, district: NDArray[np.bool_], share: Floats, use: NDArray[np.bool_]) -> Structure:
    """Fit the structure signal to the identity `share` of a census with registered population, on the units `use`.

    Ordinary least squares on the `design` of that census, counties and districts apart.
    """
    return Structure(*(_least_squares(design[rows], share[rows]) for rows in (use & ~district, use & district)))


def structure(design: Floats, district: NDArray[np.bool_], fitted: Structure) -> Floats:
    """Absent share that the structure of a unit speaks for."""
    # Plain sums, not matrix products: the order of additions is then the same on every machine.
    coefficients = np.where(district[:, None], fitted.district, fitted.county)
    return np.asarray((design * coefficients).sum(axis=1), dtype=np.float64)


def absent_share(signals: Signals, parameters: Parameters) -> Floats:
    """Both signals mixed where the identity is sure, else the structure alone; people away brought to what is known.

    Then noise and province factor are applied.
    """
    with np.errstate(invalid="ignore"):
        weight = np.where(signals.sure & np.isfinite(signals.identity), parameters.mix, 0.0)
    mixed = weight * np.nan_to_num(signals.identity) + (1 - weight) * signals.structure
    absent = np.maximum(mixed, parameters.least_absent)
    if signals.leavers is not None:
        absent = met(absent, signals.leavers)
    return np.maximum(absent * parameters.province_factor + parameters.absence_noise, parameters.least_absent)


def design_matrix(counts: Counts) -> Floats:
    """Intercept, standardised features held within three standard deviations, and their squares; (units, 25).

    Features are standardised within each census: ageing and smaller households of a whole decade are no sign of
    absence. With the squares the fit on provinces left out rises from R2 .51 to .56 (counties).
    """
    raw = features(counts)
    standard = np.clip((raw - raw.mean(axis=0)) / raw.std(axis=0), -MOST_DEVIATIONS, MOST_DEVIATIONS)
    return np.column_stack([np.ones(len(raw)), standard, standard**2])


def _least_squares(design: Floats, target: Floats) -> Floats:
    # Normal equations: the features are standardised, so 25 x 25 is well conditioned, and 40 times faster than an SVD.
    gram = np.einsum("ij,ik->jk", design, design)
    solution = np.linalg.solve(gram, (design * target[:, None]).sum(axis=0))
    return np.asarray(np.round(solution, COEFFICIENT_DECIMALS), dtype=np.float64)
