"""The brief stays two pages, however many sites, areas and words a plan has."""

from __future__ import annotations

import pytest

from dashboard.export.plan_pdf import brief, plan_pdf
from dashboard.planning.make import Maker
from dashboard.planning.plan import FairPoint, Plan
from dashboard.planning.request import PlanRequest
from geodata.catalogue import Catalogue
from geodata.store import Reading
from geodata.text import LANGUAGES, Language
from tests.support.plan_release import write_plan_release


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(write_plan_release(tmp_path_factory.mktemp("plan")))


@pytest.fixture(scope="module")
def plan(reading: Reading, catalogue: Catalogue) -> Plan:
    return Maker(reading, catalogue, PlanRequest(budget=3, standard_km=12.0)).whole(None)


def grown(plan: Plan, sites: int) -> Plan:
    """The plan with so many sites, each explained at length, sixteen areas and a frontier."""
    site = plan.sites[0]
    long = site.model_copy(update={"shares_with": (site.name,) * 2, "already": 100, "place": site.name})
    area = plan.areas[0].name
    points = tuple(
        FairPoint(
            least_percent=10.0 * step, area=area, percent=70.0 - step, bound_percent=71.0, price_percent=1.0 * step,
            different=step,
        )
        for step in range(5)
    )  # fmt: skip
    return plan.model_copy(
        update={
            "sites": tuple(long.model_copy(update={"order": order + 1}) for order in range(sites)),
            "areas": plan.areas[:1] * 16,
            "frontier": points,
        }
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("sites", [3, 18, 50])
def test_two_pages_whatever_the_number_of_sites(reading: Reading, plan: Plan, sites: int, lang: Language) -> None:
    assert b"/Count 2" in plan_pdf(grown(plan, sites), reading, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_that_belongs_to_a_brief_is_missing(plan: Plan, lang: Language) -> None:
    content = brief(grown(plan, 50), lang, most_sites=18)
    for part in ("need", "boxes", "certificate", "sites", "assumptions", "sources", "areas", "robust", "worst"):
        assert content[part]
    assert all(site["why"] for site in content["sites"])
    assert "32" in content["more"]
