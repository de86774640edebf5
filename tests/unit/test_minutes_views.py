"""Minutes on pages and in the API: by type and service, by bands with their span, and who was moved off a barrier."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.state import ANY, Only, ViewState
from dashboard.views.gap_parts import gap_parts
from dashboard.views.journey import journey
from dashboard.views.nearest import minutes_of
from dashboard.views.reach import unit_reach
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue
from geodata.store import Store, queries
from geodata.text import LANGUAGES, Language
from tests.support.toy_release import write_toy_release

A, C = "510104", "510121"
PLACE, SPACE = Only("childrens_place"), Only("child_friendly_space")


@pytest.fixture
def timed_dir(tmp_path: Path) -> Path:
    """The toy release with minutes from a surface: 60 to Places, 20 to Spaces; second settlements were moved."""
    file = write_toy_release(tmp_path)
    with duckdb.connect(str(file)) as release:
        release.execute(
            "UPDATE travel SET method = 'friction', mode = NULL, speed_km_h = NULL, detour_flat = NULL, "
            "detour_hilly = NULL, detour_mountain = NULL, detour_unknown = NULL, snap_within_m = 5000"
        )
        release.execute(
            "INSERT INTO minutes SELECT settlement_id, 'childrens_place', 'family_education', 60 FROM settlements "
            "UNION ALL SELECT settlement_id, 'child_friendly_space', 'education_support,healthcare', "
            "CASE WHEN settlement_id LIKE '%-1' THEN 'inf'::DOUBLE ELSE 20 END FROM settlements"
        )
        release.execute("UPDATE settlements SET moved_m = 1500 WHERE settlement_id LIKE '%-1'")
        release.execute(
            "INSERT INTO sources SELECT 'travel', 'travel', '摩擦面', 'Surface', producer_zh, producer_en, licence_zh, "
            "licence_en, year, citation, url, 'ab' FROM sources WHERE source_id = 'centres'"
        )
    return tmp_path


@pytest.fixture
def timed(timed_dir: Path) -> Store:
    return Store(timed_dir)


@pytest.fixture
def client(timed_dir: Path, timed: Store, catalogue: Catalogue) -> FlaskClient:
    return create_app(Settings(timed_dir), timed, catalogue).server.test_client()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bands_of_minutes_carry_the_span_of_what_is_assumed(store: Store, lang: Language) -> None:
    """Of A's children three in four are 1 km off (3 min) and one 9 km: 29 min, 21 if all goes well, 40 if nothing."""
    reach = unit_reach(store, "county", A, lang)
    assert reach is not None
    band = {one.minutes: one for one in reach.columns[0].in_minutes}
    assert (band[15.0].share, band[15.0].low, band[15.0].high) == (0.75, 0.75, 0.75)
    assert band[15.0].span == ""
    assert (band[30.0].share, band[30.0].low, band[30.0].high) == (1.0, 0.75, 1.0)
    assert "75" in band[30.0].span
    assert "25" in reach.assumed
    assert reach.standards


def test_a_type_and_a_service_take_the_least_of_what_fits(timed: Store) -> None:
    reading = timed.reading()
    first = queries.settlements(reading)["settlement_id"].str.endswith("-0").to_numpy()
    assert (minutes_of(reading, PLACE).central == 60).all()
    spaces = minutes_of(reading, SPACE).central
    assert (spaces[first] == 20).all()
    assert np.isposinf(spaces[~first]).all()
    assert (minutes_of(reading, Only(None, "healthcare")).central == spaces).all()
    assert (minutes_of(reading, ANY).central == np.where(first, 20, 60)).all()
    assert np.isnan(minutes_of(reading, Only("school")).central).all()


def test_sixty_minutes_are_within_sixty_on_the_page(timed: Store) -> None:
    reach = unit_reach(timed, "county", C, "en", PLACE)
    assert reach is not None
    (column,) = reach.columns
    assert {band.minutes: band.share for band in column.in_minutes} == {15: 0, 30: 0, 60: 1, 120: 1}
    assert all(band.low is None and not band.span for band in column.in_minutes), "a file assumes nothing"


def test_figures_by_minutes_follow_the_choice_in_the_api(client: FlaskClient) -> None:
    def value(more: str) -> float:
        rows = client.get(f"/api/v1/values?indicator=children_beyond_60min{more}").get_json()["values"]
        return float(next(row["value"] for row in rows if row["code"] == C))

    assert value("&centre_type=childrens_place") == 0
    assert value("&centre_type=child_friendly_space") == 25
    assert value("&service=healthcare") == 25


def test_the_answer_says_what_was_used_and_who_was_moved(client: FlaskClient, store: Store) -> None:
    answer = client.get(f"/api/v1/reach?unit={C}&lang=en").get_json()
    assert answer["travel"]["method"] == "friction"
    assert answer["travel"]["speed_km_h"] is None
    assert answer["travel"]["standards_min"] == {"child_friendly_space": 60, "childrens_place": 60}
    assert "25%" in answer["moved"]
    assert "1.5 km" in answer["moved"]
    assert answer["known"] is None
    plain = client.get("/api/v1/priority?lang=en").get_json()["travel"]
    assert plain["snap_within_m"] == 5000


def test_the_page_says_it_too(timed: Store, store: Store, catalogue: Catalogue) -> None:
    found = journey(timed, catalogue, ViewState(page="distance", unit=C, lang="en"))
    assert found is not None
    assert not found.assumed
    assert any("cannot be crossed" in note for note in found.notes)
    assert journey(store, catalogue, ViewState(unit=C)) is None, "a release without a source of minutes"


def test_figures_of_assumed_minutes_have_bounds_and_others_have_none(store: Store, catalogue: Catalogue) -> None:
    only = {"centre_type": "child_friendly_space"}
    asked = ViewState(indicator="minutes_to_centre", lang="en", **only)
    row = published_values(store, catalogue, asked).row(A)
    assert row is not None
    assert row.value is not None
    assert row.assumed is not None
    assert row.assumed[0] < row.value < row.assumed[1]
    metres = published_values(store, catalogue, ViewState(indicator="distance_to_centre", **only)).row(A)
    assert metres is not None
    assert metres.assumed is None


def test_a_release_without_figures_by_minutes_shows_no_parts(store: Store, catalogue: Catalogue) -> None:
    found = gap_parts(store, catalogue, ViewState(page="gap", lang="en"))
    assert found.in_time == ()
