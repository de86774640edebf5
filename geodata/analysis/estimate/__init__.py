"""County estimates of left-behind and migrant children: pure arithmetic on census counts.

`migrants.movers` finds the floating population, `absence` the two signals of absent parents, `estimate` runs the
method on both, `rounding.publish` rounds, `validate` says how good the result is.
"""

from geodata.analysis.estimate.model import Benchmarks, Signals, estimate
from geodata.analysis.estimate.types import Counts, Estimate, Parameters, Totals

__all__ = ["Benchmarks", "Counts", "Estimate", "Parameters", "Signals", "Totals", "estimate"]
