"""What the pages Gap and Distance say, counted by hand on the toy country."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from defusedxml.ElementTree import fromstring

from dashboard.app import AtlasDash, create_app
from dashboard.figures.lorenz import lorenz_svg
from dashboard.settings import Settings
from dashboard.state import WEIGHTS, ViewState, view_defaults
from dashboard.views.answers import map_answer
from dashboard.views.gap_parts import equity, gap_parts
from dashboard.views.priority import COMPONENTS, priority_of, ranking, shares_of
from dashboard.views.reach import duration, reach_lines, unit_reach
from dashboard.views.unit_map import unit_map
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue
from geodata.store import Store
from tests.support.toy_release import county_rows

GAP = replace(view_defaults("gap"), lang="en")
C, D, L = "510121", "510722", "810001"
DISTRICTS = {row["code"] for row in county_rows() if row["kind"] == "district"}


def test_the_bands_of_a_county_are_those_of_its_settlements(store: Store) -> None:
    # Three children of four live 1 km from a centre, one 9 km: exactly 1 km counts as within 1 km.
    reach = unit_reach(store, "county", C, "en")
    assert reach is not None
    any_type = reach.columns[0]
    assert any_type.within == ("75%", "75%", "75%", "100%", "100%", "100%")
    assert (any_type.mean, any_type.median, any_type.p90, any_type.beyond) == ("3.0 km", "1.0 km", "9.0 km", "0%")
    assert reach.notice is not None
    assert "demonstration" in reach.notice


def test_a_province_pools_its_children_and_does_not_average_its_counties(store: Store) -> None:
    # Six counties of Sichuan have centres, each with 30 children at 1 km and 10 at 9 km.
    reach = unit_reach(store, "province", "510000", "en")
    assert reach is not None
    assert reach.columns[0].mean == "3.0 km"
    assert unit_reach(store, "county", L, "en") is None, "not counted: nobody knows"


def test_shares_within_a_band_never_fall_with_its_width(store: Store) -> None:
    reach = unit_reach(store, "nation", "100000", "en")
    assert reach is not None
    for column in reach.columns:
        assert list(column.shares) == sorted(column.shares)
        assert column.shares[-1] <= 1 + 1e-9


def test_lines_lead_from_every_settlement_with_a_centre_and_say_metres_and_time(store: Store) -> None:
    lines = reach_lines(store, "county", C, "en")["features"]
    kinds = [feature["geometry"]["type"] for feature in lines]
    assert kinds.count("LineString") >= 2
    first = next(feature for feature in lines if feature["geometry"]["type"] == "Point")
    assert "1.0 km" in first["properties"]["text"]
    assert "on foot 16 min" in first["properties"]["text"], "1 km x 1.33 at 5 km/h"
    assert reach_lines(store, "province", "510000", "en")["features"] == []
    assert reach_lines(store, "county", L, "en")["features"] == []


@pytest.mark.parametrize(
    ("minutes", "text"), [(0.4, "0 min"), (59.4, "59 min"), (59.6, "1 h"), (61, "1 h 1 min"), (634, "11 h")]
)
def test_minutes_are_written_as_people_say_them(minutes: float, text: str) -> None:
    assert duration(minutes, "en") == text


def test_the_ranking_is_the_weighted_mean_of_percentile_ranks(store: Store, catalogue: Catalogue) -> None:
    """A second way, unit by unit: the share of ranked counties below, ties counted half."""
    for weights in (*WEIGHTS, "share:70,number:10,migrants:20"):
        state = replace(GAP, weights=weights)
        shares = shares_of(weights)
        tables = [
            published_values(store, catalogue, replace(state, indicator=name, standard_km=None).fitted(catalogue))
            if name != "children_beyond_standard"
            else published_values(store, catalogue, replace(state, indicator=name, standard_km=30))
            for name in (COMPONENTS[part] for part in shares)
        ]
        figures = {
            rows[0].code: [row.value for row in rows]
            for rows in zip(*(table.rows for table in tables), strict=True)
            if rows[0].code not in DISTRICTS and None not in [row.value for row in rows]
        }
        index = {}
        for code, own in figures.items():
            index[code] = 0.0
            for place, weight in enumerate(shares.values()):
                others = [other[place] for name, other in figures.items() if name != code]
                below = sum(1.0 if other < own[place] else 0.5 if other == own[place] else 0.0 for other in others)
                index[code] += weight * below / len(others)
        order = [row.code for row in ranking(store, catalogue, state).rows]
        assert set(order) == set(index)
        assert [index[code] for code in order] == pytest.approx(sorted(index.values(), reverse=True))


def test_every_place_has_a_reason_and_districts_have_none(store: Store, catalogue: Catalogue) -> None:
    shown = ranking(store, catalogue, GAP)
    assert shown.of == len(shown.rows)
    for row in shown.rows:
        assert row == priority_of(store, catalogue, replace(GAP, unit=row.code))
        assert row.reason.startswith(("Mainly ", "Because "))
        if row != shown.rows[-1]:  # the last county of the toy release has none of anything
            assert "left behind" in row.reason
            assert " 0%" not in row.reason, "what there is none of is no reason"
    for code in DISTRICTS:
        assert priority_of(store, catalogue, replace(GAP, unit=code)) is None
    assert shown.notice is not None


def test_curves_and_parts_are_those_of_the_release(store: Store, catalogue: Catalogue) -> None:
    gap = gap_parts(store, catalogue, GAP)
    assert gap.equity is not None
    assert (gap.equity.gini, gap.equity.people, gap.equity.need_access) == ("0.50", (0, 0.5, 1), (0, 0.6, 1))
    assert "50 % of children have no place" in gap.equity.sentence
    assert "fewer places" in gap.equity.follows
    assert lorenz_svg(gap.equity, "en").count("<polyline") == 3
    fromstring(lorenz_svg(gap.equity, "zh"))
    assert equity(store, "province", "510000", "en") is None, "no concentration curve, no picture"
    assert equity(store, "county", C, "en") is None
    assert [norm.name for norm in gap.norms] == ["Child welfare directors", "Children's Places"]


def test_nine_classes_hold_every_unit_with_both_figures(store: Store, catalogue: Catalogue) -> None:
    view = unit_map(store, catalogue, GAP)
    assert len(view.classes) == 9
    assert sum(band.count for band in view.classes) == sum(place >= 0 for place in view.class_index)
    need = published_values(store, catalogue, replace(GAP, indicator="left_behind_share"))
    for row, other, place in zip(view.table.rows, need.rows, view.class_index, strict=True):
        assert (place >= 0) == (row.value is not None and other.value is not None)
    answer = map_answer(store.reading(), catalogue, GAP)
    assert len(answer["remarks"]) == len(answer["codes"])
    highest = int(np.nanargmax([np.nan if row.value is None else row.value for row in need.rows]))
    assert view.classes[view.class_index[highest]].label.startswith("high need")


def test_other_colours_leave_the_figures_as_they_are(store: Store, catalogue: Catalogue) -> None:
    plain = unit_map(store, catalogue, replace(GAP, paint="value"))
    for paint in ("bivariate", "clusters"):
        view = unit_map(store, catalogue, replace(GAP, paint=paint))
        assert view.table == plain.table
        assert view.title != plain.title
    assert unit_map(store, catalogue, ViewState(indicator="children", paint="bivariate")).remarks == ()


@pytest.fixture(scope="module")
def app(toy_release_dir: Path, store: Store, catalogue: Catalogue) -> AtlasDash:
    return create_app(Settings(toy_release_dir), store, catalogue)


def test_each_page_starts_with_its_own_question_and_no_other_page_exists(app: AtlasDash) -> None:
    client = app.server.test_client()
    asked = {"/": {}, "/gap": {"indicator": "distance_to_centre", "paint": "bivariate"}}
    for path, question in asked.items():
        page = client.get(path).get_data(as_text=True)
        boot = json.loads(re.findall(r'id="atlas-boot">(.*?)</script>', page)[0])
        assert boot["question"] == question
        assert client.get("/api/v1/map", query_string=question).status_code == 200
        assert ("gathered" in {layer["id"] for layer in boot["style"]["layers"]}) == (path == "/gap")
    assert client.get("/gaps").status_code == 404


def test_the_layout_is_that_of_the_page_that_asks(app: AtlasDash) -> None:
    client = app.server.test_client()
    for path, words in (("/gap?lang=en", "Which counties come first"), ("/distance?lang=en", "Half within")):
        assert words in client.get("/_dash-layout", headers={"Referer": f"http://localhost{path}"}).get_data(
            as_text=True
        )
    assert "Which counties" not in client.get("/_dash-layout", headers={"Referer": "http://localhost/"}).get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("reach", "unit"),
        ("reach?unit=999999", "unit"),
        ("reach?unit=510121&level=town", "level"),
        ("reach?unit=510121&weights=need", "weights"),
        ("priority?weights=none", "weights"),
        ("priority?standard_km=7", "standard_km"),
    ],
)
def test_what_means_nothing_is_refused_by_name(app: AtlasDash, address: str, parameter: str) -> None:
    answer = app.server.test_client().get(f"/api/v1/{address}")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["parameter"] == parameter


def test_the_api_says_what_the_pages_say(app: AtlasDash, store: Store, catalogue: Catalogue) -> None:
    client = app.server.test_client()
    counties = client.get("/api/v1/priority?lang=en&standard_km=30").get_json()["counties"]
    assert [county["reason"] for county in counties] == [row.reason for row in ranking(store, catalogue, GAP).rows]
    reach = client.get(f"/api/v1/reach?unit={C}&level=county&lang=en").get_json()
    assert reach["columns"][0]["within"][0] == "75%"
    assert reach["features"] == reach_lines(store, "county", C, "en")["features"]
