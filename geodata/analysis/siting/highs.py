"""HiGHS behind two functions: prices of a linear program; a mixed-integer program that reports and can be stopped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.problem import Bools, Floats, Sparse

# One thread: the machine serves others meanwhile, and one thread makes a run repeatable.
_THREADS = 1


@dataclass(frozen=True)
class Program:
    """Maximise `gain` x with `lower` <= x <= `upper` and `row_lower` <= `rows` x <= `row_upper`."""

    gain: Floats
    lower: Floats
    upper: Floats
    rows: Sparse
    row_lower: Floats
    row_upper: Floats


@dataclass(frozen=True)
class Found:
    """What HiGHS found. `values` is None without a plan; `bound` is proven; `proven_empty`: there is no plan."""

    values: Floats | None
    objective: float
    bound: float
    proven_empty: bool


def prices(program: Program, time_limit_s: float) -> tuple[Floats, Floats] | None:
    """Values and row prices (>= 0 where a row's lower limit binds) of the relaxation, by interior point; None: no end.

    Without crossover the prices are not exact; whoever uses them computes a valid bound from them.
    """
    solver = _solver(program, integer=None, time_limit_s=time_limit_s, seed=0)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.run()
    solution = solver.getSolution()
    if not solution.dual_valid:
        return None
    return np.array(solution.col_value), np.array(solution.row_dual)


def maximise(  # noqa: PLR0913  # all but two are named at the call
    program: Program,
    integer: Bools,
    *,
    start: Floats | None,
    time_limit_s: float,
    gap: float,
    seed: int,
    tell: Callable[[float, float], None],
    stop: Callable[[], bool],
) -> Found:
    """Solve the mixed-integer program from `start`, a feasible point. `tell` hears objective and bound."""
    import highspy

    solver = _solver(program, integer=integer, time_limit_s=time_limit_s, seed=seed)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 0.0 if gap else 1e-12)
    if start is not None:
        point = highspy.HighsSolution()
        point.col_value = [float(value) for value in start]
        solver.setSolution(point)

    def watch(event: Any) -> None:
        tell(-float(event.data_out.mip_primal_bound), -float(event.data_out.mip_dual_bound))
        if stop():
            event.interrupt()

    solver.cbMipInterrupt.subscribe(watch)
    solver.run()
    solver.cbMipInterrupt.unsubscribe(watch)
    status = solver.getModelStatus()
    info = solver.getInfo()
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    empty = status == highspy.HighsModelStatus.kInfeasible
    bound = -float(info.mip_dual_bound)
    return Found(
        values=np.array(solver.getSolution().col_value) if has_plan else None,
        objective=-float(info.objective_function_value) if has_plan else -math.inf,
        bound=bound if math.isfinite(bound) and not empty else math.inf,
        proven_empty=empty,
    )


def _solver(program: Program, *, integer: Bools | None, time_limit_s: float, seed: int) -> Any:
    import highspy

    rows = sp.csr_matrix(program.rows)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    # Said as a minimum: prices of a maximum come with either sign, depending on the method (HiGHS 1.15).
    model.sense_ = highspy.ObjSense.kMinimize
    model.col_cost_, model.col_lower_, model.col_upper_ = -program.gain, program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    if integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(is_integer)] for is_integer in integer]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", "off")
    solver.setOptionValue("threads", _THREADS)
    solver.setOptionValue("random_seed", seed % 2**31)
    solver.setOptionValue("time_limit", max(time_limit_s, 0.01))
    solver.passModel(model)
    return solver
