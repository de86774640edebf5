"""Files hold exactly the rows of the map, read back by the tools people use, with the origin inside."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pandas as pd
import pytest
import shapely

from dashboard.export import FORMATS, file_name
from dashboard.export.rows import COLUMNS
from dashboard.state import ViewState
from dashboard.views.models import UnitMap
from dashboard.views.unit_map import unit_map
from geodata.catalogue import Catalogue
from geodata.store import Store

ADDRESS = "/?lang=en"
ASKED = [
    {},
    {"level": "province"},
    {"indicator": "left_behind_share", "level": "prefecture"},
    {"indicator": "left_behind_children_change"},
    {"indicator": "children_beyond_standard", "standard_km": 10},
    {"indicator": "migrant_children", "lang": "zh"},
]


@pytest.fixture(params=ASKED, ids=lambda asked: "-".join(map(str, asked.values())) or "default")
def view(request: pytest.FixtureRequest, store: Store, catalogue: Catalogue) -> UnitMap:
    return unit_map(store, catalogue, replace(ViewState(lang="en"), **request.param))


def write(kind: str, view: UnitMap, store: Store) -> bytes:
    return FORMATS[kind].write(view, store.reading(), ADDRESS)


def expected(view: UnitMap) -> list[dict[str, Any]]:
    return [
        {
            "code": row.code,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "value": row.value,
            "state": row.state,
            "quality": row.quality,
            "display": row.display,
        }
        for row in view.table.rows
    ]


def shown(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return plain[["code", "name_zh", "name_en", "value", "state", "quality", "display"]].to_dict("records")


def test_csv_reads_back_as_the_map(view: UnitMap, store: Store) -> None:
    content = write("csv", view, store)
    assert content.startswith(b"\xef\xbb\xbf# ")
    frame = pd.read_csv(io.BytesIO(content), comment="#", dtype={"code": str, "display": str}, keep_default_na=True)
    assert tuple(frame.columns) == COLUMNS
    assert shown(frame) == expected(view)


def test_xlsx_reads_back_as_the_map(view: UnitMap, store: Store) -> None:
    content = write("xlsx", view, store)
    book = openpyxl.load_workbook(io.BytesIO(content))
    lang = view.state.lang
    assert book.sheetnames == (["Data", "About"] if lang == "en" else ["数据", "说明"])
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "D2"
    frame = pd.DataFrame(list(sheet.iter_rows(min_row=2, values_only=True)), columns=[c.value for c in sheet[1]])
    assert tuple(frame.columns) == COLUMNS
    assert shown(frame) == expected(view)
    digits = view.table.indicator.decimals
    assert sheet.cell(2, COLUMNS.index("value") + 1).number_format == ("#,##0." + "0" * digits if digits else "#,##0")


def test_geojson_reads_back_as_the_map(view: UnitMap, store: Store) -> None:
    document = json.loads(write("geojson", view, store))
    features = document["features"]
    assert [tuple(feature["properties"]) for feature in features] == [COLUMNS] * len(view.table.rows)
    assert shown(pd.DataFrame([feature["properties"] for feature in features])) == expected(view)
    assert [feature["id"] for feature in features] == [int(row.code) for row in view.table.rows]
    for feature in features:
        assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid
    assert document["metadata"]["release"] == view.release.id
    assert document["metadata"]["address"] == ADDRESS


def test_every_file_says_what_it_is_and_where_it_comes_from(view: UnitMap, store: Store) -> None:
    csv = write("csv", view, store).decode("utf-8-sig")
    preamble = "\n".join(line for line in csv.splitlines() if line.startswith("#"))
    about = openpyxl.load_workbook(io.BytesIO(write("xlsx", view, store))).worksheets[1]
    sheet = "\n".join(f"# {label}: {text}" for label, text in about.iter_rows(values_only=True))
    document = json.loads(write("geojson", view, store))
    lines = "\n".join(f"# {line['label']}: {line['text']}" for line in document["metadata"]["origin"])
    assert preamble == sheet == lines
    for wanted in (
        view.title,
        view.definition,
        view.caveat or "",
        view.unit,
        view.boundary_notice,
        view.release.id,
        view.release.method_version,
        ADDRESS,
        *view.notices,
        *(source.citation for source in view.sources),
        *(source.licence for source in view.sources),
    ):
        assert wanted in preamble


def test_the_same_view_gives_the_same_bytes(view: UnitMap, store: Store) -> None:
    for kind in FORMATS:
        assert write(kind, view, store) == write(kind, view, store)


HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")']


@pytest.fixture
def hostile(store: Store, catalogue: Catalogue) -> UnitMap:
    """A map whose units bear names that a spreadsheet would run."""
    view = unit_map(store, catalogue, ViewState(lang="en"))
    rows = [
        replace(row, name_en=HOSTILE[place % len(HOSTILE)], name_zh='"quoted, name"')
        for place, row in enumerate(view.table.rows)
    ]
    return replace(view, table=replace(view.table, rows=tuple(rows)))


def test_names_are_never_formulas_in_csv(hostile: UnitMap, store: Store) -> None:
    content = write("csv", hostile, store)
    frame = pd.read_csv(io.BytesIO(content), comment="#", dtype={"code": str})
    assert all(name.startswith("'") for name in frame["name_en"])
    assert [name[1:] for name in frame["name_en"]] == [row.name_en for row in hostile.table.rows]
    assert set(frame["name_zh"]) == {'"quoted, name"'}


def test_names_are_never_formulas_or_links_in_xlsx(hostile: UnitMap, store: Store) -> None:
    content = write("xlsx", hostile, store)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert all(b"<f>" not in parts.read(name) and b"hyperlink" not in parts.read(name) for name in parts.namelist())


def test_negative_changes_stay_numbers_in_csv(store: Store, catalogue: Catalogue) -> None:
    view = unit_map(store, catalogue, ViewState(indicator="left_behind_children_change", lang="en"))
    lines = write("csv", view, store).decode("utf-8-sig").splitlines()
    assert any(",-4.8,value,modelled,−4.8," in line for line in lines)
    assert any(",10.0,value,modelled,+10.0," in line for line in lines)


def test_file_names_say_what_is_inside(store: Store, catalogue: Catalogue) -> None:
    state = ViewState(indicator="children_beyond_standard", standard_km=10, level="province")
    name = file_name(unit_map(store, catalogue, state), "csv")
    assert name == "children_beyond_standard_10km_2020_province_20260502T080000-0a1b2c3d.csv"
