"""From scores to a plan that keeps the limits."""

from __future__ import annotations

import numpy as np

from geodata.analysis.siting.limits import Limits
from geodata.analysis.siting.problem import Bools, Floats


def fill_by(score: Floats, limits: Limits) -> Bools:
    """Open the locked, then whatever scores highest and still fits: sites, money, one action a place."""
    plan = limits.locked.copy()
    sites, money = limits.sites_left, limits.money_left
    taken = set(limits.group[plan & (limits.group >= 0)])
    for option in np.argsort(-score, kind="stable"):
        if (
            not limits.allowed[option]
            or sites < 1
            or limits.cost[option] > money + 1e-9
            or limits.group[option] in taken
        ):
            continue
        plan[option] = True
        sites -= 1
        money -= limits.cost[option]
        if limits.group[option] >= 0:
            taken.add(limits.group[option])
    return plan
