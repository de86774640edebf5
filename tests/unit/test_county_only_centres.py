"""A centre without a place: from a user's file to the page. It counts for its county, for no distance, and says so."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.state import Only
from dashboard.views.centres import centres_layer_of
from dashboard.views.coverage import coverage
from dashboard.views.nearest import distance_m
from dashboard.views.reach import reach_lines, unit_reach
from etl.measure import access
from etl.measure.access.norms import norm_figures
from etl.pipeline.register import RegisterChoice, check_lines, places_of
from etl.place.doctor import place_centres
from geodata.catalogue import Catalogue
from geodata.store import Store
from tests.support.drawn_counties import drawn_boundaries
from tests.support.toy_release import write_toy_release


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The toy release, of which the only Children's Centre is known by its county alone."""
    file = write_toy_release(tmp_path)
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE centres SET lon = NULL, lat = NULL, coordinates = 'none' WHERE centre_id = 'c02'")
    return Store(tmp_path)


def test_a_row_with_a_county_alone_goes_from_the_file_to_the_norms_and_to_no_distance(tmp_path: Path) -> None:
    file = tmp_path / "centres.csv"
    names = places_of(drawn_boundaries())
    code, name = names.table["code"].iloc[0], names.table["name_zh"].iloc[0]
    file.write_text(
        f"centre_id,name,type,county,lon,lat,status\nc1,甲,childrens_place,{code},,,open\n"
        f"c2,乙,childrens_place,{name},,,open\n",
        encoding="utf-8",
    )
    choice = RegisterChoice(file)
    raw = choice.read()
    assert "2 of them have no usable place" in "\n".join(check_lines(choice, raw, names))
    placed = place_centres(raw.table, names, apply_fixes=False).table
    assert placed["code"].tolist() == [code, code]
    assert placed["coordinates"].tolist() == ["none", "none"]
    village = pd.DataFrame({"settlement_id": ["a"], "code": [code], "lon": [116.3], "lat": [40.3], "children": [500.0]})
    assert np.isnan(access.nearest_centres(village, placed)["distance_m"]).all()
    children = pd.DataFrame({"code": [code], "state": ["value"], "quality": ["modelled"]})
    assert access.places_sums(village, placed, children).empty, "no place is in reach of anybody"
    communities = pd.DataFrame({"code": [code], "communities": [10]})
    norm = norm_figures(communities, placed, demonstration=False).set_index("measure")["value"]
    assert (norm["places_present"], norm["places_missing"]) == (2, 7)


def test_the_page_counts_it_for_the_county_and_says_so(store: Store) -> None:
    county = coverage(store, "county", "510121", "en")
    assert county is not None
    assert (county.centres, county.unplaced) == (1, 1)
    assert county.unplaced_text is not None
    assert "for no distance" in county.unplaced_text
    nation = coverage(store, "nation", "100000", "zh")
    assert nation is not None
    # Three open centres in three of the eleven counties that are counted.
    assert (nation.centres, nation.counties_covered, nation.counties, nation.unplaced) == (3, 3, 11, 1)
    assert "不计入距离" in (nation.unplaced_text or "")
    placed = coverage(store, "county", "510104", "en")
    assert placed is not None
    assert placed.unplaced_text is None
    assert coverage(store, "county", "810001", "en") is None, "not counted"
    some = coverage(store, "nation", "100000", "en", Only("childrens_place", "healthcare"))
    assert some is not None
    assert some.centres == 0


def test_it_has_no_distance_no_line_and_no_point(store: Store) -> None:
    reading = store.reading()
    assert np.isnan(distance_m(reading, Only("childrens_centre"))).all()
    assert unit_reach(reading, "nation", "100000", "en", Only("childrens_centre")) is None
    assert reach_lines(reading, "county", "510121", "en", Only("childrens_centre"))["features"] == []
    card = next(card for card in centres_layer_of(reading, "en").centres if card.id == "c02")
    assert (card.lon, card.lat) == (None, None)
    assert ("Coordinates", "Only the county is known; not counted in distances") in card.rows


def test_api_and_pages_say_it(store: Store, catalogue: Catalogue, tmp_path: Path) -> None:
    client = create_app(Settings(tmp_path), store, catalogue).server.test_client()
    answer = client.get("/api/v1/reach?unit=510121&level=county&lang=en").get_json()
    assert (answer["register"]["centres"], answer["register"]["unplaced"]) == (1, 1)
    point = next(
        one for one in client.get("/api/v1/centres").get_json()["features"] if one["properties"]["id"] == "c02"
    )
    assert point["geometry"] is None
    for path in ("/distance?lang=en", "/distance?lang=en&centre_type=childrens_centre", "/gap?lang=en&unit=510121"):
        layout = client.get("/_dash-layout", headers={"Referer": f"http://localhost{path}"}).get_data(as_text=True)
        assert "known by their county only" in layout
