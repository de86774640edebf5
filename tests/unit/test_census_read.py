"""Every known trap of the census workbooks, one test each; then the real ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.census_source import Correction, load_corrections, load_source
from etl.read.census import CensusTable, as_text, parse_census, read_census
from geodata.errors import ManyErrors, UserError
from tests.support.census_files import real_census_dir, toy_2010, toy_2020

HERE = Path("toy.xlsx")


def read_2010(cells: list[list[object]], *corrections: Correction) -> CensusTable:
    return parse_census(cells, load_source(2010), corrections, HERE)


def read_2020(cells: list[list[object]]) -> CensusTable:
    return parse_census(cells, load_source(2020), (), HERE)


PROVINCE_2010 = [
    (130000.0, "河北省", 100.0),
    (130100.0, "石家庄市", 60.0),
    (130102.0, "  长安区", 60.0),
    (130200.0, "唐山市", 40.0),
    (130202.0, "  路南区", 40.0),
]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(110101.0, "110101"), ("NA", "NA"), ("  东城区 ", "东城区"), (2.5, "2.5"), (None, ""), (0.0, "0")],
)
def test_every_cell_is_read_as_text(cell: object, text: str) -> None:
    assert as_text(cell) == text


def test_na_in_the_code_column_is_no_code_and_does_not_hide_a_development_zone() -> None:
    table = read_2020(
        toy_2020(
            ("NA", "全国", "全国", "全国", 100.0),
            (140000.0, "山西省", "山西省", "山西省", 100.0),
            (140100.0, "山西省", "太原市", "太原市", 100.0),
            (140105.0, "山西省", "太原市", "小店区", 70.0),
            ("NA", "山西省", "太原市", "山西转型综合改革示范区", 30.0),
        )
    )
    assert list(table.leaves["name"]) == ["小店区", "山西转型综合改革示范区"]
    assert list(table.leaves["code"]) == ["140105", ""]
    assert table.printed_total == 100


def test_an_undivided_city_is_a_leaf_on_its_own_row() -> None:
    table = read_2020(
        toy_2020(
            (440000.0, "广东省", "广东省", "广东省", 90.0),
            (441900.0, "广东省", "东莞市", "东莞市", 50.0),
            (440100.0, "广东省", "广州市", "广州市", 40.0),
            (440103.0, "广东省", "广州市", "荔湾区", 40.0),
        )
    )
    assert list(table.leaves["code"]) == ["441900", "440103"]


def test_separators_subtotals_and_the_footer_of_2010_are_rejected_with_a_reason() -> None:
    rows = [*PROVINCE_2010, ("", "", None), ("", "首发论坛", None)]
    rows.insert(2, ("", "市辖区", 60.0))
    table = read_2010(toy_2010(*rows))
    assert table.rows == len(rows) == len(table.leaves) + len(table.rejected)
    assert list(table.rejected["reason"]) == [
        "total of a province",
        "total of a prefecture",
        "subtotal without a code",
        "total of a prefecture",
        "separator without any entry",
        "no figure is printed",
    ]
    # A spreadsheet counts its header as row 1.
    assert list(table.rejected["row"]) == [2, 3, 4, 6, 8, 9]


def test_a_row_without_a_code_that_no_other_row_adds_up_is_a_leaf() -> None:
    rows = [*PROVINCE_2010[:2], (130102.0, "长安区", 50.0), ("", "平桂管理区", 10.0), *PROVINCE_2010[3:]]
    leaves = read_2010(toy_2010(*rows)).leaves
    assert leaves.loc[leaves["name"] == "平桂管理区", "prefecture"].tolist() == ["石家庄市"]


def test_the_look_alike_of_the_word_city_is_mended() -> None:
    rows = [*PROVINCE_2010[:2], (130181.0, "辛集巿", 60.0), *PROVINCE_2010[3:]]
    assert "辛集市" in set(read_2010(toy_2010(*rows)).leaves["name"])


def test_a_wrong_province_prefix_does_not_move_a_zone_to_another_province() -> None:
    table = read_2020(
        toy_2020(
            (140000.0, "山西省", "山西省", "山西省", 100.0),
            (140900.0, "山西省", "忻州市", "忻州市", 100.0),
            (140902.0, "山西省", "忻州市", "忻府区", 80.0),
            (170971.0, "山西省", "忻州市", "五台山风景名胜区", 20.0),
        )
    )
    assert set(table.leaves["province"]) == {"山西省"}


def test_one_blank_cell_gets_what_the_printed_total_leaves() -> None:
    cells = toy_2010(*PROVINCE_2010)
    head = cells[0].index("户籍人口")
    cells[3][head] = ""
    table = read_2010(cells)
    assert table.leaves["registered"].tolist() == [60.0, 40.0]
    assert table.filled[["name", "figure", "value"]].to_numpy().tolist() == [["长安区", "registered", 60.0]]


def test_several_blank_cells_that_share_a_total_are_not_guessed() -> None:
    cells = toy_2010(
        (130000.0, "河北省", 100.0),
        (130100.0, "石家庄市", 100.0),
        (130102.0, "长安区", 60.0),
        (130104.0, "桥西区", 40.0),
    )
    head = cells[0].index("户籍人口")
    cells[3][head] = cells[4][head] = ""
    with pytest.raises(UserError, match="2 blank cells share 100"):
        read_2010(cells)


def test_counties_that_do_not_add_up_to_their_province_stop_the_reading() -> None:
    rows = [*PROVINCE_2010[:2], (130102.0, "长安区", 59.0), *PROVINCE_2010[3:]]
    with pytest.raises(ManyErrors, match="河北省 do not add up") as caught:
        read_2010(toy_2010(*rows))
    assert (caught.value.errors[0].row, caught.value.errors[0].value) == (2, "99")


def test_a_cell_that_is_no_number_is_named_with_row_column_and_value() -> None:
    cells = toy_2010(*PROVINCE_2010)
    cells[4][cells[0].index("户数")] = "8842                 30"
    with pytest.raises(ManyErrors, match=r"row 5, column 户数\. Found '8842 +30'"):
        read_2010(cells)


def test_a_negative_count_is_no_count_but_a_negative_growth_is_a_rate() -> None:
    cells = toy_2010(*PROVINCE_2010)
    cells[3][cells[0].index("自然增长率（‰）")] = -2.5
    assert read_2010(cells).leaves["natural_rate_permille"].iloc[0] == -2.5
    cells[3][cells[0].index("户数")] = -1.0
    with pytest.raises(ManyErrors, match="not a count"):
        read_2010(cells)


def test_wrong_column_heads_are_all_named() -> None:
    cells = toy_2010(*PROVINCE_2010)
    cells[0][cells[0].index("户籍人口")] = "户籍"
    cells[0][cells[0].index("合计")] = "总计"
    with pytest.raises(ManyErrors) as caught:
        read_2010(cells)
    assert {error.column for error in caught.value.errors} == {"户籍人口", "合计"}


def test_heads_may_be_broken_over_lines() -> None:
    cells = toy_2010(*PROVINCE_2010)
    cells[0] = [str(head).replace("（", "\n（") for head in cells[0]]
    assert len(read_2010(cells).leaves) == 2


def test_a_correction_applies_only_while_the_misprint_stands() -> None:
    correction = Correction(code="130102", name="长安区", column="户数", expect=60, value=55, reason="a test")
    table = read_2010(toy_2010(*PROVINCE_2010), correction)
    assert table.leaves["households"].tolist() == [55.0, 40.0]
    stale = correction.model_copy(update={"expect": 61.0})
    with pytest.raises(UserError, match=r"no longer fits.*row 4, column 户数\. Found 60"):
        read_2010(toy_2010(*PROVINCE_2010), stale)


def test_a_missing_workbook_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"missing.*census_county_2010_v1\.xlsx; run `python -m etl fetch census`"):
        read_census(tmp_path, 2010)


@pytest.mark.parametrize("harm", ["truncated", "altered"])
def test_a_truncated_or_altered_workbook_is_refused(tmp_path: Path, harm: str) -> None:
    name = load_source(2020).read.file
    path = tmp_path / name
    shutil.copyfile(real_census_dir() / name, path)
    data = path.read_bytes()
    path.write_bytes(data[:-1000] if harm == "truncated" else data + b"\0")
    with pytest.raises(UserError, match="SHA-256 is not the pinned one"):
        read_census(tmp_path, 2020)


@pytest.mark.parametrize(
    ("year", "rows", "leaves", "people", "undivided"),
    [
        (2010, 3_279, 2_870, 1_332_810_869, ["441900", "442000", "460200", "620200"]),
        (2020, 3_358, 2_989, 1_409_778_724, ["441900", "442000", "460400", "620200"]),
    ],
)
def test_the_real_workbooks(year: int, rows: int, leaves: int, people: int, undivided: list[str]) -> None:
    table = read_census(real_census_dir(), year)
    assert (table.rows, len(table.leaves), table.printed_total) == (rows, leaves, people)
    assert len(table.leaves) + len(table.rejected) == rows
    assert table.rejected["reason"].notna().all()
    assert table.leaves["population"].sum() == people
    coded = table.leaves["code"][table.leaves["code"] != ""]
    assert coded[coded.str.endswith("00")].tolist() == undivided
    if year == 2020:
        # 2,943 counties and zones with a code, 42 zones and islands without one, 4 undivided cities.
        assert len(coded) - len(undivided) == 2_943
        assert (table.leaves["code"] == "").sum() == 42
        zones = table.leaves["code"].str.fullmatch(r"\d{4}7[1-9]")
        assert (zones.sum(), table.leaves.loc[zones, "population"].sum()) == (95, pytest.approx(18.98e6, rel=0.001))
        assert table.filled.query("value > 0")[["name", "value"]].to_numpy().tolist() == [["长汀县", 9691.0]]
    ages = table.leaves.filter(regex=r"^age_").sum(axis=1)
    assert (ages - table.leaves["population"]).abs().max() <= 6
    assert tuple(load_corrections(year)) == table.corrected
