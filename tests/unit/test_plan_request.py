"""A siting question is read field by field; what cannot be meant is refused with what can."""

from __future__ import annotations

import pytest

from dashboard.planning.own_list import read_own_list
from dashboard.planning.request import PlanRequest, read_request
from dashboard.state import BadQuery
from geodata.errors import ManyErrors, UserError


def test_nothing_asked_is_the_default_question() -> None:
    assert read_request({}) == PlanRequest()


def test_every_field_is_read_and_written_back() -> None:
    query = {
        "region": "510000",
        "budget": "7",
        "standard_km": "2.5",
        "model": "p_median",
        "candidates": "settlements",
        "need": "children",
        "existing": "ignored",
        "seed": "3",
    }
    asked = read_request(query)
    assert (asked.budget, asked.standard_km, asked.model) == (7, 2.5, "p_median")
    assert dict(pair.split("=") for pair in asked.to_query().split("&")) == query


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"budget": "0"}, "budget"),
        ({"budget": "2.5"}, "budget"),
        ({"budget": "3001"}, "budget"),
        ({"standard_km": "-1"}, "standard_km"),
        ({"standard_km": "nan"}, "standard_km"),
        ({"standard_km": "0.1"}, "standard_km"),
        ({"region": "51"}, "region"),
        ({"model": "magic"}, "model"),
        ({"own": "x"}, "own"),
    ],
)
def test_what_cannot_be_meant_is_refused(query: dict[str, str], parameter: str) -> None:
    with pytest.raises(BadQuery) as refused:
        read_request(query)
    assert refused.value.parameter == parameter
    assert refused.value.allowed


def test_own_candidates_are_read_with_their_cost() -> None:
    sites = read_own_list("\ufeffid,name,lon,lat,cost\na,甲村,104.1,30.9,2\nb,,104.2,30.8,\n")
    assert [(site.id, site.name, site.lon, site.cost) for site in sites] == [
        ("a", "甲村", 104.1, 2.0),
        ("b", "b", 104.2, 1.0),
    ]


def test_every_faulty_row_is_named() -> None:
    with pytest.raises(ManyErrors) as refused:
        read_own_list("id,name,lon,lat\na,A,104,31\na,A,104,31\nb,B,x,31\nc,C,104,91\n")
    assert [(error.row, error.column) for error in refused.value.errors] == [(3, "id"), (4, "lon"), (5, "lat")]


@pytest.mark.parametrize(
    ("text", "said"), [("id,name\na,b\n", "lon, lat"), ("id,name,lon,lat\n", "empty"), ("", "lacks")]
)
def test_a_list_without_columns_or_rows_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_own_list(text)


def test_own_candidates_need_a_list() -> None:
    with pytest.raises(UserError, match="missing"):
        read_request({"candidates": "own"})
