"""What is asked and how it is shown: one frozen value, read from and written to the address of the page.

The API takes the same parameters as the page, so that a link, a download and a request mean the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeVar, get_args
from urllib.parse import urlencode

from geodata.analysis.access.sums import MEASURES
from geodata.analysis.access.weights import written_weights
from geodata.catalogue import Catalogue, Indicator
from geodata.catalogue.service_types import SERVICES, load_service_types
from geodata.codes import MAP_LEVELS, Level, is_code
from geodata.errors import UserError
from geodata.text import LANGUAGES, Language

Page = Literal["explore", "gap", "distance", "plan", "method", "about"]
ClassMethod = Literal["quantile", "natural", "equal"]
Theme = Literal["auto", "light", "dark"]
View = Literal["map", "table"]
Doubtful = Literal["hatch", "fade", "plain"]
Paint = Literal["value", "bivariate", "clusters"]
Weights = Literal["balanced", "need", "gap"]
Status = Literal["open", "planned", "closed"]
SortKey = Literal["code", "name", "province", "value", "low", "high", "state", "quality"]

PAGES: tuple[Page, ...] = get_args(Page)
PATHS: dict[Page, str] = {
    "explore": "/",
    "gap": "/gap",
    "distance": "/distance",
    "plan": "/plan",
    "method": "/method",
    "about": "/about",
}
CLASS_METHODS: tuple[ClassMethod, ...] = get_args(ClassMethod)
THEMES: tuple[Theme, ...] = get_args(Theme)
VIEWS: tuple[View, ...] = get_args(View)
DOUBTFUL: tuple[Doubtful, ...] = get_args(Doubtful)
PAINTS: tuple[Paint, ...] = get_args(Paint)
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
STATUSES: tuple[Status, ...] = get_args(Status)
# What a ranking of the user's own may weigh; `dashboard.views.priority` says which figure each is.
WEIGHED = ("share", "number", "migrants", "distance", "minutes", "place")
WEIGHTS_EXAMPLE = "share:30,number:20,distance:30,place:20"
# What a figure is made of, where it can be counted for centres of one type or with one service alone.
_BY_CENTRE = frozenset(MEASURES)
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)

_SWITCH = {"1": True, "0": False}
_YEAR = re.compile(r"[0-9]{4}")
_ROWS_PAGE = re.compile(r"[1-9][0-9]{0,3}")
_CAMERA = re.compile(r"[0-9]{1,2}(\.[0-9]+)?/-?[0-9]{1,2}(\.[0-9]+)?/-?[0-9]{1,3}(\.[0-9]+)?")
_FORMER = re.compile(r"\S(.{0,58}\S)?")
Choice = TypeVar("Choice", bound=str)


class BadQuery(UserError):
    """A parameter or value that does not exist, with all that do.

    `kind` is the end of the locale key `query.<kind>`, which says the same in the reader's language.
    """

    def __init__(self, kind: str, parameter: str, value: str | None, allowed: Iterable[object]) -> None:
        self.kind = kind
        self.parameter = parameter
        self.asked = value
        self.allowed = tuple(str(choice) for choice in allowed)
        message = {
            "unknown_parameter": f"There is no parameter {parameter!r}",
            "unknown_value": f"There is no such {parameter}",
            "not_offered": f"This indicator is not offered for this {parameter}",
            "missing": f"The parameter {parameter!r} is missing",
            "several_today": f"This {parameter} is several places of today",
            "repeated": f"The parameter {parameter!r} is given more than once",
        }[kind]
        super().__init__(message, value=value, expected="one of " + ", ".join(self.allowed) if self.allowed else None)


@dataclass(frozen=True)
class Notice:
    """A field that could not be taken as asked. The locale key `query.<kind>` turns it into a sentence."""

    kind: str
    parameter: str
    value: str
    used: str

    @property
    def key(self) -> str:
        """The locale key of the sentence."""
        return f"query.notice_{self.kind}"


@dataclass(frozen=True)
class Only:
    """Which centres count: those of a type (None: any), those with a service (None: any)."""

    centre_type: str | None = None
    service: str | None = None


ANY = Only()


@dataclass(frozen=True)
class ViewState:
    """One view of the atlas. `standard_km` None means the indicator's first distance standard, if it has any.

    `unsure` is how the map marks uncertain figures, `paint` what its colours mean, `weights` what a ranking weighs: a
    preset, or weights of one's own as `share:40,distance:60`. `centre_type` and `service` choose the only centres that
    are counted and drawn, `centre_status` the only ones that are drawn. `sort`, `descending` and `rows_page` order and
    cut the table; `at` is the map's camera as zoom/latitude/longitude; `former` is a code or name of earlier years
    that led to `unit`. A page is at its path, with its own defaults.
    """

    page: Page = "explore"
    indicator: str = "left_behind_children"
    year: int = 2020
    level: Level = "county"
    standard_km: int | None = None
    classes: ClassMethod = "quantile"
    unsure: Doubtful = "hatch"
    paint: Paint = "value"
    weights: str = "balanced"
    lang: Language = "zh"
    theme: Theme = "auto"
    view: View = "map"
    unit: str | None = None
    centres: bool = True
    centre_type: str | None = None
    service: str | None = None
    centre_status: str | None = None
    sort: SortKey = "code"
    descending: bool = False
    rows_page: int = 1
    at: str | None = None
    former: str | None = None

    @classmethod
    def from_query(
        cls, query: Mapping[str, str], catalogue: Catalogue, *, strict: bool = False
    ) -> tuple[ViewState, tuple[Notice, ...]]:
        """The state that `query` asks for, and what could not be taken as asked.

        Strict (API, downloads): the first fault raises `BadQuery`. Lenient (pages): each faulty field falls back to
        its default, an indicator without the asked year to its nearest one, and a notice says so.
        """
        notices: list[Notice] = []
        reader = _Reader(query, notices, strict=strict)
        reader.refuse_unknown([field.name for field in fields(cls)])
        page = reader.one_of("page", PAGES, PAGES[0])
        default = view_defaults(page)
        indicator_id = reader.one_of("indicator", catalogue.indicators, default.indicator)
        indicator = catalogue.indicators[indicator_id]
        state = cls(
            page=page,
            indicator=indicator_id,
            year=reader.year(indicator, default.year),
            level=reader.one_of("level", MAP_LEVELS, default.level),
            standard_km=reader.standard_km(indicator),
            classes=reader.one_of("classes", CLASS_METHODS, default.classes),
            unsure=reader.one_of("unsure", DOUBTFUL, default.unsure),
            paint=reader.one_of("paint", PAINTS, default.paint),
            weights=reader.weights(default.weights),
            lang=reader.one_of("lang", LANGUAGES, default.lang),
            theme=reader.one_of("theme", THEMES, default.theme),
            view=reader.one_of("view", VIEWS, default.view),
            unit=reader.unit(),
            centres=_SWITCH[reader.one_of("centres", _SWITCH, "1")],
            centre_type=reader.one_of("centre_type", ("", *load_service_types()), "") or None,
            service=reader.one_of("service", ("", *SERVICES), "") or None,
            centre_status=reader.one_of("centre_status", ("", *STATUSES), "") or None,
            sort=reader.one_of("sort", SORT_KEYS, default.sort),
            descending=_SWITCH[reader.one_of("descending", _SWITCH, "0")],
            rows_page=int(reader.shaped("rows_page", _ROWS_PAGE, "a page number from 1 on") or default.rows_page),
            at=reader.shaped("at", _CAMERA, "zoom/latitude/longitude such as 4.5/35.2/104.1"),
            former=reader.shaped("former", _FORMER, "a code or a name since 2000"),
        )
        return state, tuple(notices)

    def to_params(self) -> dict[str, str]:
        """The parameters that differ from the defaults of the page, in the order of the fields."""
        changed: dict[str, str] = {} if self.page == PAGES[0] else {"page": self.page}
        default = view_defaults(self.page)
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(default, field.name):
                changed[field.name] = str(int(value)) if isinstance(value, bool) else str(value)
        return changed

    def to_query(self) -> str:
        """The parameters as a query string without `?`; empty for the default view."""
        return urlencode(self.to_params())

    def address(self) -> str:
        """Path and query of the page that shows this view."""
        query = urlencode({name: value for name, value in self.to_params().items() if name != "page"})
        return f"{PATHS[self.page]}?{query}" if query else PATHS[self.page]

    def standard(self, catalogue: Catalogue) -> int | None:
        """The distance standard in kilometres that holds, or None for an indicator without standards."""
        offered = catalogue.indicators[self.indicator].standards_km
        return (self.standard_km or offered[0]) if offered else None

    def only(self, catalogue: Catalogue) -> Only:
        """The centres that the figures of this view count: of one type, with one service; or any.

        Figures that do not rest on the nearest centre know no such choice.
        """
        return only_of(catalogue.indicators[self.indicator], self.centre_type, self.service)

    def fitted(self, catalogue: Catalogue) -> ViewState:
        """This state with year and standard moved to what its indicator offers: use it after changing the indicator."""
        indicator = catalogue.indicators[self.indicator]
        return replace(
            self,
            year=nearest_year(indicator, self.year),
            standard_km=self.standard_km if self.standard_km in indicator.standards_km else None,
        )


def only_of(indicator: Indicator, centre_type: str | None, service: str | None) -> Only:
    """The centres that count for an indicator; any, for those that do not rest on the nearest centre."""
    above, below = indicator.measures(next(iter(indicator.standards_km), None))
    return Only(centre_type, service) if _BY_CENTRE.issuperset((*above, *below)) else ANY


def view_defaults(page: Page) -> ViewState:
    """The view that a page shows when its address asks for nothing."""
    return _DEFAULTS.get(page) or ViewState(page=page)


_DEFAULTS: dict[Page, ViewState] = {
    "gap": ViewState(page="gap", indicator="distance_to_centre", paint="bivariate"),
    "distance": ViewState(page="distance", indicator="distance_to_centre"),
}


def nearest_year(indicator: Indicator, year: int) -> int:
    """The year of `indicator` nearest to `year`; of two equally near the later one."""
    return min(indicator.years, key=lambda offered: (abs(offered - year), -offered))


class _Reader:
    """Reads one parameter after the other; a fault raises or leaves a notice."""

    def __init__(self, query: Mapping[str, str], notices: list[Notice], *, strict: bool) -> None:
        self.query = query
        self.strict = strict
        self.notices = notices

    def refuse_unknown(self, known: list[str]) -> None:
        for name in sorted(set(self.query) - set(known)):
            self._fault("unknown_parameter", name, self.query[name], "", known)

    def one_of(self, name: str, offered: Iterable[Choice], default: Choice) -> Choice:
        asked = self._asked(name)
        if asked is None:
            return default
        for choice in offered:
            if choice == asked:
                return choice
        self._fault("unknown_value", name, asked, default, offered)
        return default

    def year(self, indicator: Indicator, default: int) -> int:
        asked = self._asked("year")
        if asked is None:
            return nearest_year(indicator, default)
        if asked in map(str, indicator.years):
            return int(asked)
        used = nearest_year(indicator, int(asked) if _YEAR.fullmatch(asked) else default)
        self._fault("not_offered", "year", asked, str(used), indicator.years)
        return used

    def standard_km(self, indicator: Indicator) -> int | None:
        asked = self._asked("standard_km")
        if asked is None or asked in map(str, indicator.standards_km):
            return None if asked is None else int(asked)
        used = str(indicator.standards_km[0]) if indicator.standards_km else ""
        self._fault("not_offered", "standard_km", asked, used, indicator.standards_km)
        return None

    def unit(self) -> str | None:
        asked = self._asked("unit")
        if asked is None or is_code(asked):
            return asked
        self._fault("unknown_value", "unit", asked, "", ["six digits such as 110101"])
        return None

    def weights(self, default: str) -> str:
        """A preset, or weights of one's own in their one form."""
        asked = self._asked("weights")
        if asked is None or asked in WEIGHTS:
            return default if asked is None else asked
        try:
            return written_weights(asked, WEIGHED)
        except ValueError:
            self._fault("unknown_value", "weights", asked, default, (*WEIGHTS, WEIGHTS_EXAMPLE))
            return default

    def shaped(self, name: str, shape: re.Pattern[str], example: str) -> str | None:
        asked = self._asked(name)
        if asked is None or shape.fullmatch(asked):
            return asked
        self._fault("unknown_value", name, asked, "", [example])
        return None

    def _asked(self, name: str) -> str | None:
        asked = self.query.get(name)
        return None if asked == "" and not self.strict else asked

    def _fault(self, kind: str, name: str, value: str, used: str, allowed: Iterable[object]) -> None:
        if self.strict:
            raise BadQuery(kind, name, value, allowed)
        self.notices.append(Notice(kind, name, value, used))
