"""What was found: a plan with its certificate; and the run that watches the clock, reports and may be cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

Status = Literal["optimal", "within_gap", "time_limit", "cancelled", "heuristic"]
# Below this relative gap a bound meets its plan: sums of a few thousand numbers differ by less.
PROVEN_GAP = 1e-7


@dataclass(frozen=True)
class Progress:
    """How far a run has come: the best plan's objective, the proven bound, the relative gap, seconds since it began."""

    best: float
    bound: float
    gap: float
    seconds: float
    phase: str


@dataclass(frozen=True)
class SitingResult:
    """A plan and how good it is proven to be.

    Attributes
    ----------
    model
        The model that was solved.
    status
        `optimal`: no plan is better. `within_gap`: proven to the gap that was asked for. `time_limit`, `cancelled`: the
        best plan until then; its gap is honest. `heuristic`: the bound was asked for cheaply (`method="quick"`).
    chosen
        Candidates to open, by number, in ascending order; existing centres are not among them.
    open_sites
        All open candidates: `chosen` and the existing centres that stay and are not replaced.
    names
        The names of `chosen`.
    objective
        Children covered (coverage models), children x distance (medians), number or cost of sites (set cover),
        farthest distance (p-centre).
    bound
        No plan can have more (coverage models) or less (others) than this.
    gap
        |bound - objective| / |objective|.
    seconds, seed
        How long it took; which random numbers were used.
    cost
        Of the chosen sites together.
    """

    model: str
    status: Status
    chosen: tuple[int, ...]
    open_sites: tuple[int, ...]
    names: tuple[str, ...]
    objective: float
    bound: float
    gap: float
    seconds: float
    seed: int
    cost: float

    def to_record(self) -> dict[str, Any]:
        """The result as plain values, for JSON, XLSX and the job table."""
        record = asdict(self)
        for name in ("chosen", "open_sites", "names"):
            record[name] = list(record[name])
        # A bound that is not there is no number; JSON knows none.
        return {name: None if _no_number(value) else value for name, value in record.items()}


def _no_number(value: object) -> bool:
    return isinstance(value, float) and not np.isfinite(value)


def relative_gap(objective: float, bound: float) -> float:
    """|bound - objective| / |objective|; 0 when both are 0."""
    if objective == bound:
        return 0.0
    return abs(bound - objective) / abs(objective) if objective and np.isfinite(bound) else np.inf


class Run:
    """One solve: its clock, its best plan and bound so far, and whom to tell. `sign` 1: more is better; -1: less is."""

    def __init__(
        self,
        *,
        sign: int,
        time_limit_s: float,
        gap: float,
        seed: int,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        noise: float = 0.0,
    ) -> None:
        self.sign, self.time_limit_s, self.gap, self.seed = sign, time_limit_s, gap, seed
        # Plan and bound meet when they differ by no more than this: a plan that covers nobody has no relative gap.
        self.noise = noise
        self._on_progress, self._cancelled = on_progress, cancelled
        self._started = time.perf_counter()
        self.best = -sign * np.inf
        self.bound = sign * np.inf
        self.plan: np.ndarray[Any, np.dtype[np.bool_]] | None = None
        self.was_cancelled = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started

    @property
    def left_s(self) -> float:
        return max(0.0, self.time_limit_s - self.seconds)

    @property
    def proven(self) -> bool:
        """The gap is as small as asked for (or as numbers can tell)."""
        return self.met or relative_gap(self.best, self.bound) <= self.gap

    @property
    def met(self) -> bool:
        """Plan and bound are equal as far as numbers can tell."""
        close = self.plan is not None and abs(self.bound - self.best) <= self.noise
        return close or relative_gap(self.best, self.bound) <= PROVEN_GAP

    def stop(self) -> bool:
        """Whether to end: proven, out of time or cancelled. Asks the caller's `cancelled` each time."""
        if self._cancelled is not None and not self.was_cancelled:
            self.was_cancelled = bool(self._cancelled())
        return self.was_cancelled or self.left_s <= 0 or self.proven

    def offer(self, plan: np.ndarray[Any, Any], objective: float, phase: str) -> bool:
        """Take a plan (open or not, by candidate) if it is better than the best; say whether it was."""
        if self.plan is not None and self.sign * (objective - self.best) <= 0:
            return False
        self.plan, self.best = np.array(plan, dtype=bool), float(objective)
        # A bound below a plan that exists is rounding: the plan itself bounds what is proven.
        self.bound = self.sign * max(self.sign * self.bound, self.sign * self.best)
        self.tell(phase)
        return True

    def prove(self, bound: float, phase: str) -> None:
        """Take a proven bound if it is tighter; it never crosses the best plan."""
        tighter = self.sign * min(self.sign * bound, self.sign * self.bound)
        if self.plan is not None:
            tighter = self.sign * max(self.sign * tighter, self.sign * self.best)
        if tighter != self.bound:
            self.bound = float(tighter)
            self.tell(phase)

    def tell(self, phase: str) -> None:
        """Report to whoever listens."""
        if self._on_progress is not None:
            gap = relative_gap(self.best, self.bound)
            self._on_progress(Progress(self.best, self.bound, gap, self.seconds, phase))

    def status(self) -> Status:
        """How the run ended."""
        if self.met:
            return "optimal"
        if self.proven:
            return "within_gap"
        return "cancelled" if self.was_cancelled else "time_limit"
