"""Journeys of a planner: a quick answer, a proven plan with its files, a link that brings it back, a refusal."""

from __future__ import annotations

import itertools
import json
import math
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visit

QUESTION = "region=630000&budget=3&standard_km=30&candidates=settlements"
LONG = "region=100000&budget=100&standard_km=100"
# A run takes seconds alone, and minutes where everything else runs too.
PATIENCE_MS = 240_000


def open_plan(visit: Visit, query: str) -> None:
    visit.page.goto(f"{visit.address}/plan?{query}")
    visit.page.wait_for_selector('html[data-plan="live"]', state="attached", timeout=PATIENCE_MS)


def await_end(visit: Visit) -> None:
    """Wait until the run ended, well or not: what it says is looked at by the test."""
    ends = 'html[data-plan="done"], html[data-plan="error"]'
    visit.page.wait_for_selector(ends, state="attached", timeout=PATIENCE_MS)


def test_from_a_question_to_a_proven_plan_and_its_files(visit: Visit) -> None:
    page = visit.page
    open_plan(visit, f"lang=en&{QUESTION}")
    expect(page.locator("#plan-heading")).to_have_text("3 new sites in Qinghai Province")
    expect(page.locator(".plan-certificate")).to_contain_text("Quick answer")
    page.locator("[name=budget]").fill("2")
    expect(page.locator("#plan-heading")).to_have_text("2 new sites in Qinghai Province")
    page.locator("#plan-ask").click()
    expect(page.locator("#plan-state")).to_be_visible()
    await_end(visit)
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
    expect(page.locator(".plan-own")).to_be_visible()
    page.locator("#own-file").set_input_files(
        files=[{"name": "own.csv", "mimeType": "text/csv", "buffer": b"id,name,lon,lat\na,A,1,2\n"}]
    )
    page.locator("#plan-ask").click()
    expect(page.locator("#plan-error")).to_be_visible()
    expect(page.locator("#plan-error")).to_contain_text("lon")
    # The browser notes every answer of 400; it is the one that was asked for.
    visit.errors[:] = [text for text in visit.errors if "400" not in text]


def test_a_running_plan_is_watched_and_stopped_while_others_go_on(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/plan?lang=en&{QUESTION}")
    # A national question that is not proven within minutes; the page has no field for the time it may take.
    started = page.request.post(f"{visit.address}/api/v1/plans?{LONG}&time_limit_s=600&lang=en")
    job = started.json()["id"]
    page.goto(f"{visit.address}/plan?lang=en&{LONG}&job={job}")
    expect(page.locator("#plan-progress")).to_contain_text("Best so far", timeout=PATIENCE_MS)
    expect(page.locator("#plan-ask")).to_be_disabled()
    second = Visit(page.context.new_page(), visit.address, visit.is_phone)
    second.watch()
    open_plan(second, f"lang=zh&{QUESTION}")
    expect(second.page.locator("#plan-heading")).to_have_text("青海省新设3个站点")
    second.page.close()
    # The run went on while the other viewer got an answer; now it is stopped and keeps what it has.
    assert page.request.get(f"{visit.address}/api/v1/plans/{job}?lang=en").json()["state"] == "running"
    page.locator("#plan-cancel").click()
    await_end(visit)
    expect(page.locator(".plan-certificate")).to_contain_text("Stopped on request. Proven at most")
    expect(page.locator(".plan-sites > li")).to_have_count(100)
    expect(page.locator("#plan-ask")).to_be_enabled()
    expect(page.locator("#plan-state")).to_be_hidden()
    assert second.errors == []
    assert second.outside == []


def test_choices_bring_their_numbers_and_fairness_its_frontier(visit: Visit) -> None:
    page = visit.page
    open_plan(visit, f"lang=en&{QUESTION}")
    expect(page.locator("[name=capacity]")).to_be_hidden()
    page.locator("[name=model]").select_option("capacitated_cover")
    page.locator("[name=capacity]").fill("5000")
    expect(page.locator(".plan-figures")).to_contain_text("Places taken with the plan")
    assert "capacity=5000" in page.url
    page.locator("[name=model]").select_option("max_cover")
    expect(page.locator("[name=capacity]")).to_be_hidden()
    page.locator("[name=region]").select_option("510000")
    page.locator("[name=candidates]").select_option("counties")
    page.locator("[name=budget]").fill("18")
    page.locator("#plan-more > summary").click()
    page.locator("[name=actions][value=extend]").check()
    page.locator("[name=fair]").select_option("quota")
    page.locator("[name=quota]").fill("5")
    expect(page.locator(".plan-proof")).to_contain_text("does not keep this rule yet")
    assert "actions=build,extend" in page.url.replace("%2C", ",")
    assert "capacity" not in page.url
    page.locator("#plan-ask").click()
    await_end(visit)
    expect(page.locator(".plan-proof")).to_contain_text("At least 5% of every area")
    expect(page.locator(".plan-frontier .here")).to_have_count(1)
    expect(page.locator(".plan-tag").first).to_have_text("Extension")


def test_a_conflict_names_both_sides(visit: Visit) -> None:
    page = visit.page
    open_plan(visit, f"lang=zh&{QUESTION}")
    page.locator("#plan-more > summary").click()
    page.locator("[name=money]").fill("0.5")
    expect(page.locator("#plan-error")).to_contain_text("总成本上限0.5与最便宜的做法冲突")
    page.locator("[name=money]").fill("2")
    expect(page.locator("#plan-error")).to_be_hidden()
    expect(page.locator("#plan-heading")).to_have_text("青海省新设2个站点")
    visit.errors[:] = [text for text in visit.errors if "400" not in text]


def test_a_place_must_another_must_not_and_a_centre_closes(visit: Visit) -> None:
    page = visit.page
    open_plan(visit, "lang=en&region=510000&budget=4")
    # By name: a place that must have a site.
    page.locator("#plan-conditions > summary").click()
    page.locator("#place-search").fill("jintang county")
    page.get_by_role("button", name="Must be here: Jintang County").click()
    expect(page.locator(".plan-sites .plan-tag.must")).to_have_count(1)
    expect(page.locator(".plan-asked")).to_contain_text("There must be a site here: Jintang County.")
    # At a site of the plan: not here.
    first = page.locator(".plan-sites > li").first
    gone = first.locator("summary b").inner_text()
    first.locator("button[data-rule=forbid]").click()
    expect(page.locator(".plan-sites summary b", has_text=gone)).to_have_count(0)
    # An existing centre is closed.
    page.locator("#place-search").fill("tongchuan children")
    page.get_by_role("button", name=re.compile("^Close it")).first.click()
    expect(page.locator(".plan-asked")).to_contain_text("Closed on purpose")
    expect(page.locator("#place-asked > li")).to_have_count(3)
    expect(page.locator(".maplibregl-marker.plan-mark")).to_have_count(3)
    # The address holds it all; a place that must and may not have a site is a conflict in words.
    link = page.url
    assert "force=510121" in link
    open_plan(visit, link.partition("?")[2].replace("lang=en", "lang=zh"))
    expect(page.locator("#place-asked")).to_contain_text("金堂县")
    expect(page.locator(".plan-asked")).to_contain_text("必须设站：金堂县")
    # On the map: the county under a click.
    box = page.locator("#plan-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#place-card .row button").first.click()
    expect(page.locator("#place-asked > li")).to_have_count(4)
    page.locator("[name=budget]").fill("1")
    expect(page.locator("#plan-error")).to_contain_text("必须设站的地点有2个")
    page.locator("#place-asked .chip-lift").last.click()
    expect(page.locator("#plan-error")).to_be_hidden()
    expect(page.locator("#plan-heading")).to_have_text("四川省新设1个站点")
    visit.errors[:] = [text for text in visit.errors if "400" not in text]


def test_numbers_on_the_map_do_not_lie_on_each_other(visit: Visit) -> None:
    open_plan(visit, "lang=en&region=510000&budget=30")
    numbers = visit.page.locator(".plan-number:visible")
    expect(numbers.first).to_be_visible()
    boxes = [box for number in numbers.all() if (box := number.bounding_box())]
    centres = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    assert len(centres) > 5
    for (x, y), (other_x, other_y) in itertools.combinations(centres, 2):
        assert math.hypot(x - other_x, y - other_y) > 15


def test_the_page_has_no_barriers(visit: Visit) -> None:
    open_plan(visit, f"lang=en&{QUESTION}&actions=build,extend&fair=quota&quota=1")
    expect(visit.page.locator("[name=quota]")).to_be_visible()
    found = Axe().run(visit.page)
    grave = [issue for issue in found.response["violations"] if issue["impact"] in ("critical", "serious")]
    assert [issue["id"] for issue in grave] == []
    if visit.is_phone:
        width = visit.page.viewport_size["width"] if visit.page.viewport_size else 0
        wide = visit.page.locator(".plan-side").bounding_box()
        assert wide is not None
        assert wide["width"] <= width
    assert re.search(r"lang=en", visit.page.url)
