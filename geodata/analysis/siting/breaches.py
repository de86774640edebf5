"""What is wrong with a siting problem: each breach names the constraints that conflict and what would be feasible."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from geodata.analysis.siting.problem import MODELS, Bools, Floats, SitingProblem, names_of
from geodata.text import Text

# Relative difference above which two ways of one pair are no rounding.
_ASYMMETRY = 1e-6


def shape_breaches(problem: SitingProblem) -> list[Text]:
    """Breaches that make every further check meaningless: nothing given, or lengths that do not fit together."""
    n, m = problem.n_demand, problem.n_candidates
    found: list[Text] = []
    if problem.model not in MODELS:
        known = ", ".join(MODELS)
        found.append(
            _text(
                f"未知的模型 {problem.model}；可选：{known}。",
                f"There is no model {problem.model!r}; there are: {known}.",
            )
        )
    if n == 0 or len(problem.demand) == 0:
        found.append(_text("没有需求点：至少需要一个。", "There is no demand point; at least one is needed."))
    if m == 0:
        found.append(_text("没有候选点：至少需要一个。", "There is no candidate; at least one is needed."))
    lengths = [("demand", len(problem.demand), n), ("demand_names", len(problem.demand_names), n)]
    per_candidate = ("cost", "fixed", "closed", "forced", "forbidden", "action_of", "candidate_names")
    lengths += [(name, len(getattr(problem, name)), m) for name in per_candidate]
    if problem.capacity is not None:
        lengths.append(("capacity", len(problem.capacity), m))
    if isinstance(problem.standard, np.ndarray):
        lengths.append(("standard", len(problem.standard), m))
    found += [
        _text(
            f"{name} 有 {length} 项，而距离矩阵为 {n} × {m}：应有 {wanted} 项。",
            f"{name} has {length} entries, but the distance matrix is {n} × {m}: {wanted} are expected.",
        )
        for name, length, wanted in lengths
        if length != wanted
    ]
    return found


def breaches(problem: SitingProblem) -> list[Text]:
    """All breaches of a problem whose shapes fit: bad numbers first; conflicts only when the numbers are sound."""
    found = [text for check in (_numbers, _names, _asked) for text in check(problem)]
    return found or [text for check in _CONFLICTS for text in check(problem)]


def _numbers(problem: SitingProblem) -> Iterator[Text]:
    stored = problem.distance.data if problem.is_sparse else np.asarray(problem.distance).ravel()
    columns: list[tuple[str, str, Floats, tuple[str, ...]]] = [
        ("demand", "需求", problem.demand, problem.demand_names),
        ("cost", "成本", problem.cost, problem.candidate_names),
        ("distance", "距离", np.asarray(stored, dtype=float), ()),
    ]
    if problem.capacity is not None:
        columns.append(("capacity", "容量", problem.capacity, problem.candidate_names))
    for name, zh, values, names in columns:
        # A distance may be infinite: no way leads there. Nothing else may.
        bad = np.isnan(values) if name == "distance" else ~np.isfinite(values)
        for wrong, zh_why, why in ((bad, "不是有限的数", "not a finite number"), (values < 0, "为负", "negative")):
            if wrong.any():
                where = f" ({names_of(names, np.flatnonzero(wrong))})" if names else ""
                yield _text(
                    f"{zh}有 {int(wrong.sum())} 项{zh_why}{where}：应为不小于 0 的数。",
                    f"{int(wrong.sum())} entries of {name} are {why}{where}; numbers of at least 0 are expected.",
                )
    if not problem.demand.sum() > 0 and not np.isnan(problem.demand).any():
        yield _text("全部需求为 0：没有可服务的儿童。", "All demand is 0: there is nobody to serve.")
    standard = problem.standard_of()
    if np.isnan(standard).any() or (standard <= 0).any():
        yield _text("服务标准必须大于 0。", "The standard must be greater than 0.")
    if not 0 <= problem.backup_share <= 0.5:
        yield _text(
            f"后备覆盖的比重为 {problem.backup_share:g}：应在 0 与 0.5 之间。",
            f"The backup share is {problem.backup_share:g}; it must lie between 0 and 0.5.",
        )


def _names(problem: SitingProblem) -> Iterator[Text]:
    for zh, what, names in (
        ("候选点", "candidates", problem.candidate_names),
        ("需求点", "demand points", problem.demand_names),
    ):
        values, counts = np.unique(np.array(names, dtype=str), return_counts=True)
        twice = [str(name) for name in values[counts > 1]]
        if twice:
            shown = names_of(twice, range(len(twice)))
            yield _text(
                f"{zh}重复：{shown}。每个只能列一次。", f"These {what} are listed twice: {shown}. List each once."
            )
    if problem.symmetric:
        yield from _asymmetry(problem)


def _asymmetry(problem: SitingProblem) -> Iterator[Text]:
    if problem.n_demand != problem.n_candidates:
        yield _text(
            f"对称的问题需要方阵，而矩阵为 {problem.n_demand} × {problem.n_candidates}。",
            f"A symmetric problem needs a square matrix; this one is {problem.n_demand} × {problem.n_candidates}.",
        )
        return
    matrix = problem.distance
    if problem.is_sparse:
        there, back = matrix.tocsr(copy=True), matrix.T.tocsr()
        there.sort_indices()
        back.sort_indices()
        same = np.array_equal(there.indptr, back.indptr) and np.array_equal(there.indices, back.indices)
        if same and np.allclose(there.data, back.data, rtol=_ASYMMETRY, equal_nan=True):
            return
        pairs = abs(there - back).tocoo()
        at = int(np.argmax(pairs.data)) if pairs.nnz else 0
        row, column = (int(pairs.row[at]), int(pairs.col[at])) if pairs.nnz else (0, 0)
    else:
        differs = ~np.isclose(matrix, matrix.T, rtol=_ASYMMETRY, equal_nan=True)
        if not differs.any():
            return
        row, column = (int(at) for at in np.argwhere(differs)[0])
    names = problem.candidate_names
    yield _text(
        f"距离不对称：{names[row]} 到 {names[column]} 为 {matrix[row, column]:g}，反向为 {matrix[column, row]:g}。"
        "请改正，或不声明对称。",
        f"The distances are not symmetric: {names[row]} to {names[column]} is {matrix[row, column]:g}, back it is "
        f"{matrix[column, row]:g}. Mend them, or do not say that they are symmetric.",
    )


def _asked(problem: SitingProblem) -> Iterator[Text]:
    """What the model needs and what was given."""
    model = problem.model
    limited = problem.sites is not None or problem.budget is not None
    if model != "set_cover" and not limited:
        yield _text(f"模型 {model} 需要站点数或预算。", f"Model {model} needs a number of sites or a budget.")
    if (
        model in {"max_cover", "backup_cover", "gradual_cover", "set_cover", "capacitated_cover"}
        and problem.standard is None
    ):
        yield _text(f"模型 {model} 需要服务标准（距离或时间）。", f"Model {model} needs a standard (distance or time).")
    if model.startswith("capacitated") and problem.capacity is None:
        yield _text(f"模型 {model} 需要容量。", f"Model {model} needs capacities.")
    if problem.sites is not None and (problem.sites != int(problem.sites) or problem.sites < 0):
        yield _text(
            f"站点数 {problem.sites} 应为不小于 0 的整数。",
            f"{problem.sites} sites: a whole number of at least 0 is expected.",
        )
    if problem.budget is not None and not (np.isfinite(problem.budget) and problem.budget >= 0):
        yield _text(
            f"预算 {problem.budget} 应为不小于 0 的数。",
            f"A budget of {problem.budget}: a number of at least 0 is expected.",
        )
    if model == "p_centre" and problem.budget is not None:
        yield _text(
            "最远距离最小的模型以站点数为限，不用预算。",
            "Model p_centre is limited by a number of sites, not by a budget.",
        )
    full = problem.full_within
    if model == "gradual_cover" and (full is None or not 0 <= full <= problem.standard_of().min()):
        yield _text(
            "渐减覆盖需要 full_within，且不大于服务标准。",
            "Gradual coverage needs full_within, a distance of at most the standard.",
        )


def _choices(problem: SitingProblem) -> Iterator[Text]:
    names = problem.candidate_names
    for one, other, zh, en, zh_way, way in (
        (problem.forced, problem.forbidden, "既必选又禁选", "forced and forbidden",
         "请去掉其一", "drop one of the two"),
        (problem.fixed, problem.forbidden, "是现有中心却又禁选", "existing centres and forbidden",
         "若要关闭，请列入 closed", "to close a centre, list it as closed"),
        (problem.fixed, problem.forced, "是现有中心却又必选新建", "existing centres and forced",
         "现有中心本来就保留", "an existing centre stays anyhow"),
        (problem.closed, ~problem.fixed, "被关闭但不是现有中心", "closed but not existing",
         "只能关闭现有中心", "only an existing centre can be closed"),
    ):  # fmt: skip
        both = np.flatnonzero(one & other)
        if len(both):
            shown = names_of(names, both)
            yield _text(f"候选点 {shown} {zh}：{zh_way}。", f"Candidates {shown} are {en}: {way}.")
    there = problem.action_of[problem.stays & (problem.action_of >= 0)]
    if len(np.unique(there)) < len(there):
        yield _text(
            "同一地点（action_of）有两个现有中心：请分开编号。",
            "Two existing centres share a place (action_of): number them apart.",
        )
    group = problem.action_of[problem.forced]
    values, counts = np.unique(group[group >= 0], return_counts=True)
    if (counts > 1).any():
        clash = np.flatnonzero(problem.forced & np.isin(problem.action_of, values[counts > 1]))
        shown = names_of(names, clash)
        yield _text(
            f"{shown} 是同一地点的不同做法，不能都必选：只留一个。",
            f"{shown} are alternatives at one place and cannot all be forced: keep one.",
        )


def _limits(problem: SitingProblem) -> Iterator[Text]:
    free, forced = int(problem.selectable.sum()), int(problem.forced.sum())
    total = problem.n_candidates
    if problem.sites is not None and problem.sites > free:
        stay, banned = int(problem.fixed.sum()), int(problem.forbidden.sum())
        yield _text(
            f"要新建 {problem.sites} 个，但只有 {free} 个候选点可选（共 {total} 个，"
            f"{stay} 个是现有中心，{banned} 个禁选）。可行：至多 {free} 个。",
            f"{problem.sites} new sites are asked for, but only {free} candidates can be opened (of {total}, "
            f"{stay} are existing centres and {banned} are forbidden). Feasible: at most {free} sites.",
        )
    if problem.sites is not None and forced > problem.sites:
        yield _text(
            f"必选 {forced} 个，超过站点数 {problem.sites}。可行：站点数至少 {forced}，或减少必选。",
            f"{forced} candidates are forced, but only {problem.sites} sites may be opened. Feasible: at least "
            f"{forced} sites, or fewer forced candidates.",
        )
    spent = float(problem.cost[problem.forced].sum())
    if problem.budget is not None and spent > problem.budget * (1 + 1e-12):
        yield _text(
            f"必选的候选点共需 {spent:g}，超过预算 {problem.budget:g}。可行：预算至少 {spent:g}，或减少必选。",
            f"The forced candidates cost {spent:g}, more than the budget of {problem.budget:g}. Feasible: a budget of "
            f"at least {spent:g}, or fewer forced candidates.",
        )


def _reach(problem: SitingProblem) -> Iterator[Text]:
    """Some models must serve everybody: is everybody in reach of something that may be open."""
    if problem.model not in {"set_cover", "p_median", "p_centre", "capacitated_median"}:
        return
    nearest = nearest_usable(problem, problem.stays | problem.selectable)
    reach = _within_standard(problem)
    left = np.flatnonzero(~reach & (problem.demand > 0))
    if not len(left):
        return
    needed = float(nearest[left].max())
    shown = names_of(problem.demand_names, left)
    if np.isfinite(needed):
        way = f"Feasible: a standard of at least {needed:g}, a candidate nearer to them, or leaving them out."
        zh_way = f"可行：标准至少 {needed:g}，或在其附近增加候选点，或不计入这些需求点。"
    else:
        way = "Feasible: a candidate from which a way leads to them, or leaving them out."
        zh_way = "可行：增加可到达的候选点，或不计入这些需求点。"
    yield _text(
        f"所有需求都须服务，但 {len(left)} 个需求点（{shown}）没有可用的候选点在服务范围内。{zh_way}",
        f"Everybody must be served, but {len(left)} demand points ({shown}) have no usable candidate in reach. {way}",
    )


def _somebody_open(problem: SitingProblem) -> Iterator[Text]:
    if problem.model not in {"p_median", "p_centre", "capacitated_median"} or problem.stays.any():
        return
    cheapest = float(problem.cost[problem.selectable].min()) if problem.selectable.any() else np.inf
    if problem.sites == 0 or (problem.budget is not None and cheapest > problem.budget):
        yield _text(
            f"没有现有中心，站点数或预算又不够新建一个。可行：至少 1 个站点，预算至少 {cheapest:g}。",
            f"There is no existing centre, and sites or budget do not allow a new one. Feasible: at least 1 site and a "
            f"budget of at least {cheapest:g}.",
        )


def _capacities(problem: SitingProblem) -> Iterator[Text]:
    if problem.model != "capacitated_median" or problem.capacity is None:
        return
    total = float(problem.demand.sum())
    there = float(problem.capacity[problem.stays].sum())
    free = np.sort(problem.capacity[problem.selectable])[::-1]
    room = len(free) if problem.sites is None else int(problem.sites)
    most = there + float(free[:room].sum())
    if most >= total * (1 - 1e-12):
        return
    enough = np.flatnonzero(there + np.cumsum(free) >= total)
    if len(enough):
        zh_way, way = f"可行：至少 {enough[0] + 1} 个站点", f"Feasible: at least {enough[0] + 1} sites"
    else:
        zh_way, way = "可行：更多候选点", "Feasible: more candidates"
    yield _text(
        f"需求 {total:g} 超过容量：现有中心与最大的 {room} 个候选点共 {most:g}。"
        f"{zh_way}，或再加容量 {total - most:g}。",
        f"Demand of {total:g} exceeds capacity: existing centres and the {room} largest candidates hold {most:g}. "
        f"{way}, or {total - most:g} more capacity.",
    )


def nearest_usable(problem: SitingProblem, usable: Bools) -> Floats:
    """Distance of each demand point to the nearest of the `usable` candidates; infinite without one."""
    if problem.is_sparse:
        found = np.full(problem.n_demand, np.inf)
        pairs = problem.distance.tocoo()
        keep = usable[pairs.col]
        np.minimum.at(found, pairs.row[keep], pairs.data[keep])
        return found
    if not usable.any():
        return np.full(problem.n_demand, np.inf)
    return np.asarray(problem.distance[:, usable].min(axis=1), dtype=float)


def _within_standard(problem: SitingProblem) -> Bools:
    usable = problem.stays | problem.selectable
    standard = problem.standard_of()
    if problem.is_sparse:
        pairs = problem.distance.tocoo()
        keep = usable[pairs.col] & (pairs.data <= standard[pairs.col]) & np.isfinite(pairs.data)
        found = np.zeros(problem.n_demand, dtype=bool)
        found[pairs.row[keep]] = True
        return found
    reached = (problem.distance <= standard) & np.isfinite(problem.distance)
    return np.asarray(reached[:, usable].any(axis=1))


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


_CONFLICTS: tuple[Callable[[SitingProblem], Iterator[Text]], ...] = (
    _choices, _limits, _somebody_open, _reach, _capacities,
)  # fmt: skip
