"""Draws and near-equal plans of every model and rule; a quota that is impossible against one that was not found."""

from __future__ import annotations

import io
import itertools

import numpy as np
import openpyxl
import pytest

from dashboard.export.plan_files import PLAN_FORMATS
from dashboard.planning import near, unsure, words
from dashboard.planning.fair import areas_of, least
from dashboard.planning.make import Maker, site_question
from dashboard.planning.near import TOLERANCE
from dashboard.planning.plan import Plan
from dashboard.planning.request import PlanRequest
from geodata.analysis.siting import SitingError
from geodata.analysis.siting.equity import NoPlan
from geodata.analysis.siting.evaluate import objective_of
from geodata.catalogue import Catalogue
from geodata.store import Reading
from geodata.store.draws import StoredDraws
from geodata.text import LANGUAGES
from tests.support.plan_release import write_plan_release

DRAWS = 9
QUESTIONS: dict[str, dict[str, object]] = {
    "capacitated_cover": {"model": "capacitated_cover", "capacity": 9_000.0},
    "capacitated_median": {"model": "capacitated_median", "capacity": 60_000.0},
    "works replace": {"model": "backup_cover", "actions": ("build", "extend"), "extend_km": 40.0},
    "quota": {"fair": "quota", "quota": 10.0},
    "max_min": {"fair": "max_min"},
    "weighted": {"fair": "weighted", "weight": 5.0},
    "set_cover": {"model": "set_cover", "standard_km": 30.0},
    "p_centre": {"model": "p_centre"},
}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(write_plan_release(tmp_path_factory.mktemp("plan")))


@pytest.fixture(scope="module")
def draws(reading: Reading) -> StoredDraws:
    codes = [row[0] for row in reading.cursor().sql("SELECT DISTINCT code FROM settlements ORDER BY code").fetchall()]
    noise = np.random.default_rng(2).uniform(0.2, 1.8, (DRAWS, len(codes)))
    measures = dict.fromkeys(("left_behind_children_rural", "left_behind_children_urban"), 8_000.0 * noise)
    return StoredDraws(np.array(codes), measures)


def question(name: str) -> PlanRequest:
    return PlanRequest.model_validate({"budget": 2, "standard_km": 20.0} | QUESTIONS[name])


@pytest.fixture(scope="module")
def plans(reading: Reading, catalogue: Catalogue, draws: StoredDraws) -> dict[str, Plan]:
    return {name: Maker(reading, catalogue, question(name)).whole(draws) for name in QUESTIONS}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_draws_are_asked_whatever_the_question(reading: Reading, plans: dict[str, Plan], name: str) -> None:
    plan = plans[name]
    assert plan.robust is not None
    assert plan.robust.draws == DRAWS
    assert 0 <= plan.robust.mean_regret_percent <= plan.robust.max_regret_percent
    assert plan.robust.least_regret_percent <= plan.robust.max_regret_percent + 1e-9
    assert all(site.chosen_in_draws is not None for site in plan.sites)
    for lang in LANGUAGES:
        said = " ".join((*words.robust(plan, lang), *words.alternatives(plan, lang)))
        assert "{" not in said
        assert str(DRAWS) in said
        book = openpyxl.load_workbook(io.BytesIO(PLAN_FORMATS["xlsx"].write(plan, reading, lang)))
        cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
        assert set(words.robust(plan, lang)) <= cells


def test_how_often_a_quota_is_kept_is_counted_draw_by_draw(
    reading: Reading, catalogue: Catalogue, draws: StoredDraws, plans: dict[str, Plan]
) -> None:
    plan = plans["quota"]
    siting = site_question(reading, catalogue, plan.request)
    areas = areas_of(reading, siting.places)
    chosen = tuple(at for at, column in enumerate(siting.columns) if column.name in {one.key for one in plan.sites})
    covered = siting.covered(siting.plan(chosen))
    shares = []
    for draw in range(DRAWS):
        demand = np.zeros(len(covered))
        for part in siting.places.parts:
            drawn = draws.measures[part.indicator][draw][
                [draws.code.tolist().index(unit.code) for unit in siting.places.counties]
            ]
            demand += part.share * drawn[siting.places.county]
        by_area = [demand[areas.of == area] @ covered[areas.of == area] / demand[areas.of == area].sum()
                   for area in range(len(areas.units)) if areas.need[area] > 0]  # fmt: skip
        shares.append(min(by_area))
    assert plan.robust is not None
    assert plan.robust.kept_percent == pytest.approx(100 * np.mean([share >= 0.0995 for share in shares]), abs=0.1)
    low, high = np.percentile(100 * np.array(shares), [5, 95])
    assert plan.robust.least_low_percent == pytest.approx(low, abs=0.06)
    assert plan.robust.least_high_percent == pytest.approx(high, abs=0.06)


@pytest.mark.parametrize("name", QUESTIONS)
def test_near_equal_plans_are_as_good_as_they_say(
    reading: Reading, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(near, "TOLERANCE", 0.3)
    request = question(name)
    siting = site_question(reading, catalogue, request)
    areas = areas_of(reading, siting.places)
    plan = Maker(reading, catalogue, request).whole(None)
    assert plan.alternatives_looked == ("promising" if name not in ("weighted", "works replace") else "whole")
    number = {column.name: at for at, column in enumerate(siting.columns) if column.action is not None}
    chosen = tuple(number[site.key] for site in plan.sites)
    names = {words.say(site.name, "en") for site in plan.sites}
    for other in plan.alternatives:
        assert other.different == len(other.opens) > 0
        assert not {words.say(one, "en") for one in other.opens} & names
        assert other.loss_percent <= 30.0
    if name == "quota":
        for other in plan.alternatives:
            opened = {words.say(one, "en") for one in other.opens} | names - {
                words.say(one, "en") for one in other.instead_of
            }
            sites = tuple(at for at in number.values() if siting.columns[at].site.name_en in opened)
            covered = siting.covered(siting.plan(sites))
            assert least(areas, siting, covered)[1] >= 0.0995
            lost = 1 - (siting.places.demand @ covered) / (siting.places.demand @ siting.covered(siting.plan(chosen)))
            assert other.loss_percent == pytest.approx(100 * max(lost, 0), abs=0.01)
    if name == "capacitated_cover":
        assert plan.alternatives
        worth = objective_of(siting.problem, siting.open_with(chosen))
        swaps = [
            objective_of(siting.problem, siting.open_with(tuple({*chosen, new} - {old})))
            for old, new in itertools.product(chosen, set(number.values()) - set(chosen))
        ]
        assert plan.alternatives[0].loss_percent >= 100 * (1 - max(swaps) / worth) - 0.01


def test_a_slow_draw_says_how_slow(
    reading: Reading, catalogue: Catalogue, draws: StoredDraws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.planning.make.ROBUST_SECONDS", 0.0)
    monkeypatch.setattr(unsure, "robustness_by", lambda *_args, **_more: unsure.TooSlow(12.3))
    plan = Maker(reading, catalogue, question("capacitated_cover")).whole(draws)
    assert plan.robust is None
    assert plan.robust_slow_seconds == 12.3
    assert "about 12 seconds" in words.robust(plan, "en")[0]
    assert "12秒" in words.robust(plan, "zh")[0]


def test_swaps_cut_short_say_so(reading: Reading, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "SECONDS", -1.0)
    plan = Maker(reading, catalogue, question("capacitated_cover")).whole(None)
    assert plan.alternatives_looked == "part"
    assert "time was up" in words.alternatives(plan, "en")[-1]
    assert TOLERANCE == 0.01


def fairest(reading: Reading, catalogue: Catalogue) -> float:
    """The best that any two sites do for the worst-off area, by enumeration."""
    siting = site_question(reading, catalogue, PlanRequest(budget=2, standard_km=12.0))
    areas = areas_of(reading, siting.places)
    pairs = itertools.combinations(range(siting.n_candidates), 2)
    return max(least(areas, siting, siting.covered(siting.plan(pair)))[1] for pair in pairs)


def test_an_impossible_quota_is_told_from_one_that_was_not_found(
    reading: Reading, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = fairest(reading, catalogue)
    asked = PlanRequest(budget=2, standard_km=12.0, fair="quota", quota=round(100 * best + 1.0, 1))
    monkeypatch.setattr("dashboard.planning.fair.most_possible", lambda areas, _siting: (areas.units[0], 1.0))
    with pytest.raises(SitingError) as refused:
        Maker(reading, catalogue, asked).whole(None)
    [text] = refused.value.texts
    assert "it is proven that no plan keeps it" in text.en
    assert "已证明没有任何方案" in text.zh
    feasible = np.floor(1000 * best) / 10
    assert f"A share of {feasible:g}% is feasible" in text.en
    kept = Maker(reading, catalogue, asked.model_copy(update={"quota": float(feasible)})).whole(None)
    assert kept.fair is not None
    assert kept.fair.worst_percent >= feasible - 0.1
    # What the frontier proves out of reach is said to be, and no plan passes it.
    assert 100 * best <= kept.fair.most_percent + 0.1
    assert kept.fair.most_percent < 100


def test_a_quota_that_time_left_open_says_so(
    reading: Reading, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.planning import fair

    real = fair.with_quota

    def gives_up(problem: object, areas: object, quota: float, **more: object) -> object:
        return NoPlan(quota, is_proven=False) if quota > 0.5 else real(problem, areas, quota, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(fair, "with_quota", gives_up)
    monkeypatch.setattr(fair, "most_possible", lambda areas, _siting: (areas.units[0], 1.0))
    asked = PlanRequest(budget=2, standard_km=12.0, fair="quota", quota=60.0, time_limit_s=3)
    with pytest.raises(SitingError) as refused:
        Maker(reading, catalogue, asked).whole(None)
    [text] = refused.value.texts
    assert "was found in 3 s, and it is not proven that there is none" in text.en
    assert "没有证明不存在" in text.zh
