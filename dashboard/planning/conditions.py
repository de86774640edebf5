"""What is said of single places: a site must be here, may not be here, an existing centre is given up on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dashboard.planning.conflicts import conflict
from dashboard.planning.places import Places
from dashboard.planning.request import COUNTS_SITES, PlanRequest, Rule
from geodata.analysis.siting import SitingError, SitingProblem
from geodata.text import Text

if TYPE_CHECKING:
    from dashboard.planning.problem import Column

Bools = NDArray[np.bool_]
# What a place is called that is no candidate of this question; the id where nobody knows better.
Known = Callable[[str], Text]
MOST_NAMED = 6


@dataclass(frozen=True, eq=False)
class Marks:
    """The conditions by column of the problem, in the words of `SitingProblem`."""

    forced: Bools
    forbidden: Bools
    closed: Bools

    def are_of(self, problem: SitingProblem) -> bool:
        """Whether a problem has these conditions already."""
        return all(np.array_equal(mine, getattr(problem, name)) for name, mine in vars(self).items())


def as_it_is(place: str) -> Text:
    """An id as its own name."""
    return Text(zh=place, en=place)


def marks_of(places: Places, columns: Sequence[Column], request: PlanRequest, known: Known = as_it_is) -> Marks:
    """The conditions of a question by column. Works at a centre that is closed may not be done.

    Raises
    ------
    geodata.analysis.siting.SitingError
        If a place does not exist or conditions conflict; a sentence each, with what would be feasible.
    """
    none = np.zeros(len(columns), dtype=bool)
    if not request.has_conditions:
        return Marks(none, none, none)
    number = {column.name: at for at, column in enumerate(columns) if column.action is not None}
    unknown = [*_unknown(places, request, number, known)]
    if unknown:
        raise SitingError(unknown)
    closing = set(request.close)
    forced, forbidden, closed, at_closed = none.copy(), none.copy(), none.copy(), none.copy()
    forced[[number[place] for place in request.force]] = True
    forbidden[[number[place] for place in request.forbid]] = True
    for at, column in enumerate(columns):
        if column.centre >= 0 and column.site.id in closing:
            (closed if column.action is None else at_closed)[at] = True
    found = [*_choices(columns, request, forced, forbidden, at_closed), *_limits(columns, request, forced, forbidden)]
    if found:
        raise SitingError(found)
    return Marks(forced, forbidden | at_closed, closed)


def named(columns: Sequence[Column], which: Bools) -> Text:
    """The names of some columns, the first few of them."""
    sites = [columns[at].site for at in np.flatnonzero(which).tolist()]
    more = f" … ({len(sites)})" if len(sites) > MOST_NAMED else ""
    return Text(
        zh="、".join(site.name_zh for site in sites[:MOST_NAMED]) + more,
        en=", ".join(site.name_en for site in sites[:MOST_NAMED]) + more,
    )


def _unknown(places: Places, request: PlanRequest, number: dict[str, int], known: Known) -> Iterator[Text]:
    region = Text(zh=places.region.name_zh, en=places.region.name_en)
    asked: tuple[tuple[Rule, tuple[str, ...]], ...] = (("force", request.force), ("forbid", request.forbid))
    for rule, ids in asked:
        for place in ids:
            if place not in number:
                kind = "unbuilt" if "build" not in request.actions else "unknown"
                yield conflict(f"{rule}_{kind}", place=known(place), candidates=request.candidates, region=region)
    if request.close and request.existing == "ignored":
        yield conflict("close_ignored")
        return
    centres = {site.id for site in places.existing}
    for place in request.close:
        if place not in centres:
            yield conflict("close_unknown", place=known(place))


def _choices(
    columns: Sequence[Column], request: PlanRequest, forced: Bools, forbidden: Bools, at_closed: Bools
) -> Iterator[Text]:
    if (forced & forbidden).any():
        yield conflict("force_forbid", places=named(columns, forced & forbidden))
    if (forced & at_closed).any():
        yield conflict("force_closed", places=named(columns, forced & at_closed))
    if request.replaces:
        centre = np.array([column.centre for column in columns])
        values, counts = np.unique(centre[forced & (centre >= 0)], return_counts=True)
        twice = forced & np.isin(centre, values[counts > 1])
        if twice.any():
            yield conflict("force_twice", places=named(columns, twice))


def _limits(columns: Sequence[Column], request: PlanRequest, forced: Bools, forbidden: Bools) -> Iterator[Text]:
    count = int(forced.sum())
    has_number = request.model not in COUNTS_SITES
    if has_number and count > request.budget:
        yield conflict("force_more", count=count, places=named(columns, forced), sites=request.budget)
    cost = float(sum(column.cost for column, must in zip(columns, forced, strict=True) if must))
    if count and request.money is not None and cost > request.money * (1 + 1e-12):
        yield conflict("force_money", cost=cost, places=named(columns, forced), money=request.money)
    offered = np.array([column.action is not None for column in columns])
    left = int((offered & ~forbidden).sum())
    if has_number and left < request.budget <= offered.sum():
        yield conflict("forbid_more", sites=request.budget, left=left, count=int(forbidden.sum()))
