"""Step 8: many plausible worlds. The uncertain assumptions are drawn at random, each draw is calibrated anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.absence import Signals
from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.model import Benchmarks, estimate
from geodata.analysis.estimate.types import Counts, Estimate, Floats, Parameters, Totals

FEWEST_DRAWS, DEFAULT_DRAWS, DEFAULT_SEED = 2, 500, 20_201_101
# 25 draws of 2,850 units fill 0.6 MB an array, which stays in a processor's cache.
DRAWS_AT_ONCE = 25
UNIFORM = ("kappa", "lambda_", "rho", "mix", "college_tilt", "cohort_tilt")
DRAWN = ("children", "migrant", "left_behind_rural", "left_behind_urban", "both_away")
# Each assumption has a stream of random numbers of its own: a new one moves no other's draws.
STREAMS = {
    "kappa": 0, "lambda_": 1, "rho": 2, "mix": 3, "province_absence": 4,
    "college_tilt": 5, "cohort_tilt": 6, "city": 7, "province_brought": 8,
}  # fmt: skip
# Errors of single units are drawn by year too: these follow the year in the seed.
ABSENCE, TEENS, BROUGHT = (), (1,), (2,)
# One column for each possible province or prefecture prefix: adding a unit to the data moves no other's draws.
PROVINCE_CODES, CITY_CODES = 100, 10_000


@dataclass(frozen=True)
class Ranges:
    """How uncertain each assumption is (step 8 of the method).

    kappa, lambda_, rho, mix
        Lowest and highest value, all between equally likely.
    noise_sure, noise_unsure
        Standard deviation of a unit's own error in the absent share, where the identity is sure and where not.
    province_sd
        Standard deviation of the log of a factor on the absent share that all units of a province share. At .22 the
        published province shares of 2010 err as much as the draws scatter (`error_per_spread` on the method page).
        In 2020, people away are not brought to what is known; the two provinces published are off by .06. Allowing
        .10 there makes .24 together.
    college_tilt, cohort_tilt
        Ends of the two bounds on 15-17-year-olds: in 2010 a quarter of the counties is held back, or one in fifty.
    teens_sd
        Standard deviation of the log of a unit's own error in its 15-17-year-olds. The two readings of them, from
        15-19 and from 10-14, differ by .21-.25 between counties: were both as good, each would err by .15.
    city_factor
        Moves between districts in all moves inside the province, by city, against the national share c: no table
        says how cities differ, so half as many to half as many again.
    brought_sd, brought_province_sd
        Standard deviations of the log of children per mover against what the unit's residents suggest, of a unit and
        of a province: together .22, half the distance between the national rates of movers from the same and from
        another province (.23 in 2020).
    """

    kappa: tuple[float, float] = (1.2, 1.8)
    lambda_: tuple[float, float] = (0.2, 0.8)
    rho: tuple[float, float] = (0.3, 0.6)
    mix: tuple[float, float] = (0.2, 0.8)
    noise_sure: float = 0.045
    noise_unsure: float = 0.065
    province_sd: float = 0.24
    college_tilt: tuple[float, float] = (1.0, 1.12)
    cohort_tilt: tuple[float, float] = (1.15, 1.55)
    teens_sd: float = 0.15
    city_factor: tuple[float, float] = (0.5, 1.5)
    brought_sd: float = 0.2
    brought_province_sd: float = 0.1


@dataclass(frozen=True)
class Draws:
    """Children aged 0-17 by draw and unit, unrounded persons, shape (draws, units), units in the order of `code`."""

    code: NDArray[np.str_]
    children: Floats
    migrant: Floats
    left_behind_rural: Floats
    left_behind_urban: Floats
    both_away: Floats

    @property
    def left_behind(self) -> Floats:
        """Rural and urban together."""
        return self.left_behind_rural + self.left_behind_urban


def draw_parameters(counts: Counts, sure: NDArray[np.bool_], draws: int, seed: int,
                    point: Parameters | None = None, ranges: Ranges | None = None) -> Parameters:  # fmt: skip
    """`draws` random parameter sets around `point`: arrays of shape (draws, 1), errors of shape (draws, units).

    Each assumption has a stream of random numbers of its own, so the first 100 of 500 draws are the 100 draws of the
    same seed. All but a unit's own error are the same for every year: one draw is one world, and change over time
    is not blurred by an assumption that holds at both ends. Raises `ValueError` for fewer than two draws.
    """
    if draws < FEWEST_DRAWS:
        raise ValueError(f"an interval needs at least {FEWEST_DRAWS} draws, not {draws}")
    ranges = ranges or Ranges()
    units = (draws, len(counts.code))
    at_province = [int(code[:2]) for code in counts.province]
    at_city = [int(city[:4]) for city in counts.city]

    def own(kind: tuple[int, ...]) -> Floats:
        return _stream(seed, counts.year, *kind).standard_normal(units)

    def between(stream: str, ends: tuple[float, float], width: int = 1) -> Floats:
        low, high = ends
        return low + (high - low) * _stream(seed, STREAMS[stream]).random((draws, width))

    def of_province(sd: float, stream: str) -> Floats:
        return _stream(seed, STREAMS[stream]).lognormal(0.0, sd, (draws, PROVINCE_CODES))[:, at_province]

    uniform: dict[str, Any] = {name: between(name, getattr(ranges, name)) for name in UNIFORM}
    brought = of_province(ranges.brought_province_sd, "province_brought")
    return replace(
        point or Parameters(),
        **uniform,
        absence_noise=own(ABSENCE) * np.where(sure, ranges.noise_sure, ranges.noise_unsure),
        province_factor=of_province(ranges.province_sd, "province_absence"),
        teens_factor=np.exp(ranges.teens_sd * own(TEENS)),
        city_factor=between("city", ranges.city_factor, CITY_CODES)[:, at_city],
        brought_factor=brought * np.exp(ranges.brought_sd * own(BROUGHT)),
    )


def run_draws(counts: Counts, moved: Movers, signals: Signals, totals: Totals, parameters: Parameters,
              benchmarks: Benchmarks | None = None) -> Draws:  # fmt: skip
    """The estimate of every parameter set of `draw_parameters`, each calibrated to the published totals.

    Given province totals (`benchmarks`) are met by every draw too, one draw at a time.
    """
    draws = len(np.atleast_1d(parameters.kappa))
    benchmarked = benchmarks is not None and bool(benchmarks.rural or benchmarks.urban)
    found = {name: np.empty((draws, len(counts.code))) for name in DRAWN}
    for rows, some in _slices(parameters, draws, one_by_one=benchmarked):
        part = estimate(counts, moved, signals, totals, some, benchmarks)
        for name in DRAWN:
            found[name][rows] = getattr(part, name)
    return Draws(code=counts.code, **found)


def at_range_ends(ranges: Ranges | None = None, point: Parameters | None = None) -> dict[tuple[str, float], Parameters]:
    """Parameter sets with one assumption at one end of its range, all others as in `point`: for the sensitivity."""
    ranges, point = ranges or Ranges(), point or Parameters()
    return {(name, end): replace(point, **{name: end}) for name in UNIFORM for end in getattr(ranges, name)}


def median_change(point: Estimate, other: Estimate, use: NDArray[np.bool_]) -> float:
    """Median absolute change of left-behind children from `point` to `other`, percent, over the units `use`."""
    first = (point.left_behind_rural + point.left_behind_urban)[use]
    second = (other.left_behind_rural + other.left_behind_urban)[use]
    return float(100 * np.median(np.abs(second[first > 0] / first[first > 0] - 1)))


def _stream(seed: int, *numbers: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, *numbers))))


def _slices(parameters: Parameters, draws: int, *, one_by_one: bool) -> Iterator[tuple[slice | int, Parameters]]:
    drawn = [f.name for f in fields(parameters) if np.ndim(getattr(parameters, f.name))]
    step = 1 if one_by_one else DRAWS_AT_ONCE
    for start in range(0, draws, step):
        rows: slice | int = start if one_by_one else slice(start, start + step)
        yield rows, replace(parameters, **{name: getattr(parameters, name)[rows] for name in drawn})
