"""Children who get a place, where places are limited: the transport problem behind a capacitated plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.planning.places import Floats
from dashboard.planning.problem import Siting
from geodata.analysis.siting import SitingResult
from geodata.analysis.siting.evaluate import transport


@dataclass(frozen=True)
class Served:
    """Children with a place today (None where not all could have one, as the median model wants) and with the plan."""

    before: float | None
    after: float
    by_column: Floats


def served(siting: Siting, result: SitingResult) -> Served:
    """Who gets a place: each site serves what it can hold, the children of a place may go to several."""
    before = transport(siting.problem, siting.today)
    after = transport(siting.problem, siting.open_with(result.chosen))
    by_column = np.zeros(len(siting.columns)) if after is None else np.asarray(after[1].sum(axis=0)).ravel()
    today = None if before is None else float(before[1].sum())
    return Served(before=today, after=float(by_column.sum()), by_column=by_column)
