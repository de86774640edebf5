"""The journeys of the three audiences on the page «Explore», at desktop and phone width."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit

COUNTY = "522324"  # Qinglong in Guizhou, a county of the mountains
COUNTY_ZH = "晴隆县"


def api_row(visit: Visit, code: str, **question: str) -> dict[str, object]:
    query = "&".join(f"{name}={value}" for name, value in question.items())
    with urlopen(f"{visit.address}/api/v1/values?{query}") as answer:
        values = json.load(answer)["values"]
    return next(row for row in values if row["code"] == code)


def digits(text: str) -> float:
    """The number in a text such as «12,300名儿童»."""
    return float("".join(sign for sign in text if sign.isdigit() or sign == "."))


def open_sheet(visit: Visit, is_phone: bool) -> None:
    if is_phone and visit.page.get_attribute("#controls", "data-open") == "false":
        visit.page.click("#sheet-handle")


def choose_indicator(visit: Visit, is_phone: bool, name: str) -> None:
    open_sheet(visit, is_phone)
    visit.page.click("#indicator")
    visit.page.get_by_role("option", name=name, exact=True).click()


def search(visit: Visit, text: str) -> None:
    visit.page.fill("#search", text)
    visit.page.get_by_role("option").first.wait_for()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#panel-title")


def test_the_same_number_in_panel_table_and_api(visit: Visit) -> None:
    visit.open()
    search(visit, COUNTY_ZH)
    assert visit.page.inner_text("#panel-title") == COUNTY_ZH
    in_panel = digits(visit.page.inner_text("#panel-value"))
    visit.page.goto(f"{visit.address}/?view=table&unit={COUNTY}&sort=code&rows_page={page_of(visit, COUNTY)}")
    row = visit.page.wait_for_selector(f'tr[data-code="{COUNTY}"]')
    in_table = digits(row.query_selector("td.number").inner_text())
    in_api = api_row(visit, COUNTY, indicator="left_behind_children", year="2020", level="county")["value"]
    assert in_panel == in_table == in_api


def page_of(visit: Visit, code: str) -> int:
    with urlopen(f"{visit.address}/api/v1/values?indicator=left_behind_children&year=2020&level=county") as answer:
        codes = sorted(row["code"] for row in json.load(answer)["values"])
    return codes.index(code) // 50 + 1


def test_switching_the_indicator_repaints_and_is_in_the_address(visit: Visit, is_phone: bool) -> None:
    visit.open()
    before = visit.page.inner_text("#nation-value")
    choose_indicator(visit, is_phone, "流动儿童占比")
    visit.painted(indicator="migrant_share")
    assert "indicator=migrant_share" in visit.page.url
    visit.page.wait_for_function("before => document.querySelector('#nation-value').innerText !== before", arg=before)
    assert visit.page.inner_text("#nation-value").endswith("%")


def test_the_back_button_goes_back(visit: Visit, is_phone: bool) -> None:
    visit.open()
    choose_indicator(visit, is_phone, "流动儿童占比")
    visit.painted(indicator="migrant_share")
    visit.page.go_back()
    visit.page.wait_for_function("!new URLSearchParams(document.documentElement.dataset.painted).has('indicator')")
    visit.page.wait_for_function("document.querySelector('#nation-value').innerText.includes('名儿童')")


def test_a_change_has_one_year_and_no_trap_for_the_back_button(visit: Visit, is_phone: bool) -> None:
    visit.open("?year=2010")
    choose_indicator(visit, is_phone, "留守儿童变化（2010–2020）")
    visit.painted(indicator="left_behind_children_change")
    assert "year=2010" not in visit.page.url
    visit.page.go_back()
    visit.painted(year="2010")


def test_switching_the_language_keeps_the_view(visit: Visit) -> None:
    visit.open("?indicator=migrant_share&level=province")
    assert visit.page.get_attribute("html", "lang") == "zh-CN"
    visit.page.click("#language")
    visit.painted(lang="en", indicator="migrant_share", level="province")
    assert visit.page.get_attribute("html", "lang") == "en"
    visit.page.wait_for_selector("text=Migrant share")
    chinese = visit.page.evaluate(
        """() => [...document.querySelectorAll('#controls, #footer, .header')].map(e => e.innerText).join(' ')
                 .match(/[\\u4e00-\\u9fff]+/g) ?? []"""
    )
    assert set(chinese) <= {"中文"}


def test_search_finds_by_pinyin_and_code(visit: Visit) -> None:
    visit.open()
    for text in ("qinglongxian", COUNTY):
        search(visit, text)
        visit.page.wait_for_function("code => location.search.includes(code)", arg=COUNTY)
        visit.page.click("#panel .close")
        visit.page.wait_for_function("() => !location.search.includes('unit=')")


def test_the_map_can_be_read_by_keyboard(visit: Visit) -> None:
    visit.open("?level=province")
    visit.page.focus("#map")
    visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_function("document.getElementById('map-live').textContent.length > 0")
    first = visit.page.inner_text("#map-live")
    visit.page.keyboard.press("ArrowDown")
    visit.page.wait_for_function("first => document.getElementById('map-live').textContent !== first", arg=first)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#panel-title")
    visit.page.wait_for_function("document.activeElement.id === 'panel-title'")


def test_a_tap_on_the_map_opens_the_unit_below(visit: Visit) -> None:
    visit.open("?level=province&centres=0")
    spot = visit.page.evaluate(
        """() => {
            const at = window.atlas.map.project([103, 30.6]), box = document.getElementById('map').getBoundingClientRect();
            return [at.x + box.left, at.y + box.top];
        }"""
    )
    visit.page.mouse.click(*spot)
    visit.page.wait_for_selector("#panel-title")
    assert visit.page.inner_text("#panel-title") == "四川省"


def test_the_table_sorts_by_value_and_holds_what_the_api_says(visit: Visit) -> None:
    visit.open("?level=province&view=table")
    visit.page.click("th.number button")
    visit.page.wait_for_function("location.search.includes('sort=value')")
    visit.page.wait_for_selector('th[aria-sort="descending"]')
    cells = [digits(text) for text in visit.page.locator("td.number").all_inner_texts() if any(map(str.isdigit, text))]
    assert cells == sorted(cells, reverse=True)
    with urlopen(f"{visit.address}/api/v1/values?indicator=left_behind_children&year=2020&level=province") as answer:
        values = [row["value"] for row in json.load(answer)["values"] if row["value"] is not None]
    assert sorted(cells) == sorted(values)


def test_the_download_holds_what_is_shown(visit: Visit, is_phone: bool, tmp_path: Path) -> None:
    visit.open("?level=province&indicator=migrant_children")
    open_sheet(visit, is_phone)
    with visit.page.expect_download() as started:
        visit.page.click("text=CSV")
    file = tmp_path / "shown.csv"
    started.value.save_as(file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith("#") and "流动儿童" in line for line in lines)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 34
    expected = api_row(visit, "510000", indicator="migrant_children", year="2020", level="province")["value"]
    assert float(next(row["value"] for row in rows if row["code"] == "510000")) == expected


def test_light_and_dark(visit: Visit) -> None:
    visit.open()
    scheme = visit.page.get_attribute("html", "data-mantine-color-scheme")
    visit.page.click("#theme-toggle")
    visit.page.wait_for_function("before => document.documentElement.dataset.mantineColorScheme !== before", arg=scheme)
    assert "theme=" in visit.page.url


def test_no_breach_of_accessibility_rules(visit: Visit, is_phone: bool) -> None:
    for query in ("", f"?unit={COUNTY}&lang=en", "?view=table&lang=en", "?theme=dark"):
        visit.open(query)
        if not query:
            open_sheet(visit, is_phone)
        result = Axe().run(visit.page)
        assert result.violations_count == 0, result.generate_report()
    visit.page.goto(f"{visit.address}/about?lang=en")
    result = Axe().run(visit.page)
    assert result.violations_count == 0, result.generate_report()


def test_nothing_sticks_out_of_the_screen(visit: Visit) -> None:
    for query in ("", f"?unit={COUNTY}&lang=en", "?view=table&lang=en"):
        visit.open(query)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
