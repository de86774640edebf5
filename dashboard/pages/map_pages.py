"""The pages on the map, declared: which indicators each offers, which controls it has, what it says beside the map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.components.access import (
    coverage_note,
    gap_section,
    journey_section,
    overview,
    ranking_overview,
    reach_overview,
    reach_section,
    why_here,
)
from dashboard.figures.lorenz import data_address, lorenz_svg
from dashboard.state import PATHS, Only, Page, ViewState
from dashboard.views.coverage import coverage
from dashboard.views.gap_parts import gap_parts
from dashboard.views.journey import journey
from dashboard.views.priority import priority_of, ranking
from dashboard.views.reach import unit_reach
from geodata.catalogue import Catalogue
from geodata.catalogue.model import THEMES, Theme
from geodata.codes import NATION_CODE
from geodata.store import Store

Content = list[object]
Say = Callable[[Store, Catalogue, ViewState], Content]
_PEOPLE: tuple[Theme, ...] = ("left_behind", "migrant", "children")
_SERVICES = tuple(theme for theme in THEMES if theme not in _PEOPLE)


def _nothing(_store: Store, _catalogue: Catalogue, _state: ViewState) -> Content:
    return []


@dataclass(frozen=True)
class MapPage:
    """One page on the map. `overview` stands on the right until a place is chosen, `section` in its panel then."""

    id: Page
    themes: tuple[Theme, ...] = THEMES
    controls: tuple[str, ...] = ()
    overview: Say = _nothing
    section: Say = _nothing

    @property
    def has_overview(self) -> bool:
        """Whether something stands on the right of the map from the start."""
        return self.overview is not _nothing


def page_at(path: str | None) -> MapPage:
    """The page at a path; anything else is the first page."""
    return next((page for page in MAP_PAGES.values() if PATHS[page.id] == path), MAP_PAGES["explore"])


def _gap_overview(store: Store, catalogue: Catalogue, state: ViewState) -> Content:
    gap = _gap(store, catalogue, state)
    return [overview("gap", ranking_overview(ranking(store, catalogue, state), gap, state.lang), state.lang)]


def _gap_section(store: Store, catalogue: Catalogue, state: ViewState) -> Content:
    row = priority_of(store, catalogue, state)
    why = [why_here(row, ranking(store, catalogue, state), state.lang)] if row else []
    return [*why, *_gap(store, catalogue, state), *_register(store, state)]


def _gap(store: Store, catalogue: Catalogue, state: ViewState) -> Content:
    """The gap in parts, of the chosen unit or of the nation."""
    found = gap_parts(store, catalogue, state)
    curve = data_address(lorenz_svg(found.equity, state.lang)) if found.equity else None
    return gap_section(found, curve, state.lang)


def _distance_overview(store: Store, catalogue: Catalogue, state: ViewState) -> Content:
    reach = unit_reach(store, "nation", NATION_CODE, state.lang, _only(state))
    below = [*_register(store, state), *_journeys(store, catalogue, state)]
    if reach is None:
        return [overview("reach", below, state.lang)]
    return [overview("reach", reach_overview(reach, below, state.lang), state.lang)]


def _distance_section(store: Store, catalogue: Catalogue, state: ViewState) -> Content:
    reach = unit_reach(store, state.level, state.unit or "", state.lang, _only(state))
    section = [*reach_section(reach, state.lang), *_journeys(store, catalogue, state)] if reach else []
    return [*section, *_register(store, state)]


def _register(store: Store, state: ViewState) -> Content:
    """What the register has in the chosen unit, or in the nation."""
    level, code = (state.level, state.unit) if state.unit else ("nation", NATION_CODE)
    found = coverage(store, level, code, state.lang, _only(state))
    return [coverage_note(found)] if found else []


def _only(state: ViewState) -> Only:
    """The centres that count on this page, whatever figure its map shows."""
    return Only(state.centre_type, state.service)


def _journeys(store: Store, catalogue: Catalogue, state: ViewState) -> Content:
    found = journey(store, catalogue, state)
    return journey_section(found, state.lang) if found else []


MAP_PAGES: dict[Page, MapPage] = {
    "explore": MapPage("explore"),
    "gap": MapPage("gap", _SERVICES, ("paint", "weights", "own_weights"), _gap_overview, _gap_section),
    "distance": MapPage(
        "distance", _SERVICES, ("centre_type", "service", "centre_status"), _distance_overview, _distance_section
    ),
}
