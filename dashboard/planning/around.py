"""What stands around a plan: opening order and reasons, curve, alternatives, parts of the region, robustness, origin.

All of it speaks of children within the standard, whatever the model optimises: the one measure a reader can compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.planning.fair import Areas
from dashboard.planning.names import name_of, name_of_site, place_of
from dashboard.planning.places import Floats, Places
from dashboard.planning.plan import (
    Area,
    CurvePoint,
    Name,
    Origin,
    PlanSite,
    PlanSource,
    shown_count,
)
from dashboard.planning.problem import Siting
from dashboard.views.origin import all_sources
from geodata.analysis.distance import nearest
from geodata.analysis.siting import SitingProblem
from geodata.store import Reading
from geodata.store.draws import StoredDraws

Stop = Callable[[], bool]
Count = Callable[[int, int], None]


@dataclass(frozen=True)
class DemandDraws:
    """Demand in each draw of the estimates: for each part, children of each county (draws x counties)."""

    places: Places
    drawn: tuple[Floats, ...]

    def share_interval(self, covered: NDArray[np.bool_]) -> tuple[float, float]:
        """5th and 95th percentile over all draws of the percentage of children who live where `covered` says."""
        inside = sum(
            drawn @ by_county
            for drawn, by_county in zip(self.drawn, self.places.drawn_by_county(covered.astype(float)), strict=True)
        )
        whole = sum(drawn.sum(axis=1) for drawn in self.drawn)
        low, high = np.percentile(100 * np.asarray(inside) / np.maximum(np.asarray(whole), 1e-9), [5, 95])
        return round(float(low), 1), round(float(high), 1)

    def some(self, most: int) -> Floats:
        """Demand at each point (draws x points) in the first `most` draws."""
        county = self.places.county
        return np.asarray(
            sum(part.share * drawn[:most][:, county] for part, drawn in zip(self.places.parts, self.drawn, strict=True))
        )


def demand_draws(places: Places, draws: StoredDraws | None) -> DemandDraws | None:
    """The draws of the need by county; None without draws. A county without draws keeps its published figure."""
    if draws is None or any(part.indicator not in draws.measures for part in places.parts):
        return None
    where = {code: place for place, code in enumerate(draws.code.tolist())}
    drawn = []
    for part in places.parts:
        measure = draws.measures[part.indicator]
        values = np.tile(part.county_value, (len(measure), 1))
        for place, unit in enumerate(places.counties):
            if unit.code in where:
                values[:, place] = measure[:, where[unit.code]]
        drawn.append(values)
    return DemandDraws(places, tuple(drawn))


def plan_sites(
    reading: Reading, siting: Siting, chosen: tuple[int, ...], frequency: Floats | None, served: Floats | None
) -> tuple[PlanSite, ...]:
    """The chosen sites in the order of opening, each with its reasons."""
    problem, who = siting.problem, siting.who
    total = float(who.demand.sum())
    money = np.inf if problem.budget is None or problem.model != "max_cover" else problem.budget
    why = who.why(chosen, siting.kept, problem.selectable, problem.cost, money)
    centre_km = _nearest_centre_km(siting, chosen)
    found = []
    for order, step in enumerate(who.openings(siting.kept, chosen, len(chosen)), start=1):
        reason, column = why[step.site], siting.columns[step.site]
        site = column.site
        has_other = reason.runner_up >= 0 and np.isfinite(reason.flip)
        is_forced = bool(problem.forced[step.site])
        found.append(
            PlanSite(
                order=order,
                id=site.id,
                name=name_of_site(site),
                place=place_of(reading, site, siting.places.region),
                code=site.code,
                lon=round(site.lon, 5),
                lat=round(site.lat, 5),
                adds=shown_count(step.gain),
                total_percent=round(100 * step.total / total, 1),
                reached=shown_count(reason.reached),
                already=shown_count(reason.already),
                alone=shown_count(reason.alone),
                shares_with=tuple(_name(siting, other) for other in reason.others),
                runner_up=_name(siting, reason.runner_up) if has_other else None,
                flip=shown_count(reason.flip) if has_other else None,
                nearest_centre_km=centre_km.get(step.site),
                chosen_in_draws=None if frequency is None else round(float(frequency[step.site]), 2),
                action=column.action or "build",
                cost=round(column.cost, 2),
                serves=None if served is None else shown_count(float(served[step.site])),
                forced=is_forced,
                forgone=shown_count(-reason.flip) if is_forced and has_other else 0,
            )
        )
    return tuple(found)


def _name(siting: Siting, column: int) -> Name:
    return name_of_site(siting.columns[column].site)


def _nearest_centre_km(siting: Siting, chosen: tuple[int, ...]) -> dict[int, float]:
    """Kilometres from each new site to the nearest centre that is open today."""
    centres = siting.places.existing
    new = [site for site in chosen if siting.columns[site].action == "build"]
    if not centres or not new:
        return {}
    at = [siting.columns[site].site for site in new]
    _, metres = nearest(
        [site.lon for site in at], [site.lat for site in at], [one.lon for one in centres], [one.lat for one in centres]
    )
    return {site: round(float(far) / 1_000, 1) for site, far in zip(new, metres, strict=True)}


def nested(siting: Siting, most: int) -> tuple[CurvePoint, ...]:
    """Coverage as sites are added one by one, whatever they cost, from none to `most` or until nobody is added."""
    who, problem = siting.who, siting.problem
    total = float(who.demand.sum())
    # What must be there comes first, in the best order, even where it adds nobody.
    must = np.flatnonzero(problem.forced).tolist()
    steps = who.openings(siting.kept, must, len(must))
    free = np.flatnonzero(problem.selectable & ~problem.forced).tolist()
    more = who.openings(siting.plan(tuple(must)), free, max(most - len(must), 0))
    steps += [step for step in more if step.gain > 0]
    values = [float(who.demand @ siting.covered_kept), *(step.total for step in steps)]
    return tuple(
        CurvePoint(sites=sites, percent=round(100 * value / total, 2), nested=True)
        for sites, value in enumerate(values)
    )


def solved_curve(
    problem: SitingProblem, amounts: list[int], seconds: float, gap: float, stop: Stop, tell: Count
) -> tuple[CurvePoint, ...]:
    """Coverage of some budgets, each solved for itself, with what no plan of that size can exceed."""
    from geodata.analysis.siting.curve import curve

    total = float(problem.demand.sum())
    found = curve(
        problem,
        amounts,
        time_limit_s=seconds,
        gap=gap,
        cancelled=stop,
        on_point=lambda amount, _result: tell(amounts.index(int(amount)) + 1, len(amounts)),
    )
    return tuple(
        CurvePoint(
            sites=amount,
            percent=round(100 * one.objective / total, 2),
            bound_percent=round(100 * one.bound / total, 2),
            nested=False,
        )
        for amount, one in zip(amounts, found, strict=False)
    )


def area_rows(siting: Siting, areas: Areas, chosen: tuple[int, ...]) -> tuple[Area, ...]:
    """Need and coverage before and after in each part of the region that has children, by code."""
    demand = siting.places.demand
    before, after = (
        areas.shares(demand * covered) for covered in (siting.covered_today, siting.covered(siting.plan(chosen)))
    )
    return tuple(
        Area(
            code=unit.code,
            name=name_of(unit),
            need=shown_count(float(areas.need[place])),
            before_percent=round(100 * float(before[place]), 1),
            after_percent=round(100 * float(after[place]), 1),
        )
        for place, unit in enumerate(areas.units)
        if areas.need[place] > 0
    )


def origin_of(reading: Reading) -> Origin:
    """The release and its sources, in both languages."""
    row = reading.release
    both = zip(all_sources(reading, "zh"), all_sources(reading, "en"), strict=True)
    return Origin(
        release=row.release_id,
        built_at=row.built_at,
        version=row.version,
        method_version=row.method_version,
        centres_kind="demonstration" if row.centres_kind == "demonstration" else "register",
        sources=tuple(
            PlanSource(
                id=zh.id,
                title=Name(zh=zh.title, en=en.title),
                producer=Name(zh=zh.producer, en=en.producer),
                licence=Name(zh=zh.licence, en=en.licence),
                year=zh.year,
                citation=zh.citation,
                url=zh.url,
            )
            for zh, en in both
        ),
    )
