"""An empty register to fill in: the columns of the contract in both languages, an example, and what may stand where."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

from geodata.catalogue.service_types import load_service_types
from geodata.errors import UserError
from geodata.text import Text

SERVICES = (
    "healthcare", "education_support", "family_education", "life_skills", "psychosocial_support", "registration_help",
    "orientation",
)  # fmt: skip
# Field, an example, and what may stand there.
COLUMNS: tuple[tuple[str, str, Text], ...] = (
    ("centre_id", "C001", Text(zh="编号，每行不同", en="An id of its own for each row")),
    ("name_zh", "示例村儿童之家", Text(zh="中文名称", en="Name in Chinese")),
    ("name_en", "Example Village Children's Place", Text(zh="英文名称，可空", en="Name in English; may be empty")),
    ("programme", "", Text(zh="所属项目，可空", en="Programme in your own words; may be empty")),
    ("type", "childrens_place", Text(zh="类型：{types}", en="Kind: {types}")),
    ("services", "education_support;family_education", Text(zh="服务，用分号隔开：{services}",
                                                            en="Services, semicolons between: {services}")),
    ("lon", "116.23000", Text(zh="经度（度），没有坐标可空", en="Longitude in degrees; empty if not known")),
    ("lat", "40.22000", Text(zh="纬度（度），没有坐标可空", en="Latitude in degrees; empty if not known")),
    ("crs", "WGS-84", Text(zh="坐标系：WGS-84（GPS）、GCJ-02（高德）、BD-09（百度）或 EPSG 代码，不知道可空",
                           en="WGS-84 (GPS), GCJ-02 (Amap), BD-09 (Baidu) or EPSG code; empty if not known")),
    ("county", "110114", Text(zh="县级代码或名称；无坐标时必填", en="County code or name; if there is no place")),
    ("prefecture", "", Text(zh="地级市名称，县名重名时有用", en="Prefecture; helps where county names repeat")),
    ("province", "", Text(zh="省份", en="Province")),
    ("address", "", Text(zh="详细地址", en="Address")),
    ("opened", "2019-05", Text(zh="开放日期：2019、2019-05 或 2019-05-01", en="Opened: 2019, 2019-05 or 2019-05-01")),
    ("closed", "", Text(zh="关闭日期", en="Closed, in the same way")),
    ("capacity", "46", Text(zh="可同时容纳的儿童数", en="Children at a time")),
    ("staff", "1", Text(zh="工作人员数", en="People who work there")),
    ("status", "open", Text(zh="状态：open 开放、planned 规划中、closed 已关闭", en="open, planned or closed")),
    ("verified", "2026-01-15", Text(zh="最近核实日期", en="When somebody last looked")),
    ("source", "", Text(zh="数据来源", en="Where the row comes from")),
    ("licence", "", Text(zh="许可", en="Licence")),
)  # fmt: skip


def write_template(out: Path) -> Path:
    """Write the template to `out`: XLSX with a sheet of explanations, or CSV in UTF-8 with BOM, which Excel reads.

    Raises
    ------
    UserError
        If the ending is another, the file exists, or it cannot be written.
    """
    if out.suffix.lower() not in {".csv", ".xlsx"}:
        raise UserError(
            "The template is a table", file=out, value=out.suffix, expected="a name ending in .csv or .xlsx"
        )
    if out.exists():
        raise UserError("This file exists and is not overwritten", file=out, expected="another name")
    names, example = [name for name, _, _ in COLUMNS], [cell for _, cell, _ in COLUMNS]
    try:
        if out.suffix.lower() == ".csv":
            with out.open("w", encoding="utf-8-sig", newline="") as opened:
                csv.writer(opened).writerows([names, example])
        else:
            _write_workbook(out, names, example)
    except OSError as error:
        raise UserError("The template cannot be written", file=out, value=error.strerror,
                        expected="a folder you may write to") from error  # fmt: skip
    return out


def explanations() -> list[tuple[str, str, str]]:
    """Column, what may stand there in Chinese and in English."""
    fill = {"types": ", ".join(load_service_types()), "services": ", ".join(SERVICES)}
    return [(name, text.zh.format(**fill), text.en.format(**fill)) for name, _, text in COLUMNS]


def _write_workbook(out: Path, names: list[str], example: list[str]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "centres"
    sheet.append(names)
    sheet.append(example)
    words = workbook.create_sheet("说明 notes")
    words.append(["column", "中文", "English"])
    for line in explanations():
        words.append(list(line))
    for page in (sheet, words):
        for cell in page[1]:
            cell.font = Font(bold=True)
        page.freeze_panes = "A2"
    workbook.save(out)
