"""Places of a question by name, by id or by where they are, for whoever wants to say something of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dashboard.planning.names import name_of_site, place_of
from dashboard.planning.places import Places, Site
from dashboard.planning.plan import Condition, Name
from dashboard.planning.problem import Siting
from dashboard.planning.request import PlanRequest
from dashboard.views.units import gazetteer
from geodata.analysis.distance import nearest
from geodata.errors import UserError
from geodata.store import Reading, queries
from geodata.text import LANGUAGES, Text

Kind = Literal["site", "centre"]
MOST_FOUND = 8


class FoundPlace(BaseModel):
    """A candidate or an existing centre; `far_km` from where somebody pointed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Kind
    name: Name
    place: Name
    lon: float
    lat: float
    far_km: float | None = None


def by_name(reading: Reading, places: Places, text: str) -> list[FoundPlace]:
    """Candidates and centres by name, id, or the county or prefecture they lie in.

    The very name first, then names that begin with it, that hold it, then what lies in such a county; of equals those
    in the region first.
    """
    asked = text.strip().casefold()
    if not asked:
        return []
    inside = {unit.code for unit in places.counties}
    above = {
        unit.code
        for unit in gazetteer(reading).levels["county"]
        if any(asked in name.casefold() for lang in LANGUAGES for name in (unit.name(lang), *unit.parents(lang)))
    }
    ranked = sorted(
        (rank, site.code not in inside, at, kind, site)
        for at, (kind, site) in enumerate(_all(places))
        if (rank := _rank(asked, site, above)) is not None
    )
    return [_found(reading, places, kind, site) for *_, kind, site in ranked[:MOST_FOUND]]


def _rank(asked: str, site: Site, above: set[str]) -> int | None:
    names = [site.id.casefold(), site.name_zh.casefold(), site.name_en.casefold()]
    if asked in names:
        return 0
    if any(name.startswith(asked) for name in names):
        return 1
    if any(asked in name for name in names[1:]):
        return 2
    return 3 if site.code in above else None


def by_id(reading: Reading, places: Places, ids: Iterable[str]) -> list[FoundPlace]:
    """The places with these ids, in the order asked; what does not exist is not among them."""
    known = {site.id: (kind, site) for kind, site in reversed(list(_all(places)))}
    return [
        _found(reading, places, *here).model_copy(update={"id": one})
        for one in ids
        if (here := known.get(work_of(one)[1])) is not None
    ]


def by_point(reading: Reading, places: Places, lon: float, lat: float) -> list[FoundPlace]:
    """The candidate nearest to a point, WGS-84 degrees."""
    sites = places.candidates
    if not sites:
        return []
    at, metres = nearest([lon], [lat], [site.lon for site in sites], [site.lat for site in sites])
    found = _found(reading, places, "site", sites[int(at[0])])
    return [found.model_copy(update={"far_km": round(float(metres[0]) / 1_000, 1)})]


def one_named(reading: Reading, places: Places, text: str, kind: Kind) -> str:
    """The id of the one candidate or centre that bears this id or name; `extend:NAME` for a work at a centre.

    Raises
    ------
    UserError
        If none or several do; it lists some.
    """
    work, name = work_of(text)
    wanted: Kind = "centre" if work else kind
    found = [one for one in by_name(reading, places, name) if one.kind == wanted]
    asked = name.strip().casefold()
    exact = [one for one in found if asked == one.id.casefold()] or [
        one for one in found if asked in {one.name.zh.casefold(), one.name.en.casefold()}
    ]
    if len(exact) == 1:
        return f"{work}:{exact[0].id}" if work else exact[0].id
    what = "existing centre" if wanted == "centre" else "candidate"
    listed = "; ".join(f"{one.id} {one.name.zh} {one.name.en} ({one.place.en})" for one in exact or found)
    problem = f"Several places that are a {what} have this name" if exact else f"No {what} of this question is this"
    raise UserError(problem, key="place", value=text, expected=listed or f"the id or name of a {what}")


def work_of(place: str) -> tuple[str, str]:
    """The work (`upgrade`, `extend` or nothing) and the id of a place as a question says it."""
    work, colon, place_id = place.partition(":")
    return (work, place_id) if colon and work in {"upgrade", "extend"} else ("", place)


def name_anywhere(reading: Reading, place: str) -> Text:
    """The name of a county, settlement or centre of the release by its id; the id itself where nobody bears it."""
    _, place_id = work_of(place)
    unit = gazetteer(reading).find(place_id)
    if unit is not None:
        return Text(zh=unit.name_zh, en=unit.name_en)
    for table, column in ((queries.centres(reading), "centre_id"), (queries.settlements(reading), "settlement_id")):
        rows = table[table[column] == place_id]
        if len(rows):
            row = rows.iloc[0]
            return Text(zh=row["name_zh"] or row["name_en"], en=row["name_en"] or row["name_zh"])
    return Text(zh=place, en=place)


def conditions_of(reading: Reading, siting: Siting, request: PlanRequest) -> tuple[Condition, ...]:
    """What was asked of single places, by name; the question has been found to be without conflicts."""
    places = siting.places
    columns = {column.name: column.site for column in siting.columns if column.action is not None}
    centres = {site.id: site for site in places.existing}
    reaching = {column.site.id for column in siting.columns if column.action is None}
    found = [
        Condition(rule=rule, id=one, counts=rule != "close" or one in reaching, **_where(reading, places, at[one]))
        for rule, at in (("force", columns), ("forbid", columns), ("close", centres))
        for one in getattr(request, rule)
    ]
    return tuple(found)


def _where(reading: Reading, places: Places, site: Site) -> dict[str, Name | float]:
    return {
        "name": name_of_site(site),
        "place": place_of(reading, site, places.region),
        "lon": round(site.lon, 5),
        "lat": round(site.lat, 5),
    }


def _found(reading: Reading, places: Places, kind: Kind, site: Site) -> FoundPlace:
    return FoundPlace(id=site.id, kind=kind, **_where(reading, places, site))


def _all(places: Places) -> Iterator[tuple[Kind, Site]]:
    yield from (("site", site) for site in places.candidates)
    yield from (("centre", site) for site in places.existing)
