"""The computed part of `docs/method/estimates.md`: a table of checks, written from the metadata, never typed.

Pages of `docs/method` say everything twice: Chinese first, then ` · ` or a new sentence or line, then English without a
Chinese character. The dashboard takes them apart by this rule (`dashboard.views.method`), and a test holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geodata.errors import UserError
from geodata.text import Text

PROVINCES = {
    "110000": Text(zh="北京", en="Beijing"),
    "120000": Text(zh="天津", en="Tianjin"),
    "130000": Text(zh="河北", en="Hebei"),
    "140000": Text(zh="山西", en="Shanxi"),
    "150000": Text(zh="内蒙古", en="Inner Mongolia"),
    "210000": Text(zh="辽宁", en="Liaoning"),
    "220000": Text(zh="吉林", en="Jilin"),
    "230000": Text(zh="黑龙江", en="Heilongjiang"),
    "310000": Text(zh="上海", en="Shanghai"),
    "320000": Text(zh="江苏", en="Jiangsu"),
    "330000": Text(zh="浙江", en="Zhejiang"),
    "340000": Text(zh="安徽", en="Anhui"),
    "350000": Text(zh="福建", en="Fujian"),
    "360000": Text(zh="江西", en="Jiangxi"),
    "370000": Text(zh="山东", en="Shandong"),
    "410000": Text(zh="河南", en="Henan"),
    "420000": Text(zh="湖北", en="Hubei"),
    "430000": Text(zh="湖南", en="Hunan"),
    "440000": Text(zh="广东", en="Guangdong"),
    "450000": Text(zh="广西", en="Guangxi"),
    "460000": Text(zh="海南", en="Hainan"),
    "500000": Text(zh="重庆", en="Chongqing"),
    "510000": Text(zh="四川", en="Sichuan"),
    "520000": Text(zh="贵州", en="Guizhou"),
    "530000": Text(zh="云南", en="Yunnan"),
    "540000": Text(zh="西藏", en="Tibet"),
    "610000": Text(zh="陕西", en="Shaanxi"),
    "620000": Text(zh="甘肃", en="Gansu"),
    "630000": Text(zh="青海", en="Qinghai"),
    "640000": Text(zh="宁夏", en="Ningxia"),
    "650000": Text(zh="新疆", en="Xinjiang"),
}
MEASURES = {
    "children": Text(zh="0–17 岁儿童", en="children 0–17"),
    "migrant_children": Text(zh="流动儿童", en="migrant children"),
    "left_behind_children_rural": Text(zh="农村留守儿童", en="rural left-behind children (LBC)"),
    "left_behind_children_urban": Text(zh="城镇留守儿童", en="urban left-behind children"),
}
START, END = "<!-- computed: start -->", "<!-- computed: end -->"


def province_name(code: str) -> Text:
    """The short name of a province; its code where it is not of the mainland."""
    return PROVINCES.get(code, Text(zh=code, en=code))


def with_checks(page: str, metadata: Mapping[str, Any]) -> str:
    """`page` with the text between its two markers replaced by the table of checks."""
    return with_section(page, (START, END), lambda: checks_table(metadata))


def with_section(page: str, markers: tuple[str, str], write: Callable[[], str]) -> str:
    """`page` with what `write` gives between the two `markers`; `UserError` where a marker is missing."""
    start, end = markers
    if start not in page or end not in page:
        raise UserError(
            "The method page has lost its markers", value="docs/method/estimates.md", expected=f"{start} {end}"
        )
    before, after = page.split(start, maxsplit=1)[0], page.split(end)[1]
    return f"{before}{start}\n{write()}{end}{after}"


def checks_table(metadata: Mapping[str, Any]) -> str:
    """Checks as a Markdown table: what, estimated, published."""
    rows = [
        (
            f"{year} {MEASURES[measure].zh} · {year} {MEASURES[measure].en}",
            f"{entry['after_rounding']:,}",
            f"{entry['published']:,.0f}",
        )
        for year in sorted(metadata["sums"])
        for measure, entry in metadata["sums"][year].items()
        if "published" in entry
    ]
    rows += _validation_rows(metadata["validation"])
    lines = ["| 检验 · check | 估计 · estimated | 公布 · published |", "|---|---:|---:|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _validation_rows(checks: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for kind, zh in (("counties", "县"), ("districts", "区")):
        fit = checks["absent_share_structure_2010"][kind]
        rows.append((f"外出比例 R²，{zh} · absent share, R², {kind}", f"{fit['r2']:.2f}", ""))
        left_out = f"{fit['r2_leave_one_province_out']:.2f}"
        rows.append((f"外出比例 R²，逐省留出，{zh} · absent share, R², {kind}, province left out", left_out, ""))
    shares = checks["province_shares_rural_2010"]
    for code, share in shares["percent"].items():
        name = province_name(code)
        label = f"2010 {name.zh}：占全国农村留守儿童，% · 2010 {name.en}: share of rural LBC, %"
        rows.append((label, f"{share['estimated']:.2f}", f"{share['published']:.2f}"))
    both = checks["both_away_percent_of_rural_left_behind_2010"]
    away = [
        (_away_label(year, one["provinces"]), f"{one['log_rmse']:.2f}", "")
        for year, one in checks["people_away_before_step_4b"].items()
    ]
    correlation = checks["correlation_2010_2020"]
    return [
        *rows,
        ("以上份额的对数均方根误差 · root-mean-square log error of these shares", f"{shares['log_rmse']:.3f}", ""),
        *away,
        (
            "2010 父母双方外出，占农村留守儿童% · 2010 both parents away, % of rural LBC",
            f"{both['estimated']:.1f}",
            f"{both['published']:.1f}",
        ),
        (
            "2010–2020 相关，留守比例，县 · correlation 2010–2020, share of LBC, counties",
            f"{correlation['left_behind_share']:.2f}",
            "",
        ),
        (
            "2010–2020 相关，流动比例，县 · correlation 2010–2020, share of migrants, counties",
            f"{correlation['migrant_share']:.2f}",
            "",
        ),
    ]


def _away_label(year: int, provinces: int) -> str:
    zh = f"{year} 各省外出人口，步骤 4b 之前的对数误差（{provinces} 省）"
    return f"{zh} · {year} people away by province, log error before step 4b ({provinces} provinces)"
