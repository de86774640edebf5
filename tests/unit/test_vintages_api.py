"""The time machine over HTTP: answers, refusals, the table as a file."""

from __future__ import annotations

import io
from pathlib import Path

import flask
import pandas as pd
import pytest
from flask.testing import FlaskClient

from dashboard.api_vintages import make_vintages_api
from dashboard.views.vintages import comparable
from geodata.store import Store, queries
from tests.support.toy_release import county_rows, write_toy_release


@pytest.fixture
def store(tmp_path: Path) -> Store:
    write_toy_release(tmp_path)
    return Store(tmp_path)


@pytest.fixture
def client(store: Store) -> FlaskClient:
    server = flask.Flask(__name__)
    server.register_blueprint(make_vintages_api(store))
    return server.test_client()


def test_a_merged_and_a_divided_place(client: FlaskClient) -> None:
    first, second = county_rows()[:2]
    merged = client.get("/api/v1/resolve?unit=并入县").get_json()
    assert merged["meaning"]["kind"] == "merged"
    assert [(target["code"], target["weight"]) for target in merged["meaning"]["targets"]] == [(first["code"], 1.0)]
    divided = client.get("/api/v1/resolve?unit=分开县&year=2010").get_json()["meaning"]
    assert {target["code"]: target["weight"] for target in divided["targets"]} == {
        first["code"]: 0.25, second["code"]: 0.75,
    }  # fmt: skip
    assert divided["targets"][0]["reason"] == {"zh": "分设", "en": "divided"}
    assert divided["level"] == merged["meaning"]["level"] == "county"


def test_a_province_is_what_its_counties_are(client: FlaskClient) -> None:
    head = county_rows()[0]["code"][:2]
    meaning = client.get(f"/api/v1/resolve?unit={head}0000").get_json()["meaning"]
    inside = sorted(row["code"] for row in county_rows() if row["code"].startswith(head))
    assert (meaning["level"], meaning["kind"], meaning["counties"]) == ("province", "same", inside)
    assert meaning["targets"] == [
        {"code": f"{head}0000", "name": "甲省", "counties": len(inside), "of": len(inside)},
    ]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "unit"),
        ("unit=999999", "unit"),
        ("unit=并入县&year=2015", "unit"),
        ("unit=并入县&year=abc", "year"),
        ("unit=并入县&jahr=2005", "jahr"),
        ("unit=并入县&unit=分开县", "unit"),
        ("unit=并入县&lang=de", "lang"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_shape(client: FlaskClient, query: str, parameter: str) -> None:
    for lang in ("zh", "en"):
        answer = client.get(f"/api/v1/resolve?{query}" + ("" if "lang=" in query else f"&lang={lang}"))
        assert answer.status_code == 400
        error = answer.get_json()["error"]
        assert set(error) == {"message", "parameter", "value", "allowed"}
        assert error["parameter"] == parameter
        assert error["message"]


def test_the_table_comes_back_whole(client: FlaskClient, store: Store) -> None:
    answer = client.get("/api/v1/vintages.csv?lang=en")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    back = pd.read_csv(io.BytesIO(answer.data), comment="#", dtype={"code": str, "to_code": str})
    table = queries.vintages(store)
    assert len(back) == len(table)
    assert list(back.columns) == list(table.columns)
    assert back["weight"].sum() == pytest.approx(table["weight"].sum())
    again = client.get("/api/v1/vintages.csv?lang=en", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/v1/vintages.csv?year=2010").status_code == 400


def test_a_trend_line_breaks_where_a_place_was_divided(store: Store) -> None:
    counties = county_rows()
    ok, reason = comparable(store, counties[1]["code"])
    assert not ok
    assert "分开县" in reason.zh
    assert comparable(store, counties[3]["code"])[0]
