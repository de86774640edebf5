"""A plan for the toy release, held against enumeration; its words and files."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from dashboard.export.plan_files import PLAN_FORMATS, plan_file_name
from dashboard.plan_command import plan_command
from dashboard.planning import words
from dashboard.planning.make import Maker
from dashboard.planning.places import read_places, spread
from dashboard.planning.plan import Plan, PlanProgress, shown_count
from dashboard.planning.problem import make_siting
from dashboard.planning.request import PLAN_MODELS, PlanRequest, read_request
from geodata.analysis.siting import SitingError
from geodata.catalogue import Catalogue
from geodata.errors import UserError
from geodata.store import Reading
from geodata.store.draws import StoredDraws
from geodata.text import LANGUAGES
from tests.support.plan_release import write_plan_release

ASKED = PlanRequest(budget=2, standard_km=20.0)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(write_plan_release(tmp_path_factory.mktemp("plan")))


@pytest.fixture(scope="module")
def draws(reading: Reading) -> StoredDraws:
    codes = [row[0] for row in reading.cursor().sql("SELECT DISTINCT code FROM settlements ORDER BY code").fetchall()]
    noise = np.random.default_rng(1).uniform(0.5, 1.5, (8, len(codes)))
    measures = dict.fromkeys(("left_behind_children_rural", "left_behind_children_urban"), 10_000.0 * noise)
    return StoredDraws(np.array(codes), measures)


@pytest.fixture(scope="module")
def plan(reading: Reading, catalogue: Catalogue, draws: StoredDraws) -> Plan:
    return Maker(reading, catalogue, ASKED).whole(draws)


def test_the_need_is_placed_without_loss(reading: Reading, catalogue: Catalogue) -> None:
    places = read_places(reading, catalogue, ASKED)
    # Rural and urban left-behind children of 2020 in the text of the toy release; E's urban ones are withheld.
    rural = 0 + 0 + 9000 + 24000 + 3000 + 8000 + 2000 + 1000 + 36000 + 30000 + 0
    urban = 1500 + 1500 + 2000 + 3000 + 2500 + 4000 + 1000 + 4000 + 3000 + 0
    assert places.demand.sum() == pytest.approx(rural + urban)
    by_county = np.bincount(places.county, weights=places.demand)
    assert by_county[[unit.code for unit in places.counties].index("510121")] == pytest.approx(11_000)


def test_rural_children_live_in_villages_unless_there_is_none() -> None:
    import pandas as pd

    table = pd.DataFrame({"children": [30.0, 10.0, 5.0, 15.0], "kind": ["urban", "rural", "urban", "urban"]})
    county = np.array([0, 0, 1, 1])
    assert spread(table, county, ("rural",)).tolist() == [0.0, 1.0, 0.25, 0.75]
    assert spread(table, county, ("rural", "urban")).tolist() == [0.75, 0.25, 0.25, 0.75]


def test_no_other_pair_of_counties_reaches_more(reading: Reading, catalogue: Catalogue, plan: Plan) -> None:
    siting = make_siting(read_places(reading, catalogue, ASKED), ASKED)
    demand, reach = siting.places.demand, siting.reach.toarray() > 0
    open_today = reach[:, siting.n_candidates :].any(axis=1)
    best = max(
        float(demand @ (open_today | reach[:, list(pair)].any(axis=1)))
        for pair in itertools.combinations(range(siting.n_candidates), 2)
    )
    assert plan.certificate.status == "optimal"
    assert plan.certificate.objective == plan.after.children == shown_count(best)
    assert plan.before.children == shown_count(float(demand @ open_today))


def test_sites_stand_in_the_order_of_what_they_add(plan: Plan) -> None:
    assert [site.order for site in plan.sites] == [1, 2]
    assert (plan.sites[0].adds or 0) >= (plan.sites[1].adds or 0)
    assert plan.sites[-1].total_percent == plan.after.percent
    assert plan.before.children is not None
    assert plan.after.children == plan.before.children + sum(site.adds or 0 for site in plan.sites)


def test_robustness_speaks_of_every_draw(plan: Plan, draws: StoredDraws) -> None:
    assert plan.robust is not None
    assert plan.robust.draws == len(draws.measures["left_behind_children_rural"])
    assert 0 <= plan.robust.mean_regret_percent <= plan.robust.max_regret_percent
    assert all(site.chosen_in_draws is not None for site in plan.sites)
    assert plan.after.low_percent is not None
    assert plan.after.high_percent is not None
    assert plan.after.low_percent <= plan.after.high_percent


def test_the_curve_never_falls_and_never_crosses_its_limit(plan: Plan) -> None:
    nested = [point.percent for point in plan.curve if point.nested]
    assert nested == sorted(nested)
    solved = [point for point in plan.curve if not point.nested]
    assert solved
    assert all(point.percent <= (point.bound_percent or 0) + 0.01 for point in solved)


@pytest.mark.parametrize("model", PLAN_MODELS)
def test_every_model_answers_and_speaks_in_both_languages(reading: Reading, catalogue: Catalogue, model: str) -> None:
    query = {"model": model, "budget": "3", "standard_km": "30", "candidates": "settlements"}
    # Whoever must serve everybody needs the room for it.
    asked = read_request(query | ({"capacity": "50000"} if model == "capacitated_median" else {}))
    plan = Maker(reading, catalogue, asked).whole(None)
    assert plan.sites
    assert plan.after.percent >= plan.before.percent
    for lang in LANGUAGES:
        said = " ".join((words.certificate(plan, lang), words.need(plan, lang), *words.assumptions(plan, lang)))
        assert "{" not in said
        assert words.demonstration(plan, lang)
    assert "python -m etl estimate" in words.robust(plan, "en")[0]


def test_the_quick_answer_never_claims_more_than_its_limit(reading: Reading, catalogue: Catalogue, plan: Plan) -> None:
    quick = Maker(reading, catalogue, ASKED).live()
    assert quick.certificate.bound is not None
    assert quick.certificate.objective <= plan.certificate.objective <= quick.certificate.bound
    assert quick.robust is None


def test_a_region_holds_only_its_own_candidates(reading: Reading, catalogue: Catalogue) -> None:
    plan = Maker(reading, catalogue, PlanRequest(region="510700", budget=2, standard_km=20.0)).whole(None)
    assert {site.code for site in plan.sites} <= {"510722", "510726", "510781"}
    assert {area.code for area in plan.areas} <= {"510722", "510726", "510781"}


def test_own_candidates_within_the_money(reading: Reading, catalogue: Catalogue) -> None:
    text = "id,name,lon,lat,cost\na,甲,104.05,30.95,2\nb,乙,104.25,30.95,3\nc,丙,104.45,30.35,4\n"
    asked = read_request({"candidates": "own", "budget": "3", "money": "5", "standard_km": "20"}, text)
    plan = Maker(reading, catalogue, asked).whole(None)
    cost = {"a": 2, "b": 3, "c": 4}
    assert sum(cost[site.id] for site in plan.sites) <= 5


def test_more_sites_than_candidates_say_what_would_do(reading: Reading, catalogue: Catalogue) -> None:
    with pytest.raises((SitingError, UserError), match="3"):
        Maker(reading, catalogue, PlanRequest(region="510700", budget=99, standard_km=20.0)).whole(None)


def test_places_that_were_not_counted_are_refused(reading: Reading, catalogue: Catalogue) -> None:
    for region in ("810000", "999999", "650000"):
        with pytest.raises(UserError):
            Maker(reading, catalogue, PlanRequest(region=region)).whole(None)


def test_stopping_keeps_the_best_so_far(reading: Reading, catalogue: Catalogue) -> None:
    heard: list[PlanProgress] = []
    plan = Maker(reading, catalogue, ASKED, tell=heard.append, stop=lambda: True).whole(None)
    assert plan.certificate.status in ("cancelled", "optimal")
    assert plan.sites
    assert heard[0].phase == "places"


@pytest.mark.parametrize(
    ("children", "shown"), [(0, 0), (3, None), (9.99, None), (10, 10), (94, 90), (149, 100), (150, 200)]
)
def test_counts_are_rounded_and_small_ones_withheld(children: float, shown: int | None) -> None:
    assert shown_count(children) == shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_plan_sites_curve_certificate_and_sources(reading: Reading, plan: Plan, lang: str) -> None:
    content = PLAN_FORMATS["xlsx"].write(plan, reading, "zh" if lang == "zh" else "en")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == 7
    sites = list(book.worksheets[1].iter_rows(values_only=True))
    assert [row[0] for row in sites[1:]] == [1, 2]
    assert sites[1][2] == words.say(plan.sites[0].name, "zh" if lang == "zh" else "en")
    text = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert words.certificate(plan, "zh" if lang == "zh" else "en") in text
    assert plan.origin.release in text
    assert "CC-BY-4.0" in text
    assert content == PLAN_FORMATS["xlsx"].write(plan, reading, "zh" if lang == "zh" else "en")


def test_geojson_carries_origin_and_certificate(reading: Reading, plan: Plan) -> None:
    content = json.loads(PLAN_FORMATS["geojson"].write(plan, reading, "zh"))
    assert [feature["properties"]["order"] for feature in content["features"]] == [1, 2]
    assert content["features"][0]["geometry"]["coordinates"] == [plan.sites[0].lon, plan.sites[0].lat]
    assert content["metadata"]["certificate"]["status"] == "optimal"
    assert content["metadata"]["origin"]["release"] == reading.release.release_id
    assert "demonstration" in content["metadata"]["notice_en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_brief_has_two_pages(reading: Reading, plan: Plan, lang: str) -> None:
    content = PLAN_FORMATS["pdf"].write(plan, reading, "zh" if lang == "zh" else "en")
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") in (0, 2)
    assert b"/Count 2" in content


def test_a_plan_survives_its_record(plan: Plan) -> None:
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert plan_file_name(plan, "pdf").startswith("plan_100000_2_sites_20km_")


def test_the_command_writes_the_file_its_name_asks_for(tmp_path: Path) -> None:
    release = write_plan_release(tmp_path / "data")
    out = tmp_path / "plan.geojson"
    said: list[str] = []
    arguments = [
        "--release",
        str(release),
        "--region",
        "四川省",
        "--budget",
        "1",
        "--standard",
        "20",
        "--out",
        str(out),
    ]
    assert plan_command(arguments, say=said.append, tell=lambda _text: None) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["metadata"]["request"]["region"] == "510000"
    assert "1 new site in" in said[0]
    with pytest.raises(UserError, match="kind of file"):
        plan_command(["--out", str(tmp_path / "plan.docx")], say=said.append, tell=said.append)
    with pytest.raises(UserError, match="name"):
        plan_command(["--release", str(release), "--region", "Atlantis"], say=said.append, tell=said.append)
