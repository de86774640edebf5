"""The pages on the method: one language at a time, nothing lost, nothing of the other language left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.i18n import texts
from dashboard.pages.method import BETTER, html_of
from dashboard.settings import Settings
from dashboard.views.method import (
    METHOD_DIR,
    METHOD_PAGES,
    MethodPage,
    certainty,
    document,
    in_language,
    method_address,
    page_about,
    side,
)
from geodata.catalogue import Catalogue
from geodata.errors import UserError
from geodata.store import Store
from geodata.text import BCP47, LANGUAGES, Language
from tests.support.toy_release import write_toy_release

HAN = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
# Names and formulas stand in Chinese sentences; five words in a row are a sentence of their own.
ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,]+){5}")
EVERY_PAGE = [(name, lang) for name in METHOD_PAGES for lang in LANGUAGES]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("区间 · interval", "区间", "interval"),
        ("外出比例 R²，县 · absent share, R², counties", "外出比例 R²，县", "absent share, R², counties"),
        ("市辖区弱于县。 Districts are weaker.", "市辖区弱于县。", "Districts are weaker."),
        ("**现用模型** · **present model**", "**现用模型**", "**present model**"),
        ("登记：2016：9.02 · registers: 2016: 9.02", "登记：2016：9.02", "registers: 2016: 9.02"),
        ("县 · counties · all", "县", "counties · all"),
        ("权重见 `facts.yaml`", "权重见 `facts.yaml`", ""),
        ("Only English", "", "Only English"),
    ],
)
def test_the_sides_of_a_line(text: str, zh: str, en: str) -> None:
    assert (side(text, "zh"), side(text, "en")) == (zh, en)


def test_tables_and_lists_keep_what_is_of_the_language_and_what_is_of_both() -> None:
    table = "| 步 · step | 中文 | English |\n|---|---|---|\n| 1 | 说 | say |\n"
    page = f"# 甲 · A\n{table}\n- 好。 Good.\n- 1.5 甲 · 1.5 a\n\n<!-- mark -->\n```\ncode\n```\n"
    found = {lang: "\n".join(in_language(page, lang)) for lang in LANGUAGES}
    heads = {lang: texts(lang)["method.column"] for lang in LANGUAGES}
    dividing, code = "| --- | --- |", "```\ncode\n```"
    assert found["zh"] == f"# 甲\n| 步 | {heads['zh']} |\n{dividing}\n| 1 | 说 |\n\n- 好。\n- 1.5 甲\n\n{code}"
    assert found["en"] == f"# A\n| step | {heads['en']} |\n{dividing}\n| 1 | say |\n\n- Good.\n- 1.5 a\n\n{code}"


@pytest.mark.parametrize("name", METHOD_PAGES)
def test_the_committed_pages_keep_to_the_rule(name: MethodPage) -> None:
    zh, en = (document(name, lang) for lang in LANGUAGES)
    assert HAN.findall(en.title + en.markdown) == []
    assert ENGLISH_SENTENCE.findall(CODE.sub("", zh.markdown)) == []
    assert all(HAN.search(heading.text) for heading in zh.headings)
    assert [heading.anchor for heading in zh.headings] == [heading.anchor for heading in en.headings]
    assert len({heading.anchor for heading in en.headings}) == len(en.headings)


@pytest.mark.parametrize("name", METHOD_PAGES)
def test_no_cell_and_no_item_is_lost_in_a_language(name: MethodPage) -> None:
    source = (METHOD_DIR / f"{name}.md").read_text(encoding="utf-8")
    rows = {lang: list(_cells(document(name, lang).markdown)) for lang in LANGUAGES}
    assert len(rows["zh"]) == len(rows["en"]) == len(list(_cells(source)))
    for zh, en in zip(rows["zh"], rows["en"], strict=True):
        assert [bool(cell) for cell in zh] == [bool(cell) for cell in en], (zh, en)
        assert not [cell for cell in zh if cell and re.search(r"[a-z]{4} [a-z]{4}", CODE.sub("", cell))], zh
    counts = {
        lang: len(re.findall(r"^(?:- |\d+\. )", document(name, lang).markdown, re.MULTILINE)) for lang in LANGUAGES
    }
    assert counts["zh"] == counts["en"]


def test_a_page_that_is_missing_or_has_no_title_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        document("access", "zh", tmp_path)
    (tmp_path / "access.md").write_text("no title\n", encoding="utf-8")
    with pytest.raises(UserError, match="no title"):
        document("access", "en", tmp_path)


@pytest.mark.parametrize(("name", "lang"), EVERY_PAGE)
def test_the_html_scrolls_its_tables_and_stays_in_the_app(name: MethodPage, lang: Language) -> None:
    html = html_of(name, lang)
    assert html.count("<table") == html.count('<div class="table-scroll"')
    labels = re.findall(r'aria-label="([^"]+)"', html)
    assert len(set(labels)) == len(labels)
    for address in re.findall(r'href="([^"]+)"', html):
        assert address in {method_address(page, lang) for page in METHOD_PAGES}, address
    assert "<!--" not in html


def test_what_the_brief_of_the_page_promises_stands_on_it() -> None:
    headings = {heading.anchor.split("-")[0] for heading in document("estimates", "en").headings}
    assert {"steps", "how", "checks", "sensitivity", "alternatives", "decade"} <= headings
    assert BETTER in {heading.anchor for heading in document("estimates", "zh").headings}


# level, code, low, high of left-behind children 2020. Figures: Jinjiang 1,500, Jintang 11,000, Santai 27,000, Linquan
# 40,000: half-widths of 117, 36, 37 and 10 %.
ROWS = """
county   510104 500   4000
county   510121 8000  16000
county   510722 20000 40000
county   341221 36000 44000
"""


@pytest.fixture(scope="module")
def sure(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The toy release with the intervals above and no others."""
    folder = tmp_path_factory.mktemp("method")
    with duckdb.connect(str(write_toy_release(folder))) as connection:
        connection.execute("DELETE FROM intervals")
        for line in ROWS.strip().splitlines():
            level, code, low, high = line.split()
            connection.execute(
                "INSERT INTO intervals VALUES (?, ?, 2020, 'left_behind_children', ?, ?, NULL, NULL, NULL)",
                [level, code, float(low), float(high)],
            )
    return Store(folder)


@pytest.fixture(scope="module")
def client(sure: Store, catalogue: Catalogue) -> FlaskClient:
    return create_app(Settings(sure.data_dir), sure, catalogue).server.test_client()


def test_how_sure_the_release_is(sure: Store, catalogue: Catalogue) -> None:
    (row,) = certainty(sure, catalogue)
    assert (row.indicator.id, row.level, row.units) == ("left_behind_children", "county", 4)
    assert (row.half_width_percent, row.wide_percent) == (36.5, 25)


@pytest.mark.parametrize(("name", "lang"), EVERY_PAGE)
def test_every_page_is_served_in_each_language(client: FlaskClient, name: MethodPage, lang: Language) -> None:
    answer = client.get(method_address(name, lang))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'<html lang="{BCP47[lang]}"' in page
    assert document(name, lang).title in page
    other: Language = "en" if lang == "zh" else "zh"
    assert f'id="language" href="{method_address(name, other)}"' in page
    assert ("36.5" in page or "36%" in page or "37%" in page) == (name == "estimates")
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_light_or_dark_goes_along_to_the_other_language_and_pages(client: FlaskClient) -> None:
    page = client.get("/method/access?lang=en&theme=dark").get_data(as_text=True)
    assert 'data-mantine-color-scheme="dark"' in page
    assert 'id="language" href="/method/access?lang=zh&amp;theme=dark"' in page
    assert 'href="/method/siting?lang=en&amp;theme=dark"' in page


def test_a_page_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/method/secrets").status_code == 404


def test_every_page_leads_to_the_method(client: FlaskClient) -> None:
    for page in ("/about", "/plan", "/method/access"):
        assert '<a href="/method?lang=en"' in client.get(f"{page}?lang=en").get_data(as_text=True)


def test_each_indicator_leads_to_the_page_that_explains_it(catalogue: Catalogue) -> None:
    found = {name: page_about(indicator) for name, indicator in catalogue.indicators.items()}
    assert found["left_behind_children"] == found["migrant_share"] == "estimates"
    assert found["left_behind_aged_0_5"] == found["left_behind_registered"] == "further"
    assert found["distance_to_centre"] == "access"


def _cells(markdown: str) -> Iterator[list[str]]:
    for line in markdown.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]
