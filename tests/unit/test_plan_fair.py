"""Rules of fairness and the frontier, held against enumeration on the toy release."""

from __future__ import annotations

import io
import itertools
import json

import numpy as np
import openpyxl
import pytest

from dashboard.export.plan_files import PLAN_FORMATS
from dashboard.planning import words
from dashboard.planning.chart import plan_frontier
from dashboard.planning.fair import areas_of, condensed, least, weights_today
from dashboard.planning.make import Maker, site_question
from dashboard.planning.plan import Plan
from dashboard.planning.request import FAIRNESS, PlanRequest
from geodata.analysis.siting.evaluate import objective_of, within_standard
from geodata.catalogue import Catalogue
from geodata.store import Reading
from geodata.text import LANGUAGES
from tests.support.plan_release import write_plan_release

SITES = 2
ASKED = PlanRequest(budget=SITES, standard_km=12.0)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(write_plan_release(tmp_path_factory.mktemp("plan")))


@pytest.fixture(scope="module")
def plans(reading: Reading, catalogue: Catalogue) -> dict[str, Plan]:
    found = {
        "none": Maker(reading, catalogue, ASKED).whole(None),
        "max_min": Maker(reading, catalogue, ASKED.model_copy(update={"fair": "max_min"})).whole(None),
        "weighted": Maker(reading, catalogue, ASKED.model_copy(update={"fair": "weighted", "weight": 9.0})).whole(None),
    }
    quota = found["max_min"].fair.worst_percent if found["max_min"].fair else 0.0
    asked = ASKED.model_copy(update={"fair": "quota", "quota": quota})
    return found | {"quota": Maker(reading, catalogue, asked).whole(None)}


@pytest.fixture(scope="module")
def every_choice(reading: Reading, catalogue: Catalogue) -> list[tuple[float, float]]:
    """Least share of an area and all children reached, of every pair of sites."""
    siting = site_question(reading, catalogue, ASKED)
    areas = areas_of(reading, siting.places)
    demand = siting.places.demand
    found = []
    for pair in itertools.combinations(range(siting.n_candidates), SITES):
        covered = siting.covered(siting.plan(pair))
        found.append((least(areas, siting, covered)[1], float(demand @ covered)))
    return found


def test_the_worst_off_area_cannot_be_better_off(
    plans: dict[str, Plan], every_choice: list[tuple[float, float]]
) -> None:
    fair = plans["max_min"].fair
    assert fair is not None
    best = max(share for share, _ in every_choice)
    assert fair.worst_percent == pytest.approx(100 * best, abs=0.1)
    assert fair.worst_percent <= fair.most_percent
    assert plans["max_min"].certificate.objective == pytest.approx(
        max(total for share, total in every_choice if share > best - 0.001), abs=51
    )


def test_a_quota_is_kept_at_the_least_price(plans: dict[str, Plan], every_choice: list[tuple[float, float]]) -> None:
    plan = plans["quota"]
    assert plan.fair is not None
    quota = plan.request.least_percent
    assert plan.fair.worst_percent >= quota - 0.1
    best = max(total for _, total in every_choice)
    fair = max(total for share, total in every_choice if 100 * share >= quota - 0.05)
    assert plan.certificate.objective == pytest.approx(fair, abs=51)
    assert plan.fair.price_percent == pytest.approx(100 * (1 - fair / best), abs=0.1)


def test_the_frontier_holds_no_plan_that_another_beats(
    plans: dict[str, Plan], every_choice: list[tuple[float, float]]
) -> None:
    points = plans["none"].frontier
    assert len(points) > 1
    need = sum(area.need or 0 for area in plans["none"].areas)
    for one, next_one in itertools.pairwise(points):
        assert one.least_percent < next_one.least_percent
        assert one.percent > next_one.percent
    for point in points:
        as_fair = [total for share, total in every_choice if 100 * share >= point.least_percent - 0.01]
        assert 100 * max(as_fair) / need <= point.bound_percent + 0.1
        assert point.percent <= point.bound_percent
    assert points[0].price_percent == 0
    assert points[0].different == 0


def test_weights_run_from_the_best_off_to_the_worst_off(reading: Reading, catalogue: Catalogue) -> None:
    siting = site_question(reading, catalogue, ASKED)
    areas = areas_of(reading, siting.places)
    weight = weights_today(areas, siting, 5.0)
    shares = areas.shares(siting.places.demand * siting.covered(siting.today))
    assert weight[areas.of == int(np.nanargmin(shares))] == pytest.approx(5.0)
    assert weight[areas.of == int(np.nanargmax(shares))] == pytest.approx(1.0)


@pytest.mark.parametrize("fair", FAIRNESS)
def test_every_rule_is_said_on_page_and_in_files(reading: Reading, plans: dict[str, Plan], fair: str) -> None:
    plan = plans[fair]
    for lang in LANGUAGES:
        rule = words.rule(plan, lang)
        assert (rule is None) == (fair == "none")
        assert "{" not in f"{rule}{words.worst(plan, lang)}"
        chart = plan_frontier(plan, lang)
        assert chart is not None
        assert chart.count('class="here"') == 1
        book = openpyxl.load_workbook(io.BytesIO(PLAN_FORMATS["xlsx"].write(plan, reading, lang)))
        sheet = book[{"zh": "公平", "en": "Fairness"}[lang]]
        assert sheet.max_row == len(plan.frontier) + 1
    content = json.loads(PLAN_FORMATS["geojson"].write(plan, reading, "zh"))
    assert len(content["metadata"]["frontier"]) == len(plan.frontier)
    if fair != "none":
        assert content["metadata"]["fairness_en"][0] == words.rule(plan, "en")


def test_the_quick_answer_says_that_it_keeps_no_rule(reading: Reading, catalogue: Catalogue) -> None:
    plan = Maker(reading, catalogue, ASKED.model_copy(update={"fair": "max_min"})).live()
    assert "does not keep this rule" in (words.rule(plan, "en") or "")
    assert plan.frontier == ()


def test_one_area_has_no_frontier(reading: Reading, catalogue: Catalogue) -> None:
    plan = Maker(reading, catalogue, PlanRequest(region="510722", budget=1, standard_km=20.0)).whole(None)
    assert plan.fair is None
    assert plan.frontier == ()


def test_fewer_points_are_the_same_question(reading: Reading, catalogue: Catalogue) -> None:
    siting = site_question(reading, catalogue, ASKED)
    areas = areas_of(reading, siting.places)
    small, area_of, row = condensed(siting, areas)
    assert np.bincount(row, weights=siting.places.demand) == pytest.approx(small.demand)
    assert small.n_demand < siting.problem.n_demand
    for pair in itertools.combinations(range(siting.n_candidates), SITES):
        is_open = siting.plan(pair)
        covered = within_standard(small) @ is_open.astype(float) > 0
        assert objective_of(small, is_open) == pytest.approx(objective_of(siting.problem, is_open))
        by_area = np.bincount(area_of, weights=small.demand * covered)
        assert by_area == pytest.approx(areas.shares(siting.places.demand * siting.covered(is_open)) * areas.need)
