"""The HTTP API: the numbers of the map, refusals in one shape, caching that can be trusted."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.api import make_api
from dashboard.state import ViewState
from dashboard.views.unit_map import unit_map
from dashboard.views.unit_panel import unit_panel
from geodata.catalogue import Catalogue
from geodata.codes import MAP_LEVELS
from geodata.states import QUALITIES, STATES
from geodata.store import Store
from tests.support.toy_release import RELEASE_ID, write_toy_release

OTHER_ID = "20260601T090000-ffffffff"


def client_of(store: Store, catalogue: Catalogue) -> FlaskClient:
    app = Flask("toy")
    app.register_blueprint(make_api(store, catalogue))
    return app.test_client()


@pytest.fixture(scope="module")
def client(store: Store, catalogue: Catalogue) -> FlaskClient:
    return client_of(store, catalogue)


def get(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_health_names_the_release(client: FlaskClient) -> None:
    health = get(client, "/healthz")
    assert (health["status"], health["release"]) == ("ok", RELEASE_ID)


def test_indicators_are_the_catalogue(client: FlaskClient, catalogue: Catalogue) -> None:
    listed = get(client, "/api/v1/indicators")["indicators"]
    assert [entry["id"] for entry in listed] == list(catalogue.indicators)
    assert listed[0]["name"] == {"zh": "留守儿童", "en": "Left-behind children"}


def test_values_are_the_numbers_of_the_map(client: FlaskClient, store: Store, catalogue: Catalogue) -> None:
    for indicator in catalogue.indicators.values():
        for year in indicator.years:
            for level in MAP_LEVELS:
                address = f"/api/v1/values?indicator={indicator.id}&year={year}&level={level}&lang=en"
                answer = get(client, address)
                view = unit_map(store, catalogue, ViewState(indicator=indicator.id, year=year, level=level, lang="en"))
                told = [(v["code"], v["value"], v["state"], v["quality"], v["display"]) for v in answer["values"]]
                shown = [(r.code, r.value, r.state, r.quality, r.display) for r in view.table.rows]
                assert told == shown
                assert [answer[key] for key in ("indicator", "year", "level", "release")] == [
                    indicator.id,
                    year,
                    level,
                    RELEASE_ID,
                ]
                assert answer["nation"]["value"] == view.table.nation.value


def test_map_panel_table_files_and_values_say_the_same(client: FlaskClient, store: Store, catalogue: Catalogue) -> None:
    for indicator in ("left_behind_children", "left_behind_share", "children_change", "distance_to_centre"):
        query = f"indicator={indicator}&lang=en"
        answer = get(client, f"/api/v1/values?{query}")
        coloured = get(client, f"/api/v1/map?{query}")
        file = client.get(f"/download/csv?{query}").get_data().decode("utf-8-sig")
        lines = [line for line in file.splitlines() if not line.startswith("#")]
        from_file = {row["code"]: row for row in csv.DictReader(io.StringIO("\n".join(lines)))}
        for place, row in enumerate(answer["values"]):
            panel = unit_panel(store, catalogue, ViewState(indicator=indicator, lang="en", unit=row["code"]))
            assert panel is not None
            assert coloured["codes"][place] == int(row["code"])
            assert coloured["display"][place] == panel.figure.text
            assert panel.figure.display == row["display"] == from_file[row["code"]]["display"]
            written = from_file[row["code"]]["value"]
            assert (float(written) if written else None) == row["value"] == panel.figure.value
            assert STATES[coloured["state"][place]] == row["state"] == from_file[row["code"]]["state"]
            assert coloured["flags"][coloured["flag"][place]]["id"] == row["quality"]
        assert list(from_file) == [row["code"] for row in answer["values"]]


def test_map_columns_run_in_parallel(client: FlaskClient, store: Store, catalogue: Catalogue) -> None:
    answer = get(client, "/api/v1/map?indicator=children_beyond_standard&standard_km=10&classes=natural&lang=en")
    columns = [answer[name] for name in ("codes", "display", "cls", "state", "flag")]
    assert {len(column) for column in columns} == {12}
    state = ViewState(indicator="children_beyond_standard", standard_km=10, classes="natural", lang="en")
    view = unit_map(store, catalogue, state)
    assert answer["cls"] == list(view.class_index)
    assert [(c["label"], c["count"]) for c in answer["classes"]] == [(c.label, c.count) for c in view.classes]
    assert answer["state_labels"] == ["Value", "Zero", "No data", "Withheld"]
    assert [flag["id"] for flag in answer["flags"]] == list(QUALITIES)
    assert answer["key"] == state.to_query()


def test_units_are_named_and_placed(client: FlaskClient) -> None:
    units = get(client, "/api/v1/units?level=county")
    place = units["codes"].index(510121)
    assert (units["zh"][place], units["en"][place]) == ("金堂县", "Jintang County")
    assert (units["parents_zh"][place], units["parents_en"][place]) == ("四川省成都市", "Chengdu, Sichuan")
    west, south, east, north = units["bbox"][place]
    assert west <= units["lon"][place] <= east
    assert south <= units["lat"][place] <= north


def test_search_and_centres(client: FlaskClient) -> None:
    hits = get(client, "/api/v1/search?q=jintang&lang=en")["hits"]
    assert [(hit["code"], hit["name"], hit["parents"]) for hit in hits] == [
        ("510121", "Jintang County", ["Sichuan", "Chengdu"])
    ]
    centres = get(client, "/api/v1/centres?lang=en")
    assert centres["features"][0]["properties"]["type"] == "child_friendly_space"
    assert "no real places" in centres["notice"]


VALUES = "/api/v1/values?indicator=children"


@pytest.mark.parametrize(
    ("address", "parameter", "value", "listed"),
    [
        ("/api/v1/values", "indicator", None, "left_behind_children"),
        ("/api/v1/values?indicator=lbc", "indicator", "lbc", "left_behind_children"),
        (VALUES + "&year=2015", "year", "2015", "2010"),
        (VALUES + "&level=township", "level", "township", "county"),
        (VALUES + "&level=nation", "level", "nation", "province"),
        (VALUES + "&standard_km=5", "standard_km", "5", None),
        (VALUES + "&theme=dark", "theme", "dark", "indicator"),
        (VALUES + "&year=", "year", "", "2020"),
        (VALUES + "&indicator=children", "indicator", "children, children", None),
        ("/api/v1/map?classes=jenks", "classes", "jenks", "natural"),
        ("/api/v1/map?unit=510121", "unit", "510121", "indicator"),
        ("/api/v1/units?level=x", "level", "x", "county"),
        ("/api/v1/search", "q", None, None),
        ("/api/v1/search?q=x&lang=fr", "lang", "fr", "zh"),
        ("/api/v1/indicators?x=1", "x", "1", None),
        ("/api/v1/centres?x=1", "x", "1", "lang"),
        ("/download/csv?indicator=x", "indicator", "x", "children"),
        ("/download/csv?x=1", "x", "1", "indicator"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_shape(
    client: FlaskClient, address: str, parameter: str, value: str | None, listed: str | None
) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert set(error) == {"message", "parameter", "value", "allowed"}
    assert (error["parameter"], error["value"]) == (parameter, value)
    assert parameter in error["message"]
    if listed:
        assert listed in error["allowed"]
        assert listed in error["message"]


def test_refusals_speak_the_readers_language(client: FlaskClient) -> None:
    message = client.get(VALUES + "&year=2015&lang=zh").get_json()["error"]["message"]
    assert message == "该指标不提供 year = 2015。可用：2010、2020。"


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/", "/api/v2/values", "/download/pdf", "/tiles/x/0/0/0"])
def test_unknown_addresses_are_404_as_json(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.get_json()["error"]["allowed"]


def test_tiles_go_out_as_they_are_stored(client: FlaskClient) -> None:
    answer = client.get(f"/tiles/county/4/12/6?v={RELEASE_ID}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.get_data()) == b"county/4/12/6"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/tiles/county/4/12/6").get_data() == b"county/4/12/6"
    assert client.get("/tiles/county/4/0/0").status_code == 204


@pytest.mark.parametrize(
    "address", ["/api/v1/units?level=county&release=", "/api/v1/map?release=", "/tiles/county/0/0/0?v="]
)
def test_only_an_address_with_this_release_is_kept_for_ever(client: FlaskClient, address: str) -> None:
    assert "immutable" in client.get(address + RELEASE_ID).headers["Cache-Control"]
    assert "no-cache" in client.get(address + "older").headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/api/v1/map", "/tiles/county/0/0/0", "/download/geojson"])
def test_an_unchanged_answer_is_304(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_answers_come_packed_to_those_who_take_it(client: FlaskClient) -> None:
    packed = client.get("/api/v1/map", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/api/v1/map")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_downloads_have_a_name_and_the_address_of_the_view(client: FlaskClient) -> None:
    answer = client.get("/download/csv?level=province&lang=en")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="left_behind_children_2020_province_{RELEASE_ID}.csv"'
    )
    assert "# Address of this view: /?level=province&lang=en" in answer.get_data(as_text=True)


def test_a_new_release_answers_at_once(tmp_path: Path, catalogue: Catalogue) -> None:
    write_toy_release(tmp_path)
    client = client_of(Store(tmp_path), catalogue)
    before = client.get("/api/v1/map")
    write_toy_release(tmp_path, OTHER_ID)
    after = client.get("/api/v1/map", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.get_json()["release"] == OTHER_ID
    assert get(client, "/healthz")["release"] == OTHER_ID


def test_without_a_release_the_answer_says_what_to_do(tmp_path: Path, catalogue: Catalogue) -> None:
    answer = client_of(Store(tmp_path), catalogue).get("/healthz")
    assert answer.status_code == 503
    assert "make build" in answer.get_json()["error"]["message"]


def test_a_state_of_the_page_is_a_question_for_a_file(client: FlaskClient) -> None:
    state = replace(ViewState(), unit="510121", view="table", at="4.5/35.2/104.1", theme="dark")
    assert client.get(f"/download/csv?{state.to_query()}").status_code == 200
