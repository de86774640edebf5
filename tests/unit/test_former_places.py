"""Former codes and names in addresses, search and API lead to the places of today and say so."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.pages.former import former_note
from dashboard.settings import Settings
from dashboard.state import ViewState
from dashboard.views.former import former_places, place_of_today
from dashboard.views.search import search_former, search_units
from geodata.catalogue import Catalogue
from geodata.store import Store
from geodata.text import LANGUAGES, Language
from tests.support.toy_release import county_rows

FIRST, SECOND = county_rows()[:2]
OLD, GONE, CUT = (FIRST["code"][:4] + end for end in ("91", "92", "93"))


@pytest.fixture
def client(toy_release_dir: Path, store: Store, catalogue: Catalogue) -> FlaskClient:
    return create_app(Settings(toy_release_dir), store, catalogue).server.test_client()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("asked", [OLD, GONE, "旧名县", "并入县", "Jiuming County", "bingru"])
def test_a_former_code_or_name_is_one_place_of_today(store: Store, asked: str, lang: Language) -> None:
    found = former_places(store, asked, lang)
    today = place_of_today(found)
    assert today is not None
    assert today.code == FIRST["code"]
    assert found[0].is_former
    assert found[0].to_year == 2009
    for told in (found[0].code, "2009", FIRST["code"], today.name):
        assert told in found[0].text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_divided_place_lists_its_successors_with_their_parts(store: Store, lang: Language) -> None:
    (found,) = former_places(store, "分开县", lang)
    assert [place.code for place in found.places] == [SECOND["code"], FIRST["code"]]
    assert place_of_today((found,)) is None
    assert found.text.index("75") < found.text.index("25")


def test_what_stands_today_is_no_former_place(store: Store) -> None:
    (found,) = former_places(store, SECOND["name_zh"], "zh")
    assert not found.is_former
    assert former_places(store, "无此地", "zh") == ()


def test_an_address_leads_to_the_place_of_today(client: FlaskClient) -> None:
    answer = client.get(f"/?unit={OLD}&year=2010&lang=en")
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.location).query) == {
        "unit": [FIRST["code"]], "former": [OLD], "year": ["2010"], "lang": ["en"],
    }  # fmt: skip
    assert client.get(answer.location).status_code == 200
    divided = client.get("/distance?unit=分开县")
    assert urlsplit(divided.location).path == "/distance"
    assert parse_qs(urlsplit(divided.location).query) == {"former": ["分开县"]}


def test_a_name_of_today_is_understood_without_a_word_about_the_past(client: FlaskClient) -> None:
    answer = client.get(f"/?unit={SECOND['name_zh']}")
    assert parse_qs(urlsplit(answer.location).query) == {"unit": [SECOND["code"]]}


@pytest.mark.parametrize("unit", [FIRST["code"], "999999", "nonsense", "x" * 300])
def test_other_addresses_stay_as_they_are(client: FlaskClient, unit: str) -> None:
    assert client.get(f"/?unit={unit}").status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_panel_says_what_was_asked_for(store: Store, lang: Language) -> None:
    (sentence,) = former_note(store, ViewState(unit=FIRST["code"], former=OLD, lang=lang))
    assert OLD in str(sentence)
    assert "2009" in str(sentence)
    choices = str(former_note(store, ViewState(former=CUT, lang=lang)))
    assert all(code in choices for code in (FIRST["code"], SECOND["code"]))
    assert former_note(store, ViewState(unit=SECOND["code"], former=OLD, lang=lang)) == []
    assert former_note(store, ViewState(former="无此地", lang=lang)) == []


def test_search_finds_places_by_what_they_were_called(store: Store, client: FlaskClient) -> None:
    for text in (GONE, "并入", "Bingru"):
        assert search_units(store, text, "en") == ()
        ((place, former),) = search_former(store, text, "en", ())
        assert (place.code, former.code) == (FIRST["code"], GONE)
    hits = client.get(f"/api/v1/search?q={CUT}").get_json()["hits"]
    assert [hit["code"] for hit in hits] == [SECOND["code"], FIRST["code"]]
    assert {hit["former"]["code"] for hit in hits} == {CUT}
    own = client.get(f"/api/v1/search?q={FIRST['code']}").get_json()["hits"]
    assert own[0]["former"] is None


@pytest.mark.parametrize("path", ["/api/v1/reach", "/api/v1/flows"])
def test_the_api_answers_for_today_and_says_what_it_was(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?unit={OLD}&lang=en").get_json()
    assert answer["unit"]["code"] == FIRST["code"]
    assert (answer["former"]["code"], answer["former"]["to_year"]) == (OLD, 2009)
    assert client.get(f"{path}?unit={FIRST['code']}").get_json()["former"] is None
    refused = client.get(f"{path}?unit={CUT}&lang=en")
    assert refused.status_code == 400
    allowed = refused.get_json()["error"]["allowed"]
    assert [one[:6] for one in allowed] == sorted([FIRST["code"], SECOND["code"]])
