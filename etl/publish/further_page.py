"""The computed part of `docs/method/further.md`: sums, the published structure, and how the flows hold up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from etl.publish.method_page import PROVINCES, with_section
from geodata.text import Text

MARKERS = ("<!-- computed further: start -->", "<!-- computed further: end -->")
NAMES = {
    "left_behind_registered": "符合登记口径 · register definition",
    "left_behind_aged_0_5": "0–5 岁 · aged 0–5",
    "left_behind_aged_6_11": "6–11 岁 · aged 6–11",
    "left_behind_aged_12_14": "12–14 岁 · aged 12–14",
    "left_behind_aged_15_17": "15–17 岁 · aged 15–17",
    "left_behind_rural_one_parent": "农村，与父或母 · rural, with one parent",
    "left_behind_rural_grandparents": "农村，与祖父母 · rural, with grandparents",
    "left_behind_rural_other_people": "农村，与其他人 · rural, with other people",
    "left_behind_rural_alone": "农村，单独居住 · rural, alone",
    "migrant_children_other_county": "无本县户籍的流动儿童 · migrants without local registration",
    "migrant_children_other_province": "跨省流动儿童 · migrants from other provinces",
}
CHANGES = {
    "exponent 0.5": "距离指数 0.5 · exponent of distance .5",
    "exponent 1.5": "距离指数 1.5 · exponent of distance 1.5",
    "identity weight 0.2": "恒等式权重 0.2 · weight of the identity .2",
    "identity weight 0.8": "恒等式权重 0.8 · weight of the identity .8",
}
MILLION = 1e6


def with_further(page: str, metadata: Mapping[str, Any]) -> str:
    """`page` with the text between its markers replaced; `metadata` as in `further.yaml`."""
    return with_section(page, MARKERS, lambda: "\n".join(part(metadata) for part in (_structure, _flows)))


def _structure(metadata: Mapping[str, Any]) -> str:
    sums = [(name, [metadata["sums"][year][name]["after_rounding"] for year in (2010, 2020)]) for name in NAMES]
    shares = metadata["percent_of_rural_left_behind_2010"]
    adds_up = metadata["share_of_units_whose_parts_add_up"]
    zh = "，".join(f"{year}年 {value / 1e4:.0f} 万" for year, value in metadata["register"].items())
    en = ", ".join(f"{value / MILLION:.2f} million in {year}" for year, value in metadata["register"].items())
    parts = [
        _table(
            ("各县合计 · sum of counties", "2010", "2020"), ((NAMES[n], *(f"{v:,}" for v in both)) for n, both in sums)
        ),
        f"登记数：{zh}。\nRegisters held {en}.\n",
        _table(
            ("2010 农村留守儿童，% · 2010 rural LBC, %", "估计 · estimated", "公布 · published"),
            ((NAMES[n], f"{one['estimated']:.2f}", f"{one['published']:.2f}") for n, one in shares.items()),
        ),
        _table(
            ("四舍五入后各部分之和等于总数的县 · counties whose rounded parts add up", "2010", "2020"),
            (
                (label, *(f"{100 * adds_up[year][key]:.0f}%" for year in (2010, 2020)))
                for key, label in (("ages", "年龄 · ages"), ("living", "居住安排 · living arrangement"))
            ),
        ),
    ]
    return "\n".join(parts)


def _flows(metadata: Mapping[str, Any]) -> str:
    found = metadata["flows_2020"]
    henan = [
        (
            f"户籍在{PROVINCES[code].zh}，住外省，百万 · registered in {PROVINCES[code].en}, living outside, millions",
            one,
            MILLION,
            2,
        )
        for code, one in found["left_the_province"].items()
    ]
    beijing = [
        (f"来京者中来自{PROVINCES[code].zh}，% · of movers to Beijing, from {PROVINCES[code].en}, %", one, 1, 1)
        for code, one in sorted(found["percent_of_movers_to_beijing"].items(), key=lambda item: -item[1]["published"])
    ]
    parts = [
        _table(
            ("流动者去向，2020 · movers, 2020", "估计 · estimated", "公布 · published"),
            (
                (label, f"{one['estimated'] / unit:.{digits}f}", f"{one['published'] / unit:.{digits}f}")
                for label, one, unit, digits in (*henan, *beijing)
            ),
        ),
        _leavers(metadata["flows_2010"]["left_the_province"]),
        _largest(2010, metadata["flows_2010"]),
        _largest(2020, found),
        _table(
            ("换一个假设，去向不同的流动者 · movers placed elsewhere", "地级 · prefectures", "省级 · provinces"),
            (
                (CHANGES[name], f"{one['prefectures']:.0f}%", f"{one['provinces']:.0f}%")
                for name, one in found["misplaced_percent"].items()
            ),
        ),
    ]
    return "\n".join(parts)


def _leavers(provinces: Mapping[str, Any]) -> str:
    """How well the origins of 2010 meet what is published, in a sentence of each language."""
    errors = {code: one["estimated"] / one["published"] - 1 for code, one in provinces.items()}
    near = sum(abs(error) < 0.02 for error in errors.values())
    code = max(errors, key=lambda code: abs(errors[code]))
    name, worst = PROVINCES[code], f"{round(100 * errors[code]):+d}%"
    return (
        f"2010 年出省人数：{len(errors)} 个省份中有 {near} 个与公布数相差不到 2%，最大的是{name.zh}（{worst}）。\n"
        f"People who had left their province by 2010: {near} of {len(errors)} provinces are within 2 % of what is "
        f"published, {name.en} is farthest off ({worst}).\n"
    )


def _largest(year: int, found: Mapping[str, Any]) -> str:
    between = f"{found['movers_between_provinces'] / MILLION:.1f}"
    heads = (
        f"{year} 年估计最大的省际流向 · {year} largest estimated corridors between provinces",
        f"百万人，全部 {between} · millions, of {between}",
    )
    rows = [
        (_way(PROVINCES[one["origin"]], PROVINCES[one["destination"]]), f"{one['movers'] / MILLION:.1f}")
        for one in found["largest"]
    ]
    return _table(heads, rows)


def _way(origin: Text, destination: Text) -> str:
    return f"{origin.zh} → {destination.zh} · {origin.en} → {destination.en}"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(heads)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
