"""Step 8: many plausible worlds. The uncertain assumptions are drawn at random, each draw is calibrated anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.model import Benchmarks, Signals, estimate
from geodata.analysis.estimate.types import Counts, Estimate, Floats, Parameters, Totals

FEWEST_DRAWS, DEFAULT_DRAWS, DEFAULT_SEED = 2, 500, 20_201_101
# 25 draws of 2,850 units fill 0.6 MB an array, which stays in a processor's cache.
DRAWS_AT_ONCE = 25
UNIFORM = ("kappa", "lambda_", "rho", "mix")
DRAWN_MEASURES = ("left_behind_rural", "left_behind_urban", "both_away")


@dataclass(frozen=True)
class Ranges:
    """How uncertain each assumption is (step 8 of the method).

    kappa, lambda_, rho, mix
        Lowest and highest value, all between equally likely.
    noise_sure, noise_unsure
        Standard deviation of a unit's own error in the absent share, where the identity is sure and where not.
    province_sd
        Standard deviation of the log of a factor that all units of a province share.
    """

    kappa: tuple[float, float] = (1.2, 1.8)
    lambda_: tuple[float, float] = (0.2, 0.8)
    rho: tuple[float, float] = (0.3, 0.6)
    mix: tuple[float, float] = (0.2, 0.8)
    noise_sure: float = 0.045
    noise_unsure: float = 0.065
    province_sd: float = 0.18


@dataclass(frozen=True)
class Draws:
    """Left-behind children by draw and unit, unrounded persons, shape (draws, units), units in the order of `code`.

    Children and migrant children rest on no drawn assumption: they are the same in every draw and not kept here.
    """

    code: NDArray[np.str_]
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
    uniform = {}
    for number, name in enumerate(UNIFORM):
        low, high = getattr(ranges, name)
        uniform[name] = low + (high - low) * _stream(seed, number).random((draws, 1))
    # One column for each possible province code 11 to 99: adding a province to the data moves no other's draws.
    factors = _stream(seed, len(UNIFORM)).lognormal(0.0, ranges.province_sd, (draws, 100))
    sd = np.where(sure, ranges.noise_sure, ranges.noise_unsure)
    noise = _stream(seed, counts.year).standard_normal((draws, len(counts.code))) * sd
    return replace(
        point or Parameters(),
        **uniform,
        absence_noise=noise,
        province_factor=factors[:, [int(code[:2]) for code in counts.province]],
    )


def run_draws(counts: Counts, moved: Movers, signals: Signals, totals: Totals, parameters: Parameters,
              benchmarks: Benchmarks | None = None) -> Draws:  # fmt: skip
    """The estimate of every parameter set of `draw_parameters`, each calibrated to the published totals.

    Given province totals (`benchmarks`) are met by every draw too, one draw at a time.
    """
    draws = len(np.atleast_1d(parameters.kappa))
    benchmarked = benchmarks is not None and bool(benchmarks.rural or benchmarks.urban)
    found = {name: np.empty((draws, len(counts.code))) for name in DRAWN_MEASURES}
    for rows, some in _slices(parameters, draws, one_by_one=benchmarked):
        part = estimate(counts, moved, signals, totals, some, benchmarks)
        for name in DRAWN_MEASURES:
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


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, number))))


def _slices(parameters: Parameters, draws: int, *, one_by_one: bool) -> Iterator[tuple[slice | int, Parameters]]:
    drawn = [f.name for f in fields(parameters) if np.ndim(getattr(parameters, f.name))]
    step = 1 if one_by_one else DRAWS_AT_ONCE
    for start in range(0, draws, step):
        rows: slice | int = start if one_by_one else slice(start, start + step)
        yield rows, replace(parameters, **{name: getattr(parameters, name)[rows] for name in drawn})
