"""Journeys on the pages «Gap» and «Distance», at desktop and phone width."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_explore import COUNTY, COUNTY_ZH, open_sheet


def open_overview(visit: Visit) -> None:
    if visit.is_phone and visit.page.get_attribute("#overview", "data-open") == "false":
        visit.page.click("#overview-handle")


def test_a_county_of_the_ranking_says_why_it_is_there(visit: Visit) -> None:
    visit.open("gap?lang=en")
    visit.painted(indicator="distance_to_centre", paint="bivariate")
    expect(visit.page.locator(".nine .cell")).to_have_count(9)
    open_overview(visit)
    first = visit.page.locator(".ranking tbody tr").first
    answer = visit.page.request.get(f"{visit.address}/api/v1/priority", params={"lang": "en", "standard_km": "30"})
    county = answer.json()["counties"][0]
    expect(first).to_contain_text(county["reason"])
    first.get_by_role("button").click()
    expect(visit.page.locator("#panel-title")).to_have_text(county["name"])
    expect(visit.page.locator(".why")).to_contain_text(f"Rank 1 of {answer.json()['ranked']:,}")
    assert re.search(rf"/gap\?.*unit={county['code']}", visit.page.url)


def test_weights_change_the_ranking_and_are_in_the_address(visit: Visit) -> None:
    visit.open("gap?lang=en")
    open_sheet(visit)
    visit.page.locator("#weights").get_by_text("Need first", exact=True).click()
    visit.page.wait_for_url(re.compile("weights=need"))
    expect(visit.page.locator("#overview")).to_contain_text("share left behind 40 %, number left behind 40 %")


def test_weights_of_ones_own_are_typed_and_follow_the_presets(visit: Visit) -> None:
    visit.open("gap?lang=en&weights=share:60,place:40")
    open_sheet(visit)
    fields = visit.page.locator("#own-weights input")
    expect(fields.first).to_have_value("60")
    expect(visit.page.locator("#overview")).to_contain_text("share left behind 60 %, in reach, no place 40 %")
    fields.nth(1).fill("100")
    visit.page.wait_for_url(re.compile("weights=share:60,number:100,place:40"))
    expect(visit.page.locator("#overview")).to_contain_text("number left behind 50 %")
    visit.page.locator("#weights").get_by_text("Gap first", exact=True).click()
    visit.page.wait_for_url(re.compile("weights=gap"))
    expect(fields.nth(3)).to_have_value("80")


def test_choosing_a_type_and_a_service_changes_the_figures_and_the_title(visit: Visit) -> None:
    visit.open("distance?lang=en")
    visit.painted(lang="en")
    open_sheet(visit)
    visit.page.locator("#centre-type").click()
    visit.page.get_by_role("option", name="Children's Centre", exact=True).click()
    visit.page.wait_for_url(re.compile("centre_type=childrens_centre"))
    expect(visit.page.locator("#legend h2")).to_contain_text("(Children's Centre only)")
    visit.page.locator("#service").click()
    visit.page.get_by_role("option", name="Basic healthcare").click()
    visit.page.wait_for_url(re.compile("service=healthcare"))
    expect(visit.page.locator("#legend h2")).to_contain_text("with Basic healthcare only")
    expect(visit.page.locator("#downloads a").first).to_have_attribute("href", re.compile("service=healthcare"))


def test_the_template_of_a_register_lies_on_the_page(visit: Visit) -> None:
    visit.open("distance")
    open_overview(visit)
    visit.page.locator(".own-data summary").click()
    with visit.page.expect_download() as download:
        visit.page.locator(".own-data a").first.click()
    assert download.value.suggested_filename == "centres_template_zh.csv"


def test_lines_lead_from_a_county_to_its_nearest_centres(visit: Visit) -> None:
    visit.open(f"distance?unit={COUNTY}")
    visit.page.wait_for_selector('html[data-reach]:not([data-reach="0"])', state="attached")
    expect(visit.page.locator("#panel-title")).to_have_text(COUNTY_ZH)
    expect(visit.page.locator(".figures.reach tbody tr")).to_have_count(16)
    expect(visit.page.locator(".reach-label").first).to_contain_text("公里")
    expect(visit.page.locator("#panel")).to_contain_text("演示")


def test_minutes_stand_beside_kilometres_with_their_span(visit: Visit) -> None:
    visit.open("distance?unit=430900&level=prefecture&lang=en")
    row = visit.page.locator("table.reach tr").filter(has_text="within 1 h")
    expect(row.locator("td")).not_to_have_count(0)
    expect(row).to_contain_text("%")
    visit.open("gap?unit=430900&level=prefecture&lang=en")
    expect(visit.page.locator("#panel")).to_contain_text("Children and places, by minutes")
    expect(visit.page.locator("#panel")).to_contain_text("at most 60 minutes")


def test_one_type_of_centre_alone_is_drawn(visit: Visit) -> None:
    visit.open("distance?lang=en&centre_type=childrens_centre&at=3.5/35/104")
    visit.page.wait_for_selector("html[data-centres=shown]", state="attached")
    drawn = visit.page.evaluate("() => atlas.map.querySourceFeatures('centres').map((one) => one.properties)")
    assert drawn
    assert all(one.get("type", "childrens_centre") == "childrens_centre" for one in drawn)
    assert all(one["childrens_centre"] == one["point_count"] for one in drawn if "point_count" in one)


def test_the_menu_and_the_language_keep_to_their_page(visit: Visit) -> None:
    visit.open("distance?theme=dark")
    visit.page.click("#language")
    visit.page.wait_for_selector("html[lang=en]", state="attached")
    assert "/distance?" in visit.page.url
    expect(visit.page.locator('.nav a[aria-current="page"]')).to_have_text("Distance")
    visit.page.locator(".nav").get_by_text("Gap", exact=True).click()
    visit.painted(lang="en", paint="bivariate")
    assert "/gap?lang=en&theme=dark" in visit.page.url


def test_the_page_keeps_its_rules_of_access_and_its_width(visit: Visit) -> None:
    breaches = []
    for query in ("gap", f"gap?unit={COUNTY}&lang=en&paint=clusters", "distance?theme=dark", f"distance?unit={COUNTY}"):
        visit.open(query)
        result = Axe().run(visit.page)
        breaches += [f"{query}: {result.generate_report()}"] if result.violations_count else []
        assert visit.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), query
    assert breaches == []
