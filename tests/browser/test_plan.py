"""Journeys of a planner: a quick answer, a proven plan with its files, a link that brings it back, a refusal."""

from __future__ import annotations

import json
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visit

QUESTION = "region=630000&budget=3&standard_km=30&candidates=settlements"
# A run takes seconds alone, and minutes where everything else runs too.
PATIENCE_MS = 240_000


def open_plan(visit: Visit, query: str) -> None:
    visit.page.goto(f"{visit.address}/plan?{query}")
    visit.page.wait_for_selector('html[data-plan="live"]', state="attached", timeout=PATIENCE_MS)


def test_from_a_question_to_a_proven_plan_and_its_files(visit: Visit) -> None:
    page = visit.page
    open_plan(visit, f"lang=en&{QUESTION}")
    expect(page.locator("#plan-heading")).to_have_text("3 new sites in Qinghai Province")
    expect(page.locator(".plan-certificate")).to_contain_text("Quick answer")
    page.locator("[name=budget]").fill("2")
    expect(page.locator("#plan-heading")).to_have_text("2 new sites in Qinghai Province")
    page.locator("#plan-ask").click()
    expect(page.locator("#plan-state")).to_be_visible()
    page.wait_for_selector('html[data-plan="done"]', state="attached", timeout=PATIENCE_MS)
    expect(page.locator(".plan-certificate")).to_contain_text("Proven best")
    expect(page.locator(".plan-sites > li")).to_have_count(2)
    expect(page.locator(".plan-result .notice")).to_contain_text("demonstration register")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="GeoJSON").click()
    plan = json.loads(waiting.value.path().read_text(encoding="utf-8"))
    assert plan["metadata"]["request"]["budget"] == 2
    assert plan["metadata"]["certificate"]["status"] == "optimal"
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Brief (PDF)").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")
    # The link holds question and run: the other language shows the same plan without a new run.
    assert "job=" in page.url
    page.locator("#language").click()
    page.wait_for_selector('html[lang="zh-CN"][data-plan="done"]', state="attached", timeout=PATIENCE_MS)
    expect(page.locator("#plan-heading")).to_have_text("青海省新设2个站点")


def test_a_question_that_cannot_be_answered_says_why(visit: Visit) -> None:
    page = visit.page
    open_plan(visit, f"lang=zh&{QUESTION}")
    visit.errors.clear()
    page.locator("[name=candidates]").select_option("own")
    expect(page.locator("#plan-own")).to_be_visible()
    page.locator("#own-file").set_input_files(
        files=[{"name": "own.csv", "mimeType": "text/csv", "buffer": b"id,name,lon,lat\na,A,1,2\n"}]
    )
    page.locator("#plan-ask").click()
    expect(page.locator("#plan-error")).to_be_visible()
    expect(page.locator("#plan-error")).to_contain_text("lon")
    # The browser notes every answer of 400; it is the one that was asked for.
    visit.errors[:] = [text for text in visit.errors if "400" not in text]


def test_the_page_has_no_barriers(visit: Visit) -> None:
    open_plan(visit, f"lang=en&{QUESTION}")
    found = Axe().run(visit.page)
    grave = [issue for issue in found.response["violations"] if issue["impact"] in ("critical", "serious")]
    assert [issue["id"] for issue in grave] == []
    if visit.is_phone:
        width = visit.page.viewport_size["width"] if visit.page.viewport_size else 0
        wide = visit.page.locator(".plan-side").bounding_box()
        assert wide is not None
        assert wide["width"] <= width
    assert re.search(r"lang=en", visit.page.url)
