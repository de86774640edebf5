"""The curves of a plan as SVG, without a script: what each number of sites reaches, and what fairness costs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from dashboard.i18n import t
from dashboard.planning.picture import SITE
from dashboard.planning.plan import Plan
from geodata.text import Language

WIDTH, HEIGHT = 520, 240
LIMIT, INK = "#9a3412", "#5b6662"


def plan_curve(plan: Plan, lang: Language) -> str:
    """Coverage by number of sites: a line that grows, dots solved for themselves, their limits above."""
    nested = [point for point in plan.curve if point.nested]
    solved = [point for point in plan.curve if not point.nested]
    percents = [percent for point in plan.curve for percent in (point.percent, point.bound_percent)]
    axes = _Axes([0.0, *(float(point.sites) for point in plan.curve)], [one for one in percents if one is not None])
    parts = [axes.grid(t("plan.curve_x", lang), t("plan.curve_y", lang), whole=True)]
    if nested:
        line = " ".join(f"{axes.x(point.sites):.1f},{axes.y(point.percent):.1f}" for point in nested)
        parts.append(f'<polyline class="line" points="{line}" fill="none" stroke="{SITE}" stroke-width="2"/>')
    parts += [axes.dot(point.sites, point.percent, point.bound_percent) for point in solved]
    parts.append(axes.ring(len(plan.sites), plan.after.percent))
    return _svg(t("plan.heading_curve", lang), parts)


def plan_frontier(plan: Plan, lang: Language) -> str | None:
    """All children reached by what the worst-off area gets: a dot a plan with its limit, the present plan ringed."""
    if plan.fair is None or len(plan.frontier) < 2:
        return None
    here = plan.fair.worst_percent
    points = plan.frontier
    axes = _Axes(
        [here, *(point.least_percent for point in points)],
        [plan.after.percent, *(percent for point in points for percent in (point.percent, point.bound_percent))],
    )
    line = " ".join(f"{axes.x(point.least_percent):.1f},{axes.y(point.percent):.1f}" for point in points)
    parts = [
        axes.grid(t("plan.fair_x", lang), t("plan.fair_y", lang)),
        f'<polyline class="line" points="{line}" fill="none" stroke="{LIMIT}" stroke-opacity=".5"/>',
        *(axes.dot(point.least_percent, point.percent, point.bound_percent) for point in points),
        axes.ring(here, plan.after.percent),
    ]
    return _svg(t("plan.heading_fair", lang), parts)


def _svg(label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(label)}" font-family="Noto Sans SC, sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def _ticks(values: Sequence[float], most: int) -> np.ndarray:
    """Even numbers around the values, at most `most` steps."""
    low, high = min(values), max(values)
    steps = [base * 10.0**power for power in range(-1, 5) for base in (1, 2, 5)]
    step = next(step for step in steps if (high - low) / step <= most)
    first = np.floor(low / step)
    return np.asarray(step * np.arange(first, max(np.ceil(high / step - 1e-9), first + 1) + 1))


class _Axes:
    def __init__(self, across: Sequence[float], up: Sequence[float]) -> None:
        self.across, self.up = _ticks(across, 8), _ticks(up or [0.0, 100.0], 5)
        self.right = max(across) if max(across) > self.across[0] else self.across[-1]

    def x(self, value: float) -> float:
        return 44 + (WIDTH - 60) * (value - self.across[0]) / (self.right - self.across[0])

    def y(self, value: float) -> float:
        return 24 + (HEIGHT - 64) * (1 - (value - self.up[0]) / (self.up[-1] - self.up[0]))

    def dot(self, across: float, up: float, limit: float | None) -> str:
        """A solved plan and the proven limit above it."""
        x, y = self.x(across), self.y(up)
        found = f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{LIMIT}"/>'
        if limit is None:
            return found
        top = self.y(limit)
        stroke = f"M{x - 5:.1f} {top:.1f}H{x + 5:.1f}M{x:.1f} {top:.1f}V{y:.1f}"
        return f'<path class="limit" d="{stroke}" stroke="{LIMIT}"/>{found}'

    def ring(self, across: float, up: float) -> str:
        """Where the present plan stands."""
        x, y = self.x(across), self.y(up)
        return f'<circle class="here" cx="{x:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="{SITE}" stroke-width="2"/>'

    def grid(self, across: str, up: str, *, whole: bool = False) -> str:
        parts = []
        for tick in self.up:
            y = self.y(tick)
            parts.append(f'<path d="M44 {y:.1f}H{WIDTH - 16}" stroke="#8a938f" stroke-opacity=".35"/>')
            parts.append(f'<text x="38" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{tick:.4g}</text>')
        for tick in self.across:
            if tick > self.right * (1 + 1e-9) or (whole and tick != round(tick)):
                continue
            x, y = self.x(tick), HEIGHT - 24
            parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="{INK}">{tick:.6g}</text>')
        for at, y, text, anchor in ((12, 12, up, "start"), (WIDTH - 16, HEIGHT - 6, across, "end")):
            parts.append(f'<text x="{at}" y="{y}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>')
        return "".join(parts)
