"""The second computed part of `docs/method/estimates.md`: intervals, sensitivity, alternatives, back-test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from etl.publish.method_page import province_name, with_section
from geodata.analysis.estimate.draws import Ranges
from geodata.text import Text

MARKERS = ("<!-- computed draws: start -->", "<!-- computed draws: end -->")
KINDS = {
    "counties": ("县", "counties"),
    "districts": ("市辖区", "districts"),
    "prefecture": ("地级", "prefectures"),
    "province": ("省级", "provinces"),
}
ASSUMPTIONS = {
    "kappa": "父母比其他人更常外出 · parents move more than others",
    "lambda_": "县内跨乡镇外出的影响 · moves inside the county",
    "rho": "夫妻外出的相关 · spouses move together",
    "mix": "恒等式的权重 · weight of the identity",
    "college_tilt": "15–17 岁占 15–19 岁之比的上限 · bound on ages 15–17 by 15–19",
    "cohort_tilt": "15–17 岁与 10–14 岁之比的上限 · bound on ages 15–17 by 10–14",
}
TOLD = {
    "left_behind_children": Text(zh="留守儿童", en="left-behind children"),
    "left_behind_both_away": Text(zh="父母均外出", en="both parents away"),
    "migrant_children": Text(zh="流动儿童", en="migrant children"),
    "children": Text(zh="0–17 岁儿童", en="children 0–17"),
}
ALTERNATIVES = {
    "present": "**现用模型** · **present model**",
    "no_leavers": "不用各省流出人口（1.0 版） · people who left each province unknown (version 1.0)",
    "other_leavers": "六省的流出人口未知，其余已知 · those of the six provinces unknown, of the others known",
    "mended": "恒等式先按流出人口改正，结构随之重新拟合 · identity mended by them, structure fitted anew",
    "ridge": "岭回归 · ridge regression",
    "fractional_logit": "分数 logit 回归 · fractional logit regression",
    "shrinkage": "Fay–Herriot 式权重 · Fay–Herriot weights",
    "identity_only": "仅恒等式 · identity alone",
    "structure_only": "仅人口结构 · structure alone",
    "regional_rho": "夫妻相关分地区（东 0.3、中 0.5、西 0.6） · spouses by region (East .3, Centre .5, West .6)",
    "distance": "留在本省的父母少留下四分之一子女 · parents who stay in the province leave a quarter fewer children",
    "adults": "按 25–44 岁的外出比例 · by the absent share of people aged 25–44",
    "rural_children": "农村儿童数合于公布（37.7%） · as many rural children as published (37.7 %)",
}
NATION = {
    "children": "儿童 · children",
    "migrant": "流动儿童 · migrant children",
    "left_behind_rural": "农村留守儿童 · rural LBC",
    "left_behind_urban": "城镇留守儿童 · urban LBC",
}
YES, NO = "是 · yes", "否 · no"


def with_draws(page: str, checks: Mapping[str, Any]) -> str:
    """`page` with the text between its second pair of markers replaced; `checks` as of `etl.measure.draws`."""
    parts = (_intervals, _coverage, _sensitivity, _alternatives, _backtest)
    return with_section(page, MARKERS, lambda: "\n".join(part(checks) for part in parts))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(heads)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _province(code: str) -> str:
    name = province_name(code)
    return f"{name.zh} · {name.en}"


def _percent(change: float) -> str:
    return f"{round(100 * change):+d}%"


def _intervals(checks: Mapping[str, Any]) -> str:
    widths = checks["widths"]
    rows = []
    for name, label in TOLD.items():
        for key, (zh, en) in KINDS.items():
            shown = (f"±{one['median_half_width'][name][key]:.0%}" for one in widths.values())
            rows.append([f"{label.zh}：{zh} · {label.en}: {en}", *shown])
    medians = _table(["半宽中位数 · median half-width", *(str(year) for year in widths)], rows)
    rows = []
    for key, (zh, en) in KINDS.items():
        shown = (f"{one['wide'][key]:.0%}" for one in widths.values())
        rows.append([f"半宽超过 60% 的{zh} · {en} wider than 60 %", *shown])
    rows.append(["参加排名的县 · counties ranked", *(f"{one['ranked']:,}" for one in widths.values())])
    for key, words in (
        ("median_rank_span", "留守比例名次区间跨度中位数 · median span of a rank interval, share of LBC"),
        ("median_alike", "与一县没有明显差别的县数中位数 · median number of counties not clearly different from one"),
    ):
        rows.append([words, *(f"{one[key]:,.0f}" for one in widths.values())])
    others = _table(["留守儿童 · left-behind children", *(str(year) for year in widths)], rows)
    return f"### 区间（{checks['draws']} 次抽样）· Intervals ({checks['draws']} draws)\n\n{medians}\n{others}"


def _coverage(checks: Mapping[str, Any]) -> str:
    found = checks["coverage"]
    entries = {_province(code): entry for code, entry in found["provinces"].items()}
    entries["父母双方外出，占农村留守儿童% · both parents away, % of rural LBC"] = found["both_away"]
    rows = [
        [
            label,
            f"{entry['low']:.2f}–{entry['high']:.2f}",
            f"{entry['published']:.2f}",
            YES if entry["inside"] else NO,
        ]
        for label, entry in entries.items()
    ]
    inside = sum(entry["inside"] for entry in found["provinces"].values())
    of, ratio = len(found["provinces"]), found["error_per_spread"]
    left_out = found["left_out"].values()
    needed = [one["error_per_spread"] for one in left_out]
    asked, held = f"{min(needed):.2f}–{max(needed):.2f}", sum(one["inside"] for one in left_out)
    spread = Ranges().province_sd
    heads = [
        "2010 占全国农村留守儿童，% · 2010 share of rural LBC, %",
        "区间 · interval",
        "公布 · published",
        "在内 · inside",
    ]
    return f"""### 区间是否含公布值 · Do the intervals hold what is published?

{_table(heads, rows)}
{of} 个省份中有 {inside} 个在区间内；省级误差是抽样离散程度的 {ratio:.1f} 倍（1 为恰当，大于 1 则区间偏窄）。
{inside} of {of} provinces lie within; their errors are {ratio:.1f} times the spread of the draws (1 would be right,
above 1 the intervals are too narrow).

省级系数的离散程度（{spread:g}）是按这六个份额定的，所以再逐省留出：只用其余五省来定，所需离散程度为现值的 {asked} 倍，
留出的省份有 {held}/{of} 个仍在区间内。
The spread of the provinces' factor ({spread:g}) was set by these very shares, so each is left out in turn: the other
five ask for {asked} times that spread, and hold {held} of the {of} left out.
"""


def _sensitivity(checks: Mapping[str, Any]) -> str:
    rows = []
    for one in checks["sensitivity"]:
        changes = [f"{change:.1f}%" for change in one["median_change"].values()]
        rows.append([
            ASSUMPTIONS[one["assumption"]], f"{one['point']:g} → {one['value']:g}", *changes, f"{one['log_rmse']:.3f}"
        ])  # fmt: skip
    years = checks["sensitivity"][0]["median_change"]
    heads = [
        "假设 · assumption",
        "取值 · value",
        *(f"{year} 县留守儿童变动中位数 · {year} median change of LBC, counties" for year in years),
        "2010 省份误差 · 2010 log error of provinces",
    ]
    return f"### 对各假设的敏感度 · Sensitivity to each assumption\n\n{_table(heads, rows)}"


def _alternatives(checks: Mapping[str, Any]) -> str:
    scores = checks["alternatives"]
    rows = [
        [
            ALTERNATIVES[one["name"]],
            f"{one['chosen']}",
            f"{one['r2_counties']:.3f}",
            f"{one['r2_districts']:.3f}",
            f"{one['log_rmse']:.3f}",
            f"{one['log_rmse_left_out']:.3f}",
            f"{one['both_away_percent']:.1f}",
            f"{one['both_away_percent_east']:.1f}",
        ]
        for one in scores
    ]
    heads = [
        "2010，逐省留出 · 2010, each province left out",
        "人为选定的数 · numbers chosen",
        "R²，县 · R², counties",
        "R²，区 · R², districts",
        "省份误差 · error of provinces",
        "省份误差，留出 · error of provinces, left out",
        "双方外出，% · both away, %",
        "东部双方外出，% · both away in the East, %",
    ]
    better = [ALTERNATIVES[one["name"]] for one in scores if one["clearly_better"]]
    worse = [ALTERNATIVES[one["name"]] for one in scores if one["clearly_worse"]]
    zh, en = "没有一种明显更好：保留现用模型", "None is clearly better: the present model stays"
    if better:
        zh, en = f"明显更好的有：{_listed(better, 0)}", f"Clearly better: {_listed(better, 1)}"
    if worse:
        zh, en = f"{zh}。现用模型明显好于：{_listed(worse, 0)}", f"{en}. It is clearly better than: {_listed(worse, 1)}"
    return f"### 其他方法 · Alternatives\n\n{_table(heads, rows)}\n{zh}。\n{en}.\n"


def _listed(labels: Iterable[str], language: int) -> str:
    return ("；", "; ")[language].join(label.split(" · ")[language] for label in labels)


def _backtest(checks: Mapping[str, Any]) -> str:
    test = checks["backtest"]
    rows = [
        ["与 2020 估计的秩相关 · rank correlation with the 2020 estimate",
         f"{test['blind_spearman']:.2f}", f"{test['decade_spearman']:.2f}"],
        ["2020 前 100 名中原已在列 · of the top 100 of 2020, already there",
         f"{test['blind_top_kept']:.0%}", f"{test['decade_top_kept']:.0%}"],
        ["省份对数误差 · log error of provinces", f"{test['province_log_rmse']:.3f}", ""],
        ["结构推算的外出比例与 2020 恒等式的相关 · absent share by structure against the identity of 2020",
         f"{test['absence_correlation']:.2f}", ""],
    ]  # fmt: skip
    units = f"{test['units']:,}"
    summary = _table([f"{units} 县 · {units} counties", "盲推 2020 · blind 2020", "2010 估计 · 2010 estimate"], rows)
    nation = _table(
        ["全国，百万人 · nation, millions", "盲推 · blind", "2020 估计 · estimate", "差 · difference"],
        (
            [NATION[name], f"{guess / 1e6:.1f}", f"{found / 1e6:.1f}", _percent(guess / found - 1)]
            for name, (guess, found) in test["nation"].items()
        ),
    )
    ordered = sorted(test["province"].items(), key=lambda entry: -abs(entry[1]))
    provinces = _table(
        [
            "省份占全国留守儿童的份额，盲推与估计之差 · province's share of LBC, blind against estimate",
            "差 · difference",
        ],
        ([_province(code), _percent(error)] for code, error in ordered),
    )
    return f"### 十年回测 · Decade back-test\n\n{summary}\n{nation}\n{provinces}"
