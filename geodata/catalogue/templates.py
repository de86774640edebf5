"""Empty tables to fill in, in Chinese and English: a register of centres, and official counts.

The command line writes them and the dashboard hands them out, from here. The readers understand either language.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Literal, get_args

import xlsxwriter

from geodata.catalogue.service_types import SERVICES, load_service_types
from geodata.text import Language, Text

Template = Literal["centres", "counts"]
TEMPLATES: tuple[Template, ...] = get_args(Template)
ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NOTES = Text(zh="说明", en="notes")


@dataclass(frozen=True)
class Column:
    """A column: its heads, what may stand there, and examples, one a line of examples."""

    head: Text
    meaning: Text
    examples: tuple[str | int | Text, ...]


def _column(name: str, head_zh: str, meaning: tuple[str, str], *examples: str | int | Text) -> Column:
    return Column(Text(zh=head_zh, en=name), Text(zh=meaning[0], en=meaning[1]), examples)


_CENTRES = (
    _column("centre_id", "编号", ("每行不同", "An id of its own for each row"), "C001"),
    _column("name_zh", "中文名称", ("中文名称", "Name in Chinese"), "示例村儿童之家"),
    _column("name_en", "英文名称", ("可空", "Name in English; may be empty"), "Example Village Children's Place"),
    _column("programme", "所属项目", ("可空", "Programme in your own words; may be empty"), ""),
    _column("type", "类型", ("{types_zh}", "One of {types}"), Text(zh="儿童之家", en="childrens_place")),
    _column("services", "服务内容", ("用分号隔开：{services}", "Semicolons between: {services}"),
            Text(zh="教育支持;家庭教育", en="education_support;family_education")),
    _column("lon", "经度", ("度；没有坐标可空", "Longitude in degrees; empty if not known"), "116.23000"),
    _column("lat", "纬度", ("度；没有坐标可空", "Latitude in degrees; empty if not known"), "40.22000"),
    _column("crs", "坐标系", (
        "WGS-84（GPS）、GCJ-02（高德、腾讯）、BD-09（百度）或EPSG代码。请尽量填写：填错或不填可使位置偏差约500米",
        "WGS-84 (GPS), GCJ-02 (Amap, Tencent), BD-09 (Baidu) or EPSG code; in the wrong one points lie 500 m off"),
            "WGS-84"),
    _column("county", "区县", ("县级代码或名称；没有坐标时必填", "Code or name; needed without a place"), "110114"),
    _column("prefecture", "地级市", ("县名重名时有用", "Helps where county names repeat"), ""),
    _column("province", "省份", ("县名重名时有用", "Helps where county names repeat"), ""),
    _column("address", "详细地址", ("可空", "May be empty"), ""),
    _column("opened", "开放日期", ("2019、2019-05或2019-05-01", "2019, 2019-05 or 2019-05-01"), "2019-05"),
    _column("closed", "关闭日期", ("写法同上", "Written in the same way"), ""),
    _column("capacity", "容纳人数", ("可同时容纳的儿童数", "Children at a time"), "46"),
    _column("staff", "工作人员数", ("人数", "People who work there"), "1"),
    _column("status", "状态", ("开放、规划或关闭", "open, planned or closed"), Text(zh="开放", en="open")),
    _column("verified", "核实日期", ("最近核实日期", "When somebody last looked"), "2026-01-15"),
    _column("source", "数据来源", ("可空", "Where the row comes from; may be empty"), ""),
    _column("licence", "许可", ("可空", "May be empty"), ""),
)  # fmt: skip
_COUNTS = (
    _column("unit", "区划", ("县级或省级代码或名称", "Code or name of a county or province"),
            "110114", "河北省石家庄市长安区", "130123 正定县", "130125"),
    _column("unit_year", "区划年份", ("该代码或名称所属年份，可空", "Year whose code or name it is; may be empty"),
            2020, "", 2020, 2020),
    _column("definition", "口径", (
        "留守：NBS_LBC（统计，0–17岁）、MCA_LBC（民政登记，16岁以下）、MOE_LBC（学生，6–14岁）；流动：NBS_MIG",
        "Left behind: NBS_LBC (statistics, 0-17), MCA_LBC (registered, under 16), MOE_LBC (pupils); migrant: NBS_MIG"),
            "NBS_LBC", "NBS_MIG", "MCA_LBC", "MOE_LBC"),
    _column("scope", "城乡", ("合计、农村或城镇；空为合计", "total, rural or urban; empty is total"),
            Text(zh="合计", en="total"), "", "", ""),
    _column("age_from", "起始年龄", ("整岁，含", "Whole years, included"), 0, 0, 0, 6),
    _column("age_to", "终止年龄", ("整岁，含", "Whole years, included"), 17, 17, 15, 14),
    _column("year", "年份", ("2010或2020", "2010 or 2020"), 2020, 2020, 2020, 2020),
    _column("count", "人数", ("整数，不写“万”", "A whole number"), 12345, 12345, 123, 123),
    _column("source", "来源", ("必填", "Needed"), *["示例 example"] * 4),
    _column("licence", "许可", ("必填", "Needed"), *["CC BY 4.0"] * 4),
)  # fmt: skip
COLUMNS: dict[Template, tuple[Column, ...]] = {"centres": _CENTRES, "counts": _COUNTS}


def template(what: Template, ending: str, lang: Language) -> bytes:
    """The template as a file: XLSX with a sheet of explanations, or CSV in UTF-8 with BOM, which Excel reads.

    Raises
    ------
    KeyError
        If `ending` is none of `ENDINGS`.
    """
    columns = COLUMNS[what]
    width = len(columns[0].examples)
    lines: list[list[str | int]] = [[column.head.to(lang) for column in columns]]
    lines += [[_cell(column.examples[row], lang) for column in columns] for row in range(width)]
    return {"csv": _csv, "xlsx": _xlsx}[ending](what, lines, lang)


def explanations(what: Template, lang: Language) -> list[tuple[str, str]]:
    """Head of each column and what may stand there."""
    kinds = load_service_types()
    words = {
        "types": ", ".join(kinds),
        "types_zh": "、".join(kind.name.zh for kind in kinds.values()),
        "services": ", ".join(SERVICES),
    }
    return [(column.head.to(lang), column.meaning.to(lang).format(**words)) for column in COLUMNS[what]]


def _cell(example: str | int | Text, lang: Language) -> str | int:
    return example.to(lang) if isinstance(example, Text) else example


def _csv(_what: Template, lines: list[list[str | int]], _lang: Language) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(what: Template, lines: list[list[str | int]], lang: Language) -> bytes:
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        bold, folded = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(what)
        for row, line in enumerate(lines):
            sheet.write_row(row, 0, line, bold if row == 0 else None)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(lines[0]) - 1, 16)
        notes = book.add_worksheet(_NOTES.to(lang))
        notes.set_column(0, 0, 18)
        notes.set_column(1, 1, 90, folded)
        for row, pair in enumerate(explanations(what, lang)):
            notes.write_row(row, 0, pair)
    return memory.getvalue()
