"""Readers of friction surfaces, road tables and matrices: what they hand on and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from etl.read.travel import read_friction, read_matrix, read_roads
from geodata import crs
from geodata.analysis.access.friction import least_cost
from geodata.analysis.access.roads import own_matrix
from geodata.errors import UserError


def surface(file: Path, cells: np.ndarray, *, crs: str | None = "EPSG:4326", turned: float = 0.0) -> Path:
    with rasterio.open(
        file, "w", driver="GTiff", height=cells.shape[0], width=cells.shape[1], count=1, dtype="float32", crs=crs,
        transform=rasterio.Affine(0.01, turned, 110.0, 0, -0.01, 30.0), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(cells.astype("float32"), 1)
    return file


def test_a_friction_surface_walks_from_cell_to_cell_and_not_through_barriers(tmp_path: Path) -> None:
    walking = 60 / 5_000  # minutes a metre at 5 km/h
    found = read_friction(surface(tmp_path / "f.tif", np.array([[walking, walking, -9999.0, walking]])))
    assert np.isinf(found.minutes_a_metre[0, 2])
    walked = least_cost(found.minutes_a_metre, found.grid, found.cell([110.005], [29.995]))
    # 0.01 degrees of longitude at 30 N are 965 m: 11.58 minutes at 5 km/h.
    assert walked.minutes.ravel()[1] == pytest.approx(11.58, abs=0.02)
    assert np.isinf(walked.minutes.ravel()[3])


def test_a_surface_in_a_plane_knows_in_which_cell_a_place_lies(tmp_path: Path) -> None:
    easting, northing = crs.crs_from_wgs84("EPSG:32649", 111.0, 30.0)
    file = tmp_path / "plane.tif"
    with rasterio.open(
        file, "w", driver="GTiff", height=3, width=3, count=1, dtype="float32", crs="EPSG:32649",
        transform=rasterio.Affine(1_000, 0, float(easting) - 1_500, 0, -1_000, float(northing) + 1_500),
    ) as raster:  # fmt: skip
        raster.write(np.full((3, 3), 0.012, dtype="float32"), 1)
    found = read_friction(file)
    assert found.cell([111.0, 111.0104, 112.0], [30.0, 30.0, 30.0]).tolist() == [4, 5, -1]


def test_of_a_surface_of_the_world_only_the_part_around_china_is_read(tmp_path: Path) -> None:
    file = tmp_path / "world.tif"
    with rasterio.open(
        file, "w", driver="GTiff", height=180, width=360, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(1, 0, -180, 0, -1, 90),
    ) as raster:  # fmt: skip
        raster.write(np.arange(180 * 360, dtype="float32").reshape(180, 360) / 1e6, 1)
    found = read_friction(file)
    assert (found.grid.left, found.grid.top) == (73, 54)
    row, column = divmod(int(found.cell([104.5], [30.5])[0]), found.grid.columns)
    # Row 59 from 90 N, column 284 from 180 W.
    assert found.minutes_a_metre[row, column] == pytest.approx((59 * 360 + 284) / 1e6)


@pytest.mark.parametrize(
    ("cells", "crs", "turned", "words"),
    [([[-1.0]], "EPSG:4326", 0.0, "less than no time"), ([[1.0]], None, 0.0, "no system"),
     ([[40.0]], "EPSG:4326", 0.0, "no minutes a metre"), ([[-9999.0]], "EPSG:4326", 0.0, "can be travelled"),
     ([[1.0]], "EPSG:4326", 0.001, "turned"), ([[1.0]], "EPSG:2263", 0.0, "no system")],
)  # fmt: skip
def test_a_surface_that_cannot_be_walked_is_refused(
    tmp_path: Path, cells: list[list[float]], crs: str | None, turned: float, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_friction(surface(tmp_path / "f.tif", np.array(cells), crs=crs, turned=turned))


def test_what_is_no_raster_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "f.tif").write_bytes(b"II*\0")
    with pytest.raises(UserError, match="cannot be read"):
        read_friction(tmp_path / "f.tif")


def test_a_surface_beside_china_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "europe.tif"
    with rasterio.open(
        file, "w", driver="GTiff", height=1, width=1, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(1, 0, 10, 0, -1, 50),
    ) as raster:  # fmt: skip
        raster.write(np.full((1, 1), 0.012, dtype="float32"), 1)
    with pytest.raises(UserError, match="beside China"):
        read_friction(file)


def roads(tmp_path: Path, edges: str, nodes: str = "id,lon,lat\na,110,30\nb,110.1,30\n") -> tuple[Path, Path]:
    (tmp_path / "nodes.csv").write_text(nodes, encoding="utf-8-sig")
    (tmp_path / "edges.csv").write_text(edges, encoding="utf-8")
    return tmp_path / "edges.csv", tmp_path / "nodes.csv"


def test_roads_go_both_ways_unless_they_say_otherwise(tmp_path: Path) -> None:
    both = read_roads(*roads(tmp_path, "start,end,minutes\na,b,7\n"))
    assert both.minutes.toarray().tolist() == [[0, 7], [7, 0]]
    one = read_roads(*roads(tmp_path, "start,end,minutes,oneway\na,b,7,是\n"))
    assert one.minutes.toarray().tolist() == [[0, 7], [0, 0]]


def test_edges_that_say_where_they_lie_need_no_nodes(tmp_path: Path) -> None:
    head = "start_lon,start_lat,end_lon,end_lat,minutes\n"
    edges, _ = roads(tmp_path, head + "110,30,110.1,30,7\n110.1,30.00000000001,110.2,30,5\n")
    found = read_roads(edges)
    assert sorted(zip(found.lon, found.lat, strict=True)) == [(110, 30), (110.1, 30), (110.2, 30)]
    assert found.minutes.toarray()[0].tolist() == [0, 7, 0]
    edges.write_text("start_lon,minutes\n110,7\n", encoding="utf-8")
    with pytest.raises(UserError, match="--nodes"):
        read_roads(edges)


@pytest.mark.parametrize(
    ("edges", "column"),
    [("start,end,minutes\na,c,7\n", "end"), ("start,end,minutes\na,b,-7\n", "minutes"),
     ("start,end,minutes\na,b,\n", "minutes"), ("start,end,minutes,oneway\na,b,1,perhaps\n", "oneway"),
     ("start,end\na,b\n", "minutes")],
)  # fmt: skip
def test_an_edge_that_cannot_be_used_is_named(tmp_path: Path, edges: str, column: str) -> None:
    with pytest.raises(UserError, match=column):
        read_roads(*roads(tmp_path, edges))


def test_nodes_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="same id"):
        read_roads(*roads(tmp_path, "start,end,minutes\na,a,1\n", "id,lon,lat\na,110,30\na,111,30\n"))


def test_a_matrix_of_ones_own_keeps_what_cannot_be_reached(tmp_path: Path) -> None:
    file = tmp_path / "od.csv"
    file.write_text("origin,destination,minutes\nv1,c1,60\nv2,c1,\n", encoding="utf-8")
    table = own_matrix(read_matrix(file), ["v1", "v2"], ["c1"], file=str(file))
    index, minutes = table.nearest()
    assert list(index) == [0, -1]
    assert list(minutes) == [60.0, np.inf]
    file.write_text("from,to\n", encoding="utf-8")
    with pytest.raises(UserError, match="origin"):
        read_matrix(file)
