"""The one-page build report: what each step read, accepted and rejected, and how sums reconcile."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass
class Report:
    """Lines of the report, in the order they were noted."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def note(self, step: str, item: str, value: object, expected: object = None, *, ok: bool = True) -> None:
        """One line: what was found, what was to be expected if that is known, and whether it is right."""
        self.rows.append(
            {
                "step": step,
                "item": item,
                "value": written(value),
                "expected": None if expected is None else written(expected),
                "ok": ok,
            }
        )

    def table(self) -> pd.DataFrame:
        """The table `build_report` of the release."""
        return pd.DataFrame(self.rows, columns=["step", "item", "value", "expected", "ok"])

    def failures(self) -> list[str]:
        """The lines that are not right, as sentences."""
        return [
            f"{row['step']}, {row['item']}: {row['value']}, expected {row['expected']}"
            for row in self.rows
            if not row["ok"]
        ]


def written(value: object) -> str:
    """A number with thousands marked, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def page(report: pd.DataFrame) -> str:
    """The report as a page of plain text, one block a step."""
    lines = []
    for step, rows in report.groupby("step", sort=False):
        lines.append(f"\n{step}")
        for row in rows.itertuples():
            mark = " " if row.ok else "!"
            expected = f"   (expected {row.expected})" if isinstance(row.expected, str) else ""
            lines.append(f" {mark} {row.item!s:<58} {row.value!s:>22}{expected}")
    return "\n".join(lines)
