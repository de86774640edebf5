"""The user's register of centres: what is read, and every fault named with row, column, value and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.read.register.centres import RawCentres, interpret, read_centres, write_rejected
from etl.read.register.formats import read_raw
from etl.read.register.mapping import RegisterReading, load_reading
from geodata.errors import ManyErrors, UserError

COLUMNS = ("centre_id", "name_zh", "name_en", "type", "services", "lon", "lat", "capacity", "status")
HEAD = ",".join(COLUMNS)
GOOD = "c1,昌平儿童中心,Changping Centre,childrens_centre,education_support;healthcare,116.23,40.22,46,open"


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "centres.csv"
    file.write_bytes(text.encode(encoding))
    return file


def read(file: Path, reading: RegisterReading | None = None, *, strict: bool = False) -> RawCentres:
    """Like `read_centres`, in this process: a tenth of the time."""
    return interpret(read_raw(file), file, reading or RegisterReading(), strict=strict, sha256="")


def row(**changes: str) -> str:
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | changes
    return ",".join(cells[column] for column in COLUMNS)


def faults(tmp_path: Path, *rows: str) -> list[UserError]:
    with pytest.raises(ManyErrors) as caught:
        read(write(tmp_path, "\n".join([HEAD, *rows])), strict=True)
    return list(caught.value.errors)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_register_is_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    (centre,) = read(write(tmp_path, f"{HEAD}\n{GOOD}\n", encoding)).table.to_dict("records")
    wanted = {
        "centre_id": "c1", "name_zh": "昌平儿童中心", "name_en": "Changping Centre", "type": "childrens_centre",
        "services": "education_support,healthcare", "x": 116.23, "y": 40.22, "capacity": 46.0, "status": "open",
    }  # fmt: skip
    assert {key: centre[key] for key in wanted} == wanted


def test_the_whole_way_through_a_process_of_its_own(tmp_path: Path) -> None:
    found = read_centres(write(tmp_path, f"{HEAD}\n{GOOD}\n{row(centre_id='c2', status='soon')}\n"))
    assert (found.rows_read, len(found.table), found.format) == (2, 1, "csv")
    assert len(found.sha256) == 64


def test_good_rows_stay_when_others_are_broken(tmp_path: Path) -> None:
    file = write(tmp_path, "\n".join([HEAD, GOOD, row(centre_id="c2", lon="east"), row(centre_id="c3")]))
    found = read(file)
    assert list(found.table["centre_id"]) == ["c1", "c3"]
    (aside,) = found.rejected.to_dict("records")
    assert (aside["row"], aside["centre_id"], aside["column"], aside["value"]) == (3, "c2", "lon", "east")
    assert aside["reason"]
    assert aside["expected"]


def test_the_list_of_rejected_rows_runs_no_formula(tmp_path: Path) -> None:
    found = read(write(tmp_path, "\n".join([HEAD, GOOD, row(centre_id="=cmd|x", lon="+1+1")])))
    out = tmp_path / "aside" / "rejected.csv"
    write_rejected(found.rejected, out)
    text = out.read_text(encoding="utf-8-sig")
    assert "'=cmd|x" in text
    assert ",=" not in text


def test_what_may_be_empty_may_be_empty(tmp_path: Path) -> None:
    table = read(write(tmp_path, f"{HEAD}\n{row(name_en='', services='', capacity='')}\n")).table
    assert table.loc[0, "name_en"] == "昌平儿童中心"
    assert table.loc[0, "services"] == ""
    assert table["capacity"].isna().all()


def test_columns_may_stand_in_any_order_and_blank_lines_at_the_end(tmp_path: Path) -> None:
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True))
    backwards = COLUMNS[::-1]
    text = ",".join(backwards) + "\r\n" + ",".join(cells[c] for c in backwards) + "\r\n,,,,,,,,\r\n"
    assert read(write(tmp_path, text)).table.loc[0, "centre_id"] == "c1"


def test_all_faults_come_in_one_report_when_it_is_strict(tmp_path: Path) -> None:
    found = faults(
        tmp_path, GOOD, row(centre_id="c2", type="tower"), row(centre_id="c3", lon="east"), row(),
        row(centre_id="c5", status="soon", capacity="-3"),
    )  # fmt: skip
    assert [(fault.row, fault.column) for fault in found] == [
        (3, "type"), (4, "lon"), (5, "centre_id"), (6, "capacity"), (6, "status"),
    ]  # fmt: skip
    assert "child_friendly_space" in (found[0].expected or "")
    assert all(fault.value and fault.expected and fault.file for fault in found)


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "", "12,5"])
def test_a_coordinate_is_a_finite_number(tmp_path: Path, cell: str) -> None:
    assert faults(tmp_path, row(lon=f'"{cell}"'))[0].column == "lon"


def test_a_row_of_another_length_is_named(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD, "c2,甲")[0].row == 3
    assert "too many" in faults(tmp_path, GOOD + ",more,more")[0].message


def test_a_row_without_a_place_needs_a_county(tmp_path: Path) -> None:
    head = HEAD + ",county"
    file = write(
        tmp_path, "\n".join([head, row(lon="", lat="") + ",110114", row(centre_id="c2", lon="", lat="") + ","])
    )
    found = read(file)
    assert list(found.table["centre_id"]) == ["c1"]
    assert found.table[["x", "y"]].isna().all(axis=None)
    assert found.rejected.loc[0, "column"] == "county"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (HEAD.encode(), "no centre"),
        (b"centre_id,lon\n1,x\n", "name"),
        (b"\xff\xff\xff\xff", "encoding"),
        (b"a\0b", "encoding"),
        (f'{HEAD}\n"c1,{GOOD}\n'.encode(), "CSV"),
        (b"PK\x03\x04\x00\x00", "damaged"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel"),
    ],
)
def test_what_is_no_register_says_what_one_is(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "centres.csv"
    file.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        read(file)
    assert "centres.csv" in str(caught.value)


def test_a_folder_is_no_register(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_centres(tmp_path)


def test_a_large_file_is_refused_by_its_size(tmp_path: Path) -> None:
    file = tmp_path / "big.csv"
    with file.open("wb") as opened:
        opened.truncate(70_000_000)  # a hole: it takes no room on the disk
    with pytest.raises(UserError, match="too large"):
        read_raw(file)


def test_chinese_headers_words_and_units_are_understood(tmp_path: Path) -> None:
    text = (
        "编号;机构名称;类型;经度（度）;纬度（度）;坐标系;所在县;运行状态;成立时间;容纳人数;服务内容;备注\n"
        "A1;石桥村童伴之家;;东经116°15\u2032;北纬40°30\u2032;高德;昌平区;在用;2019年5月;46人;课业辅导、心理辅导;x\n"
    )
    found = read(write(tmp_path, text, "gb18030"))
    (centre,) = found.table.to_dict("records")
    assert centre["type"] == "childrens_place"
    assert centre["crs"] == "GCJ-02"
    # GCJ-02 lies 100 to 700 m off WGS-84.
    assert 0.001 < abs(centre["x"] - 116.25) < 0.008
    assert (centre["opened"], centre["capacity"], centre["status"]) == ("2019-05", 46.0, "open")
    assert centre["services"] == "education_support,psychosocial_support"
    assert found.mapping.unused == ("备注",)


def test_a_mapping_puts_a_guess_right_and_fills_what_the_file_leaves_out(tmp_path: Path) -> None:
    mapping = tmp_path / "jiangsu.yaml"
    mapping.write_text(
        "read:\n  columns: {name: 全称, county: 区}\n  constants: {type: childrens_place}\n"
        "  values: {status: {已挂牌: open}}\n"
        "  corrections:\n"
        "    - {centre_id: c1, column: lon, value: '118.64', expect: '116.84', reason: digits}\n",
        encoding="utf-8",
    )
    reading, _ = load_reading(mapping)
    text = "编号,名称,全称,lon,lat,区,状态\nc1,x,大名,116.84,32.1,玄武区,已挂牌\n"
    (centre,) = read(write(tmp_path, text), reading).table.to_dict("records")
    assert (centre["name_zh"], centre["type"], centre["status"]) == ("大名", "childrens_place", "open")
    assert (centre["x"], centre["county"]) == (118.64, "玄武区")
    with pytest.raises(UserError, match="no longer fits"):
        read(write(tmp_path, text.replace("116.84", "118.64")), reading)
    with pytest.raises(UserError, match="does not have"):
        read(write(tmp_path, text.replace("全称", "简称")), reading)
    with pytest.raises(UserError, match="centre that the register"):
        read(write(tmp_path, text.replace("c1", "c9")), reading)


def test_a_mapping_that_names_no_field_is_refused(tmp_path: Path) -> None:
    mapping = tmp_path / "wrong.yaml"
    mapping.write_text("read:\n  columns: {nmae: 名称}\n", encoding="utf-8")
    with pytest.raises(UserError, match="nmae"):
        load_reading(mapping)


@pytest.mark.parametrize("text", ["2019-13", "19", "soon", "2019-05-32", "05/06/2019"])
def test_a_date_is_a_date(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, f"{HEAD},opened\n{GOOD},{text}\n{row(centre_id='c2')},2019/5/1\n")
    found = read(file)
    assert list(found.table["opened"]) == ["2019-05-01"]
    assert list(found.rejected["column"]) == ["opened"]


def test_a_centre_cannot_close_before_it_opened(tmp_path: Path) -> None:
    file = write(tmp_path, f"{HEAD},opened,closed\n{GOOD},2019-05,2018\n{row(centre_id='c2')},2019-05,2019\n")
    assert list(read(file).table["centre_id"]) == ["c2"]
