"""The base map that is really published: every unit under its code, small where the first paint waits for it."""

from __future__ import annotations

import gzip
import math

import duckdb
import mapbox_vector_tile
import pandas as pd
import pytest

from tests.support.built_release import built_release

LEVELS = ("county", "prefecture", "province")
# Of the units, one parish of Macao (0.5 km²) is a tenth of a square pixel at zoom 5, and less at lower ones.
TOO_SMALL_TO_SEE = {820005}


@pytest.fixture(scope="module")
def tiles() -> pd.DataFrame:
    with duckdb.connect(str(built_release()), read_only=True) as release:
        return release.execute("SELECT layer, z, x, y, data, octet_length(data) AS size FROM tiles").df()


@pytest.fixture(scope="module")
def codes() -> dict[str, set[int]]:
    with duckdb.connect(str(built_release()), read_only=True) as release:
        rows = release.execute("SELECT level, code FROM units").fetchall()
    return {level: {int(code) for at, code in rows if at == level} for level in LEVELS}


@pytest.mark.parametrize("layer", LEVELS)
@pytest.mark.parametrize("zoom", [3, 4, 5, 6])
def test_no_unit_is_dropped(tiles: pd.DataFrame, codes: dict[str, set[int]], layer: str, zoom: int) -> None:
    found = set()
    for data in tiles.loc[(tiles["layer"] == layer) & (tiles["z"] == zoom), "data"]:
        decoded = mapbox_vector_tile.decode(gzip.decompress(data))
        found |= {feature["id"] for feature in decoded[layer]["features"]}
    missing = codes[layer] - found
    assert missing <= (TOO_SMALL_TO_SEE if zoom <= 5 else set())
    assert found <= codes[layer]


def needed(tiles: pd.DataFrame, width: int, height: int, zoom: float, layers: tuple[str, ...]) -> int:
    """Bytes of the tiles that a map of this size centred on China asks for, tiles of 512 pixels."""
    level, world = math.floor(zoom), 512 * 2**zoom
    x = (104 + 180) / 360 * world
    y = (1 - math.asinh(math.tan(math.radians(36.5))) / math.pi) / 2 * world
    side = world / 2**level
    here = tiles[(tiles["z"] == level) & tiles["layer"].isin(layers)]
    columns = here["x"].between((x - width / 2) // side, (x + width / 2) // side)
    rows = here["y"].between((y - height / 2) // side, (y + height / 2) // side)
    return int(here.loc[columns & rows, "size"].sum())


@pytest.mark.parametrize(("width", "height", "zoom"), [(1400, 800, 3.6), (390, 844, 2.4), (390, 844, 3.0)])
def test_the_whole_country_is_painted_from_350_kb(tiles: pd.DataFrame, width: int, height: int, zoom: float) -> None:
    assert needed(tiles, width, height, zoom, LEVELS) <= 350_000
    assert needed(tiles, width, height, zoom, ("county", "borders")) <= 200_000


def test_zooms_are_complete(tiles: pd.DataFrame) -> None:
    for layer in LEVELS:
        of_layer = tiles[tiles["layer"] == layer]
        assert set(of_layer["z"]) == set(range(9))
        assert not of_layer.duplicated(["z", "x", "y"]).any()
        # A tile has its four children wherever there is land in it: each child's parent is there.
        places = set(of_layer[["z", "x", "y"]].itertuples(index=False, name=None))
        assert all((z - 1, x // 2, y // 2) in places for z, x, y in places if z > 0)
