"""The one place that re-projects. Everything is stored as WGS-84 degrees (EPSG:4326), longitude first.

Chinese map services do not publish WGS-84: Amap, Tencent and Google China publish GCJ-02, Baidu publishes BD-09.
Both are shifted by 100 to 700 m, inside China only. Forgetting it moves 0.9 % of all towns into another county.

Lengths are measured on the ellipsoid, areas in an equal-area plane; nothing is ever measured in degrees.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

Floats = npt.NDArray[np.float64]

WGS84 = "EPSG:4326"
# Albers with the two standard parallels customary for China, on the WGS-84 ellipsoid; metres.
EQUAL_AREA_CHINA = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=WGS84 +units=m +no_defs"

WGS84_SEMI_MAJOR_M = 6_378_137.0
WGS84_FLATTENING = 1 / 298.257223563

# The constants of the published GCJ-02 shift: the Krasovsky 1940 ellipsoid.
_KRASOVSKY_SEMI_MAJOR_M = 6_378_245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
# Inversion stops here: 1e-11 degrees is a micrometre. Two to four rounds are enough everywhere in China.
_CLOSE_ENOUGH_DEG = 1e-11
_MAX_ROUNDS = 12


def gcj02_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """GCJ-02 of WGS-84 longitudes and latitudes in degrees, of any equal shape.

    The shift is applied as for a place inside China; it is the caller who knows whether it is. Method: the published
    reverse engineering of the GCJ-02 obfuscation (sums of sines on the Krasovsky ellipsoid).
    """
    lon_deg, lat_deg = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    east, north = lon_deg - 105.0, lat_deg - 35.0
    root = np.sqrt(np.abs(east))
    ripple = (20.0 * np.sin(6.0 * np.pi * east) + 20.0 * np.sin(2.0 * np.pi * east)) * 2.0 / 3.0
    shift_north_m = (
        -100.0
        + 2.0 * east
        + 3.0 * north
        + 0.2 * north**2
        + 0.1 * east * north
        + 0.2 * root
        + ripple
        + (20.0 * np.sin(np.pi * north) + 40.0 * np.sin(np.pi / 3.0 * north)) * 2.0 / 3.0
        + (160.0 * np.sin(np.pi / 12.0 * north) + 320.0 * np.sin(np.pi / 30.0 * north)) * 2.0 / 3.0
    )
    shift_east_m = (
        300.0
        + east
        + 2.0 * north
        + 0.1 * east**2
        + 0.1 * east * north
        + 0.1 * root
        + ripple
        + (20.0 * np.sin(np.pi * east) + 40.0 * np.sin(np.pi / 3.0 * east)) * 2.0 / 3.0
        + (150.0 * np.sin(np.pi / 12.0 * east) + 300.0 * np.sin(np.pi / 30.0 * east)) * 2.0 / 3.0
    )
    phi = np.radians(lat_deg)
    magic = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    metres_a_radian_north = _KRASOVSKY_SEMI_MAJOR_M * (1.0 - _KRASOVSKY_E2) / magic**1.5
    metres_a_radian_east = _KRASOVSKY_SEMI_MAJOR_M / np.sqrt(magic) * np.cos(phi)
    return (
        lon_deg + np.degrees(shift_east_m / metres_a_radian_east),
        lat_deg + np.degrees(shift_north_m / metres_a_radian_north),
    )


def wgs84_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 of GCJ-02 longitudes and latitudes in degrees, to 1e-11 degrees (a micrometre).

    There is no closed inverse: the guess is corrected by what the forward shift misses, until it misses nothing.
    Each point depends on itself alone, so equal input gives equal output and shared borders stay shared.

    Raises
    ------
    ArithmeticError
        If a point does not settle, which happens only far from China or for what is not a number.
    """
    target_lon, target_lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    guess_lon, guess_lat = target_lon.copy(), target_lat.copy()
    for _ in range(_MAX_ROUNDS):
        seen_lon, seen_lat = gcj02_from_wgs84(guess_lon, guess_lat)
        miss_lon, miss_lat = target_lon - seen_lon, target_lat - seen_lat
        guess_lon, guess_lat = guess_lon + miss_lon, guess_lat + miss_lat
        if max(np.abs(miss_lon).max(initial=0.0), np.abs(miss_lat).max(initial=0.0)) < _CLOSE_ENOUGH_DEG:
            return guess_lon, guess_lat
    raise ArithmeticError("GCJ-02 could not be inverted for some of these points: are they near China?")


def gcj02_from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """GCJ-02 of Baidu's BD-09 longitudes and latitudes in degrees (Baidu's own approximate inverse, within 0.5 m)."""
    x, y = np.asarray(lon, dtype=float) - 0.0065, np.asarray(lat, dtype=float) - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle), radius * np.sin(angle)


def bd09_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """BD-09 of GCJ-02 longitudes and latitudes in degrees."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def wgs84_from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 of BD-09 longitudes and latitudes in degrees, within half a metre."""
    return wgs84_from_gcj02(*gcj02_from_bd09(lon, lat))


def wgs84_from_gauss_krueger(x: npt.ArrayLike, y: npt.ArrayLike, central_meridian_deg: int) -> tuple[Floats, Floats]:
    """WGS-84 of Gauss-Krueger eastings x (false easting 500 km, no zone before it) and northings y in metres.

    CGCS2000, whose ellipsoid and frame agree with WGS-84 within decimetres. Beijing 54 and Xi'an 80 use the same grid
    on other datums: read as CGCS2000 they are some 100 m off.
    """
    grid = f"+proj=tmerc +lat_0=0 +lon_0={central_meridian_deg} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
    return wgs84_from_crs(grid, x, y)


def wgs84_from_crs(name: str, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 longitude and latitude in degrees of x (east), y (north) in the system `name` (EPSG code, WKT or PROJ).

    What the system cannot hold comes back as not a number.

    Raises
    ------
    pyproj.exceptions.CRSError
        If `name` names no system.
    """
    lon, lat = _from_system(name).transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    lon_deg, lat_deg = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    lost = ~(np.isfinite(lon_deg) & np.isfinite(lat_deg))
    return np.where(lost, np.nan, lon_deg), np.where(lost, np.nan, lat_deg)


def crs_from_wgs84(name: str, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """X (east), y (north) in the system `name` (EPSG code, WKT or PROJ) of WGS-84 degrees; inverse of `wgs84_from_crs`.

    What the system cannot hold comes back as not a number.

    Raises
    ------
    pyproj.exceptions.CRSError
        If `name` names no system.
    """
    x, y = _from_system(name).transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float), direction="INVERSE")
    east, north = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    lost = ~(np.isfinite(east) & np.isfinite(north))
    return np.where(lost, np.nan, east), np.where(lost, np.nan, north)


def ecef_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
    """Earth-centred, earth-fixed x, y, z in metres, shape (n, 3), of points on the ellipsoid (height 0)."""
    lam, phi = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    e2 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING)
    up = np.sin(phi)
    normal_m = WGS84_SEMI_MAJOR_M / np.sqrt(1.0 - e2 * up**2)
    axis_m = normal_m * np.cos(phi)
    return np.stack([axis_m * np.cos(lam), axis_m * np.sin(lam), normal_m * (1.0 - e2) * up], axis=-1)


def equal_area_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """x, y in metres in the Albers equal-area plane of China (`EQUAL_AREA_CHINA`)."""
    x, y = _to_plane().transform(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    return np.asarray(x), np.asarray(y)


def wgs84_from_equal_area(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees of x, y in metres in the Albers equal-area plane of China."""
    lon, lat = _to_plane().transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float), direction="INVERSE")
    return np.asarray(lon), np.asarray(lat)


def geometries_to_wgs84(geometries: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """GCJ-02 geometries as WGS-84 geometries; shared vertices stay shared."""
    return _each_vertex(geometries, wgs84_from_gcj02)


def geometries_to_equal_area(geometries: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """WGS-84 geometries in the Albers equal-area plane of China, metres."""
    return _each_vertex(geometries, equal_area_from_wgs84)


def geometries_from_equal_area(geometries: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Geometries of the Albers equal-area plane of China as WGS-84 geometries."""
    return _each_vertex(geometries, wgs84_from_equal_area)


def _each_vertex(geometries: npt.NDArray[Any], change: Any) -> npt.NDArray[Any]:
    """Change every different vertex once: a border has two sides, so that is half of them, and both stay equal."""
    vertices = np.ascontiguousarray(shapely.get_coordinates(geometries))
    different, place = np.unique(vertices.view(np.complex128).ravel(), return_inverse=True)
    changed = np.stack(change(different.real, different.imag), axis=-1)[place]
    return np.asarray(shapely.set_coordinates(np.array(geometries, dtype=object), changed))


@cache
def _from_system(name: str) -> Transformer:
    return Transformer.from_crs(CRS.from_user_input(name), CRS.from_user_input(WGS84), always_xy=True)


@cache
def _to_plane() -> Transformer:
    return Transformer.from_crs(CRS.from_user_input(WGS84), CRS.from_user_input(EQUAL_AREA_CHINA), always_xy=True)
