"""Places that must, may not, or no longer serve: held against enumeration; every conflict a sentence."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import flask
import numpy as np
import openpyxl
import pytest
from flask.testing import FlaskClient

from dashboard.api_plan import make_plan_api
from dashboard.export.plan_files import PLAN_FORMATS
from dashboard.plan_command import plan_command
from dashboard.planning import words
from dashboard.planning.make import Maker, site_question
from dashboard.planning.plan import Plan
from dashboard.planning.problem import Siting
from dashboard.planning.request import RULES, PlanRequest, read_request
from dashboard.state import BadQuery
from dashboard.views.units import gazetteer
from geodata.analysis.siting import SitingError
from geodata.analysis.siting.evaluate import objective_of
from geodata.catalogue import Catalogue
from geodata.errors import UserError
from geodata.settings import PROJECT_DIR
from geodata.store import Reading, Store, queries
from geodata.text import LANGUAGES
from tests.support.plan_release import write_plan_release

OWN = 'id,name,lon,lat,cost\n"a,1",甲,104.05,30.95,1\nb,乙,104.25,30.95,1\nc,丙,104.45,30.35,1\n'


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(write_plan_release(tmp_path_factory.mktemp("plan")))


def best_by_enumeration(siting: Siting, request: PlanRequest) -> float:
    """The best objective over every choice of columns that keeps number and conditions, read off names alone."""
    problem = siting.problem
    offered = [
        at
        for at, column in enumerate(siting.columns)
        if column.action is not None and column.name not in request.forbid and column.site.id not in request.close
    ]
    values = []
    for size in range(request.budget + 1):
        for chosen in itertools.combinations(offered, size):
            if not set(request.force) <= {siting.columns[at].name for at in chosen}:
                continue
            is_open = np.array(
                [
                    at in chosen or (column.action is None and column.site.id not in request.close)
                    for at, column in enumerate(siting.columns)
                ]
            )
            values.append(objective_of(problem, is_open))
    return max(values) if problem.counts_cover else min(values)


def conditioned(reading: Reading, catalogue: Catalogue, **asked: object) -> PlanRequest:
    """A question whose own best sites are forbidden, a useless one forced, the centre that serves most closed."""
    plain = PlanRequest.model_validate({"budget": 2, "standard_km": 20.0} | asked)
    siting = site_question(reading, catalogue, plain)
    best = Maker(reading, catalogue, plain).whole(None).sites[0].key
    reached = siting.who.by_site.T @ siting.who.demand
    order = [int(at) for at in np.argsort(reached)]
    least = next(siting.columns[at].name for at in order if siting.columns[at].action is not None)
    most = next(siting.columns[at].site.id for at in reversed(order) if siting.columns[at].action is None)
    return plain.model_copy(update={"force": (least,), "forbid": (best,), "close": (most,)})


QUESTIONS = (
    {},
    {"candidates": "settlements"},
    {"model": "backup_cover"},
    {"model": "gradual_cover"},
    {"model": "capacitated_cover", "capacity": 9_000.0},
    {"model": "p_median"},
    {"model": "p_centre"},
    {"model": "capacitated_median", "capacity": 60_000.0},
    {"actions": ("build", "extend"), "extend_km": 40.0},
)


@pytest.mark.parametrize("asked", QUESTIONS, ids=str)
def test_no_choice_that_keeps_the_conditions_is_better(
    reading: Reading, catalogue: Catalogue, asked: dict[str, object]
) -> None:
    request = conditioned(reading, catalogue, **asked)
    siting = site_question(reading, catalogue, request)
    for plan in (Maker(reading, catalogue, request).whole(None), Maker(reading, catalogue, request).live()):
        keys = {site.key for site in plan.sites}
        assert set(request.force) <= keys
        assert not keys & set(request.forbid)
        assert {site.key for site in plan.sites if site.forced} == set(request.force)
    plan = Maker(reading, catalogue, request).whole(None)
    assert plan.certificate.status == "optimal"
    scale = {"child_km": 1_000, "km": 1_000}.get(plan.certificate.unit, 1)
    found = best_by_enumeration(siting, request) / scale
    assert plan.certificate.objective == pytest.approx(found, abs=51 if scale == 1 or found > 1_000 else 0.06)


def test_what_a_closed_centre_served_is_served_today_and_not_by_the_plan(
    reading: Reading, catalogue: Catalogue
) -> None:
    request = PlanRequest(budget=1, standard_km=20.0)
    siting = site_question(reading, catalogue, request)
    centre = next(column.site.id for column in siting.columns if column.action is None)
    without = Maker(reading, catalogue, request.model_copy(update={"existing": "ignored"})).whole(None)
    closing = tuple({column.site.id for column in siting.columns if column.action is None})
    plan = Maker(reading, catalogue, request.model_copy(update={"close": closing})).whole(None)
    plain = Maker(reading, catalogue, request).whole(None)
    assert plan.before == plain.before
    assert plan.after == without.after
    assert plan.existing == 0
    assert plan.curve[0].percent == 0
    assert plan.conditions_price_percent is not None
    assert centre in {one.id for one in plan.conditions}


def test_a_condition_that_costs_nothing_says_so_and_one_that_does_names_its_price(
    reading: Reading, catalogue: Catalogue
) -> None:
    plain = Maker(reading, catalogue, PlanRequest(budget=2, standard_km=20.0)).whole(None)
    first = plain.sites[0].key
    kept = Maker(reading, catalogue, PlanRequest(budget=2, standard_km=20.0, force=(first,))).whole(None)
    assert kept.certificate.objective == plain.certificate.objective
    assert kept.conditions_price_percent == 0
    assert "cost nothing" in words.conditions(kept, "en")[-1]
    lost = Maker(reading, catalogue, PlanRequest(budget=2, standard_km=20.0, forbid=(first,))).whole(None)
    worse = 100 * (1 - lost.certificate.objective / plain.certificate.objective)
    assert lost.conditions_price_percent == pytest.approx(worse, abs=0.1)


def test_the_own_list_takes_conditions_and_an_id_may_hold_a_comma(reading: Reading, catalogue: Catalogue) -> None:
    query = {"candidates": "own", "budget": "1", "standard_km": "20", "force": "a%2C1", "forbid": "b"}
    asked = read_request(query, OWN)
    assert (asked.force, asked.forbid) == (("a,1",), ("b",))
    again = dict(pair.split("=") for pair in asked.to_query().split("&"))
    assert again["force"] == "a%252C1"
    plan = Maker(reading, catalogue, asked).whole(None)
    assert [site.id for site in plan.sites] == ["a,1"]


CONFLICTS = (
    ({"force": "510121,510722,510726", "budget": "2"}, ("3 places", "conflicts with 2 as", "At least 3")),
    ({"force": "510121", "forbid": "510121"}, ("may have none", "Lift one")),
    ({"force": "no-such-place"}, ("no-such-place", "none of them")),
    ({"forbid": "no-such-place"}, ("no-such-place", "rules out nothing")),
    ({"close": "no-such-centre"}, ("no-such-centre", "no open centre")),
    ({"close": "CENTRE", "existing": "ignored"}, ("Closing a centre conflicts",)),
    ({"force": "extend:CENTRE", "close": "CENTRE", "actions": "build,extend"}, ("closed and to be worked at",)),
    ({"force": "510121", "actions": "extend"}, ("new centres are not among them",)),
    ({"force": "510121,510722", "money": "1.5"}, ("cost 2 together", "at most 1.5", "At least 2")),
    ({"region": "510700", "forbid": "510722", "budget": "3"}, ("3 as the number", "leave 2", "At most 2")),
    ({"region": "510700", "force": "510121"}, ("none of them",)),
)  # fmt: skip


@pytest.mark.parametrize(("query", "said"), CONFLICTS, ids=lambda part: str(part)[:60])
def test_a_conflict_names_the_place_and_what_would_do(
    reading: Reading, catalogue: Catalogue, query: dict[str, str], said: tuple[str, ...]
) -> None:
    wide = PlanRequest(budget=1, standard_km=10.0, actions=("build", "extend"), extend_km=40.0)
    siting = site_question(reading, catalogue, wide)
    centre = next(column.site.id for column in siting.columns if column.action == "extend")
    asked = {name: value.replace("CENTRE", centre) for name, value in query.items()}
    if "extend" in asked.get("actions", ""):
        asked["extend_km"] = "40"
    with pytest.raises(SitingError) as refused:
        Maker(reading, catalogue, read_request({"budget": "3", "standard_km": "10"} | asked)).whole(None)
    english = " ".join(text.en for text in refused.value.texts)
    assert all(part in english for part in said), english
    assert all(text.zh and "{" not in text.zh for text in refused.value.texts)


def test_too_many_conditions_are_refused() -> None:
    with pytest.raises(BadQuery) as refused:
        read_request({"force": ",".join(str(number) for number in range(301))})
    assert refused.value.parameter == "force"


@pytest.fixture
def client(tmp_path: Path, catalogue: Catalogue) -> FlaskClient:
    write_plan_release(tmp_path)
    server = flask.Flask(__name__, template_folder=str(PROJECT_DIR / "dashboard" / "pages"))
    server.register_blueprint(make_plan_api(Store(tmp_path), catalogue))
    return server.test_client()


def test_places_are_found_by_name_by_id_and_by_where_they_are(client: FlaskClient) -> None:
    def found(query: str, body: str | None = None) -> list[dict[str, object]]:
        path = f"/api/v1/plans/places?{query}"
        answer = client.get(path) if body is None else client.post(path, data=body.encode())
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["places"])

    assert found("q=jintang&lang=en")[0] | {"lon": 0, "lat": 0} == {
        "id": "510121", "kind": "site", "name": "Jintang County", "place": "Chengdu, Sichuan",
        "lon": 0, "lat": 0, "far_km": None,
    }  # fmt: skip
    assert [one["id"] for one in found("ids=510722,nowhere,510121&lang=zh")] == ["510722", "510121"]
    # A settlement by its county; of two centres in the whole country the one in the region first.
    assert {one["place"] for one in found("q=jintang&candidates=settlements&lang=zh")} == {"四川省成都市金堂县"}
    assert found("q=centre&region=340000")[0]["place"] != found("q=centre&region=510000")[0]["place"]
    assert found("q=%20") == found("q=atlantis") == []
    assert {one["kind"] for one in found("q=510121&candidates=settlements")} <= {"site", "centre"}
    [near] = found("lon=104.5&lat=30.95&lang=zh")
    assert near["far_km"] is not None
    assert [one["id"] for one in found("candidates=own&q=a%2C1", OWN)] == ["a,1"]
    for query in ("lon=x&lat=1", "lon=1", "q=a&colour=red", "region=999999&q=a"):
        assert client.get(f"/api/v1/plans/places?{query}").status_code == 400


def test_a_condition_is_in_the_answer_and_a_conflict_in_words(client: FlaskClient) -> None:
    asked = "budget=1&standard_km=20&force=510121&lang=en"
    result = client.get(f"/api/v1/plans/live?{asked}").get_json()["result"]
    assert [(one["rule"], one["id"]) for one in result["conditions"]] == [("force", "510121")]
    assert result["sites"]["features"][0]["properties"]["key"] == "510121"
    assert "There must be a site here: Jintang County." in result["html"]
    refused = client.get(f"/api/v1/plans/live?{asked}&forbid=510121")
    assert refused.status_code == 400
    assert "Jintang County must have a site and may have none" in refused.get_json()["error"]["message"]


@pytest.fixture(scope="module")
def plan(reading: Reading, catalogue: Catalogue) -> Plan:
    return Maker(reading, catalogue, conditioned(reading, catalogue)).whole(None)


def test_page_workbook_and_geojson_say_what_was_asked(reading: Reading, plan: Plan) -> None:
    assert [one.rule for one in plan.conditions] == list(RULES)
    for lang in LANGUAGES:
        said = words.conditions(plan, lang)
        assert len(said) == 4
        assert set(said) <= set(words.assumptions(plan, lang))
        for one in plan.conditions:
            assert words.say(one.name, lang) in " ".join(said)
        book = openpyxl.load_workbook(io.BytesIO(PLAN_FORMATS["xlsx"].write(plan, reading, lang)))
        cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
        assert set(said) <= cells
        forced = next(site for site in plan.sites if site.forced)
        assert words.reasons(forced, lang).startswith({"zh": "按要求设在这里", "en": "It was asked to stand"}[lang])
    content = json.loads(PLAN_FORMATS["geojson"].write(plan, reading, "zh"))
    assert content["metadata"]["conditions_en"] == list(words.conditions(plan, "en"))
    assert [feature["properties"]["forced"] for feature in content["features"]].count(True) == 1
    assert PLAN_FORMATS["pdf"].write(plan, reading, "zh").startswith(b"%PDF")


def test_the_command_takes_names_and_ids(tmp_path: Path, reading: Reading) -> None:
    release = write_plan_release(tmp_path / "data")
    county = gazetteer(reading).find("510121")
    assert county is not None
    table = queries.centres(reading)
    centre = table[table["status"] == "open"]["centre_id"].iloc[0]
    said: list[str] = []
    arguments = ["--release", str(release), "--budget", "2", "--standard", "20", "--force", county.name_zh, "--forbid"]
    arguments += ["510722", "--close", centre, "--out", str(tmp_path / "plan.json")]
    assert plan_command(arguments, say=said.append, tell=lambda _text: None) == 0
    asked = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["request"]
    assert (asked["force"], asked["forbid"], asked["close"]) == (["510121"], ["510722"], [centre])
    assert county.name_en in said[0]
    with pytest.raises(UserError, match="candidate"):
        plan_command([*arguments[:7], "Atlantis"], say=said.append, tell=said.append)
