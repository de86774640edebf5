"""Total coverage against the area that is worst off: plans that keep a quota, the frontier, what fairness costs.

Areas are the parts of the region one level down: provinces of the nation, prefectures of a province, counties of a
prefecture; a county that belongs to no prefecture is an area of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from dashboard.planning.conflicts import conflict
from dashboard.planning.names import name_of
from dashboard.planning.places import Floats, Ints, Places
from dashboard.planning.plan import Fair, FairPoint
from dashboard.planning.problem import Siting
from dashboard.views.units import Unit, gazetteer
from geodata.analysis.siting import SitingError, SitingProblem, SitingResult
from geodata.analysis.siting.equity import FairPlan, NoPlan, with_quota
from geodata.analysis.siting.result import PROVEN_GAP, Status
from geodata.codes import Level
from geodata.store import Reading
from geodata.text import Text

Stop = Callable[[], bool]
Tell = Callable[[int, int], None]
BELOW: dict[Level, Level] = {"nation": "province", "province": "prefecture", "prefecture": "county", "county": "county"}
# The frontier: steps towards the fairest plan, then so many plans between; each so long, all together so long.
STEPS, BETWEEN, POINT_SECONDS, FRONTIER_SECONDS = 5, 3, 4.0, 40.0
# The fairest plan is looked for in so many halvings of what is not known yet.
HALVINGS = 7
QUOTA_GAP = 1e-4
# How long a quota that can be kept is looked for, to be named where the one asked for cannot.
HELP_SECONDS = 10.0
# A quota is kept if the share that is shown, to .1 %, is no smaller: so the best share that is shown can be asked for.
SHOWN_SHARE = 0.0005


@dataclass(frozen=True)
class Areas:
    """The areas of a region and the number of each demand point's area."""

    units: tuple[Unit, ...]
    of: Ints
    need: Floats

    def shares(self, counted: Floats) -> Floats:
        """The share of each area's children whose points count (0 to 1 a point); not a number without children."""
        inside = np.bincount(self.of, weights=counted, minlength=len(self.units))
        return np.divide(inside, self.need, out=np.full(len(self.units), np.nan), where=self.need > 0)


def areas_of(reading: Reading, places: Places) -> Areas:
    """The areas of a question's region that hold demand points, by code."""
    units = gazetteer(reading)
    level = BELOW[places.region.level]
    number = units.groups[level][[units.places["county", unit.code] for unit in places.counties]]
    of_county = [
        units.levels[level][place] if place >= 0 else county
        for place, county in zip(number, places.counties, strict=True)
    ]
    present = {of_county[place] for place in np.unique(places.county)}
    listed = tuple(sorted(present, key=lambda unit: unit.code))
    place_of = {unit.code: place for place, unit in enumerate(listed)}
    # Counties without a demand point have no area here; nobody asks for theirs.
    by_county: Ints = np.array([place_of.get(unit.code, 0) for unit in of_county], dtype=np.int64)
    of = by_county[places.county]
    need: Floats = np.bincount(of, weights=places.demand, minlength=len(listed)).astype(np.float64)
    return Areas(listed, of, need)


def least(areas: Areas, siting: Siting, covered: NDArray[np.bool_]) -> tuple[Unit, float]:
    """The area of which the smallest share of children lives at the points `covered`, and that share."""
    shares = areas.shares(siting.places.demand * covered)
    worst = int(np.nanargmin(shares))
    return areas.units[worst], float(shares[worst])


def most_possible(areas: Areas, siting: Siting) -> tuple[Unit, float]:
    """The area that would stay worst off even if all sites were for it alone, and its share: no quota can be higher.

    Coverage is submodular: children of centres that stay and the largest single gains are never exceeded.
    """
    problem, demand = siting.problem, siting.places.demand
    open_question = demand * ~siting.covered_kept
    points = np.arange(len(demand))
    in_area = sp.csr_matrix((open_question, (areas.of, points)), shape=(len(areas.units), len(demand)))
    gains = (in_area @ siting.reach).toarray() * problem.selectable
    sites = int(problem.selectable.sum()) if problem.sites is None else problem.sites
    kept = areas.shares(demand * siting.covered_kept)
    with np.errstate(invalid="ignore"):
        alone = kept + np.sort(gains, axis=1)[:, ::-1][:, :sites].sum(axis=1) / areas.need
    everything = areas.shares(demand * siting.covered(problem.stays | problem.selectable))
    share = np.fmin(alone, everything)
    hardest = int(np.nanargmin(share))
    return areas.units[hardest], float(share[hardest])


def weights_today(areas: Areas, siting: Siting, heaviest: float) -> Floats:
    """What a child counts, by demand point: `heaviest` in the area worst off today, 1 in the best off."""
    shares = areas.shares(siting.places.demand * siting.covered_today)
    low, high = np.nanmin(shares), np.nanmax(shares)
    if not high > low:
        return np.ones(len(areas.of))
    weight = 1.0 + (heaviest - 1.0) * (high - shares) / (high - low)
    return np.asarray(np.nan_to_num(weight, nan=1.0)[areas.of])


def condensed(siting: Siting, areas: Areas) -> tuple[SitingProblem, Ints, Ints]:
    """The same question of fewer points, their areas, and which of them each point became.

    Points of one area that the same columns reach are one.

    Whoever is reached by a centre that stays, whatever is opened, counts as reached by one centre. A national question
    of 16,000 points becomes one of some thousands; shares and totals stay what they are.
    """
    problem, reach = siting.problem, siting.reach
    always = np.flatnonzero(problem.stays)
    one_centre = always[:1].tobytes()
    numbers: dict[tuple[int, bytes], int] = {}
    place = np.empty(len(areas.of), dtype=np.int64)
    for point, (area, is_reached) in enumerate(zip(areas.of.tolist(), siting.covered_kept.tolist(), strict=True)):
        begin, end = reach.indptr[point : point + 2]
        key = one_centre if is_reached else reach.indices[begin:end].astype(np.int64).tobytes()
        place[point] = numbers.setdefault((area, key), len(numbers))
    columns = [np.frombuffer(key, dtype=np.int64) for _, key in numbers]
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in columns])])
    indices = np.concatenate([*columns, np.empty(0, np.int64)])
    standard = siting.reach_m[indices]
    small = problem.but(
        demand=np.bincount(place, weights=problem.demand),
        distance=sp.csr_matrix((standard, indices, indptr), shape=(len(numbers), reach.shape[1])),
        demand_names=(),
    )
    return small, np.array([area for area, _ in numbers], dtype=np.int64), place


def solve_quota(siting: Siting, areas: Areas, quota: float, *, seconds: float, seed: int, stop: Stop) -> SitingResult:
    """The best plan that reaches at least `quota` (a share) of every area.

    Raises
    ------
    SitingError
        If no plan can, or none was found in time; it says which area stands against it.
    """
    unit, most = most_possible(areas, siting)
    sites = siting.problem.sites
    asked = max(quota - SHOWN_SHARE, 0.0)
    if asked > most + 1e-9:
        limits = {"quota": 100 * quota, "sites": sites, "area": _text(unit), "most": 100 * most}
        raise SitingError([conflict("quota_impossible", **limits)])
    began = time.monotonic()
    small, area_of, _ = condensed(siting, areas)
    found = with_quota(small, area_of, asked, time_limit_s=seconds, seed=seed, cancelled=stop)
    if isinstance(found, NoPlan):
        # What can be had instead: a plan that does as much for the worst-off area as is found in some seconds.
        other = solve_max_min(siting, areas, seconds=HELP_SECONDS, seed=seed, stop=stop)
        unit, share = least(areas, siting, siting.covered(siting.plan(other.chosen)))
        key = "quota_proven" if found.is_proven else "quota_not_found"
        values = {"quota": 100 * quota, "sites": sites, "area": _text(unit), "share": _floored(100 * share)}
        raise SitingError([conflict(key, seconds=seconds, **values)])
    return as_result(siting, found, seed, was_stopped=stop(), seconds=time.monotonic() - began)


def solve_max_min(siting: Siting, areas: Areas, *, seconds: float, seed: int, stop: Stop) -> SitingResult:
    """The plan whose worst-off area is reached best, by halving what is not known; then the most children in all."""
    began = time.monotonic()
    low, high = 0.0, most_possible(areas, siting)[1]
    best: FairPlan | None = None
    small, area_of, _ = condensed(siting, areas)
    for _ in range(HALVINGS):
        if best is not None and (stop() or time.monotonic() - began > seconds or high - low < 1e-3):
            break
        quota = 0.0 if best is None else (low + high) / 2
        share_s = seconds / HALVINGS
        found = with_quota(small, area_of, quota, time_limit_s=share_s, seed=seed, cancelled=stop)
        if isinstance(found, NoPlan):
            high = quota
        else:
            best, low = found, max(quota, found.worst)
    assert best is not None  # noqa: S101  # a quota of nothing is kept by every plan
    return as_result(siting, best, seed, was_stopped=stop(), seconds=time.monotonic() - began)


def as_result(siting: Siting, plan: FairPlan, seed: int, *, was_stopped: bool, seconds: float) -> SitingResult:
    """A fair plan as any other: the most children with its quota, and what no plan with that quota can exceed."""
    status: Status = "optimal" if plan.gap <= PROVEN_GAP else "within_gap"
    if plan.gap > QUOTA_GAP:
        status = "cancelled" if was_stopped else "time_limit"
    return SitingResult(
        model="max_cover",
        status=status,
        chosen=plan.chosen,
        open_sites=tuple(int(site) for site in np.flatnonzero(siting.open_with(plan.chosen))),
        names=plan.names,
        objective=plan.total,
        bound=plan.bound,
        gap=plan.gap,
        seconds=seconds,
        seed=seed,
        cost=float(siting.problem.cost[list(plan.chosen)].sum()),
    )


def fairness(
    siting: Siting, areas: Areas, chosen: tuple[int, ...], best: float | None, out_of_reach: float = 1.0
) -> Fair | None:
    """The worst-off area today and with a plan; the plan's price against `best`, the most children any plan reaches.

    `out_of_reach`: a share that is proven to be more than any plan can bring every area to.
    """
    if len(areas.units) < 2:
        return None
    covered = siting.covered(siting.plan(chosen))
    before, share_before = least(areas, siting, siting.covered_today)
    after, share_after = least(areas, siting, covered)
    total = float(siting.places.demand @ covered)
    return Fair(
        worst_before=name_of(before),
        worst_before_percent=round(100 * share_before, 1),
        worst=name_of(after),
        worst_percent=round(100 * share_after, 1),
        # Rounded up: what is said to be out of reach must be.
        most_percent=float(np.ceil(1000 * min(most_possible(areas, siting)[1], out_of_reach) - 1e-9)) / 10,
        price_percent=None if not best else round(100 * max(0.0, 1 - total / best), 1),
    )


def frontier(
    siting: Siting, areas: Areas, best: SitingResult, *, stop: Stop, tell: Tell
) -> tuple[tuple[FairPoint, ...], float]:
    """Plans from the most children in all to the fairest, each with what no plan as fair can exceed.

    The second value: the least share that is proven to be more than any plan brings every area to.

    `best` is the plan without a rule. First the quota is halved towards the most that is possible, then the room
    between is filled. A quota for which no plan was found in its seconds is not proven impossible.
    """
    began = time.monotonic()
    total = float(siting.places.demand.sum())
    found = [_point(siting, areas, best.chosen, best.bound, best, total)]
    small, area_of, _ = condensed(siting, areas)
    done, proven = 0, most_possible(areas, siting)[1]

    def ask(quota: float) -> FairPlan | NoPlan:
        nonlocal done, proven
        if stop() or time.monotonic() - began > FRONTIER_SECONDS:
            return NoPlan(quota, is_proven=False)
        plan = with_quota(small, area_of, quota, time_limit_s=POINT_SECONDS, seed=best.seed, cancelled=stop)
        if isinstance(plan, NoPlan):
            proven = min(proven, quota) if plan.is_proven else proven
        else:
            found.append(_point(siting, areas, plan.chosen, plan.bound, best, total))
        done += 1
        tell(done, STEPS + BETWEEN)
        return plan

    low = start = found[0].least_percent / 100
    high = proven
    for _ in range(STEPS):
        if high - low < 0.005:
            break
        quota = (low + high) / 2
        plan = ask(quota)
        low, high = (low, quota) if isinstance(plan, NoPlan) else (max(quota, plan.worst), high)
    for part in range(1, BETWEEN + 1):
        if low - start > 0.005:
            ask(start + (low - start) * part / (BETWEEN + 1))
    return _undominated(found), proven


def _point(
    siting: Siting, areas: Areas, chosen: tuple[int, ...], bound: float, best: SitingResult, total: float
) -> FairPoint:
    covered = siting.covered(siting.plan(chosen))
    unit, share = least(areas, siting, covered)
    reached = float(siting.places.demand @ covered)
    return FairPoint(
        least_percent=round(100 * share, 4),
        area=name_of(unit),
        percent=round(100 * reached / total, 4),
        # However fair, no plan reaches more than the best without a rule may.
        bound_percent=round(100 * max(min(bound, best.bound), reached) / total, 4),
        price_percent=round(100 * max(0.0, 1 - reached / best.objective), 4) if best.objective > 0 else 0.0,
        different=len(set(chosen) - set(best.chosen)),
    )


def _floored(percent: float) -> float:
    """To .1, so that asking for it asks for no more than was found."""
    return float(np.floor(10 * percent + 1e-9)) / 10


def _text(unit: Unit) -> Text:
    return Text(zh=unit.name_zh, en=unit.name_en)


def _undominated(points: list[FairPoint]) -> tuple[FairPoint, ...]:
    """The points that no other beats in both ways, the least fair first."""
    kept: list[FairPoint] = []
    for point in sorted(points, key=lambda one: (-one.least_percent, -one.percent)):
        if not kept or point.percent > kept[-1].percent:
            kept.append(point)
    return tuple(reversed(kept))
