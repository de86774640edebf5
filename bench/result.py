"""One row of the bench: ours beside a peer's, both measured in the same run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Result:
    """One comparison. Smaller figures are better: `ratio` says how many times better ours is than the peer's.

    Attributes
    ----------
    name
        What was compared, unique within the suite.
    ours, peer
        The figures, in `unit`; medians where something was repeated.
    unit
        ms, kB, MB, ...
    agree
        The answers of both were compared in this run and are equal.
    extras
        Further figures, for the reader; keys say their unit.
    """

    name: str
    ours: float
    peer: float
    unit: str
    agree: bool
    extras: dict[str, object] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times better ours is than the peer's."""
        return self.peer / self.ours

    def to_json(self) -> str:
        """Write the result as one line of JSON, the form that machines compare."""
        row = {
            "name": self.name,
            "ours": round(self.ours, 2),
            "peer": round(self.peer, 2),
            "unit": self.unit,
            "ratio": round(self.ratio, 2),
            "agree": self.agree,
        }
        return json.dumps(row | self.extras, ensure_ascii=False)


def table(results: Iterable[Result]) -> str:
    """Lay the results out for a reader: one table, then the further figures of each row."""
    results = list(results)
    lines = [f"{'name':<26}{'ours':>10}{'peer':>10} {'unit':<5}{'ratio':>8}  agree"]
    for row in results:
        agree = "yes" if row.agree else "NO"
        lines.append(f"{row.name:<26}{row.ours:>10,.1f}{row.peer:>10,.1f} {row.unit:<5}{row.ratio:>7.1f}x  {agree}")
    for row in results:
        lines += ["", f"{row.name}:", *(f"  {key} = {value}" for key, value in row.extras.items())]
    return "\n".join(lines)
