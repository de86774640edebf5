"""County estimates of left-behind and migrant children: pure arithmetic on census counts.

`estimate` runs the method; `absence` makes the two signals it rests on; `validate` says how good they are.
"""

from geodata.analysis.estimate.model import Benchmarks, Signals, estimate
from geodata.analysis.estimate.types import Counts, Estimate, Parameters, Totals

__all__ = ["Benchmarks", "Counts", "Estimate", "Parameters", "Signals", "Totals", "estimate"]
