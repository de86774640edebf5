"""Where the next centres should stand: problems that check themselves, solvers that prove how good their plan is.

HiGHS and the compiled kernels are loaded by the first `solve`, not by importing this package.
"""

from geodata.analysis.siting.problem import MODELS, Model, SitingError, SitingProblem
from geodata.analysis.siting.result import Progress, SitingResult
from geodata.analysis.siting.solve import solve

__all__ = ["MODELS", "Model", "Progress", "SitingError", "SitingProblem", "SitingResult", "solve"]
