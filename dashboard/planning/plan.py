"""A plan as a record: what the page shows, what the files hold, what a job leaves behind.

Counts of children are rounded for showing (to 100, under 100 to 10); a count above 0 and below 10 is None, withheld.
Shares are percent of the need in the region, one decimal.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from dashboard.planning.request import Action, PlanRequest, Rule
from geodata.analysis.disclosure import SMALLEST_SHOWN_COUNT

FORMAT = 1
Count = int | None
ObjectiveUnit = Literal["children", "served", "weighted", "child_km", "sites", "cost", "km"]
# How thoroughly near-equal plans were looked for: all single swaps, the promising ones, only some in time, not at all.
Looked = Literal["whole", "promising", "part", "none"]
Phase = Literal["waiting", "places", "solve", "curve", "alternatives", "fair", "robust", "done"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Name(_Record):
    """A name in both languages."""

    zh: str
    en: str


class Certificate(_Record):
    """How good the plan is proven to be. `objective` and `bound` in `unit`, rounded; `gap` is relative, as proven."""

    status: Literal["optimal", "within_gap", "time_limit", "cancelled", "heuristic"]
    unit: ObjectiveUnit
    more_is_better: bool
    objective: float
    bound: float | None
    gap: float | None
    seconds: float
    seed: int
    solver: str


class Coverage(_Record):
    """Children within the standard of an open centre and their share, with its interval where there are draws."""

    children: Count
    percent: float
    low_percent: float | None = None
    high_percent: float | None = None


class PlanSite(_Record):
    """A proposed site and why it is proposed.

    `order` is the place in the opening sequence, `adds` what it adds there, `total_percent` the coverage reached then.
    `reached` live within the standard, `already` of them are reached by other open sites too, `alone` would lose
    service without it. `runner_up` is the candidate that would best take its place and `flip` what that would cost.
    `action` is what is done there, at `cost`; with limited places `serves` children get one there. `forced`: it was
    asked to stand here; the runner-up would reach `forgone` children more in its place.
    """

    order: int
    id: str
    name: Name
    place: Name
    code: str | None
    lon: float
    lat: float
    adds: Count
    total_percent: float
    reached: Count
    already: Count
    alone: Count
    shares_with: tuple[Name, ...]
    runner_up: Name | None
    flip: Count
    nearest_centre_km: float | None
    chosen_in_draws: float | None = None
    action: Action = "build"
    cost: float = 1.0
    serves: Count = None
    forced: bool = False
    forgone: Count = 0

    @property
    def key(self) -> str:
        """What a condition calls it: the id of a new site, or what is done to which centre."""
        return self.id if self.action == "build" else f"{self.action}:{self.id}"


class Condition(_Record):
    """What was asked of a single place. `counts`: false for a closed centre that reaches nobody in this question."""

    rule: Rule
    id: str
    name: Name
    place: Name
    lon: float
    lat: float
    counts: bool = True


class CurvePoint(_Record):
    """What so many sites reach: `nested` plans only grow; others are solved for their number, with a bound."""

    sites: int
    percent: float
    bound_percent: float | None = None
    nested: bool


class Area(_Record):
    """Need and coverage of a part of the region, before and after."""

    code: str
    name: Name
    need: Count
    before_percent: float
    after_percent: float


class Alternative(_Record):
    """A plan nearly as good: what it opens that the plan does not, and the other way round."""

    different: int
    loss_percent: float
    opens: tuple[Name, ...]
    instead_of: tuple[Name, ...]


class Robust(_Record):
    """What the draws of the estimates say. Regret: percent of the best plan known for a draw that this one misses.

    `kept_percent`: of the draws in which the plan keeps its quota, or has a place for everybody. `least_low_percent`,
    `least_high_percent`: the share of the worst-off area, 5th to 95th percentile.
    """

    draws: int
    core: tuple[str, ...]
    mean_regret_percent: float
    max_regret_percent: float
    least_regret_percent: float
    least_regret_different: int
    kept_percent: float | None = None
    least_low_percent: float | None = None
    least_high_percent: float | None = None


class Fair(_Record):
    """The area worst off today and with the plan, the most any plan can do for it, and what the rule costs.

    Shares in percent of an area's children. `price_percent`: of the children that the best plan without the rule
    reaches.
    """

    worst_before: Name
    worst_before_percent: float
    worst: Name
    worst_percent: float
    most_percent: float
    price_percent: float | None = None


class FairPoint(_Record):
    """A plan of the frontier: the share of its worst-off area, all children reached, its limit and its price.

    `bound_percent`: no plan that does as much for every area reaches more; `different`: sites the first plan lacks.
    """

    least_percent: float
    area: Name
    percent: float
    bound_percent: float
    price_percent: float
    different: int


class Need(_Record):
    """The need in the region as the atlas publishes it, with its interval, and as far as it could be placed."""

    indicator: str
    total: float | None
    low: float | None
    high: float | None
    placed: Count
    unknown_counties: int


class PlanSource(_Record):
    """A source of the release, in both languages."""

    id: str
    title: Name
    producer: Name
    licence: Name
    year: str
    citation: str
    url: str | None


class Origin(_Record):
    """Which release and software the plan was made from."""

    release: str
    built_at: str
    version: str
    method_version: str
    centres_kind: Literal["demonstration", "register"]
    sources: tuple[PlanSource, ...]


class Plan(_Record):
    """A whole answer. `served_before`, `served_after`: children who get a place, where places are limited.

    `robust_slow_seconds`: how long one draw took, where that is why they were not asked.
    `conditions_price_percent`: how much worse the plan is than the best one known without its conditions.
    """

    format: int = FORMAT
    request: PlanRequest
    region: Name
    region_level: str
    bbox: tuple[float, float, float, float]
    need: Need
    certificate: Certificate
    before: Coverage
    after: Coverage
    existing: int
    unplaced: int
    candidates: int
    demand_points: int
    by_county: bool
    sites: tuple[PlanSite, ...]
    curve: tuple[CurvePoint, ...]
    areas: tuple[Area, ...]
    alternatives: tuple[Alternative, ...]
    robust: Robust | None
    has_draws: bool
    origin: Origin
    fair: Fair | None = None
    frontier: tuple[FairPoint, ...] = ()
    served_before: Coverage | None = None
    served_after: Coverage | None = None
    conditions: tuple[Condition, ...] = ()
    conditions_price_percent: float | None = None
    alternatives_looked: Looked = "whole"
    robust_slow_seconds: float | None = None


class PlanProgress(_Record):
    """How far a run has come. `best` and `bound` in the unit of the certificate, rounded as there."""

    phase: Phase
    best: float | None = None
    bound: float | None = None
    gap: float | None = None
    seconds: float = 0.0
    done: int = 0
    of: int = 0


def shown_count(children: float) -> Count:
    """A count as it may be shown: to the nearest 100, under 100 to the nearest 10; above 0 and below 10 withheld."""
    if children <= 1e-6:
        return 0
    if children < SMALLEST_SHOWN_COUNT:
        return None
    return round(children / 100) * 100 if children >= 100 else round(children / 10) * 10
