"""The user's register of centres: what is read, and every fault named with row, column, value and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.read.centres import COLUMNS, read_centres
from geodata.errors import ManyErrors, UserError

HEAD = ",".join(COLUMNS)
GOOD = "c1,昌平儿童中心,Changping Centre,childrens_centre,education_support;healthcare,116.23,40.22,46,open"


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "centres.csv"
    file.write_bytes(text.encode(encoding))
    return file


def row(**changes: str) -> str:
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | changes
    return ",".join(cells[column] for column in COLUMNS)


def faults(tmp_path: Path, *rows: str) -> list[UserError]:
    with pytest.raises(ManyErrors) as caught:
        read_centres(write(tmp_path, "\n".join([HEAD, *rows])))
    return list(caught.value.errors)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_register_is_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    table = read_centres(write(tmp_path, f"{HEAD}\n{GOOD}\n", encoding)).table
    assert table.to_dict("records") == [
        {"centre_id": "c1", "name_zh": "昌平儿童中心", "name_en": "Changping Centre", "type": "childrens_centre",
         "services": "education_support,healthcare", "lon": 116.23, "lat": 40.22, "capacity": 46.0, "status": "open",
         "row": 2}
    ]  # fmt: skip


def test_what_may_be_empty_may_be_empty(tmp_path: Path) -> None:
    table = read_centres(write(tmp_path, f"{HEAD}\n{row(name_en='', services='', capacity='')}\n")).table
    assert table.loc[0, "name_en"] == "昌平儿童中心"
    assert table.loc[0, "services"] == ""
    assert table["capacity"].isna().all()


def test_columns_may_stand_in_any_order_and_blank_lines_at_the_end(tmp_path: Path) -> None:
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True))
    backwards = COLUMNS[::-1]
    text = ",".join(backwards) + "\r\n" + ",".join(cells[c] for c in backwards) + "\r\n,,,,,,,,\r\n"
    assert read_centres(write(tmp_path, text)).table.loc[0, "centre_id"] == "c1"


def test_all_faults_come_in_one_report(tmp_path: Path) -> None:
    found = faults(
        tmp_path, GOOD, row(centre_id="c2", type="school"), row(centre_id="c3", lon="east"), row(),
        row(centre_id="c5", status="soon", capacity="-3"),
    )  # fmt: skip
    assert [(fault.row, fault.column) for fault in found] == [
        (3, "type"), (4, "lon"), (5, "centre_id"), (6, "status"), (6, "capacity"),
    ]  # fmt: skip
    assert "child_friendly_space" in (found[0].expected or "")
    assert all(fault.value and fault.expected and fault.file for fault in found)


def test_swapped_coordinates_are_seen_through(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, row(lon="40.22", lat="116.23"))
    assert "swapped" in fault.message
    assert fault.expected == "116.23, 40.22"


@pytest.mark.parametrize(("lon", "lat"), [("0", "0"), ("2.35", "48.86"), ("139.7", "35.7"), ("500", "40")])
def test_a_place_outside_china_is_refused(tmp_path: Path, lon: str, lat: str) -> None:
    (fault,) = faults(tmp_path, row(lon=lon, lat=lat))
    assert "not in China" in fault.message


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "", "12,5"])
def test_a_coordinate_is_a_finite_number(tmp_path: Path, cell: str) -> None:
    assert faults(tmp_path, row(lon=f'"{cell}"'))[0].column == "lon"


def test_a_row_of_another_length_is_named(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, GOOD, "c2,甲")
    assert (fault.row, fault.value) == (3, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (HEAD.encode(), "no centre"),
        (b"centre_id,name_zh\n1,x\n", "missing name_en"),
        (f"{HEAD},phone\n{GOOD},110\n".encode(), "phone"),
        (f"{HEAD}\n{GOOD}\n".encode("utf-16"), "encoding"),
        (b"\xff\xff\xff\xff", "encoding"),
        (f'{HEAD}\n"c1,{GOOD}\n'.encode(), "CSV"),
        (b"PK\x03\x04\x00\x00", "encoding"),
    ],
)
def test_what_is_no_register_says_what_one_is(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "centres.csv"
    file.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        read_centres(file)
    assert "centres.csv" in str(caught.value)


def test_a_folder_is_no_register(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_centres(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_user_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "centres.csv"
    file.write_bytes(content)
    with pytest.raises(UserError):
        read_centres(file)
