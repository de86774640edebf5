"""Where the next centres should stand: problems that check themselves, solvers that prove how good their plan is.

HiGHS and the compiled kernels are loaded by the first `solve` (or `warm`), not by importing this package. What stands
around one plan lies in modules of their own: `curve`, `robust`, `alternatives`, `explain`, `equity`.
"""

from geodata.analysis.siting.problem import MODELS, Model, SitingError, SitingProblem
from geodata.analysis.siting.result import Progress, SitingResult
from geodata.analysis.siting.solve import solve, warm

__all__ = ["MODELS", "Model", "Progress", "SitingError", "SitingProblem", "SitingResult", "solve", "warm"]
