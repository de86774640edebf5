"""What a planner asks: region, need, standard, how many sites, which candidates, which model."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from dashboard.state import BadQuery
from geodata.codes import NATION_CODE, is_code
from geodata.errors import ManyErrors, UserError

PlanModel = Literal["max_cover", "backup_cover", "gradual_cover", "p_median", "set_cover", "p_centre"]
Candidates = Literal["counties", "settlements", "own"]
Need = Literal["left_behind_children", "children"]
Existing = Literal["kept", "ignored"]

PLAN_MODELS: tuple[PlanModel, ...] = get_args(PlanModel)
CANDIDATES: tuple[Candidates, ...] = get_args(Candidates)
NEEDS: tuple[Need, ...] = get_args(Need)
EXISTING: tuple[Existing, ...] = get_args(Existing)
# Models whose answer is that number of sites, not one that is given.
COUNTS_SITES: frozenset[str] = frozenset({"set_cover"})
# Models that need a distance of every pair, however far.
NEEDS_ALL_PAIRS: frozenset[str] = frozenset({"p_median", "p_centre"})

MOST_SITES = 3_000
MOST_OWN = 5_000
OWN_COLUMNS = ("id", "name", "lon", "lat")
_NUMBER = re.compile(r"[0-9]{1,5}(\.[0-9]{1,2})?")
Choice = TypeVar("Choice", bound=str)


class OwnSite(BaseModel):
    """A candidate of the user's own list: WGS-84 degrees, and what it costs in the unit of `money`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    lon: float
    lat: float
    cost: float = 1.0


class PlanRequest(BaseModel):
    """One siting question about a release.

    Attributes
    ----------
    region
        Code of the nation, a province, a prefecture or a county.
    budget
        At most how many new sites; `set_cover` finds the number itself.
    standard_km
        How far a child may live from a centre, straight line, kilometres.
    model, candidates, need, existing
        See `PLAN_MODELS`, `CANDIDATES`, `NEEDS`, `EXISTING`. Demand stands at settlements; a county as candidate stands
        at its settlement with the most children.
    money
        At most how much the sites of the user's own list cost together, in the unit of its column `cost`.
    own
        The user's own list of candidates.
    time_limit_s, gap, seed
        When to stop: seconds, relative gap that is good enough; random seed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = NATION_CODE
    budget: int = 18
    standard_km: float = 30.0
    model: PlanModel = "max_cover"
    candidates: Candidates = "counties"
    need: Need = "left_behind_children"
    existing: Existing = "kept"
    money: float | None = None
    own: tuple[OwnSite, ...] = ()
    time_limit_s: float = 60.0
    gap: float = 0.0
    seed: int = 0

    @property
    def is_national(self) -> bool:
        """Whether the region is the whole country."""
        return self.region == NATION_CODE

    def to_query(self) -> str:
        """The address of this question on the page, without the user's own list."""
        asked = self.model_dump(exclude={"own"}, exclude_defaults=True)
        return urlencode({name: f"{value:g}" if isinstance(value, float) else value for name, value in asked.items()})


def read_request(query: Mapping[str, str], own_text: str | None = None) -> PlanRequest:
    """The question that `query` asks, field by field; `own_text` is the user's list as CSV.

    Raises
    ------
    BadQuery
        If a parameter or value does not exist.
    UserError
        If the user's list is missing or cannot be used: every faulty row is named.
    """
    known = [name for name in PlanRequest.model_fields if name != "own"]
    for name in query:
        if name not in known:
            raise BadQuery("unknown_parameter", name, query[name], known)
    region = query.get("region", NATION_CODE)
    if not is_code(region):
        raise BadQuery("unknown_value", "region", region, ["six digits such as 510000"])
    candidates = _one_of(query, "candidates", CANDIDATES)
    if candidates == "own" and own_text is None:
        raise UserError("Your own list of candidates is missing", key="own", expected=f"CSV: {', '.join(OWN_COLUMNS)}")
    return PlanRequest(
        region=region,
        budget=int(_number(query, "budget", 18, 1, MOST_SITES, whole=True)),
        standard_km=_number(query, "standard_km", 30.0, 0.5, 500),
        model=_one_of(query, "model", PLAN_MODELS),
        candidates=candidates,
        need=_one_of(query, "need", NEEDS),
        existing=_one_of(query, "existing", EXISTING),
        money=_number(query, "money", 0.0, 0.01, 99_999) if query.get("money") else None,
        own=read_own_list(own_text) if candidates == "own" and own_text is not None else (),
        time_limit_s=_number(query, "time_limit_s", 60.0, 1, 900),
        gap=_number(query, "gap", 0.0, 0, 0.5),
        seed=int(_number(query, "seed", 0.0, 0, 99_999, whole=True)),
    )


def read_own_list(text: str) -> tuple[OwnSite, ...]:
    """The user's candidates: a header row with `id, name, lon, lat` and perhaps `cost`, WGS-84 degrees.

    Raises
    ------
    UserError
        If a column is missing, a cell is no number, a place is not in China or an id stands twice.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff").strip()))
    columns = [name.strip() for name in reader.fieldnames or ()]
    missing = [name for name in OWN_COLUMNS if name not in columns]
    if missing:
        raise UserError(
            "The list of candidates lacks columns",
            column=", ".join(missing),
            value=", ".join(columns) or None,
            expected=f"a first row with {', '.join(OWN_COLUMNS)} and, if sites differ in cost, cost",
        )
    sites: list[OwnSite] = []
    errors: list[UserError] = []
    seen: set[str] = set()
    for row, cells in enumerate(reader, start=2):
        try:
            site = _own_site({(name or "").strip(): (cell or "") for name, cell in cells.items()}, row)
        except UserError as error:
            errors.append(error)
            continue
        if site.id in seen:
            errors.append(UserError("This candidate is listed twice", row=row, column="id", value=site.id))
            continue
        seen.add(site.id)
        sites.append(site)
    if len(sites) > MOST_OWN:
        errors.append(UserError("The list is too long", value=len(sites), expected=f"at most {MOST_OWN} candidates"))
    if not sites and not errors:
        errors.append(UserError("The list of candidates is empty", expected="at least one row"))
    if errors:
        raise ManyErrors("The list of candidates cannot be used:", errors[:20])
    return tuple(sites)


def _own_site(cells: Mapping[str, str], row: int) -> OwnSite:
    number = {
        name: _cell(cells, row, name, low, high)
        for name, low, high in (("lon", 73.0, 136.0), ("lat", 3.0, 54.0), ("cost", 0.0, 1e9))
        if name != "cost" or cells.get("cost", "").strip()
    }
    name = cells["name"].strip()
    return OwnSite(id=cells["id"].strip() or str(row - 1), name=name or cells["id"].strip() or str(row - 1), **number)


def _cell(cells: Mapping[str, str], row: int, column: str, low: float, high: float) -> float:
    text = cells.get(column, "").strip()
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise UserError(
            "This cell is not usable", row=row, column=column, value=text, expected=f"a number from {low:g} to {high:g}"
        )
    return value


def _one_of(query: Mapping[str, str], name: str, offered: Iterable[Choice]) -> Choice:
    choices = tuple(offered)
    asked = query.get(name)
    if asked is None:
        return choices[0]
    for choice in choices:
        if choice == asked:
            return choice
    raise BadQuery("unknown_value", name, asked, choices)


def _number(
    query: Mapping[str, str], name: str, default: float, low: float, high: float, *, whole: bool = False
) -> float:
    asked = query.get(name, "").strip()
    if not asked:
        return default
    fits = _NUMBER.fullmatch(asked) and low <= float(asked) <= high
    if not fits or (whole and "." in asked):
        kind = "a whole number" if whole else "a number"
        raise BadQuery("unknown_value", name, asked, [f"{kind} from {low:g} to {high:g}"])
    return float(asked)
