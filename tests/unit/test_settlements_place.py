"""Settlements: read from the gazetteer, put into counties, given their children."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from etl.place.boundaries import Coverage
from etl.place.settlements import county_of, place_settlements, spread_over_settlements
from etl.read.settlements import chinese_name, read_settlements
from geodata import crs
from geodata.errors import UserError

ENTRY: dict[str, Any] = {
    "geonameid": 7, "name": "Anren", "latitude": 30.5, "longitude": 103.6, "countrycode": "CN", "population": 1200,
    "alternatenames": ["An-jen", "安仁镇", "安仁"],
}  # fmt: skip
SQUARES = np.array([shapely.box(100, 30, 101, 31), shapely.box(101, 30, 102, 31), shapely.box(102, 30, 103, 31)])
COUNTIES = Coverage(np.array(["510101", "510102", "710000"]), SQUARES, crs.geometries_to_equal_area(SQUARES))
UNITS = pd.DataFrame(
    {
        "level": "county",
        "code": COUNTIES.codes,
        "name_zh": ["甲县", "乙县", "丙"],
        "name_en": ["Jia County", "Yi County", "Bing"],
        "counted": [True, True, False],
        "lon": [100.5, 101.5, 102.5],
        "lat": [30.5, 30.5, 30.5],
    }
)


def write_gazetteer(file: Path, entries: list[dict[str, Any]]) -> Path:
    file.write_text(json.dumps({str(entry["geonameid"]): entry for entry in entries}), encoding="utf-8")
    return file


def settlements(*rows: tuple[str, float, float, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["settlement_id", "lon", "lat", "population"])
    return table.assign(name_zh=None, name_en=table["settlement_id"])


def test_only_the_country_asked_for_is_read(tmp_path: Path) -> None:
    file = write_gazetteer(tmp_path / "cities.json", [ENTRY, ENTRY | {"geonameid": 8, "countrycode": "JP"}])
    raw = read_settlements(file)
    assert raw.table.to_dict("records") == [
        {"settlement_id": "gn7", "name_zh": "安仁", "name_en": "Anren", "lon": 103.6, "lat": 30.5, "population": 1200}
    ]


def test_a_truncated_gazetteer_is_named(tmp_path: Path) -> None:
    file = write_gazetteer(tmp_path / "cities.json", [ENTRY])
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(UserError, match=r"cannot be read.*cities\.json"):
        read_settlements(file)


def test_an_entry_without_a_field_is_named_by_key(tmp_path: Path) -> None:
    entry = {key: value for key, value in ENTRY.items() if key != "latitude"}
    with pytest.raises(UserError, match=r"key 7.*'latitude'"):
        read_settlements(write_gazetteer(tmp_path / "cities.json", [entry]))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Lijiang", "丽江市", "丽江"], "丽江"),
        (["总寨镇"], "总寨镇"),
        (["西乡镇", "西乡"], "西乡"),  # 乡 may end a kind or a name: of two such names the shorter is the plainer
        (["Only Latin"], None),
        ([], None),
    ],
)
def test_the_plainest_chinese_name_is_taken(names: list[str], expected: str | None) -> None:
    assert chinese_name(names) == expected


def test_points_fall_into_their_county_and_nowhere_else() -> None:
    codes = county_of(np.array([100.5, 101.5, 104.0]), np.array([30.5, 30.5, 30.5]), COUNTIES)
    assert list(codes) == ["510101", "510102", ""]


def test_on_a_border_the_lower_code_wins() -> None:
    assert list(county_of(np.array([101.0]), np.array([30.5]), COUNTIES)) == ["510101"]


def test_nothing_is_dropped_in_silence() -> None:
    given = settlements(("town", 100.5, 30.5, 900), ("village", 100.6, 30.5, 0), ("sea", 120.0, 10.0, 0),
                        ("uncounted", 102.5, 30.5, 50))  # fmt: skip
    placed = place_settlements(given, COUNTIES, UNITS)
    assert dict(zip(placed.inside["settlement_id"], placed.inside["kind"], strict=True)) == {
        "town": "urban",
        "village": "rural",
        "county510102": "county_point",  # no settlement is known there: its point on surface stands in
    }
    assert list(placed.outside["settlement_id"]) == ["sea", "uncounted"]


def test_children_sum_to_their_county_and_unknown_counties_give_none() -> None:
    given = settlements(("town", 100.5, 30.5, 900), ("v1", 100.6, 30.5, 0), ("v2", 100.7, 30.5, 0))
    placed = place_settlements(given, COUNTIES, UNITS).inside
    known = pd.DataFrame({"children": [1000.0], "children_rural": [300.0]}, index=["510101"])
    spread = spread_over_settlements(placed, known).set_index("settlement_id")["children"]
    assert spread.to_dict() == {"town": 700.0, "v1": 150.0, "v2": 150.0, "county510102": 0.0}
