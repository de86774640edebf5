"""spopt (PySAL), as its documentation has it: the same matrix in, its own model building, PuLP with CBC or HiGHS."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Answer:
    """What the peer said: seconds from matrix to answer, objective (None: no plan), whether it claims the optimum."""

    seconds: float
    objective: float | None
    proven: bool


def max_cover(
    distance: NDArray[np.float64],
    demand: NDArray[np.float64],
    radius: float,
    sites: int,
    *,
    highs: bool,
    time_limit_s: float,
) -> Answer:
    """Maximal covering: `spopt.locate.MCLP.from_cost_matrix`."""
    from spopt.locate import MCLP

    begun = time.perf_counter()
    model = MCLP.from_cost_matrix(distance, demand, radius, sites)
    _solve(model, highs=highs, time_limit_s=time_limit_s - (time.perf_counter() - begun))
    seconds = time.perf_counter() - begun
    plan = _plan(model)
    covered = None if plan is None else float(demand[distance[:, plan].min(axis=1) <= radius].sum())
    return Answer(seconds, covered, _proven(model, seconds, time_limit_s))


def p_median(
    distance: NDArray[np.float64], demand: NDArray[np.float64], sites: int, *, highs: bool, time_limit_s: float
) -> Answer:
    """p-median: `spopt.locate.PMedian.from_cost_matrix`."""
    from spopt.locate import PMedian

    begun = time.perf_counter()
    model = PMedian.from_cost_matrix(distance, demand, p_facilities=sites)
    _solve(model, highs=highs, time_limit_s=time_limit_s - (time.perf_counter() - begun))
    seconds = time.perf_counter() - begun
    plan = _plan(model)
    cost = None if plan is None else float(demand @ distance[:, plan].min(axis=1))
    return Answer(seconds, cost, _proven(model, seconds, time_limit_s))


def _solve(model: Any, *, highs: bool, time_limit_s: float) -> None:
    import pulp

    limit = max(1.0, time_limit_s)
    # gapRel 0: an optimum, as ours; spopt's default solver is PuLP's, CBC.
    solver = (
        pulp.HiGHS(msg=False, timeLimit=limit, gapRel=0.0, threads=1)
        if highs
        else pulp.PULP_CBC_CMD(msg=False, timeLimit=limit, gapRel=0.0)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # spopt raises when the solver found no plan in time; the answer then has none.
        try:
            model.solve(solver, results=False)
        except (RuntimeError, AttributeError):
            return


def _plan(model: Any) -> NDArray[np.int64] | None:
    values = [variable.value() for variable in model.fac_vars]
    if any(value is None for value in values):
        return None
    return np.flatnonzero(np.array(values) > 0.5)


def _proven(model: Any, seconds: float, time_limit_s: float) -> bool:
    return bool(model.problem.status == 1 and model.problem.sol_status == 1 and seconds < time_limit_s)
