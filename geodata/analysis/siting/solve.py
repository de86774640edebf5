"""One door to all models: `solve(problem)`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

import numpy as np

from geodata.analysis.siting.problem import SitingError, SitingProblem
from geodata.analysis.siting.result import Progress, Run, SitingResult, relative_gap
from geodata.text import Text

Method = Literal["exact", "quick"]


def solve(
    problem: SitingProblem,
    *,
    method: Method = "exact",
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SitingResult:
    """Find the best plan and prove how good it is.

    Parameters
    ----------
    problem
        What is asked.
    method
        `exact` works until the plan is proven to within `gap` or time is up. `quick` answers at once (greedy and swaps)
        with whatever bound comes cheaply; without one, all demand is the bound.
    time_limit_s
        After this long the best plan so far is returned with its honest gap (the first plan is always finished).
    gap
        Relative gap that is good enough; 0: optimal.
    seed
        Of the random shakes. The same problem, seed and time enough give the same plan.
    on_progress
        Called with the best plan's objective, the bound and the gap whenever they change, from this thread.
    cancelled
        Asked often; once it says True, the best plan so far is returned with status `cancelled`.

    Raises
    ------
    SitingError
        No plan keeps the limits, or none was found in time; the sentence says which limits and what would help.
    """
    warm()
    sign = 1 if problem.counts_cover else -1
    run = Run(
        sign=sign, time_limit_s=time_limit_s, gap=gap, seed=seed, on_progress=on_progress, cancelled=cancelled,
        noise=1e-9 * float(problem.demand.sum()) if problem.counts_cover else 0.0,
    )  # fmt: skip
    if problem.counts_cover:
        run.prove(float(problem.demand.sum()), "all demand")
    else:
        run.prove(0.0, "nothing")
    _solver(problem)(problem, run, quick=method == "quick")
    if run.plan is None:
        raise SitingError([_no_plan(problem, run)])
    return _result(problem, run, quick=method == "quick")


@cache
def warm() -> None:
    """Load HiGHS and compile the kernels (seconds the first time on a machine, then read from numba's cache).

    `solve` calls it before its clock starts; a server calls it before it takes traffic.
    """
    from geodata.analysis.siting import covering, highs, median_search, reduction, set_cover, tightening

    ways = np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0], [1.0, 0.0, 2.0]])
    tiny = SitingProblem(model="max_cover", demand=np.ones(3), distance=ways, standard=0.5, sites=1)
    cover = reduction.reduce_cover(tiny)
    covering.SwapSearch(cover, 0).shake(1)
    highs.prices(covering.program_of(tiny, cover), 1.0)
    tightening.broken_cuts(cover.reach, np.full(3, 0.5), np.ones(cover.reach.shape[0]), cover.weight)
    set_cover.solve_set_cover(tiny.but(model="set_cover", sites=None), Run(sign=-1, time_limit_s=1.0, gap=0.0, seed=0),
                              quick=True)  # fmt: skip
    search = median_search.MedianSearch(median_search.ways_of(tiny.but(model="p_median")), 0)
    search.shake(1, 1e-3)
    dual = search.first_prices()
    search.climb(dual, np.array([1.0]), 1)
    search.savings(dual)


def _solver(problem: SitingProblem) -> Callable[..., None]:
    # Imported when asked for: HiGHS and the compiled kernels take about a second; a page without a plan need not pay.
    from geodata.analysis.siting import assignment, covering, median, set_cover

    return {
        "max_cover": covering.solve_cover,
        "backup_cover": covering.solve_cover,
        "gradual_cover": median.solve_median,
        "p_median": median.solve_median,
        "set_cover": set_cover.solve_set_cover,
        "p_centre": set_cover.solve_centre,
        "capacitated_cover": assignment.solve_capacitated,
        "capacitated_median": assignment.solve_capacitated,
    }[problem.model]


def _no_plan(problem: SitingProblem, run: Run) -> Text:
    if run.left_s > 0 and not run.was_cancelled:
        return Text(
            zh="没有方案同时满足站点数、预算、容量与服务标准。可行：增加站点数、预算或容量，或放宽标准。",
            en="No plan meets the number of sites, the budget, the capacities and the standard together. Feasible: "
            "more sites, budget or capacity, or a longer standard.",
        )
    return Text(
        zh=f"{run.seconds:.0f} 秒内未找到方案（{problem.model}）。请给更多时间，或增加站点数、预算或容量。",
        en=f"No plan was found in {run.seconds:.0f} s ({problem.model}). Allow more time, or more "
        "sites, budget or capacity.",
    )


def _result(problem: SitingProblem, run: Run, *, quick: bool) -> SitingResult:
    plan = run.plan
    assert plan is not None  # noqa: S101  # the caller looked
    chosen = np.flatnonzero(plan & ~problem.fixed)
    status = run.status()
    # Where plan and bound meet but for rounding, they are said to meet.
    bound = run.best if status == "optimal" else run.bound
    return SitingResult(
        model=problem.model,
        status="heuristic" if quick and status == "time_limit" else status,
        chosen=tuple(int(site) for site in chosen),
        open_sites=tuple(int(site) for site in np.flatnonzero(plan)),
        names=tuple(problem.candidate_names[site] for site in chosen),
        objective=run.best,
        bound=bound,
        gap=relative_gap(run.best, bound),
        seconds=run.seconds,
        seed=run.seed,
        cost=float(problem.cost[chosen].sum()),
    )
