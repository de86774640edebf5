"""The journeys of the three audiences on the page «Explore», at desktop and phone width."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visit

COUNTY = "522324"  # Qinglong in Guizhou, a county of the mountains
COUNTY_ZH = "晴隆县"
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def api_rows(visit: Visit, **question: str) -> dict[str, dict[str, Any]]:
    answer = visit.page.request.get(f"{visit.address}/api/v1/values", params=question)
    assert answer.ok, answer.text()
    return {row["code"]: row for row in answer.json()["values"]}


def digits(text: str) -> float:
    """The number in a text such as «12,300名儿童»."""
    return float("".join(sign for sign in text if sign.isdigit() or sign == "."))


def open_sheet(visit: Visit) -> None:
    if visit.is_phone and visit.page.get_attribute("#controls", "data-open") == "false":
        visit.page.click("#sheet-handle")


def choose_indicator(visit: Visit, name: str) -> None:
    open_sheet(visit)
    visit.page.click("#indicator")
    visit.page.get_by_role("option", name=name, exact=True).click()


def search(visit: Visit, text: str, code: str) -> None:
    visit.page.fill("#search", text)
    visit.page.get_by_role("option").filter(has_text=code).click()
    expect(visit.page.locator("#panel")).to_contain_text(code)


def test_the_same_number_in_panel_table_and_api(visit: Visit) -> None:
    visit.open()
    search(visit, COUNTY_ZH, COUNTY)
    expect(visit.page.locator("#panel-title")).to_have_text(COUNTY_ZH)
    in_panel = digits(visit.page.inner_text("#panel-value"))
    rows = api_rows(visit, indicator="left_behind_children", year="2020", level="county")
    page = sorted(rows).index(COUNTY) // 50 + 1
    visit.open(f"?view=table&rows_page={page}")
    in_table = digits(visit.page.locator(f'tr[data-code="{COUNTY}"] td.number').inner_text())
    assert in_panel == in_table == rows[COUNTY]["value"]


def test_switching_the_indicator_repaints_and_is_in_the_address(visit: Visit) -> None:
    visit.open()
    choose_indicator(visit, "流动儿童占比")
    visit.painted(indicator="migrant_share")
    assert "indicator=migrant_share" in visit.page.url
    nation = api_rows(visit, indicator="migrant_share", year="2020", level="province")
    expect(visit.page.locator("#nation-value")).to_have_text(re.compile(r"^2\d\.\d%$"))
    assert nation


def test_two_choices_in_a_row_are_both_kept(visit: Visit) -> None:
    visit.open()
    open_sheet(visit)
    visit.page.locator("#year").get_by_text("2010", exact=True).click()
    visit.page.locator("#level").get_by_text("省级", exact=True).click()
    visit.painted(year="2010", level="province")
    visit.page.wait_for_url(re.compile(r"year=2010.*level=province|level=province.*year=2010"))


def test_controls_come_even_if_the_map_cannot(visit: Visit) -> None:
    visit.page.route("**/api/v1/map*", lambda route: route.abort())
    visit.page.goto(f"{visit.address}/?lang=en")
    expect(visit.page.locator("#map-note")).to_be_visible()
    visit.page.wait_for_selector("#nation-value", state="attached")
    assert visit.errors, "a failed request is an error of the console"
    visit.errors.clear()


def test_the_back_button_goes_back(visit: Visit) -> None:
    visit.open()
    choose_indicator(visit, "流动儿童占比")
    visit.painted(indicator="migrant_share")
    visit.page.go_back()
    visit.page.wait_for_selector('html:not([data-painted*="indicator"])', state="attached")
    expect(visit.page.locator("#nation-value")).to_contain_text("名儿童")


def test_a_change_has_one_year_and_is_no_trap_for_the_back_button(visit: Visit) -> None:
    visit.open("?year=2010")
    choose_indicator(visit, "留守儿童变化（2010–2020）")
    visit.painted(indicator="left_behind_children_change")
    assert "year=2010" not in visit.page.url
    visit.page.go_back()
    visit.painted(year="2010")


def test_switching_the_language_keeps_the_view_and_leaves_no_chinese_behind(visit: Visit) -> None:
    visit.open("?indicator=migrant_share&level=province")
    expect(visit.page.locator("html")).to_have_attribute("lang", "zh-CN")
    visit.page.click("#language")
    visit.painted(lang="en", indicator="migrant_share", level="province")
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")
    open_sheet(visit)
    expect(visit.page.locator("#legend")).to_contain_text("Migrant share")
    for part in ("#controls", "#footer", ".header"):
        assert set(CHINESE.findall(visit.page.inner_text(part))) <= {"中文"}


def test_search_finds_by_pinyin_initials_and_code(visit: Visit) -> None:
    visit.open()
    for text in ("qinglongxian", "qlx", COUNTY):
        search(visit, text, COUNTY)
        visit.page.click("#panel .close")
        expect(visit.page.locator("#panel")).to_be_empty()
        assert "unit=" not in visit.page.url


def test_a_former_code_or_name_leads_to_the_place_of_today(visit: Visit) -> None:
    visit.open("?unit=522425&lang=en")
    expect(visit.page.locator("#panel-title")).to_have_text("Zhijin County")
    expect(visit.page.locator("#former")).to_contain_text("522425 was Zhijin County")
    assert "unit=520524" in visit.page.url
    visit.open("?unit=桥东区&lang=en")
    choices = visit.page.locator("#former button")
    expect(choices).to_have_count(4)
    choices.filter(has_text="Xiangdu").click()
    expect(visit.page.locator("#panel-title")).to_have_text("Xiangdu District")
    expect(visit.page.locator("#former")).to_contain_text("until 2019")


def test_the_map_can_be_read_by_keyboard(visit: Visit) -> None:
    visit.open("?level=province&at=3/34/108")
    visit.page.focus("#map")
    spoken = visit.page.locator("#map-live")
    visit.page.keyboard.press("ArrowRight")
    expect(spoken).not_to_be_empty()
    first = spoken.inner_text()
    visit.page.keyboard.press("ArrowDown")
    expect(spoken).not_to_have_text(first)
    name = spoken.inner_text().split(",")[0]
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#panel-title")).to_have_text(name)
    expect(visit.page.locator("#panel-title")).to_be_focused()
    visit.page.focus("#map")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#panel")).to_be_empty()


def test_a_tap_on_the_map_opens_the_unit_below(visit: Visit) -> None:
    visit.open("?level=province&centres=0")
    at = visit.page.evaluate("() => { const p = window.atlas.map.project([103, 31]); return [p.x, p.y]; }")
    visit.page.locator("#map").click(position={"x": at[0], "y": at[1]})
    expect(visit.page.locator("#panel-title")).to_have_text("四川省")


def test_a_centre_shows_its_card_and_says_that_it_is_a_demonstration(visit: Visit) -> None:
    visit.open("?at=9/30/104")
    centre = visit.page.request.get(f"{visit.address}/api/v1/centres").json()["features"][0]
    lon, lat = centre["geometry"]["coordinates"]
    visit.open(f"?at=9/{lat}/{lon}")
    visit.page.wait_for_selector("html[data-centres='shown']", state="attached")
    at = visit.page.evaluate(f"() => {{ const p = window.atlas.map.project([{lon}, {lat}]); return [p.x, p.y]; }}")
    visit.page.locator("#map").click(position={"x": at[0], "y": at[1]})
    expect(visit.page.locator("#map-card")).to_contain_text("演示")


def test_the_table_sorts_by_value_and_holds_what_the_api_says(visit: Visit) -> None:
    visit.open("?level=province&view=table")
    visit.page.click("th.number button")
    expect(visit.page.locator("th.number")).to_have_attribute("aria-sort", "descending")
    cells = [digits(text) for text in visit.page.locator("td.number").all_inner_texts() if any(map(str.isdigit, text))]
    assert cells == sorted(cells, reverse=True)
    rows = api_rows(visit, indicator="left_behind_children", year="2020", level="province")
    assert cells == sorted((row["value"] for row in rows.values() if row["value"] is not None), reverse=True)


def test_the_download_holds_what_is_shown(visit: Visit, tmp_path: Path) -> None:
    visit.open("?level=province&indicator=migrant_children")
    open_sheet(visit)
    with visit.page.expect_download() as started:
        visit.page.click("#downloads >> text=CSV")
    file = tmp_path / "shown.csv"
    started.value.save_as(file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith("#") and "流动儿童" in line for line in lines)
    rows = {row["code"]: row for row in csv.DictReader(line for line in lines if not line.startswith("#"))}
    shown = api_rows(visit, indicator="migrant_children", year="2020", level="province")
    assert {code: row["state"] for code, row in rows.items()} == {code: row["state"] for code, row in shown.items()}
    assert float(rows["510000"]["value"]) == shown["510000"]["value"]


def test_light_and_dark(visit: Visit) -> None:
    visit.open()
    expect(visit.page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")
    visit.page.click("#theme-toggle")
    expect(visit.page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert "theme=dark" in visit.page.url


def test_what_is_uncertain_is_hatched_after_the_colours_and_counted(visit: Visit) -> None:
    visit.open("?level=prefecture")
    visit.page.wait_for_selector("html[data-doubt=hatch]", state="attached")
    sure = visit.page.request.get(f"{visit.address}/api/v1/intervals?level=prefecture").json()
    grave = [code for code, doubt in zip(sure["codes"], sure["doubt"], strict=True) if doubt == 2]
    assert grave
    hatched = visit.page.evaluate("() => atlas.map.getFilter('prefecture-doubt')[2][1]")
    assert hatched == grave
    unit = f"{{source: 'prefecture-doubt', sourceLayer: 'prefecture', id: {grave[0]}}}"
    of_one = f"() => atlas.map.getFeatureState({unit}).d"
    assert visit.page.evaluate(of_one)
    open_sheet(visit)
    expect(visit.page.locator("#legend")).to_contain_text("不确定")
    visit.page.locator("#unsure").get_by_text("淡化", exact=True).click()
    visit.page.wait_for_selector("html[data-doubt=fade]", state="attached")
    assert "unsure=fade" in visit.page.url
    shown = "() => atlas.map.getLayoutProperty('prefecture-doubt', 'visibility') !== 'none'"
    assert not (visit.page.evaluate(shown) and visit.page.evaluate(of_one))


def test_the_panel_says_how_sure_figure_and_rank_are(visit: Visit) -> None:
    visit.open(f"?unit={COUNTY}&lang=en")
    row = api_rows(visit, indicator="left_behind_children", year="2020", level="county")[COUNTY]
    panel = visit.page.locator("#panel")
    expect(panel).to_contain_text(f"Likely {row['low']:,}–{row['high']:,} children")
    expect(panel).to_contain_text(f"Not clearly different from {row['alike']:,} others")
    expect(panel).to_contain_text("Where the parents probably live")


def test_no_breach_of_accessibility_rules(visit: Visit) -> None:
    breaches = []
    for query in (
        "",
        f"?unit={COUNTY}&lang=en",
        "?view=table&lang=en&level=province",
        "?theme=dark&unsure=fade",
        "about?lang=en",
    ):
        if query.startswith("about"):
            visit.page.goto(f"{visit.address}/{query}")
        else:
            visit.open(query)
            open_sheet(visit) if query == "" else None
        result = Axe().run(visit.page)
        breaches += [f"{query}: {result.generate_report()}"] if result.violations_count else []
    assert breaches == []


def test_nothing_sticks_out_of_the_screen(visit: Visit) -> None:
    for query in ("", f"?unit={COUNTY}&lang=en", "?view=table&lang=en"):
        visit.open(query)
        assert visit.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
