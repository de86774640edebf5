"""The user's own demand points: tables of villages, population rasters; people are conserved, the rest is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.place.settlements import spread_over_settlements
from etl.read import demand
from etl.read.demand import read_demand
from geodata.errors import UserError


def write_raster(
    file: Path, people: np.ndarray, *, nodata: float | None = -99999.0, crs: str | None = "EPSG:4326"
) -> Path:
    # One cell is 0.01 degrees; the upper left corner is 116.0 E, 41.0 N.
    with rasterio.open(
        file, "w", driver="GTiff", height=people.shape[0], width=people.shape[1], count=1, dtype="float64", crs=crs,
        transform=rasterio.Affine(0.01, 0, 116.0, 0, -0.01, 41.0), nodata=nodata,
    ) as raster:  # fmt: skip
        raster.write(people, 1)
    return file


def test_villages_with_weights_and_the_rows_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "villages.csv"
    file.write_text(
        "编号,村名,经度,纬度,人口,城乡\n1,甲村,116.1,40.1,300,乡村\n2,乙镇,116.2,40.2,900,城镇\n3,丙,116.3,40.3,0,\n"
        "4,丁,1,2,5,\n2,重复,116.2,40.2,1,\n6,戊,116.4,40.4,-5,\n7,己,x,40,1,\n",
        encoding="gb18030",
    )
    found = read_demand(file)
    assert list(found.table["settlement_id"]) == ["own-1", "own-2"]
    assert list(found.table["kind"]) == ["rural", "urban"]
    assert found.people == 1200
    assert list(found.rejected["row"]) == [4, 5, 6, 7, 8]
    assert found.rejected["reason"].nunique() == 5


def test_a_table_without_weights_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "villages.csv"
    file.write_text("name,lon,lat\nA,116,40\n", encoding="utf-8")
    with pytest.raises(UserError, match="weight"):
        read_demand(file)


def test_a_small_raster_gives_a_point_a_cell(tmp_path: Path) -> None:
    people = np.array([[0.0, 2.5, -99999.0], [4.0, np.nan, 0.0]])
    found = read_demand(write_raster(tmp_path / "p.tif", people))
    assert found.table[["lon", "lat", "population"]].round(6).to_numpy().tolist() == [
        [116.015, 40.995, 2.5], [116.005, 40.985, 4.0],
    ]  # fmt: skip
    assert found.people == 6.5


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 12), st.integers(0, 2**31))
def test_blocks_conserve_people_and_stand_on_their_fullest_cell(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, most: int, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    people = np.where(dice.random((height, width)) < 0.5, 0.0, dice.integers(1, 1000, (height, width)))
    people[0, 0] = 7.0
    file = write_raster(tmp_path_factory.mktemp("raster") / "p.tif", people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demand, "MOST_BLOCKS", most)
        found = read_demand(file)
    assert found.people == people.sum(), "whole numbers sum exactly"
    side = int(np.ceil(np.sqrt(height * width / most))) or 1
    for point in found.table.itertuples():
        _, row, column = str(point.settlement_id).split("-")
        top, left = int(row) // side * side, int(column) // side * side
        block = people[top : top + side, left : left + side]
        assert point.population == block.sum()
        assert people[int(row), int(column)] == block.max()


@pytest.mark.parametrize(
    ("people", "crs", "words"),
    [(np.full((2, 2), -5.0), "EPSG:4326", "fewer than nobody"), (np.zeros((2, 2)), "EPSG:4326", "nobody in China"),
     (np.ones((2, 2)), None, "does not say")],
)  # fmt: skip
def test_a_raster_that_cannot_be_people_is_refused(
    tmp_path: Path, people: np.ndarray, crs: str | None, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_demand(write_raster(tmp_path / "p.tif", people, crs=crs))


@pytest.mark.parametrize("content", [b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0+junk"])
def test_a_broken_raster_is_a_user_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "p.tif"
    file.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read"):
        read_demand(file)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["110114", "110116"]), st.floats(1e-3, 1e6)), min_size=1, max_size=30))
def test_the_children_of_a_county_are_spread_by_weight_and_none_is_lost(points: list[tuple[str, float]]) -> None:
    table = pd.DataFrame(points, columns=["code", "population"])
    children = pd.DataFrame({"children": [1234.0, 77.0], "children_rural": [1000.0, 0.0]}, index=["110114", "110116"])
    spread = spread_over_settlements(table, children)
    for code, rows in spread.groupby("code"):
        assert rows["children"].sum() == pytest.approx(children.loc[code, "children"], rel=1e-12)
        share = rows["population"] / rows["population"].sum()
        assert np.allclose(rows["children"], share * children.loc[code, "children"])
