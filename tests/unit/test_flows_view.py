"""Where parents of left-behind children live, as the panel and the API say it: by hand, on the toy release."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from dashboard.api import make_api
from dashboard.state import BadQuery
from dashboard.views.flows import FlowPart, UnitFlows, unit_flows
from dashboard.views.flows_answer import asked_flows
from geodata.catalogue import Catalogue
from geodata.store import Store
from geodata.text import Language


def asked(store: Store, code: str, lang: Language = "en") -> UnitFlows:
    """The flows of a unit that has some."""
    found = unit_flows(store, code, None, 2020, lang)
    assert found is not None
    return found


def children(parts: tuple[FlowPart, ...]) -> dict[str, float]:
    """Children by key."""
    return {part.key: part.children for part in parts}


def test_a_county_has_its_own_split_and_its_prefectures_destinations(store: Store) -> None:
    found = asked(store, "510722")
    left = found.left_behind
    assert left is not None
    assert left.total == 27_000
    assert children(left.scopes) == {"same_county": 5_000, "same_province": 10_000, "other_province": 12_000}
    # 10,000 within the province go as 12,000 : 1,000; 12,000 beyond it as 8,000 : 10,500 that are not named.
    assert children(left.prefectures) == {"510100": 9_230, "341200": 5_190, "510700": 770}
    assert children(left.provinces) == {"340000": 12_000}
    assert found.basis is not None
    assert found.basis.code == "510700"
    assert "Mianyang" in found.basis_text
    assert found.migrants is None
    assert found.quality == "modelled_weak"


def test_a_prefecture_has_both_ends(store: Store) -> None:
    found = asked(store, "510700")
    assert found.basis is not None
    assert found.basis.code == "510000"
    left, came = found.left_behind, found.migrants
    assert left is not None
    assert came is not None
    assert left.total == 9_000 + 12_000 + 1_000 + 8_000 + 10_500
    assert children(left.prefectures) == {"510100": 12_000, "341200": 8_000, "510700": 1_000}
    assert children(came.scopes) == {"same_county": 1_000, "other_province": 400}
    assert came.prefectures == ()


def test_a_province_names_provinces_only(store: Store) -> None:
    found = asked(store, "340000")
    assert found.basis is None
    left, came = found.left_behind, found.migrants
    assert left is not None
    assert came is not None
    assert children(left.provinces) == {"510000": 30_000}
    assert left.provinces[0].share == pytest.approx(30 / 81)
    assert left.provinces[0].percent == "37%"
    assert left.prefectures == ()
    assert children(came.provinces) == {"510000": 8_000}
    assert came.total == 18_000


def test_both_languages_name_the_same_places(store: Store) -> None:
    zh, en = asked(store, "510722", "zh"), asked(store, "510722", "en")
    assert zh.left_behind is not None
    assert en.left_behind is not None
    assert [part.name for part in zh.left_behind.provinces] == ["安徽省"]
    assert [part.name for part in en.left_behind.provinces] == ["Anhui"]
    assert children(zh.left_behind.prefectures) == children(en.left_behind.prefectures)


@pytest.mark.parametrize(
    ("code", "year"), [("100000", 2020), ("810001", 2020), ("999999", 2020), ("510722", 2015), ("510722", 2010)]
)
def test_nothing_is_made_up_where_nothing_is_modelled(store: Store, code: str, year: int) -> None:
    assert unit_flows(store, code, None, year, "en") is None


def test_the_answer_is_plain(store: Store) -> None:
    answer = asked_flows(store.reading(), {"unit": "510722", "year": "2020"}, "en")
    assert json.loads(json.dumps(answer)) == answer
    assert answer["unit"] == {"level": "county", "code": "510722", "name_zh": "三台县", "name_en": "Santai County"}
    assert "Mianyang" in answer["basis"]
    assert answer["migrant_children"] is None
    assert answer["left_behind_children"]["scopes"][0] == {
        "scope": "same_county", "name_zh": "本县内其他乡镇", "name_en": "another township of the county",
        "children": 5_000, "share": 0.185,
    }  # fmt: skip


def test_a_unit_without_flows_is_answered_with_nothing(store: Store) -> None:
    answer = asked_flows(store.reading(), {"unit": "810001"}, "en")
    assert answer["quality"] == "none"
    assert answer["left_behind_children"] is None


@pytest.mark.parametrize(
    ("query", "kind", "parameter"),
    [
        ({}, "missing", "unit"),
        ({"unit": "1"}, "unknown_value", "unit"),
        ({"unit": "510722", "year": "2015"}, "unknown_value", "year"),
        ({"unit": "510722", "level": "village"}, "unknown_value", "level"),
    ],
)
def test_a_question_that_means_nothing_is_refused(
    store: Store, query: dict[str, str], kind: str, parameter: str
) -> None:
    with pytest.raises(BadQuery) as refused:
        asked_flows(store.reading(), query, "en")
    assert (refused.value.kind, refused.value.parameter) == (kind, parameter)


def test_the_api_answers_and_knows_its_parameters(store: Store, catalogue: Catalogue) -> None:
    app = Flask("toy")
    app.register_blueprint(make_api(store, catalogue))
    client = app.test_client()
    answer = client.get("/api/v1/flows?unit=510700&lang=en")
    assert answer.status_code == 200
    assert answer.get_json()["left_behind_children"]["total"] == 40_500
    assert client.get("/api/v1/flows?unit=510700&depth=2").status_code == 400
    assert client.get("/api/v1/flows").status_code == 400
