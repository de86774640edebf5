"""Making a plan: places, problem, solution, and what stands around it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.planning import around
from dashboard.planning.places import Places, read_places
from dashboard.planning.plan import (
    Alternative,
    Certificate,
    Coverage,
    CurvePoint,
    Need,
    ObjectiveUnit,
    Phase,
    Plan,
    PlanProgress,
    Robust,
    shown_count,
)
from dashboard.planning.problem import Siting, make_siting
from dashboard.planning.request import PlanRequest
from dashboard.state import ViewState
from dashboard.views.units import Unit
from dashboard.views.values import published_values
from geodata.analysis.siting import Progress, SitingProblem, SitingResult, solve
from geodata.catalogue import Catalogue
from geodata.store import Reading
from geodata.store.draws import StoredDraws

Tell = Callable[[PlanProgress], None]
Stop = Callable[[], bool]

# The curve is solved for itself at these parts of the budget, each for so long; robustness takes so many draws.
CURVE_PARTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
CURVE_SECONDS, CURVE_GAP = 3.0, 0.005
ROBUST_DRAWS, ROBUST_SECONDS = 50, 40.0
# Plans of the live answer and of draws beyond this size would take more than a moment.
UNITS: dict[str, ObjectiveUnit] = {"p_median": "child_km", "p_centre": "km", "set_cover": "sites"}


def solver_name() -> str:
    """The solver and its version, for the certificate."""
    from importlib.metadata import version

    return f"HiGHS {version('highspy')}"


@dataclass(frozen=True)
class Maker:
    """One question to one release; `tell` hears of progress, `stop` is asked whether to end with the best so far."""

    reading: Reading
    catalogue: Catalogue
    request: PlanRequest
    tell: Tell = lambda _progress: None
    stop: Stop = lambda: False

    def live(self) -> Plan:
        """The first good plan at once: greedy and swaps, without proof, alternatives or robustness."""
        siting = self._siting()
        result = solve(siting.problem, method="quick", time_limit_s=5.0, seed=self.request.seed)
        return self._plan(siting, around.bounded_quickly(siting.problem, result), None)

    def whole(self, draws: StoredDraws | None) -> Plan:
        """The plan with its certificate, curve, alternatives and, where there are draws, robustness.

        Raises
        ------
        geodata.errors.UserError
            If the question cannot be answered; a `SitingError` says so in both languages.
        """
        self.tell(PlanProgress(phase="places"))
        siting = self._siting()
        result = solve(
            siting.problem,
            time_limit_s=self.request.time_limit_s,
            gap=self.request.gap,
            seed=self.request.seed,
            on_progress=lambda progress: self.tell(self._progress(progress, siting.problem)),
            cancelled=self.stop,
        )
        return self._plan(siting, result, draws, full=True)

    def _siting(self) -> Siting:
        request = self.request
        key = request.model_dump_json(exclude={"time_limit_s", "gap", "seed"})
        return self.reading.remember(
            "planning.siting",
            key,
            lambda: make_siting(read_places(self.reading, self.catalogue, request), request),
            at_most=6,
        )

    def _plan(self, siting: Siting, result: SitingResult, draws: StoredDraws | None, *, full: bool = False) -> Plan:
        places = siting.places
        view = around.cover_view(siting)
        chosen = around.as_cover(siting, view, result)
        demand = around.demand_draws(places, draws)
        robust, frequency = None, None
        curve = around.nested(view, most=2 * max(len(result.chosen), 1))
        alternatives: tuple[Alternative, ...] = ()
        if full and not self.stop():
            self._say("curve", result, siting.problem)
            curve += self._solved_curve(siting, len(result.chosen))
            self._say("alternatives", result, siting.problem)
            alternatives = around.alternatives(siting, view, chosen)
            if demand is not None:
                robust, frequency = self._robust(siting, result, demand)
        return Plan(
            request=self.request,
            region=around.name_of(places.region),
            region_level=places.region.level,
            bbox=(places.region.west, places.region.south, places.region.east, places.region.north),
            need=need_of(self.reading, self.catalogue, self.request, places),
            certificate=certificate_of(siting.problem, result),
            before=coverage(places, siting.covered(siting.before), demand),
            after=coverage(places, siting.covered(siting.plan(result.chosen)), demand),
            existing=len(siting.existing),
            unplaced=places.unplaced,
            candidates=siting.n_candidates,
            demand_points=len(places.lon),
            by_county=places.by_county,
            sites=around.plan_sites(self.reading, siting, view, chosen, frequency),
            curve=curve,
            areas=around.areas(self.reading, siting, chosen),
            alternatives=alternatives,
            robust=robust,
            has_draws=draws is not None,
            origin=around.origin_of(self.reading),
        )

    def _solved_curve(self, siting: Siting, sites: int) -> tuple[CurvePoint, ...]:
        problem = siting.problem
        if problem.model != "max_cover" or problem.sites is None or self.request.money is not None:
            return ()
        amounts = sorted({max(1, round(part * sites)) for part in CURVE_PARTS})
        amounts = [amount for amount in amounts if amount <= siting.n_candidates]
        return around.solved_curve(
            problem, amounts, CURVE_SECONDS, CURVE_GAP, self.stop, lambda done, of: self._count("curve", done, of)
        )

    def _robust(
        self, siting: Siting, result: SitingResult, demand: around.DemandDraws
    ) -> tuple[Robust | None, NDArray[np.float64] | None]:
        began = time.monotonic()
        return around.robust(
            siting,
            result,
            demand.some(ROBUST_DRAWS),
            stop=lambda: self.stop() or time.monotonic() - began > ROBUST_SECONDS,
            tell=lambda done, of: self._count("robust", done, of),
        )

    def _say(self, phase: Phase, result: SitingResult, problem: SitingProblem) -> None:
        found = certificate_of(problem, result)
        self.tell(PlanProgress(phase=phase, best=found.objective, bound=found.bound, gap=found.gap))

    def _count(self, phase: Phase, done: int, of: int) -> None:
        self.tell(PlanProgress(phase=phase, done=done, of=of))

    def _progress(self, progress: Progress, problem: SitingProblem) -> PlanProgress:
        return PlanProgress(
            phase="solve",
            best=shown_objective(problem, progress.best),
            bound=shown_objective(problem, progress.bound),
            gap=finite(progress.gap),
            seconds=round(progress.seconds, 1),
        )


def certificate_of(problem: SitingProblem, result: SitingResult) -> Certificate:
    """The certificate of a result, its amounts rounded for showing."""
    objective = shown_objective(problem, result.objective)
    return Certificate(
        status=result.status,
        unit=UNITS.get(problem.model, "children"),
        more_is_better=problem.counts_cover,
        objective=0.0 if objective is None else objective,
        bound=shown_objective(problem, result.bound),
        gap=finite(result.gap),
        seconds=round(result.seconds, 2),
        seed=result.seed,
        solver=solver_name(),
    )


def shown_objective(problem: SitingProblem, value: float) -> float | None:
    """An objective or bound in the unit of the certificate: children and child-kilometres to 100, kilometres to .1."""
    if not np.isfinite(value):
        return None
    unit = UNITS.get(problem.model, "children")
    if unit == "sites":
        return float(np.ceil(value - 1e-6))
    if unit == "km":
        return round(value / 1_000, 1)
    return float(round(value / (100_000 if unit == "child_km" else 100)) * 100)


def finite(value: float) -> float | None:
    """`value`, or None where it is no number."""
    return float(value) if np.isfinite(value) else None


def need_of(reading: Reading, catalogue: Catalogue, request: PlanRequest, places: Places) -> Need:
    """The published need of the region with its interval."""
    unit: Unit = places.region
    state = ViewState(indicator=request.need, year=2020, level=unit.level)
    table = published_values(reading, catalogue, state)
    rows = [row for row in (*table.rows, table.nation) if row.code == unit.code and row.level == unit.level]
    interval = rows[0].interval if rows else None
    # An interval that is not worth a word on the map (the nation's total is published) is none here either.
    interval = interval if interval and interval.text else None
    return Need(
        indicator=request.need,
        total=rows[0].value if rows else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        placed=shown_count(float(places.demand.sum())),
        unknown_counties=places.unknown,
    )


def coverage(places: Places, covered: NDArray[np.bool_], demand: around.DemandDraws | None) -> Coverage:
    """How many children live where `covered` says; the interval of the share is the 5th to 95th percentile."""
    weights = places.demand
    inside = float(weights[covered].sum())
    share = inside / float(weights.sum())
    low, high = (None, None) if demand is None else demand.share_interval(covered)
    return Coverage(
        children=shown_count(inside),
        percent=round(100 * share, 1),
        low_percent=low,
        high_percent=high,
    )
