"""A user's official counts: what is understood, what is refused with row and column, what they change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from etl.measure.official import raked, rounded_to_sum, with_official
from etl.pipeline.counts import check_counts, count_sources, import_counts
from etl.pipeline.vintages import units_by_name
from etl.read.counts import COLUMNS, read_counts
from etl.read.estimates import read_estimates
from etl.register.template import write_template
from geodata.analysis.resolve import TimeMachine
from geodata.errors import UserError
from tests.support.committed_vintages import committed_table

HEAD = ",".join(COLUMNS)
Writer = Callable[..., Path]


def line(unit: str, definition: str = "NBS_LBC", count: object = 5000, *, unit_year: object = "", scope: str = "",
         ages: str | None = None, year: int = 2020) -> str:  # fmt: skip
    span = ages or {"MCA_LBC": "0,15", "MOE_LBC": "6,14"}.get(definition, "0,17")
    return f"{unit},{unit_year},{definition},{scope},{span},{year},{count},统计局,CC BY 4.0"


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def to_file(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
        file = tmp_path / "counts.csv"
        file.write_bytes("\r\n".join([head, *lines]).encode(encoding))
        return file

    return to_file


@cache
def estimated() -> pd.DataFrame:
    return read_estimates().figures


@cache
def machine() -> TimeMachine:
    return TimeMachine(committed_table())


def check(file: Path) -> list[str]:
    return list(check_counts(file, estimated(), machine(), units_by_name()))


def imported(file: Path) -> pd.DataFrame:
    made = import_counts([read_counts(file)], estimated(), machine(), units_by_name())
    return made.figures.set_index(["code", "year", "measure"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_a_spreadsheet_is_read(write: Writer, encoding: str) -> None:
    (row,) = read_counts(write(line("正定县"), encoding=encoding)).rows
    assert (row.unit, row.count, row.scope, row.row) == ("正定县", 5000, "total", 2)


def test_chinese_heads_and_words_are_understood(write: Writer) -> None:
    head = "区划,口径,城乡,起始年龄,终止年龄,年份,人数,来源,许可"
    (row,) = read_counts(write('正定县,nbs_lbc,农村,0,17,2020,"12,345",统计局,CC BY', head=head)).rows
    assert (row.definition, row.scope, row.count) == ("NBS_LBC", "rural", 12345)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_template_is_itself_a_table_in_order(tmp_path: Path, suffix: str) -> None:
    file = write_template("counts", tmp_path / f"template{suffix}", "zh")
    assert len(read_counts(file).rows) == 4
    assert "4 rows" in check(file)[0]
    with pytest.raises(UserError, match=r"\.xlsx"):
        write_template("counts", tmp_path / "template.doc", "en")


@pytest.mark.parametrize(
    ("lines", "message", "column"),
    [
        ([line("999999")], "No county since 2000", "unit"),
        ([line("桥东区", year=2010)], "Several places", "unit"),
        ([line("正定县"), line("130123")], "twice", "unit"),
        ([line("正定县", count=-5)], "impossible", "count"),
        ([line("正定县", count="12.5")], "whole number", "count"),
        ([line("正定县", count="5万")], "whole number", "count"),
        ([line("正定县", count=900_000)], "More than there are children", "count"),
        ([line("正定县", "NBS")], "definition is unknown", "definition"),
        ([line("正定县", "MCA_LBC", ages="0,17")], "contradict", "age_to"),
        ([line("正定县", "NBS_MIG", scope="rural")], "scope", "scope"),
        ([line("正定县", year=2018)], "year", "year"),
        ([line("正定县"), line("合计")], "total among counties", "unit"),
        ([line("正定县"), line("石家庄市")], "prefecture", "unit"),
        ([line("正定县"), line("130100")], "prefecture", "unit"),
        ([line("崇文区", unit_year=2005, year=2010)], "only a part", "unit"),
        ([line("密云县", unit_year=2010), line("密云区", unit_year=2020)], "counted twice", "unit"),
        ([line("正定县", scope="rural", count=9), line("正定县", scope="urban", count=1), line("正定县", count=99)],
         "do not make the total", "count"),
        ([line("正定县", count=50_000), line("河北省", count=10_000)], "already hold more", "count"),
        ([line("西藏自治区", count=2_000_000)], "cannot hold so many", "count"),
        ([line("河北省", "MOE_LBC", count=10_000)], "nothing to share", "count"),
        (["正定县,,NBS_LBC,,0,17,2020,,统计局,CC BY"], "must not be empty", "count"),
    ],
)  # fmt: skip
def test_bad_rows_are_refused_with_row_column_and_what_would_be_right(
    write: Writer, lines: list[str], message: str, column: str
) -> None:
    with pytest.raises(UserError, match=message) as raised:
        check(write(*lines))
    (fault,) = getattr(raised.value, "errors", [raised.value])
    assert fault.column == column
    assert fault.row is not None
    assert fault.expected


def test_all_faults_come_in_one_report(write: Writer) -> None:
    with pytest.raises(UserError) as raised:
        check(write(line("正定县", count=-1), line("行唐县", "XYZ"), line("合计")))
    assert len(raised.value.errors) == 3


def test_missing_and_unknown_columns_are_named(write: Writer) -> None:
    with pytest.raises(UserError, match="missing licence"):
        read_counts(write("正定县,,NBS_LBC,,0,17,2020,5,x", head=HEAD.removesuffix(",licence")))
    with pytest.raises(UserError, match="unknown or double 备注"):
        read_counts(write(line("正定县") + ",x", head=HEAD + ",备注"))


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(COLUMNS))
    for _ in range(2):
        sheet.append(line("正定县").split(","))
    sheet.merge_cells("C2:C3")
    book.save(tmp_path / "merged.xlsx")
    with pytest.raises(UserError, match="C2:C3"):
        read_counts(tmp_path / "merged.xlsx")


def test_one_cell_in_the_farthest_corner_kills_nobody(tmp_path: Path) -> None:
    file = write_template("counts", tmp_path / "corner.xlsx", "en")
    book = openpyxl.load_workbook(file)
    book.worksheets[0]["XFD1048576"] = "x"
    book.save(file)
    assert len(read_counts(file).rows) == 4


def test_a_packed_bomb_is_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    (tmp_path / "bomb.xlsx").write_bytes(memory.getvalue())
    with pytest.raises(UserError, match="too large"):
        read_counts(tmp_path / "bomb.xlsx")


def test_a_total_replaces_the_estimate_and_is_divided_as_the_model_does(write: Writer) -> None:
    before = estimated().set_index(["code", "year", "measure"])
    after = imported(write(line("正定县", count=20_001)))
    parts = after.loc["130123", 2020]
    rural, urban = (parts.loc[f"left_behind_children_{scope}"] for scope in ("rural", "urban"))
    assert rural["value"] + urban["value"] == 20_001
    assert {rural["quality"], urban["quality"]} == {"official_total"}
    old = before.loc["130123", 2020]["value"]
    share = old["left_behind_children_rural"] / (old["left_behind_children_rural"] + old["left_behind_children_urban"])
    assert rural["value"] / 20_001 == pytest.approx(share, abs=1e-4)
    assert parts.loc["left_behind_both_away", "quality"].startswith("modelled")
    grown = 20_001 / (old["left_behind_children_rural"] + old["left_behind_children_urban"])
    assert parts.loc["left_behind_both_away", "value"] == pytest.approx(old["left_behind_both_away"] * grown, abs=100)
    # No other county and no other year has changed.
    others = before.index.get_level_values("code") != "130123"
    pd.testing.assert_frame_equal(after.loc[before.index[others]], before[others])
    pd.testing.assert_frame_equal(after.loc["130123", 2010], before.loc["130123", 2010])


def test_parts_that_are_given_are_official_and_definitions_stay_apart(write: Writer) -> None:
    before = estimated().set_index(["code", "year", "measure"])
    after = imported(write(line("正定县", scope="rural", count=9_000), line("正定县", "MCA_LBC", 77),
                           line("正定县", "NBS_MIG", 3_003))).loc["130123", 2020]  # fmt: skip
    assert tuple(after.loc["left_behind_children_rural", ["value", "quality"]]) == (9_000, "official")
    assert tuple(after.loc["left_behind_registered", ["value", "quality"]]) == (77, "official")
    assert tuple(after.loc["migrant_children", ["value", "quality"]]) == (3_003, "official")
    urban = "left_behind_children_urban"
    assert after.loc[urban, "value"] == before.loc[("130123", 2020, urban), "value"]


def test_merged_counties_add_up_and_divided_ones_are_no_longer_official(write: Writer) -> None:
    after = imported(write(
        line("崇文区", unit_year=2005, year=2010, count=1_000), line("东城区", unit_year=2005, year=2010, count=2_000),
        line("余杭区", "NBS_MIG", 90_000, unit_year=2015),
    ))  # fmt: skip
    both = after.loc[("110101", 2010)].loc[["left_behind_children_rural", "left_behind_children_urban"]]
    assert both["value"].sum() == 3_000
    halves = [after.loc[(code, 2020, "migrant_children")] for code in ("330110", "330113")]
    assert {half["quality"] for half in halves} == {"modelled"}
    assert sum(half["value"] for half in halves) == pytest.approx(90_000, abs=100)
    assert any("error ±" in text for text in check(write(line("余杭区", "NBS_MIG", 90_000, unit_year=2015))))


def test_a_province_total_is_shared_out_among_the_rest(write: Writer) -> None:
    after = imported(write(line("正定县", count=20_000), line("130000", count=2_500_000))).reset_index()
    rows = after[(after["year"] == 2020) & after["code"].str.startswith("13")
                 & after["measure"].isin(["left_behind_children_rural", "left_behind_children_urban"])]  # fmt: skip
    assert rows["value"].sum() == pytest.approx(2_500_000, abs=200)
    assert rows.loc[rows["code"] == "130123", "value"].sum() == 20_000
    others = rows[rows["code"] != "130123"]
    assert set(others["quality"]) <= {"modelled", "modelled_weak"}
    # What is withheld stays withheld.
    before = estimated()
    assert (after["state"] == "withheld").sum() == (before["state"] == "withheld").sum()


def test_origin_rides_along(write: Writer) -> None:
    sources = count_sources([read_counts(write(line("正定县"), line("行唐县")))])
    assert list(sources["source_id"]) == ["counts"]
    assert sources.loc[0, ["producer_zh", "licence_en"]].tolist() == ["统计局", "CC BY 4.0"]
    assert len(sources.loc[0, "sha256"]) == 64


def test_raking_against_its_bounds_by_hand() -> None:
    # Factor 2 would give 20, 40; the first may hold 12 at most, the second takes the rest.
    np.testing.assert_allclose(raked(np.array([10.0, 20.0]), np.array([12.0, 99.0]), 60.0), [12, 48])
    with pytest.raises(ValueError, match="bounds"):
        raked(np.array([1.0]), np.array([2.0]), 3.0)
    assert rounded_to_sum(np.array([140.0, 160.0, 250.0]), 550.0).tolist() == [100.0, 200.0, 300.0]


def test_nothing_is_imported_by_halves(write: Writer) -> None:
    figures = estimated()
    kept = figures.copy()
    counties = pd.DataFrame(
        [("NBS_LBC", "total", 2020, "130123", 9e6, True, 2), ("MCA_LBC", "total", 2020, "130125", 5.0, True, 3)],
        columns=["definition", "scope", "year", "code", "value", "exact", "row"],
    )
    with pytest.raises(UserError, match="nothing was imported"):
        with_official(figures, counties, counties.iloc[:0], pd.Series(dtype=str), Path("x.csv"))
    pd.testing.assert_frame_equal(figures, kept)
