"""How sure a plan is when the children are not: the question asked of every draw, whatever its model or rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from dashboard.planning.fair import SHOWN_SHARE, Areas, condensed
from dashboard.planning.places import Floats
from dashboard.planning.plan import Robust
from dashboard.planning.problem import Siting
from dashboard.planning.request import PlanRequest
from dashboard.planning.solving import weights_of
from geodata.analysis.siting import SitingError, SitingProblem, SitingResult, solve
from geodata.analysis.siting.equity import NoPlan, with_quota
from geodata.analysis.siting.evaluate import objective_of
from geodata.analysis.siting.robust import Robustness, TooSlow, robustness, robustness_by

Stop = Callable[[], bool]
Tell = Callable[[int, int], None]
Plan = tuple[int, ...]
# Where places are limited each draw is a program of its own: it gets so long, and this gap is good enough.
DRAW_SECONDS, DRAW_GAP = 2.0, 0.005
# A plan that keeps a rule in a draw is looked for so long; the fairest by raising what this plan does for the worst-off
# area there, until one is found that does so much more. Before, so many rounds of swaps look for a start.
RULE_SECONDS, ROUNDS, RAISES = 1.0, 6, (1.2, 1.1, 1.05, 1.02, 1.01)


@dataclass(frozen=True)
class Unsure:
    """What the draws said: the record for the plan, how often each column is chosen; or how slow one draw is."""

    record: Robust | None = None
    frequency: Floats | None = None
    slow_seconds: float | None = None


def ask_draws(  # noqa: PLR0913  # all but five are named at the call
    siting: Siting, areas: Areas, request: PlanRequest, result: SitingResult, drawn: Floats, *,
    seconds: float, stop: Stop, tell: Tell,
) -> Unsure:  # fmt: skip
    """Ask the question of `drawn` (draws x points); nothing if no draw was solved in time."""
    problem = siting.problem
    found: Robustness | TooSlow
    if request.fair in ("quota", "max_min"):
        by_rule = _Ruled(siting, areas, request, result, drawn)
        found = robustness_by(
            problem, result, len(drawn), answer=by_rule.answer, worth=by_rule.worth, seconds=seconds, on_draw=tell,
            cancelled=stop,
        )  # fmt: skip
    elif request.draws_take_time:
        limited = _Limited(siting, drawn)
        found = robustness_by(
            problem, result, len(drawn), answer=limited.answer, worth=limited.worth, seconds=seconds, on_draw=tell,
            cancelled=stop,
        )  # fmt: skip
    else:
        weights = weights_of(siting, request, areas)
        asked = problem if weights is None else problem.but(demand=problem.demand * weights)
        demand = drawn if weights is None else drawn * weights
        found = robustness(asked, result, demand, on_draw=tell, cancelled=stop)
    if isinstance(found, TooSlow):
        return Unsure(slow_seconds=round(found.seconds_a_draw, 1))
    if found.draws == 0:
        return Unsure()
    return Unsure(_record(siting, request, result, found), found.frequency)


def _record(siting: Siting, request: PlanRequest, result: SitingResult, found: Robustness) -> Robust:
    names = siting.problem.candidate_names
    can_break = request.fair == "quota" or request.model == "capacitated_median"
    return Robust(
        draws=found.draws,
        core=tuple(names[site] for site in found.core),
        mean_regret_percent=round(100 * found.base.mean_regret, 2),
        max_regret_percent=round(100 * found.base.max_regret, 2),
        least_regret_percent=round(100 * found.least_regret.max_regret, 2),
        least_regret_different=len(set(found.least_regret.chosen) - set(result.chosen)),
        kept_percent=round(100 * found.kept, 1) if can_break else None,
    )


def least_interval(areas: Areas, covered: NDArray[np.bool_], drawn: Floats) -> tuple[float, float]:
    """5th and 95th percentile, in percent, of the share that the worst-off area of each draw (draws x points) has."""
    least = [least_share(areas, covered, demand) for demand in drawn]
    low, high = np.percentile(100 * np.array(least), [5, 95])
    return round(float(low), 1), round(float(high), 1)


def least_share(areas: Areas, covered: NDArray[np.bool_], demand: Floats) -> float:
    """The share of the worst-off area with the children of one draw; areas without children are never worst."""
    size = len(areas.units)
    inside = np.bincount(areas.of, weights=demand * covered, minlength=size)
    whole = np.bincount(areas.of, weights=demand, minlength=size)
    some = (whole > 0) & (areas.need > 0)
    return float((inside[some] / whole[some]).min()) if some.any() else 0.0


@dataclass(frozen=True)
class _Limited:
    """Limited places, or works that replace a centre: a program a draw, cut short."""

    siting: Siting
    drawn: Floats

    def answer(self, draw: int) -> Plan | None:
        asked = self.siting.problem.but(demand=self.drawn[draw])
        try:
            return solve(asked, time_limit_s=DRAW_SECONDS, gap=DRAW_GAP, seed=draw).chosen
        except SitingError:
            # In this draw there are more children than places, or no plan was found in time.
            return None

    def worth(self, plan: Plan, draw: int) -> float:
        asked = self.siting.problem.but(demand=self.drawn[draw])
        return objective_of(asked, self.siting.open_with(plan))


@dataclass(frozen=True)
class _Ruled:
    """A rule of fairness: plans of a draw that keep it; worth the children in all or the worst-off share."""

    siting: Siting
    areas: Areas
    request: PlanRequest
    result: SitingResult
    drawn: Floats

    @cached_property
    def small(self) -> tuple[SitingProblem, NDArray[np.int64], Floats]:
        """The question of fewer points, their areas, and their children in each draw (draws x points)."""
        problem, area_of, row = condensed(self.siting, self.areas)
        points = np.arange(len(row))
        to_row = sp.csr_matrix((np.ones(len(row)), (points, row)), shape=(len(row), problem.n_demand))
        return problem, area_of, np.asarray(self.drawn @ to_row)

    def answer(self, draw: int) -> Plan | None:
        if self.request.fair == "quota":
            return self._keeping(draw, self.quota)
        share = self.share(self.result.chosen, draw)
        raised = (self._keeping(draw, share * more + 1e-4) for more in RAISES)
        return next((found for found in raised if found is not None), self.result.chosen)

    @property
    def quota(self) -> float:
        return max(self.request.least_percent / 100 - SHOWN_SHARE, 0.0)

    def _keeping(self, draw: int, quota: float) -> Plan | None:
        problem, area_of, drawn = self.small
        asked = problem.but(demand=drawn[draw])
        found = with_quota(asked, area_of, quota, time_limit_s=RULE_SECONDS, rounds=ROUNDS, seed=draw)
        return None if isinstance(found, NoPlan) else found.chosen

    def share(self, plan: Plan, draw: int) -> float:
        covered = self.siting.covered(self.siting.plan(plan))
        return least_share(self.areas, covered, self.drawn[draw])

    def worth(self, plan: Plan, draw: int) -> float:
        share = self.share(plan, draw)
        if self.request.fair == "max_min":
            return share
        total = float(self.drawn[draw] @ self.siting.covered(self.siting.plan(plan)))
        return total if share >= self.quota - 1e-12 else float("nan")
