"""Steps 1 to 7 a second time: one unit after the other, plain Python, as the method page says it."""

from __future__ import annotations

import math
from collections.abc import Callable

from geodata.analysis.estimate import Counts, Parameters, Signals, Totals

MUNICIPALITIES = ("110000", "120000", "310000")


def root(total_of: Callable[[float], float], target: float) -> float:
    """The scale at which a rising total meets its target, by trisecting a wide interval."""
    low, high = 1e-6, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        if total_of(middle) < target:
            low = middle
        else:
            high = middle
    return low


def slow_estimate(counts: Counts, signals: Signals, totals: Totals, parameters: Parameters) -> dict[str, list[float]]:
    """The six columns of an estimate by unit."""
    units = range(len(counts.code))
    older = totals.children - sum(counts.age_0_14)
    k, r = older / sum(counts.age_15_19), older / sum(counts.age_10_14)
    teens = [min(1.06 * k * counts.age_15_19[i], 1.35 * r * counts.age_10_14[i]) for i in units]
    children = [counts.age_0_14[i] + teens[i] * older / sum(teens) for i in units]

    in_province = slow_intra(counts, totals.floating_intra)
    nation_share = sum(children) / sum(counts.population)
    relative = [children[i] / counts.population[i] / nation_share for i in units]

    def inter(rate: float) -> list[float]:
        return [min(rate * counts.moved_from_other_province[i] * relative[i], 0.85 * children[i]) for i in units]

    outside = inter(root(lambda rate: sum(inter(rate)), totals.migrant_children_inter))

    def both(rate: float) -> list[float]:
        return [min(outside[i] + rate * in_province[i] * relative[i], 0.85 * children[i]) for i in units]

    migrant = both(root(lambda rate: sum(both(rate)), totals.migrant_children))
    rural = [counts.rural[i] / counts.population[i] for i in units]
    any_away, both_away = zip(*(slow_parents(counts, signals, parameters, i) for i in units), strict=True)
    odds = [q / (1 - q) for q in any_away]

    def left(scale: float, stay: list[float]) -> list[float]:
        return [stay[i] * min(scale * odds[i] / (1 + scale * odds[i]), 0.92) for i in units]

    countryside = [(children[i] - migrant[i]) * rural[i] for i in units]
    town = [(children[i] - migrant[i]) * (1 - rural[i]) for i in units]
    left_rural = left(root(lambda s: sum(left(s, countryside)), totals.left_behind_rural), countryside)
    left_urban = left(root(lambda s: sum(left(s, town)), totals.left_behind_urban), town)
    return {
        "children": children,
        "children_rural": [children[i] * rural[i] for i in units],
        "migrant": migrant,
        "left_behind_rural": left_rural,
        "left_behind_urban": left_urban,
        "both_away": [(left_rural[i] + left_urban[i]) * both_away[i] / any_away[i] for i in units],
    }


def slow_intra(counts: Counts, published: float) -> list[float]:
    """Movers inside the province, moves inside a city taken out."""
    kept, movable = [], []
    for i in range(len(counts.code)):
        moved = counts.moved_within_province[i]
        kept.append(moved + counts.moved_within_county[i] - counts.moved_within_district[i])
        districts = sum(1 for j in range(len(counts.code)) if counts.city[j] == counts.city[i] and counts.district[j])
        movable.append(moved * (1 - 1 / districts) if counts.district[i] else 0.0)
        if counts.district[i] and counts.province[i] in MUNICIPALITIES:
            movable[i] = 0.0
            if counts.year != 2010:
                kept[i] -= moved
    share = min(max((sum(kept) - published) / sum(movable), 0.0), 1.0)
    return [kept[i] - share * movable[i] for i in range(len(kept))]


def slow_parents(counts: Counts, signals: Signals, parameters: Parameters, i: int) -> tuple[float, float]:
    """At least one parent away, both away."""
    weight = parameters.mix if signals.sure[i] else 0.0
    identity = signals.identity[i] if signals.sure[i] else 0.0
    absent = max(weight * identity + (1 - weight) * signals.structure[i], 0.01)
    inside = counts.moved_within_county[i] / counts.population[i]
    m = min(parameters.kappa * (absent + parameters.lambda_ * inside / 2), 0.95)
    both = m * m + parameters.rho * m * (1 - m)
    return 2 * m - both, both
