"""Making a plan: places, problem, solution, and what stands around it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dashboard.planning import around
from dashboard.planning.conflicts import refuse_conflicts
from dashboard.planning.fair import Areas, areas_of, fairness, frontier
from dashboard.planning.find import conditions_of, name_anywhere
from dashboard.planning.names import name_of
from dashboard.planning.near import near_plans
from dashboard.planning.places import MOST_FLOWS, Places, read_places
from dashboard.planning.plan import (
    Alternative,
    Certificate,
    Coverage,
    CurvePoint,
    FairPoint,
    Looked,
    Need,
    ObjectiveUnit,
    Phase,
    Plan,
    PlanProgress,
    shown_count,
)
from dashboard.planning.problem import Siting, limited, make_siting
from dashboard.planning.request import RULES, PlanRequest
from dashboard.planning.served import served
from dashboard.planning.solving import conditions_price, solve_quick, solve_whole, unit_of, weighed
from dashboard.planning.unsure import Unsure, ask_draws, least_interval
from dashboard.state import ViewState
from dashboard.views.units import Unit
from dashboard.views.values import published_values
from geodata.analysis.siting import Progress, SitingResult, solve
from geodata.catalogue import Catalogue
from geodata.store import Reading
from geodata.store.draws import StoredDraws

Tell = Callable[[PlanProgress], None]
Stop = Callable[[], bool]

# What a number on a slider changes: the places, their distances and who reaches whom stay.
LIMITS = {"budget", "money", "time_limit_s", "gap", "seed", "fair", "quota", "weight", *RULES}
# The curve is solved for itself at these parts of the budget, each for so long; robustness takes so many draws.
CURVE_PARTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
CURVE_SECONDS, CURVE_GAP = 3.0, 0.005
ROBUST_DRAWS, ROBUST_SECONDS = 50, 40.0
# How long the plan without a rule is looked for, beside which a rule of fairness has its price.
BEST_SECONDS = 10.0


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
        refuse_conflicts(self.request)
        siting, areas = self._siting()
        return self._plan(siting, areas, solve_quick(siting, self.request, areas), None, _Around())

    def whole(self, draws: StoredDraws | None) -> Plan:
        """The plan with its certificate, curve, alternatives and, where there are draws, robustness.

        Raises
        ------
        geodata.errors.UserError
            If the question cannot be answered; a `SitingError` says so in both languages.
        """
        refuse_conflicts(self.request)
        self.tell(PlanProgress(phase="places"))
        siting, areas = self._siting()
        result = solve_whole(
            siting, self.request, areas, lambda progress: self.tell(self._progress(progress)), self.stop
        )
        demand = around.demand_draws(siting.places, draws)
        return self._plan(siting, areas, result, demand, self._around(siting, areas, result, demand))

    def _siting(self) -> tuple[Siting, Areas]:
        """The problem and its areas; what the number of sites and their cost do not change is remembered."""
        request, reading = self.request, self.reading

        def find() -> tuple[Siting, Areas]:
            siting = _unlimited(reading, self.catalogue, request)
            return siting, areas_of(reading, siting.places)

        siting, areas = reading.remember("planning.siting", request.model_dump_json(exclude=LIMITS), find, at_most=6)
        return limited(siting, request, partial(name_anywhere, reading)), areas

    def _plan(
        self,
        siting: Siting,
        areas: Areas,
        result: SitingResult,
        demand: around.DemandDraws | None,
        beside: _Around,
    ) -> Plan:
        places, request = siting.places, self.request
        places_taken = served(siting, result) if request.is_capacitated else None
        by_column = places_taken.by_column if places_taken else None
        curve = around.nested(siting, most=2 * max(len(result.chosen), 1)) + beside.curve
        return Plan(
            request=request,
            region=name_of(places.region),
            region_level=places.region.level,
            bbox=(places.region.west, places.region.south, places.region.east, places.region.north),
            need=need_of(self.reading, self.catalogue, request, places),
            certificate=certificate_of(request, result),
            before=coverage(places, siting.covered_today, demand),
            after=coverage(places, siting.covered(siting.plan(result.chosen)), demand),
            existing=siting.n_existing,
            unplaced=places.unplaced,
            candidates=siting.n_candidates,
            demand_points=len(places.lon),
            by_county=places.by_county,
            sites=around.plan_sites(self.reading, siting, result.chosen, beside.unsure.frequency, by_column),
            curve=curve,
            areas=around.area_rows(siting, areas, result.chosen),
            alternatives=beside.alternatives,
            robust=beside.unsure.record,
            has_draws=demand is not None,
            origin=around.origin_of(self.reading),
            fair=fairness(siting, areas, result.chosen, beside.best, beside.out_of_reach)
            if places.demand.sum() > 0
            else None,
            frontier=beside.frontier,
            served_before=_part(places, places_taken.before) if places_taken else None,
            served_after=_part(places, places_taken.after) if places_taken else None,
            conditions=conditions_of(self.reading, siting, request),
            conditions_price_percent=beside.price_percent,
            alternatives_looked=beside.looked,
            robust_slow_seconds=beside.unsure.slow_seconds,
        )

    def _around(self, siting: Siting, areas: Areas, result: SitingResult, demand: around.DemandDraws | None) -> _Around:
        """What takes its time beside the plan; whoever stops the run keeps the plan without it."""
        if self.stop():
            return _Around()
        self._say("curve", result)
        curve = self._solved_curve(siting, len(result.chosen))
        self._say("alternatives", result)
        alternatives, looked = near_plans(siting, areas, self.request, result, self.stop)
        best, points, out_of_reach = self._frontier(siting, areas, result)
        unsure = Unsure() if demand is None else self._unsure(siting, areas, result, demand)
        price = None
        if self.request.has_conditions and self.request.fair not in ("quota", "max_min"):
            price = conditions_price(weighed(siting, self.request, areas), result, BEST_SECONDS, self.stop)
        return _Around(curve, alternatives, looked, best, points, out_of_reach, unsure, price)

    def _frontier(
        self, siting: Siting, areas: Areas, result: SitingResult
    ) -> tuple[float | None, tuple[FairPoint, ...], float]:
        """The most children that any plan reaches, the frontier from that plan to the fairest, and what is beyond."""
        if self.request.model != "max_cover" or len(areas.units) < 2 or self.stop():
            return None, (), 1.0
        best = result
        if self.request.fair != "none":
            best = solve(siting.problem, time_limit_s=BEST_SECONDS, seed=self.request.seed, cancelled=self.stop)
        tell = partial(self._count, "fair")
        return best.objective, *frontier(siting, areas, best, stop=self.stop, tell=tell)

    def _solved_curve(self, siting: Siting, sites: int) -> tuple[CurvePoint, ...]:
        problem = siting.problem
        if problem.model != "max_cover" or problem.sites is None or self.request.money is not None:
            return ()
        amounts = sorted({max(1, round(part * sites)) for part in CURVE_PARTS})
        least, most = int(problem.forced.sum()), int(problem.selectable.sum())
        amounts = [amount for amount in amounts if least <= amount <= most]
        return around.solved_curve(
            problem, amounts, CURVE_SECONDS, CURVE_GAP, self.stop, lambda done, of: self._count("curve", done, of)
        )

    def _unsure(self, siting: Siting, areas: Areas, result: SitingResult, demand: around.DemandDraws) -> Unsure:
        began = time.monotonic()
        found = ask_draws(
            siting, areas, self.request, result, demand.some(ROBUST_DRAWS), seconds=ROBUST_SECONDS,
            stop=lambda: self.stop() or time.monotonic() - began > ROBUST_SECONDS,
            tell=lambda done, of: self._count("robust", done, of),
        )  # fmt: skip
        if found.record is None or self.request.fair not in ("quota", "max_min"):
            return found
        covered = siting.covered(siting.plan(result.chosen))
        low, high = least_interval(areas, covered, demand.some(ROBUST_DRAWS))
        record = found.record.model_copy(update={"least_low_percent": low, "least_high_percent": high})
        return replace(found, record=record)

    def _say(self, phase: Phase, result: SitingResult) -> None:
        found = certificate_of(self.request, result)
        self.tell(PlanProgress(phase=phase, best=found.objective, bound=found.bound, gap=found.gap))

    def _count(self, phase: Phase, done: int, of: int) -> None:
        self.tell(PlanProgress(phase=phase, done=done, of=of))

    def _progress(self, progress: Progress) -> PlanProgress:
        unit = unit_of(self.request)
        return PlanProgress(
            phase="solve",
            best=shown_objective(unit, progress.best),
            bound=shown_objective(unit, progress.bound),
            gap=finite(progress.gap),
            seconds=round(progress.seconds, 1),
        )


@dataclass(frozen=True)
class _Around:
    """What stands beside a plan. `best`: the most children any plan reaches, where a rule of fairness costs some."""

    curve: tuple[CurvePoint, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    looked: Looked = "none"
    best: float | None = None
    frontier: tuple[FairPoint, ...] = ()
    out_of_reach: float = 1.0
    unsure: Unsure = field(default_factory=Unsure)
    price_percent: float | None = None


def site_question(reading: Reading, catalogue: Catalogue, request: PlanRequest) -> Siting:
    """The problem of a question, with its limits and conditions."""
    return limited(_unlimited(reading, catalogue, request), request, partial(name_anywhere, reading))


def _unlimited(reading: Reading, catalogue: Catalogue, request: PlanRequest) -> Siting:
    """The problem without conditions on single places.

    Limited places make a program of all pairs: a large one is asked county by county.
    """
    places = question_places(reading, catalogue, request)
    siting = make_siting(places, request)
    if request.model == "capacitated_cover" and not places.by_county and siting.metres.nnz > MOST_FLOWS:
        return make_siting(question_places(reading, catalogue, request, by_county=True), request)
    return siting


def question_places(
    reading: Reading, catalogue: Catalogue, request: PlanRequest, *, by_county: bool | None = None
) -> Places:
    """The places of a question, remembered with their distances for the next standard that is asked."""
    asked = (request.region, request.candidates, request.need, request.existing, request.model, request.own, by_county)
    return reading.remember(
        "planning.places", asked, lambda: read_places(reading, catalogue, request, by_county=by_county), at_most=6
    )


def certificate_of(request: PlanRequest, result: SitingResult) -> Certificate:
    """The certificate of a result, its amounts rounded for showing."""
    unit = unit_of(request)
    objective = shown_objective(unit, result.objective)
    return Certificate(
        status=result.status,
        unit=unit,
        more_is_better=unit in {"children", "served", "weighted"},
        objective=0.0 if objective is None else objective,
        bound=shown_objective(unit, result.bound),
        gap=finite(result.gap),
        seconds=round(result.seconds, 2),
        seed=result.seed,
        solver=solver_name(),
    )


def shown_objective(unit: ObjectiveUnit, value: float) -> float | None:
    """An objective or bound in its unit: children and child-kilometres to 100, costs to .01, kilometres to .1."""
    if not np.isfinite(value):
        return None
    if unit == "sites":
        return float(np.ceil(value - 1e-6))
    if unit == "cost":
        return round(value, 2)
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


def _part(places: Places, children: float | None) -> Coverage | None:
    """Children with a place and their share of the need."""
    if children is None:
        return None
    return Coverage(children=shown_count(children), percent=round(100 * children / float(places.demand.sum()), 1))
