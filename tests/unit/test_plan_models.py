"""Limited places, costs, works at existing centres, numbers of the models, and questions that contradict themselves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dashboard.planning import words
from dashboard.planning.make import Maker, site_question
from dashboard.planning.plan import Plan, shown_count
from dashboard.planning.problem import Siting
from dashboard.planning.request import PlanRequest, read_request
from dashboard.state import BadQuery
from geodata.analysis.siting import SitingError
from geodata.analysis.siting.evaluate import objective_of
from geodata.catalogue import Catalogue
from geodata.store import Reading
from geodata.text import LANGUAGES
from tests.support.plan_release import write_plan_release


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(write_plan_release(tmp_path_factory.mktemp("plan")))


def whole(reading: Reading, catalogue: Catalogue, **asked: object) -> Plan:
    return Maker(reading, catalogue, PlanRequest.model_validate(asked)).whole(None)


def best_by_enumeration(siting: Siting) -> float:
    """The best objective over every choice that keeps the number of sites, the money and one action a centre."""
    problem = siting.problem
    free = np.flatnonzero(problem.selectable)
    values = []
    for size in range(int(problem.sites or 0) + 1):
        for chosen in itertools.combinations(free.tolist(), size):
            # Where a work replaces its centre there can be but one.
            centres = [place for place in problem.action_of[list(chosen)].tolist() if place >= 0]
            cost = float(problem.cost[list(chosen)].sum())
            too_dear = problem.budget is not None and cost > problem.budget + 1e-9
            if len(set(centres)) == len(centres) and not too_dear:
                values.append(objective_of(problem, siting.open_with(chosen)))
    return max(values) if problem.counts_cover else min(values)


QUESTIONS = (
    {"model": "capacitated_cover", "budget": 2, "standard_km": 20.0, "capacity": 9_000.0},
    {"model": "capacitated_median", "budget": 2, "standard_km": 20.0, "capacity": 60_000.0},
    {"model": "backup_cover", "budget": 2, "standard_km": 25.0, "backup_percent": 20.0},
    {"model": "gradual_cover", "budget": 2, "standard_km": 25.0, "full_km": 5.0},
    {"model": "max_cover", "budget": 3, "standard_km": 15.0, "actions": ("build", "extend"), "money": 1.7},
    {"model": "max_cover", "budget": 2, "standard_km": 10.0, "actions": ("extend",), "extend_km": 40.0},
    {"model": "capacitated_cover", "budget": 2, "standard_km": 20.0, "capacity": 2_000.0,
     "actions": ("build", "upgrade", "extend"), "money": 1.2},
    {"model": "capacitated_cover", "budget": 3, "standard_km": 20.0, "capacity": 8_000.0,
     "actions": ("build", "upgrade"), "money": 1.6},
    {"model": "backup_cover", "budget": 2, "standard_km": 12.0, "actions": ("build", "extend"), "extend_km": 40.0},
    {"model": "gradual_cover", "budget": 2, "standard_km": 12.0, "actions": ("build", "extend"), "extend_km": 40.0},
)  # fmt: skip


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: f"{asked['model']}-{asked.get('actions', '')}")
def test_no_other_choice_is_better(reading: Reading, catalogue: Catalogue, asked: dict[str, object]) -> None:
    request = PlanRequest.model_validate(asked)
    siting = site_question(reading, catalogue, request)
    best = best_by_enumeration(siting)
    plan = Maker(reading, catalogue, request).whole(None)
    assert plan.certificate.status == "optimal"
    scale = 1_000 if plan.certificate.unit == "child_km" else 1
    assert plan.certificate.objective == pytest.approx(best / scale, abs=51)
    quick = Maker(reading, catalogue, request).live()
    assert quick.certificate.bound is not None
    if plan.certificate.more_is_better:
        assert quick.certificate.objective <= plan.certificate.objective <= quick.certificate.bound
    else:
        assert quick.certificate.bound <= plan.certificate.objective <= quick.certificate.objective


def test_a_centre_serves_no_more_than_it_can(reading: Reading, catalogue: Catalogue) -> None:
    plan = whole(reading, catalogue, model="capacitated_cover", budget=3, standard_km=20.0, capacity=5_000.0)
    assert plan.served_before is not None
    assert plan.served_after is not None
    assert plan.served_after.children == plan.certificate.objective
    assert plan.served_after.percent <= plan.after.percent
    assert all(site.serves is not None and site.serves <= 5_000 for site in plan.sites)
    assert any("5,000" in text for text in words.assumptions(plan, "en"))


def test_works_at_centres_are_named_as_such(reading: Reading, catalogue: Catalogue) -> None:
    plan = whole(reading, catalogue, budget=2, standard_km=10.0, actions=("build", "extend"), extend_km=40.0)
    works = [site for site in plan.sites if site.action == "extend"]
    assert works
    assert all(site.cost == 0.3 and site.nearest_centre_km is None for site in works)
    assert "at existing centres" in words.heading(plan, "en")
    assert "改造" in words.heading(plan, "zh")
    assert "reaches farther" in words.reasons(works[0], "en")


def test_money_buys_what_it_pays_for(reading: Reading, catalogue: Catalogue) -> None:
    # 1.4 pays for one new site and one extension, or four extensions, never for two new sites.
    plan = whole(reading, catalogue, budget=9, standard_km=15.0, actions=("build", "extend"), money=1.4)
    assert sum(site.cost for site in plan.sites) <= 1.4
    assert sum(site.action == "build" for site in plan.sites) <= 1


CONFLICTS = (
    ({"capacity": "50"}, ("50 children", "does not limit places")),
    ({"full_km": "5"}, ("5 km", "does not fall")),
    ({"model": "gradual_cover", "full_km": "40"}, ("40 km", "30 km", "feasible")),
    ({"backup_percent": "20"}, ("20%", "once")),
    ({"model": "p_centre", "money": "3"}, ("number of sites only",)),
    ({"money": "0.5"}, ("0.5", "at least 1 is feasible")),
    ({"actions": "upgrade"}, ("adds places",)),
    ({"model": "p_median", "actions": "build,extend"}, ("knows no reach",)),
    ({"actions": "build,extend", "extend_km": "20"}, ("20 km", "30 km")),
    ({"actions": "build,extend", "existing": "ignored"}, ("nothing is there",)),
    ({"cost_upgrade": "2"}, ("no upgrade",)),
    ({"extend_km": "60"}, ("no extension",)),
    ({"model": "p_median", "fair": "quota"}, ("Fairness",)),
    ({"quota": "10"}, ("10%",)),
    ({"weight": "2"}, ("weight of 2",)),
    ({"model": "set_cover", "standard_km": "1"}, ("1 km", "feasible")),
    ({"model": "capacitated_median", "capacity": "10"}, ("exceeds capacity",)),
    ({"fair": "quota", "quota": "99", "standard_km": "2"}, ("99%", "feasible")),
)  # fmt: skip


@pytest.mark.parametrize(("query", "said"), CONFLICTS, ids=lambda part: str(part)[:48])
def test_a_contradiction_names_both_sides(
    reading: Reading, catalogue: Catalogue, query: dict[str, str], said: tuple[str, ...]
) -> None:
    with pytest.raises(SitingError) as refused:
        Maker(reading, catalogue, read_request({"budget": "3"} | query)).whole(None)
    english = " ".join(text.en for text in refused.value.texts)
    assert all(part.lower() in english.lower() for part in said), english
    assert all(text.zh and "{" not in text.zh for text in refused.value.texts)


def test_every_contradiction_is_told_at_once(reading: Reading, catalogue: Catalogue) -> None:
    with pytest.raises(SitingError) as refused:
        Maker(reading, catalogue, read_request({"capacity": "50", "backup_percent": "20", "weight": "3"})).live()
    assert len(refused.value.texts) == 3


@pytest.mark.parametrize("actions", ["", "demolish", "build,,extend"])
def test_actions_that_do_not_exist_are_refused(actions: str) -> None:
    with pytest.raises(BadQuery) as refused:
        read_request({"actions": actions})
    assert refused.value.allowed == ("build", "upgrade", "extend")


def test_a_question_is_written_as_it_was_read() -> None:
    query = {
        "model": "capacitated_cover", "actions": "build,upgrade", "capacity": "250", "money": "12.5",
        "cost_upgrade": "0.25",
    }  # fmt: skip
    asked = read_request(query)
    assert (asked.actions, asked.room, asked.cost_of("upgrade"), asked.cost_of("extend")) == (
        ("build", "upgrade"), 250.0, 0.25, 0.3,
    )  # fmt: skip
    assert dict(pair.split("=") for pair in asked.to_query().split("&")) == query


def test_too_large_for_limited_places_says_so(
    reading: Reading, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.planning.problem.MOST_FLOWS", 5)
    monkeypatch.setattr("dashboard.planning.places.MOST_FLOWS", 5)
    with pytest.raises(SitingError, match="weighs every pair"):
        whole(reading, catalogue, model="capacitated_median", budget=3, capacity=60_000.0, need="children")


def test_a_large_question_of_limited_places_is_asked_by_county(
    reading: Reading, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = PlanRequest(model="capacitated_cover", budget=2, standard_km=20.0)
    fine = site_question(reading, catalogue, asked)
    pairs = fine.metres.nnz
    monkeypatch.setattr("dashboard.planning.make.MOST_FLOWS", pairs - 1)
    siting = site_question(reading, catalogue, asked)
    assert siting.places.by_county
    assert siting.metres.nnz < pairs
    assert siting.places.demand.sum() == pytest.approx(fine.places.demand.sum())
    plan = Maker(reading, catalogue, asked).live()
    for lang in LANGUAGES:
        assert words.assumptions(plan, lang)
    assert plan.served_after is not None
    assert plan.served_after.children == shown_count(plan.certificate.objective)


def test_own_sites_have_their_own_room(reading: Reading, catalogue: Catalogue) -> None:
    text = "id,name,lon,lat,cost,capacity\na,甲,104.05,30.95,2,300\nb,乙,104.25,30.95,3,\n"
    query = {"candidates": "own", "model": "capacitated_cover", "budget": "2", "standard_km": "20", "capacity": "700"}
    plan = Maker(reading, catalogue, read_request(query, text)).whole(None)
    assert {site.id: site.serves for site in plan.sites} == {"a": 300, "b": 700}


def test_an_upgrade_speaks_of_places(reading: Reading, catalogue: Catalogue) -> None:
    asked = {"model": "capacitated_cover", "budget": 2, "standard_km": 20.0, "capacity": 500.0, "actions": ("upgrade",)}
    plan = whole(reading, catalogue, **asked)
    assert [site.action for site in plan.sites] == ["upgrade"] * 2
    assert words.heading(plan, "en") == "2 works at existing centres in China"
    for site in plan.sites:
        assert words.adds(site, "en") == "500"
        assert words.reasons(site, "en") == "An existing centre gets more places. 500 children get a place here."
