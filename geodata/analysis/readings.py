"""The ways in which a pair of numbers in a register can be meant as a place in China.

Each reading turns two numbers into WGS-84 degrees, or into "not a number" where they cannot be meant so. Which reading
is right is not decided here: `geodata.analysis.coordinates` tests them against the county that the register names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata import crs

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pair = tuple[Floats, Floats]

# China with its waters, degrees.
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
WEB_MERCATOR = "EPSG:3857"
# Northings of China on a transverse Mercator grid and as far from the central meridian as any zone is used, metres.
_NORTHING_M = (300_000.0, 6_000_000.0)
_EASTING_M = (100_000.0, 900_000.0)
_ZONES_6_DEG, _ZONES_3_DEG = range(13, 24), range(25, 46)
MERIDIANS_DEG = range(75, 136, 3)
_ANGLE_WORDS = re.compile(r"[东西南北经纬EWNS]|度|分|秒|[°º˚'\u2032’‘\"″”“:：]|[ \t\u3000]", re.IGNORECASE)
_MINUS = re.compile(r"[西南WS]", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """A way to read two numbers as a place.

    Attributes
    ----------
    id
        as_given, gcj02, bd09, swapped, dotted_dms, packed_dm, packed_dms, web_mercator, gauss_krueger.
    change
        From (x, y), as the columns say them, to WGS-84 (lon, lat); not a number where the reading cannot apply.
    in_degrees
        Whether what it reads also looks like plain degrees, so that nothing but the county can tell them apart.
    needs_county
        Whether several places fit and only a declared county chooses.
    """

    id: str
    change: Callable[[Floats, Floats], Pair]
    in_degrees: bool = False
    needs_county: bool = False


def in_china(lon: Floats, lat: Floats) -> Bools:
    """Whether degrees lie in the rectangle around China; false for what is not a number."""
    return np.asarray((lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH))


def parse_angle(text: str) -> float | None:
    """Degrees from 116.23, 116°13'48"E, 116 13 48, 116度13分48秒, 北纬40.2; None if it is none of these.

    Minutes and seconds must be below 60. South and west are negative.
    """
    parts = [part for part in _ANGLE_WORDS.sub(" ", text).split() if part]
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if not 1 <= len(numbers) <= 3 or not all(np.isfinite(numbers)):
        return None
    if any(not 0 <= number < 60 for number in numbers[1:]):
        return None
    size = sum(abs(number) / 60.0**place for place, number in enumerate(numbers))
    return -float(size) if numbers[0] < 0 or _MINUS.search(text) else float(size)


def _only(applies: Bools, lon: Floats, lat: Floats) -> Pair:
    return np.where(applies, lon, np.nan), np.where(applies, lat, np.nan)


def _as_given(x: Floats, y: Floats) -> Pair:
    return _only(in_china(x, y), x, y)


def _datum(change: Callable[[npt.ArrayLike, npt.ArrayLike], Pair]) -> Callable[[Floats, Floats], Pair]:
    def changed(x: Floats, y: Floats) -> Pair:
        near = in_china(x, y)
        # The inversion must not see what is no place: Beijing stands in and is taken out again.
        return _only(near, *change(np.where(near, x, 116.4), np.where(near, y, 39.9)))

    return changed


def _swapped(x: Floats, y: Floats) -> Pair:
    return _only(in_china(y, x), y, x)


def _split(value: Floats, *, sixtieths: int) -> tuple[Floats, Bools]:
    """`value` = D..DMMSS (sixtieths 2) or D..DMM (1) with decimals in the last place, as degrees; and if it can be."""
    rest, degrees, fits = value, np.zeros_like(value), np.ones(value.shape, dtype=bool)
    for place in range(sixtieths, 0, -1):
        part = np.mod(rest, 100.0)
        fits &= part < 60.0
        degrees += part / 60.0**place
        rest = np.floor(rest / 100.0)
    return rest + degrees, fits


def _packed(sixtieths: int) -> Callable[[Floats, Floats], Pair]:
    def changed(x: Floats, y: Floats) -> Pair:
        (lon, lon_fits), (lat, lat_fits) = (_split(value, sixtieths=sixtieths) for value in (x, y))
        return _only(in_china(lon, lat) & lon_fits & lat_fits, lon, lat)

    return changed


def _dotted_dms(x: Floats, y: Floats) -> Pair:
    """116.1348 meant as 116 degrees 13 minutes 48 seconds."""
    # Ten decimals: 48 seconds must not turn into 47.99999 by the binary fraction.
    return _packed(2)(np.round(x * 10_000.0, 6), np.round(y * 10_000.0, 6))


def _web_mercator(x: Floats, y: Floats) -> Pair:
    applies = (np.abs(x) > 1e5) & (np.abs(y) > 1e5) & (np.abs(x) < 2e7) & (np.abs(y) < 2e7)
    lon, lat = crs.wgs84_from_crs(WEB_MERCATOR, np.where(applies, x, 0.0), np.where(applies, y, 0.0))
    return _only(applies & in_china(lon, lat), lon, lat)


def _on_grid(easting_m: Floats, northing_m: Floats, meridian_deg: int) -> Pair:
    applies = (
        (easting_m >= _EASTING_M[0]) & (easting_m <= _EASTING_M[1])
        & (northing_m >= _NORTHING_M[0]) & (northing_m <= _NORTHING_M[1])
    )  # fmt: skip
    if not applies.any():
        return _only(applies, easting_m, northing_m)
    lon, lat = crs.wgs84_from_gauss_krueger(
        np.where(applies, easting_m, 500_000.0), np.where(applies, northing_m, 4e6), meridian_deg
    )
    return _only(applies & in_china(lon, lat), lon, lat)


def _zoned(x: Floats, y: Floats) -> Pair:
    """Eastings that begin with the number of their zone: 6 degree zones 13 to 23, 3 degree zones 25 to 45."""
    zone = np.where(np.isfinite(x), np.floor(x / 1e6), 0.0)
    lon, lat = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    for number in np.unique(zone):
        meridian = 6 * int(number) - 3 if number in _ZONES_6_DEG else 3 * int(number)
        if number in _ZONES_6_DEG or number in _ZONES_3_DEG:
            here = zone == number
            lon[here], lat[here] = _on_grid(x[here] - number * 1e6, y[here], meridian)
    return lon, lat


def _grid(meridian_deg: int) -> Callable[[Floats, Floats], Pair]:
    return lambda x, y: _on_grid(x, y, meridian_deg)


def _other_axes(change: Callable[[Floats, Floats], Pair]) -> Callable[[Floats, Floats], Pair]:
    """Chinese surveyors call the northing x: the same reading with the columns exchanged."""
    return lambda x, y: change(y, x)


AS_GIVEN = Reading("as_given", _as_given, in_degrees=True)
DATUMS = (
    Reading("gcj02", _datum(crs.wgs84_from_gcj02), in_degrees=True),
    Reading("bd09", _datum(crs.wgs84_from_bd09), in_degrees=True),
)
DOTTED_DMS = Reading("dotted_dms", _dotted_dms, in_degrees=True)
STRUCTURAL = (
    Reading("swapped", _swapped),
    Reading("packed_dm", _packed(1)),
    Reading("packed_dms", _packed(2)),
    Reading("web_mercator", _web_mercator),
    Reading("web_mercator", _other_axes(_web_mercator)),
    Reading("gauss_krueger", _zoned),
    Reading("gauss_krueger", _other_axes(_zoned)),
    *(Reading("gauss_krueger", _grid(meridian), needs_county=True) for meridian in MERIDIANS_DEG),
    *(Reading("gauss_krueger", _other_axes(_grid(meridian)), needs_county=True) for meridian in MERIDIANS_DEG),
)
