"""The computed part of `docs/method/estimates.md`: a table of checks, written from the metadata, never typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geodata.errors import UserError

PROVINCES = {
    "110000": "北京 Beijing",
    "120000": "天津 Tianjin",
    "130000": "河北 Hebei",
    "140000": "山西 Shanxi",
    "150000": "内蒙古 Inner Mongolia",
    "210000": "辽宁 Liaoning",
    "220000": "吉林 Jilin",
    "230000": "黑龙江 Heilongjiang",
    "310000": "上海 Shanghai",
    "320000": "江苏 Jiangsu",
    "330000": "浙江 Zhejiang",
    "340000": "安徽 Anhui",
    "350000": "福建 Fujian",
    "360000": "江西 Jiangxi",
    "370000": "山东 Shandong",
    "410000": "河南 Henan",
    "420000": "湖北 Hubei",
    "430000": "湖南 Hunan",
    "440000": "广东 Guangdong",
    "450000": "广西 Guangxi",
    "460000": "海南 Hainan",
    "500000": "重庆 Chongqing",
    "510000": "四川 Sichuan",
    "520000": "贵州 Guizhou",
    "530000": "云南 Yunnan",
    "540000": "西藏 Tibet",
    "610000": "陕西 Shaanxi",
    "620000": "甘肃 Gansu",
    "630000": "青海 Qinghai",
    "640000": "宁夏 Ningxia",
    "650000": "新疆 Xinjiang",
}
START, END = "<!-- computed: start -->", "<!-- computed: end -->"


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
        (f"{year} {measure}", f"{entry['after_rounding']:,}", f"{entry['published']:,.0f}")
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
        label = f"2010 {PROVINCES.get(code, code)}：占全国农村留守儿童 · share of rural LBC, %"
        rows.append((label, f"{share['estimated']:.2f}", f"{share['published']:.2f}"))
    both = checks["both_away_percent_of_rural_left_behind_2010"]
    correlation = checks["correlation_2010_2020"]
    return [
        *rows,
        ("以上份额的对数均方根误差 · root-mean-square log error of these shares", f"{shares['log_rmse']:.3f}", ""),
        (
            "2010 父母双方外出 · both parents away, % of rural LBC",
            f"{both['estimated']:.1f}",
            f"{both['published']:.1f}",
        ),
        (
            "2010–2020 相关，留守比例，县 · correlation, share of LBC, counties",
            f"{correlation['left_behind_share']:.2f}",
            "",
        ),
        (
            "2010–2020 相关，流动比例，县 · correlation, share of migrants, counties",
            f"{correlation['migrant_share']:.2f}",
            "",
        ),
    ]
