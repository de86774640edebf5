"""What a planner asks: region, need, standard, how many sites, which candidates, which model and its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, ConfigDict

from dashboard.planning.own_list import OWN_COLUMNS, OwnSite, read_own_list
from dashboard.state import BadQuery
from geodata.codes import NATION_CODE, is_code
from geodata.errors import UserError

PlanModel = Literal[
    "max_cover", "backup_cover", "gradual_cover", "capacitated_cover", "p_median", "capacitated_median", "set_cover",
    "p_centre",
]  # fmt: skip
Candidates = Literal["counties", "settlements", "own"]
Need = Literal["left_behind_children", "children"]
Existing = Literal["kept", "ignored"]
Action = Literal["build", "upgrade", "extend"]
Fairness = Literal["none", "quota", "max_min", "weighted"]
Rule = Literal["force", "forbid", "close"]

PLAN_MODELS: tuple[PlanModel, ...] = get_args(PlanModel)
CANDIDATES: tuple[Candidates, ...] = get_args(Candidates)
NEEDS: tuple[Need, ...] = get_args(Need)
EXISTING: tuple[Existing, ...] = get_args(Existing)
ACTIONS: tuple[Action, ...] = get_args(Action)
FAIRNESS: tuple[Fairness, ...] = get_args(Fairness)
RULES: tuple[Rule, ...] = get_args(Rule)
# Models whose answer is that number of sites, not one that is given.
COUNTS_SITES: frozenset[str] = frozenset({"set_cover"})
# Models that need a distance of every pair, however far; and those that hold a table of all pairs.
NEEDS_ALL_PAIRS: frozenset[str] = frozenset({"p_median", "p_centre", "capacitated_median"})
HOLDS_ALL_PAIRS: frozenset[str] = NEEDS_ALL_PAIRS | {"gradual_cover"}
CAPACITATED: frozenset[str] = frozenset({"capacitated_cover", "capacitated_median"})

MOST_SITES, MOST_CONDITIONS = 3_000, 300
# Near-equal plans of more sites than this make a list nobody reads.
MOST_FOR_ALTERNATIVES = 120
# What is taken where a question does not say: children a centre can serve; the part of the standard up to which gradual
# coverage is full; what one of two centres counts in backup coverage; how far an extended centre reaches, in standards;
# costs beside the 1 of a new site; the least share of every area; what a child in the area worst off today counts.
ROOM, FULL_PART, BACKUP_PERCENT, EXTEND_PART = 1_000.0, 0.5, 50.0, 1.5
COST_UPGRADE, COST_EXTEND, QUOTA_PERCENT, WEIGHT = 0.5, 0.3, 20.0, 3.0
_NUMBER = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
Choice = TypeVar("Choice", bound=str)


class PlanRequest(BaseModel):
    """One siting question about a release.

    Attributes
    ----------
    region
        Code of the nation, a province, a prefecture or a county.
    budget
        At most how many new sites and works at existing centres together; `set_cover` finds the number itself.
    standard_km
        How far a child may live from a centre, straight line, kilometres.
    model, candidates, need, existing
        See `PLAN_MODELS`, `CANDIDATES`, `NEEDS`, `EXISTING`. Demand stands at settlements; a county as candidate stands
        at its settlement with the most children.
    capacity
        Capacitated models: children a new site can serve, and an upgrade adds; also that of a centre that states none.
    full_km, backup_percent
        Gradual coverage: full to this distance. Backup coverage: what the second centre in reach counts, in percent.
    actions, extend_km
        What may be done: build anew; upgrade an existing centre (more places); extend it (it reaches to `extend_km`).
    money, cost_upgrade, cost_extend
        At most how much all cost together. A new site costs 1, or the `cost` of the user's list.
    fair, quota, weight
        Maximal covering: at least `quota` percent of every area reached; the worst-off area reached best; a child in
        the area worst off today counts `weight` times.
    force, forbid, close
        Ids of candidates that must, or may not, be opened (`extend:ID` for a work at a centre); of existing centres
        that are given up on purpose.
    own
        The user's own list of candidates.
    time_limit_s, gap, seed
        When to stop: seconds, relative gap that is good enough; random seed.

    None where a question does not say; the properties then give what is taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = NATION_CODE
    budget: int = 18
    standard_km: float = 30.0
    model: PlanModel = "max_cover"
    candidates: Candidates = "counties"
    need: Need = "left_behind_children"
    existing: Existing = "kept"
    capacity: float | None = None
    full_km: float | None = None
    backup_percent: float | None = None
    actions: tuple[Action, ...] = ("build",)
    extend_km: float | None = None
    money: float | None = None
    cost_upgrade: float | None = None
    cost_extend: float | None = None
    fair: Fairness = "none"
    quota: float | None = None
    weight: float | None = None
    force: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    own: tuple[OwnSite, ...] = ()
    time_limit_s: float = 60.0
    gap: float = 0.0
    seed: int = 0

    @property
    def is_national(self) -> bool:
        """Whether the region is the whole country."""
        return self.region == NATION_CODE

    @property
    def is_capacitated(self) -> bool:
        """Whether places are limited."""
        return self.model in CAPACITATED

    @property
    def draws_take_time(self) -> bool:
        """Whether each draw of the estimates is a program of its own: limited places, works that replace a centre."""
        return self.is_capacitated or self.replaces

    @property
    def has_conditions(self) -> bool:
        """Whether something is said of single places."""
        return bool(self.force or self.forbid or self.close)

    @property
    def replaces(self) -> bool:
        """Whether an extended centre takes the place of the centre as it is.

        Where only the best centre counts it may stand beside it, which spares the solver a choice. Where two count, or
        places are shared, it may not.
        """
        return "extend" in self.actions and self.model in {"backup_cover", "capacitated_cover"}

    @property
    def room(self) -> float:
        """Children a new site can serve."""
        return ROOM if self.capacity is None else self.capacity

    @property
    def full_to_km(self) -> float:
        """To where gradual coverage is full."""
        return self.standard_km * FULL_PART if self.full_km is None else self.full_km

    @property
    def second_percent(self) -> float:
        """What the second centre in reach counts in backup coverage."""
        return BACKUP_PERCENT if self.backup_percent is None else self.backup_percent

    @property
    def extends_to_km(self) -> float:
        """How far an extended centre reaches."""
        return self.standard_km * EXTEND_PART if self.extend_km is None else self.extend_km

    def cost_of(self, action: Action) -> float:
        """What an action costs beside a new site's 1 (sites of the user's list have their own)."""
        given = {"build": 1.0, "upgrade": self.cost_upgrade, "extend": self.cost_extend}[action]
        return {"build": 1.0, "upgrade": COST_UPGRADE, "extend": COST_EXTEND}[action] if given is None else given

    @property
    def costs_differ(self) -> bool:
        """Whether sites may cost other than 1 each."""
        return self.actions != ("build",) or self.candidates == "own"

    @property
    def least_percent(self) -> float:
        """The quota: at least so much of every area."""
        return QUOTA_PERCENT if self.quota is None else self.quota

    @property
    def heaviest(self) -> float:
        """What a child in the area worst off today counts."""
        return WEIGHT if self.weight is None else self.weight

    def to_query(self) -> str:
        """The address of this question on the page, without the user's own list."""
        asked = self.model_dump(exclude={"own"}, exclude_defaults=True)
        return urlencode({name: _written(value) for name, value in asked.items()}, safe=",:")


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return ",".join(quoted(one) for one in value) if isinstance(value, tuple) else str(value)


def quoted(place: str) -> str:
    """An id as it stands in a list with commas."""
    return place.replace("%", "%25").replace(",", "%2C")


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
        capacity=_maybe(query, "capacity", 1, 1_000_000),
        full_km=_maybe(query, "full_km", 0, 500),
        backup_percent=_maybe(query, "backup_percent", 0, 50),
        actions=_actions(query),
        extend_km=_maybe(query, "extend_km", 0.5, 500),
        money=_maybe(query, "money", 0.01, 9_999_999),
        cost_upgrade=_maybe(query, "cost_upgrade", 0, 9_999_999),
        cost_extend=_maybe(query, "cost_extend", 0, 9_999_999),
        fair=_one_of(query, "fair", FAIRNESS),
        quota=_maybe(query, "quota", 0.1, 100),
        weight=_maybe(query, "weight", 1, 100),
        force=read_ids(query.get("force"), "force"),
        forbid=read_ids(query.get("forbid"), "forbid"),
        close=read_ids(query.get("close"), "close"),
        own=read_own_list(own_text) if candidates == "own" and own_text is not None else (),
        time_limit_s=_number(query, "time_limit_s", 60.0, 1, 900),
        gap=_number(query, "gap", 0.0, 0, 0.5),
        seed=int(_number(query, "seed", 0.0, 0, 99_999, whole=True)),
    )


def _actions(query: Mapping[str, str]) -> tuple[Action, ...]:
    """The actions of a list with commas, each once, in the order of `ACTIONS`."""
    asked = query.get("actions", "build").split(",")
    for name in asked:
        _one_of({"actions": name}, "actions", ACTIONS)
    return tuple(action for action in ACTIONS if action in asked)


def read_ids(text: str | None, name: str) -> tuple[str, ...]:
    """The ids of a list with commas (`%2C` within an id), each once, in the order given.

    Raises
    ------
    BadQuery
        If there are too many.
    """
    ids = tuple(dict.fromkeys(one for part in (text or "").split(",") if (one := unquote(part).strip())))
    if len(ids) > MOST_CONDITIONS:
        raise BadQuery("unknown_value", name, f"{len(ids)} ids", [f"at most {MOST_CONDITIONS} ids, with commas"])
    return ids


def _one_of(query: Mapping[str, str], name: str, offered: Iterable[Choice]) -> Choice:
    choices = tuple(offered)
    asked = query.get(name)
    if asked is None:
        return choices[0]
    for choice in choices:
        if choice == asked:
            return choice
    raise BadQuery("unknown_value", name, asked, choices)


def _maybe(query: Mapping[str, str], name: str, low: float, high: float) -> float | None:
    """The number of a field, or None where it is not given or empty."""
    return _number(query, name, low, low, high) if query.get(name, "").strip() else None


def _number(
    query: Mapping[str, str], name: str, default: float, low: float, high: float, *, whole: bool = False
) -> float:
    asked = query.get(name, "").strip()
    if not asked:
        return default
    fits = _NUMBER.fullmatch(asked) and low <= float(asked) <= high
    if not fits or (whole and "." in asked):
        kind = "a whole number" if whole else "a number"
        raise BadQuery("unknown_value", name, asked, [f"{kind} from {low:g} to {high:.10g}"])
    return float(asked)
