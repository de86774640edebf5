"""A register in its counties: what counts, what is set aside, what is mended on consent, what the report says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from etl.pipeline.register import (
    RegisterChoice,
    check_lines,
    note_register,
    origin_row,
    placed_register,
    places_of,
    write_quarantine,
)
from etl.place.doctor import CountyNames, PlacedCentres, declared_counties
from etl.publish.release import check_tables
from etl.read.register.centres import RawCentres, interpret
from etl.read.register.formats import read_raw
from etl.read.register.mapping import RegisterReading
from etl.report import Report
from geodata.errors import UserError
from tests.support.drawn_counties import drawn_boundaries

HEAD = "centre_id,name,type,lon,lat,county,prefecture,status"
ROWS = (
    "good,甲,childrens_place,116.3,40.3,110114,,open",
    "swapped,乙,childrens_place,40.32,116.31,昌平区,,open",
    "middle,丙,childrens_place,116.200055,40.200612,昌平,北京市,open",
    "away,丁,childrens_place,116.7,40.3,北京市昌平区,,open",
    "bare,戊,childrens_place,,,怀来县,,open",
    "sea,己,childrens_place,122.9,28.2,,,open",
    "lost,庚,childrens_place,,,某某县,,open",
    "unnamed,辛,childrens_place,116.9,40.1,,,planned",
)
NAMES: CountyNames = places_of(drawn_boundaries())


def register(tmp_path: Path, *rows: str) -> tuple[Path, RawCentres]:
    file = tmp_path / "mine.csv"
    file.write_text("\n".join([HEAD, *(rows or ROWS)]), encoding="utf-8")
    return file, interpret(read_raw(file), file, RegisterReading(), strict=False, sha256="0" * 64)


def placed(tmp_path: Path, *, apply_fixes: bool) -> tuple[RegisterChoice, RawCentres, PlacedCentres]:
    file, raw = register(tmp_path)
    choice = RegisterChoice(file, apply_fixes=apply_fixes)
    return choice, raw, placed_register(choice, raw, NAMES)


def test_nothing_moves_without_consent(tmp_path: Path) -> None:
    _, _, found = placed(tmp_path, apply_fixes=False)
    table = found.table.set_index("centre_id")
    assert list(table.index) == ["good", "swapped", "middle", "away", "bare", "unnamed"]
    assert table["coordinates"].to_dict() == {
        "good": "as_given", "swapped": "withdrawn", "middle": "as_given", "away": "as_given", "bare": "none",
        "unnamed": "as_given",
    }  # fmt: skip
    assert table.loc[["swapped", "bare"], ["lon", "lat"]].isna().all(axis=None)
    assert table["code"].to_dict() == {
        "good": "110114", "swapped": "110114", "middle": "110114", "away": "110114", "bare": "130730",
        "unnamed": "130730",
    }  # fmt: skip
    assert not found.checks["applied"].any()


def test_with_consent_places_are_mended_and_it_is_written_down(tmp_path: Path) -> None:
    _, raw, found = placed(tmp_path, apply_fixes=True)
    table = found.table.set_index("centre_id")
    assert (table.loc["swapped", "lon"], table.loc["swapped", "lat"]) == (116.31, 40.32)
    assert table.loc["swapped", "coordinates"] == "fixed"
    assert table.loc["middle", "coordinates"] == "withdrawn"
    assert np.isnan(table.loc["middle", "lon"])
    assert table.loc["away", "lon"] == 116.7, "nobody can tell what is wrong there, so nothing is done"
    report = Report()
    note_register(report, raw, found)
    lines = {str(row["item"]): str(row["value"]) for row in report.rows}
    assert lines["rows read"] == "8"
    assert not report.failures()
    assert "applied" in lines["swapped, row 3: swapped"]
    assert "withdraw applied" in lines["middle, row 4: centroid"]
    assert "outside its county; no fix" in lines["away, row 5: outside_county"]


def test_what_is_in_no_county_is_set_aside_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEODATA_DIR", str(tmp_path / "data"))
    choice, raw, found = placed(tmp_path, apply_fixes=False)
    assert list(found.rejected["centre_id"]) == ["sea", "lost"]
    file = write_quarantine(choice, raw, found)
    assert file is not None
    written = pd.read_csv(file)
    assert list(written["row"]) == [7, 8]
    assert written["reason"].notna().all()
    with pytest.raises(UserError, match="2 centres"):
        placed_register(RegisterChoice(choice.file, strict=True), raw, NAMES)


def test_the_table_keeps_the_contract_of_the_release(tmp_path: Path) -> None:
    for apply_fixes in (False, True):
        _, _, found = placed(tmp_path, apply_fixes=apply_fixes)
        checked = check_tables({"centres": found.table.assign(demonstration=False)})["centres"]
        assert checked["lon"].isna().sum() == 2
        assert checked["address"].isna().all(), "an empty text stays empty and does not turn into the word None"


def test_check_says_how_it_was_read_and_what_it_proposes(tmp_path: Path) -> None:
    file, raw = register(tmp_path)
    text = "\n".join(check_lines(RegisterChoice(file), raw, NAMES))
    for words in ("county: county", "2 rows were set aside", "swapped proposed to 116.31000, 40.32000", "--apply-fixes",
                  "2 of them have no usable place", "row 7", "row 8"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("county", "prefecture", "code"),
    [
        ("110114", "", "110114"),
        ("110114101", "", "110114"),
        ("昌平区", "", "110114"),
        ("昌平", "", "110114"),
        ("北京市昌平区", "", "110114"),
        ("河北省张家口市怀来县", "", "130730"),
        ("999999", "", None),
        ("", "", None),
        ("昌平区某村", "", None),
    ],
)
def test_a_county_is_known_by_code_and_by_name(county: str, prefecture: str, code: str | None) -> None:
    rows = pd.DataFrame({"county": [county], "prefecture": [prefecture], "province": [""], "address": [None]})
    (at,) = declared_counties(rows, NAMES)
    assert (None if at < 0 else NAMES.table["code"][at]) == code


def test_a_name_that_two_counties_bear_needs_what_lies_above() -> None:
    twice = CountyNames(NAMES.table.assign(name_zh=["朝阳区", "朝阳区", "怀来县"], prefecture=["北京市", "长春市", ""]),
                        NAMES.outlines)  # fmt: skip
    rows = pd.DataFrame(
        {
            "county": "朝阳区",
            "prefecture": ["", "长春市", ""],
            "province": "",
            "address": [None, None, "北京市朝阳区某路"],
        }
    )
    assert list(declared_counties(rows, twice)) == [-1, 1, 0]


def test_who_made_the_register_is_told_by_its_source_file(tmp_path: Path) -> None:
    file, raw = register(tmp_path)
    assert origin_row(raw, RegisterChoice(file)) is None
    text = {"zh": "名册", "en": "Register"}
    stated = {"source_id": "centres", "role": "centres", "title": text, "producer": text, "licence": text,
              "year": "2026", "citation": "c", "read": {}}  # fmt: skip
    told = RawCentres(raw.table, raw.rejected, raw.mapping, "csv", None, "", stated)
    row = origin_row(told, RegisterChoice(file, tmp_path / "a.yaml"))
    assert row is not None
    assert (row["title_en"], row["producer_zh"]) == ("Register", "名册")
