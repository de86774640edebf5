"""County estimates of left-behind and migrant children: pure arithmetic on census counts.

`migrants.movers` finds the floating population, `absence` the two signals of absent people, `leavers` brings them to
those counted elsewhere, `estimate` runs the method, `rounding.publish` rounds, `validate` says how good the result is.
"""

from geodata.analysis.estimate.absence import Signals
from geodata.analysis.estimate.model import Benchmarks, estimate
from geodata.analysis.estimate.types import Counts, Estimate, Parameters, Totals

__all__ = ["Benchmarks", "Counts", "Estimate", "Parameters", "Signals", "Totals", "estimate"]
