"""Weights of one's own, and figures that count centres of one type or with one service: address, API, files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.state import WEIGHED, Only, ViewState, view_defaults
from dashboard.views.nearest import distance_m
from dashboard.views.priority import ranking, shares_of
from dashboard.views.unit_map import unit_map
from dashboard.views.unit_panel import unit_panel
from dashboard.views.values import published_values
from geodata.analysis.access.weights import read_weights, written_weights
from geodata.catalogue import Catalogue
from geodata.store import Store, queries

GEOD = Geod(ellps="WGS84")
GAP = replace(view_defaults("gap"), lang="en")
CENTRES_ONLY = ViewState(indicator="distance_to_centre", centre_type="childrens_centre", lang="en")
numbers = st.dictionaries(st.sampled_from(WEIGHED), st.integers(0, 100), min_size=1).filter(lambda w: sum(w.values()))


@pytest.fixture(scope="module")
def client(toy_release_dir: Path, store: Store, catalogue: Catalogue) -> FlaskClient:
    return create_app(Settings(toy_release_dir), store, catalogue).server.test_client()


@given(numbers)
def test_weights_add_up_to_one_and_are_written_in_one_form(given_: dict[str, int]) -> None:
    text = ",".join(f"{name}:{weight}" for name, weight in given_.items())
    shares = read_weights(text, WEIGHED)
    assert sum(shares) == pytest.approx(1)
    assert shares == pytest.approx([given_.get(name, 0) / sum(given_.values()) for name in WEIGHED])
    one_form = written_weights(text, WEIGHED)
    assert read_weights(one_form, WEIGHED) == shares
    assert written_weights(one_form, WEIGHED) == one_form


@pytest.mark.parametrize(
    "weights",
    ["", "share", "share:", "share:0", "share:0,place:0", "share:101", "share:-1", "share:nan", "share:1e2", "riches:1",
     "share:10,share:20", "share:10,", "share:10;distance:20", "greedy"],
)  # fmt: skip
def test_senseless_weights_are_refused_with_a_sentence(client: FlaskClient, weights: str) -> None:
    for lang, words in (("en", "is no value of weights"), ("zh", "weights")):
        answer = client.get("/api/v1/priority", query_string={"weights": weights, "lang": lang})
        assert answer.status_code == 400
        error = answer.get_json()["error"]
        assert error["parameter"] == "weights"
        assert words in error["message"]
        assert "share:30,number:20" in error["message"], "it says how weights are written"


def test_the_page_falls_back_and_says_so(catalogue: Catalogue) -> None:
    state, notices = ViewState.from_query({"page": "gap", "weights": "share:0"}, catalogue)
    assert state.weights == "balanced"
    assert [notice.parameter for notice in notices] == ["weights"]


def test_only_proportions_count_and_the_answer_says_the_shares(client: FlaskClient) -> None:
    ready = client.get("/api/v1/priority?lang=en&weights=balanced").get_json()
    own = client.get("/api/v1/priority?lang=en&weights=distance:2,share:1,number:1").get_json()
    assert own["counties"] == ready["counties"]
    assert own["shares"] == ready["shares"] == {"share": 0.25, "number": 0.25, "distance": 0.5}
    assert (
        own["weights"] == "Weights: share left behind 25 %, number left behind 25 %, beyond the distance standard 50 %."
    )


def test_what_weighs_nothing_decides_nothing(store: Store, catalogue: Catalogue) -> None:
    """One component alone ranks as its figures do, and no weight can be shaken: every rank is firm."""
    shown = ranking(store, catalogue, replace(GAP, weights="share:100"))
    need = published_values(store, catalogue, replace(GAP, indicator="left_behind_share"))
    values = {row.code: row.value for row in need.rows}
    found = [values[row.code] or 0.0 for row in shown.rows]
    assert found == sorted(found, reverse=True)
    for row in shown.rows:
        assert row.span == row.place_text
        assert row.reason.startswith("Because ")
        assert row.among_first_percent == 100
    assert f"{len(shown.rows)} of these {len(shown.rows)}" in shown.steady


def test_a_figure_that_nobody_knows_ranks_no_county(store: Store, catalogue: Catalogue) -> None:
    """The toy release has no minutes: a county that lacks a component has no rank, and none is left."""
    shown = ranking(store, catalogue, replace(GAP, weights="minutes:100"))
    assert (shown.of, shown.rows) == (0, ())


def test_presets_are_weights_as_a_user_would_write_them() -> None:
    for preset in ("balanced", "need", "gap"):
        assert sum(shares_of(preset).values()) == pytest.approx(1)
    assert shares_of("need") == shares_of("share:40,number:40,distance:20")


def slow_mean_km(store: Store, code: str, kinds: set[str]) -> float:
    """Every settlement of the county to every open centre of these kinds, the least distance, by children."""
    people, centres = queries.settlements(store), queries.centres(store)
    there = centres[(centres["status"] == "open") & centres["type"].isin(kinds)]
    total = weight = 0.0
    for row in people[people["code"] == code].itertuples():
        km = min(GEOD.inv(row.lon, row.lat, x, y)[2] / 1000 for x, y in zip(there["lon"], there["lat"], strict=True))
        total, weight = total + row.children * km, weight + row.children
    return total / weight


def test_the_figures_of_one_type_are_those_to_the_nearest_of_that_type(store: Store, catalogue: Catalogue) -> None:
    table = published_values(store, catalogue, CENTRES_ONLY)
    shown = [row for row in table.rows if row.value is not None]
    assert len(shown) > 3
    for row in shown:
        # The sum of children times km keeps one digit, the count is rounded.
        assert row.value == pytest.approx(slow_mean_km(store, row.code, {"childrens_centre"}), rel=0.3, abs=0.2)
    plain = published_values(store, catalogue, replace(CENTRES_ONLY, centre_type=None))
    assert [row.value for row in table.rows] != [row.value for row in plain.rows]


def test_more_centres_are_never_farther(store: Store) -> None:
    one_type = distance_m(store, Only("childrens_centre"))
    assert (distance_m(store, Only(None, "education_support")) <= one_type + 1e-6).all(), "that centre offers it too"
    assert (distance_m(store, Only("childrens_centre", "education_support")) == one_type).all(), (
        "the only one of its type"
    )


def test_a_type_without_an_open_centre_knows_nothing(store: Store, catalogue: Catalogue) -> None:
    table = published_values(store, catalogue, replace(CENTRES_ONLY, centre_type="school"))
    assert {row.state for row in table.rows} == {"no_data"}
    pair = replace(CENTRES_ONLY, centre_type="childrens_centre", service="healthcare")
    assert {row.state for row in published_values(store, catalogue, pair).rows} == {"no_data"}


def test_states_of_children_are_kept(store: Store, catalogue: Catalogue) -> None:
    for row in published_values(store, catalogue, CENTRES_ONLY).rows:
        if row.code == "810001":
            assert row.state == "no_data"
        elif row.value is not None:
            assert row.quality == "demonstration"


def test_map_and_panel_say_which_centres_count(store: Store, catalogue: Catalogue) -> None:
    for state in (CENTRES_ONLY, replace(CENTRES_ONLY, service="education_support")):
        view = unit_map(store, catalogue, state)
        assert "(Children's Centre" in view.title
        assert view.title.endswith("only), 2020")
        panel = unit_panel(store, catalogue, replace(state, unit="510121"))
        assert panel is not None
        assert panel.figure.name == view.indicator_name
        assert panel.figure.value == next(row.value for row in view.table.rows if row.code == "510121")
    plain = unit_map(store, catalogue, ViewState(centre_type="school", lang="en"))
    assert "only" not in plain.title, "children left behind are counted without centres"


@pytest.mark.parametrize("path", ["values?indicator=distance_to_centre&", "map?", "reach?unit=510121&", "centres?"])
def test_the_api_takes_type_and_service_and_refuses_others(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/v1/{path}centre_type=childrens_centre&service=education_support").status_code == 200
    for name in ("centre_type", "service"):
        refused = client.get(f"/api/v1/{path}{name}=bakery")
        assert (refused.status_code, refused.get_json()["error"]["parameter"]) == (400, name)


def test_answers_and_files_name_the_centres_that_count(client: FlaskClient) -> None:
    query = "indicator=distance_to_centre&centre_type=childrens_centre&service=education_support&lang=en"
    answer = client.get(f"/api/v1/values?{query}").get_json()
    assert (answer["centre_type"], answer["service"]) == ("childrens_centre", "education_support")
    file = client.get(f"/download/csv?{query}")
    assert "_childrens_centre_education_support_2020" in file.headers["Content-Disposition"]
    assert "Children's Centre with Education support only" in file.get_data(as_text=True)
    other = client.get("/api/v1/values?indicator=children&centre_type=school").get_json()
    assert other["centre_type"] is None


def test_reach_counts_the_chosen_centres(client: FlaskClient) -> None:
    every = client.get("/api/v1/reach?unit=510000&lang=en").get_json()
    assert len(every["columns"]) > 2
    one = client.get("/api/v1/reach?unit=510000&centre_type=childrens_centre&lang=en").get_json()
    assert [column["name"] for column in one["columns"]] == ["Children's Centre"]
    lines = client.get("/api/v1/reach?unit=510104&centre_type=childrens_centre&lang=en").get_json()["features"]
    named = {line["properties"].get("name") for line in lines if line["geometry"]["type"] == "Point"}
    assert named == {"Jintang Children's Centre"}


def test_centres_are_chosen_by_type_service_and_state_of_work(client: FlaskClient) -> None:
    def ids(query: str) -> list[str]:
        answer = client.get(f"/api/v1/centres?{query}").get_json()
        return [one["properties"]["id"] for one in answer["features"]]

    assert ids("") == ["c01", "c02", "c03", "c04"]
    assert ids("centre_type=childrens_place") == ["c03", "c04"]
    assert ids("centre_status=planned") == ["c04"]
    assert ids("service=education_support") == ["c01", "c02"]
    assert ids("service=education_support&centre_status=closed") == []


def test_shares_within_a_band_never_fall_with_its_width_whatever_centres_count(
    store: Store, catalogue: Catalogue
) -> None:
    before: dict[str, float] = {}
    for band in ("1", "2_5", "5", "10", "30", "60"):
        table = published_values(store, catalogue, replace(CENTRES_ONLY, indicator=f"children_within_{band}km"))
        now = {row.code: row.value for row in table.rows if row.value is not None}
        assert all(value >= before.get(code, 0.0) for code, value in now.items())
        before = now
    assert before
