"""How sure a figure is, on the toy release: bounds, doubt, ranks, and the same in every place that shows them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.api import make_api
from dashboard.components.legend import legend
from dashboard.components.table import table
from dashboard.format import ordinal
from dashboard.state import ViewState
from dashboard.views.centres import centres_layer
from dashboard.views.models import UnitMap, UnitPanel
from dashboard.views.table_page import table_page
from dashboard.views.unit_map import unit_map
from dashboard.views.unit_panel import unit_panel
from geodata.catalogue import Catalogue
from geodata.store import Store
from tests.support.toy_release import write_toy_release

EN = ViewState(lang="en")
# level, code, year, indicator, low, high, rank_best, rank_worst, alike. Figures of 2020: Jinjiang 1,500, Jintang
# 11,000, Santai 27,000, Beichuan's urban part withheld, Linquan 40,000; not counted 810001.
ROWS = """
county   510104 2020 left_behind_children         500    4000  nan nan nan
county   510121 2020 left_behind_children         8000   16000 4   6   2
county   510722 2020 left_behind_children         20000  40000 2   3   1
county   341221 2020 left_behind_children         36000  44000 1   1   0
county   510726 2020 left_behind_children_urban   100    900   1   9   8
county   810001 2020 left_behind_children         100    900   1   9   8
county   510121 2020 distance_to_centre           1      9     1   9   8
county   510722 2020 left_behind_children_change  -40    -5    2   3   1
county   510121 2020 left_behind_children_change  -20.5  12    1   4   3
nation   100000 2020 left_behind_children         135400 135600 1  1   0
"""


@pytest.fixture(scope="module")
def sure(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The toy release with the intervals above and no others."""
    folder = tmp_path_factory.mktemp("intervals")
    file = write_toy_release(folder)
    with duckdb.connect(str(file)) as connection:
        connection.execute("DELETE FROM intervals")
        for line in ROWS.strip().splitlines():
            level, code, year, indicator, *numbers = line.split()
            values = [None if number == "nan" else float(number) for number in numbers]
            connection.execute(
                "INSERT INTO intervals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [level, code, int(year), indicator, *values]
            )
    return Store(folder)


@pytest.fixture(scope="module")
def client(sure: Store, catalogue: Catalogue) -> FlaskClient:
    app = Flask("toy")
    app.register_blueprint(make_api(sure, catalogue))
    return app.test_client()


def view_of(store: Store, catalogue: Catalogue, **asked: object) -> UnitMap:
    return unit_map(store, catalogue, replace(EN, **asked))


def panel_of(store: Store, catalogue: Catalogue, **asked: object) -> UnitPanel:
    found = unit_panel(store, catalogue, replace(EN, **asked))
    assert found is not None
    return found


def words(component: object) -> str:
    """All text of a tree of components."""
    if isinstance(component, list | tuple):
        return " ".join(words(part) for part in component)
    children = getattr(component, "children", component)
    return words(children) if children is not component else str(component or "")


def test_bounds_half_width_and_ranks_come_from_the_release(sure: Store, catalogue: Catalogue) -> None:
    row = view_of(sure, catalogue).table.row("510121")
    assert row is not None
    assert row.interval is not None
    assert (row.interval.low, row.interval.high, row.interval.text) == (8000, 16000, "8,000–16,000")
    assert row.interval.half_width_percent == 36  # half of 8,000 per 11,000
    assert (row.interval.rank_best, row.interval.rank_worst, row.interval.alike) == (4, 6, 2)


def test_doubt_grows_with_the_half_width(sure: Store, catalogue: Catalogue) -> None:
    doubt = {row.code: row.interval.doubt for row in view_of(sure, catalogue).table.rows if row.interval}
    # Half-widths of 117, 36, 37 and 10 per cent.
    assert doubt == {"510104": 2, "510121": 1, "510722": 1, "341221": 0}


def test_a_change_is_in_doubt_when_it_may_be_a_rise_or_a_fall(sure: Store, catalogue: Catalogue) -> None:
    view = view_of(sure, catalogue, indicator="left_behind_children_change")
    found = {row.code: row.interval for row in view.table.rows if row.interval}
    assert {code: (one.doubt, one.half_width_percent) for code, one in found.items()} == {
        "510722": (0, None),
        "510121": (2, None),
    }
    assert found["510121"].text == "−20.5 to +12.0"
    assert view.doubt is not None
    assert view.doubt.label == "Rise or fall uncertain"


@pytest.mark.parametrize(
    ("indicator", "code"),
    [
        ("left_behind_children_urban", "510726"),  # withheld
        ("left_behind_children", "810001"),  # not counted
        ("distance_to_centre", "510121"),  # measured, not modelled
    ],
)
def test_what_is_not_modelled_or_not_shown_has_no_interval(
    sure: Store, catalogue: Catalogue, indicator: str, code: str
) -> None:
    row = view_of(sure, catalogue, indicator=indicator).table.row(code)
    assert row is not None
    assert row.interval is None


def test_a_release_without_intervals_shows_none(tmp_path: Path, catalogue: Catalogue) -> None:
    with duckdb.connect(str(write_toy_release(tmp_path))) as connection:
        connection.execute("DELETE FROM intervals")
    store = Store(tmp_path)
    view = view_of(store, catalogue)
    assert view.doubt is None
    assert "uncertain" not in view.summary
    panel = panel_of(store, catalogue, unit="510121")
    assert (panel.certainty, panel.rank_certainty, panel.trend_sentence) == ((), None, None)
    assert "Uncertain" not in words(legend(view, centres_layer(store, catalogue, EN)))


def test_the_legend_counts_what_is_hatched(sure: Store, catalogue: Catalogue) -> None:
    view = view_of(sure, catalogue)
    assert view.doubt is not None
    assert (view.doubt.some, view.doubt.grave) == (2, 1)
    text = words(legend(view, centres_layer(sure, catalogue, EN)))
    assert "Uncertain, more than ±60% 1" in " ".join(text.split())
    assert "1 of them are uncertain" in view.summary


def test_the_nation_is_known(sure: Store, catalogue: Catalogue) -> None:
    nation = view_of(sure, catalogue).table.nation
    assert nation.interval is not None
    assert (nation.interval.text, nation.interval.doubt) == ("", 0)


def test_the_panel_says_how_sure_figure_rank_and_trend_are(sure: Store, catalogue: Catalogue) -> None:
    panel = panel_of(sure, catalogue, unit="510121")
    assert panel.certainty == ("Likely 8,000–16,000 children (90% interval, give or take 36%).",)
    assert panel.rank_certainty == "Likely between 4th and 6th of 8. Not clearly different from 2 others."
    assert panel.trend_sentence is not None
    assert panel.trend_sentence.startswith("Whether it rose or fell from 2010 to 2020 is not clear")
    fell = panel_of(sure, catalogue, unit="510722").trend_sentence
    assert fell is not None
    assert fell.startswith("It fell from 2010 to 2020")
    chinese = panel_of(sure, catalogue, unit="510121", lang="zh")
    assert chinese.rank_certainty == "很可能在第4至第6位之间（共8个）。与其他2个单位没有明显差别。"


def test_a_firm_rank_and_a_unit_without_ranks(sure: Store, catalogue: Catalogue) -> None:
    assert panel_of(sure, catalogue, unit="341221").rank_certainty == "Likely 1st of 8."
    district = panel_of(sure, catalogue, unit="510104")
    assert district.rank_certainty is None
    assert district.certainty[1] == "Uncertain. Half of the interval is more than 60% of the figure."


@pytest.mark.parametrize(
    ("place", "written"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
     (111, "111th"), (122, "122nd"), (1003, "1,003rd"), (1940, "1,940th")],
)  # fmt: skip
def test_places_are_written_as_people_say_them(place: int, written: str) -> None:
    assert ordinal(place, "en") == written
    assert ordinal(place, "zh") == f"第{place:,}"


def test_files_api_and_map_say_the_same(client: FlaskClient, sure: Store, catalogue: Catalogue) -> None:
    rows = {
        row["code"]: row for row in client.get("/api/v1/values?indicator=left_behind_children").get_json()["values"]
    }
    file = client.get("/download/csv?lang=en").get_data().decode("utf-8-sig")
    assert "# Intervals: low and high are the 5th and 95th percentile" in file
    lines = [line for line in file.splitlines() if not line.startswith("#")]
    cells = {row["code"]: row for row in csv.DictReader(io.StringIO("\n".join(lines)))}
    names = ("low", "high", "half_width_percent", "rank_best", "rank_worst", "alike")
    for row in view_of(sure, catalogue).table.rows:
        shown = [getattr(row.interval, name) if row.interval else None for name in names]
        assert [rows[row.code][name] for name in names] == shown
        assert [float(cells[row.code][name]) if cells[row.code][name] else None for name in names] == shown
    marks = client.get("/api/v1/intervals?lang=en").get_json()
    assert dict(zip(marks["codes"], marks["doubt"], strict=True)) == {510104: 2, 510121: 1, 510722: 1, 341221: 0}
    assert marks["text"][marks["codes"].index(510121)] == "8,000–16,000"


def test_the_answer_about_intervals_knows_its_question_alone(client: FlaskClient) -> None:
    refused = client.get("/api/v1/intervals?classes=natural")
    assert (refused.status_code, refused.get_json()["error"]["parameter"]) == (400, "classes")
    assert client.get("/api/v1/intervals?indicator=distance_to_centre").get_json()["codes"] == []


def test_the_table_has_the_bounds_and_sorts_by_them(sure: Store, catalogue: Catalogue) -> None:
    view = view_of(sure, catalogue, view="table", sort="low", descending=True)
    page = table_page(view)
    assert [row.code for row in page.rows][:4] == ["341221", "510722", "510121", "510104"]
    text = words(table(view, page))
    assert "8,000" in text
    assert "16,000" in text
    # Where nothing has an interval there are no columns for it.
    plain = view_of(sure, catalogue, view="table", indicator="distance_to_centre")
    assert " High" not in words(table(plain, table_page(plain)))
