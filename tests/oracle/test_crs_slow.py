"""Re-projection against second implementations: plain `math`, one point at a time, and PROJ."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from geodata import crs

# Beijing, Chengdu, Urumqi, Harbin, Haikou, Lhasa, Nansha: lon, lat.
PLACES = [
    (116.397, 39.909), (104.066, 30.573), (87.617, 43.825), (126.642, 45.757), (110.199, 20.044), (91.117, 29.647),
    (112.04, 9.55),
]  # fmt: skip


def slow_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The shift as it was first published, written out point by point and term by term."""
    axis, e2, x, y = 6378245.0, 0.00669342162296594323, lon - 105.0, lat - 35.0
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    for amount, rate in ((20, 6), (20, 2)):
        d_lat += amount * math.sin(rate * x * math.pi) * 2 / 3
        d_lon += amount * math.sin(rate * x * math.pi) * 2 / 3
    for amount, part in ((20, 1), (40, 3), (160, 12), (320, 30)):
        d_lat += amount * math.sin(y / part * math.pi) * 2 / 3
    for amount, part in ((20, 1), (40, 3), (150, 12), (300, 30)):
        d_lon += amount * math.sin(x / part * math.pi) * 2 / 3
    phi = math.radians(lat)
    magic = 1 - e2 * math.sin(phi) ** 2
    d_lat = d_lat * 180 / ((axis * (1 - e2)) / (magic * math.sqrt(magic)) * math.pi)
    d_lon = d_lon * 180 / (axis / math.sqrt(magic) * math.cos(phi) * math.pi)
    return lon + d_lon, lat + d_lat


def slow_inverse(lon: float, lat: float) -> tuple[float, float]:
    """The inverse by halving a box around the answer: no derivative, no fixed point, 60 rounds."""
    west, east, south, north = lon - 0.02, lon + 0.02, lat - 0.02, lat + 0.02
    for _ in range(60):
        middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
        seen_lon, seen_lat = slow_gcj02(middle_lon, middle_lat)
        west, east = (middle_lon, east) if seen_lon < lon else (west, middle_lon)
        south, north = (middle_lat, north) if seen_lat < lat else (south, middle_lat)
    return (west + east) / 2, (south + north) / 2


@pytest.mark.parametrize(("lon", "lat"), PLACES)
def test_the_shift_is_the_published_one(lon: float, lat: float) -> None:
    assert np.allclose(crs.gcj02_from_wgs84(lon, lat), slow_gcj02(lon, lat), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("lon", "lat"), PLACES)
def test_the_inverse_is_the_one_found_by_halving(lon: float, lat: float) -> None:
    # Halving each axis by itself ends within a few 1e-11 degrees: the axes are all but independent.
    assert np.allclose(crs.wgs84_from_gcj02(lon, lat), slow_inverse(lon, lat), rtol=0, atol=2e-10)


def test_the_shift_is_hundreds_of_metres() -> None:
    lon, lat = np.array(PLACES).T
    _, _, metres = Geod(ellps="WGS84").inv(lon, lat, *crs.gcj02_from_wgs84(lon, lat))
    assert (metres > 100).all()
    assert (metres < 900).all()


def test_tiananmen_is_where_each_system_says() -> None:
    # The south end of the square's flagpole: published side by side for the three systems, to some metres.
    wgs84 = (116.3912, 39.9075)
    assert np.allclose(crs.gcj02_from_wgs84(*wgs84), (116.3974, 39.9089), atol=2e-4)
    assert np.allclose(crs.bd09_from_gcj02(116.3974, 39.9089), (116.4038, 39.9152), atol=3e-4)


def test_ecef_is_that_of_proj() -> None:
    lon, lat = np.array(PLACES).T
    geocentric = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    expected = np.column_stack(geocentric.transform(lon, lat, np.zeros(len(lon))))
    assert np.allclose(crs.ecef_from_wgs84(lon, lat), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("lon", "lat"), PLACES)
def test_the_plane_keeps_areas_of_the_ellipsoid(lon: float, lat: float) -> None:
    # 0.02 degrees: straight edges in the plane and geodesic edges differ by less than 1e-6 of such an area.
    square = shapely.box(lon, lat, lon + 0.02, lat + 0.02)
    in_plane = crs.geometries_to_equal_area(np.array([square]))[0].area
    on_ellipsoid, _ = Geod(ellps="WGS84").geometry_area_perimeter(square)
    assert in_plane == pytest.approx(abs(on_ellipsoid), rel=1e-6)
