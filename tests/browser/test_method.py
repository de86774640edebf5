"""Journeys of a sceptical reader: from a figure to how it was made, in either language, on any screen."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visit

HAN = re.compile(r"[\u3400-\u9fff]")


def test_from_the_map_to_the_method_and_its_tables(visit: Visit) -> None:
    page = visit.page
    visit.open("?lang=en")
    page.get_by_role("navigation").get_by_role("link", name="Method").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Method")
    for heading in ("What we did", "How wrong they may be", "How to do better", "Checks", "Alternatives"):
        expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
    sure = page.get_by_role("region", name=re.compile("How sure the figures"))
    expect(sure.get_by_role("row")).to_have_count(7)
    expect(sure).to_contain_text("±")
    assert HAN.findall(page.locator("main").inner_text()) == []
    page.get_by_role("link", name="What helps most, and how to import it").click()
    expect(page.locator("#how-to-do-better")).to_be_in_viewport()
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading", level=1)).to_have_text("方法")
    page.get_by_role("link", name="可及性", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("可及性计算方法")
    page.locator("#language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How access is computed")


@pytest.mark.parametrize("path", ["method", "method/further", "method/access", "method/siting", "method/register"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_have_no_barriers_and_stay_in_their_width(visit: Visit, path: str, lang: str) -> None:
    page = visit.page
    page.goto(f"{visit.address}/{path}?lang={lang}")
    assert [issue["id"] for issue in Axe().run(page).response["violations"]] == []
    width = page.viewport_size["width"] if page.viewport_size else 0
    for box in page.locator("main > *").all():
        bounds = box.bounding_box()
        assert bounds is not None
        assert bounds["x"] >= 0
        assert bounds["x"] + bounds["width"] <= width, box.inner_text()[:80]


def test_a_figure_leads_to_how_it_was_made(visit: Visit) -> None:
    page = visit.page
    visit.open("?lang=en&unit=510722")
    link = page.locator(".panel").get_by_role("link", name="The method in full").last
    link.scroll_into_view_if_needed()
    link.click()
    expect(page).to_have_url(re.compile(r"/method\?lang=en"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Method")
