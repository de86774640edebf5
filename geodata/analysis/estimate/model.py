"""The estimator: steps 1 to 7 in order, for one parameter set or for many draws at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from geodata.analysis.estimate.absence import Signals, absent_share
from geodata.analysis.estimate.benchmark import rake
from geodata.analysis.estimate.children import children
from geodata.analysis.estimate.left_behind import both_parents, left_behind
from geodata.analysis.estimate.migrants import Movers, migrant_children, shared_anew
from geodata.analysis.estimate.parents import parents_away
from geodata.analysis.estimate.types import Counts, Estimate, Parameters, Totals


@dataclass(frozen=True)
class Benchmarks:
    """Known province totals of left-behind children by province code, persons; empty where none is known."""

    rural: Mapping[str, float] = field(default_factory=dict)
    urban: Mapping[str, float] = field(default_factory=dict)


def estimate(counts: Counts, moved: Movers, signals: Signals, totals: Totals, parameters: Parameters,
             benchmarks: Benchmarks | None = None) -> Estimate:  # fmt: skip
    """Children, migrant children and left-behind children aged 0-17 by unit; national totals as in `totals`.

    Province totals can only be benchmarked for one parameter set at a time.
    """
    all_children = children(counts, totals.children, parameters)
    floating = shared_anew(moved, counts, parameters.city_factor)
    migrant, rate_inter, rate_intra = migrant_children(
        all_children, floating, counts, totals.migrant_children, totals.migrant_children_inter, parameters
    )
    rural = np.divide(counts.rural, counts.population, out=np.zeros(len(counts.code)), where=counts.population > 0)
    stay = all_children - migrant
    absent = absent_share(signals, parameters)
    away = parents_away(absent, counts, parameters)
    most = parameters.most_left_behind
    left_rural, scale_rural = left_behind(stay * rural, away, totals.left_behind_rural, most)
    left_urban, scale_urban = left_behind(stay * (1 - rural), away, totals.left_behind_urban, most)
    if benchmarks is not None and benchmarks.rural:
        left_rural = rake(left_rural, most * stay * rural, counts.province, benchmarks.rural, totals.left_behind_rural)
    if benchmarks is not None and benchmarks.urban:
        ceiling = most * stay * (1 - rural)
        left_urban = rake(left_urban, ceiling, counts.province, benchmarks.urban, totals.left_behind_urban)
    return Estimate(
        children=all_children,
        children_rural=all_children * rural,
        migrant=migrant,
        left_behind_rural=left_rural,
        left_behind_urban=left_urban,
        both_away=both_parents(left_rural + left_urban, away),
        solved={
            "city_share": moved.city_share, "rate_inter": rate_inter, "rate_intra": rate_intra,
            "scale_rural": scale_rural, "scale_urban": scale_urban,
        },
    )  # fmt: skip
