"""The pages on the map: layout for a state of the address, and the callbacks that follow the address.

One input, the address, drives every view. Controls only write the address (callbacks.js); each callback here is
state, view, component. What one page has and another has not stands in `map_pages`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard.components.controls import controls, downloads
from dashboard.components.footer import footer
from dashboard.components.header import header
from dashboard.components.legend import legend
from dashboard.components.panel import missing_unit, panel
from dashboard.components.table import table
from dashboard.figures.distribution import distribution_figure
from dashboard.i18n import t
from dashboard.pages.former import former_note
from dashboard.pages.map_pages import MAP_PAGES, page_at
from dashboard.state import ViewState
from dashboard.theme import MANTINE_THEME
from dashboard.views.centre_models import CentresLayer
from dashboard.views.centres import centres_layer
from dashboard.views.flows import YEARS as FLOWS_YEARS
from dashboard.views.flows import unit_flows
from dashboard.views.models import UnitMap, UnitName
from dashboard.views.search import search_former, search_units
from dashboard.views.table_page import table_page
from dashboard.views.unit_map import unit_map
from dashboard.views.unit_panel import unit_panel
from geodata.catalogue import Catalogue
from geodata.store import Store

# What follows the address without asking the server, in the order in which callbacks.js gives it: an answer that comes
# late must not put a control back to what it was.
FOLLOWERS = (
    ("language", "href"),
    ("shell", "data-view"),
    ("indicator", "value"),
    ("level", "value"),
    ("year", "data"),
    ("year", "value"),
    ("standard", "data"),
    ("standard", "value"),
    ("standard-box", "hidden"),
    ("classes", "value"),
    ("unsure", "value"),
    ("centres", "checked"),
    ("view", "value"),
)
CHOICES = ("indicator", "year", "level", "standard", "classes", "unsure", "view")


def read_state(path: str | None, search: str | None, catalogue: Catalogue) -> ViewState:
    """The state that an address asks for; what cannot be had falls back to the default of the page at its path."""
    query = dict(parse_qsl((search or "").removeprefix("?")))
    return ViewState.from_query(query | {"page": page_at(path).id}, catalogue)[0]


def layout(path: str, search: str | None, store: Store, catalogue: Catalogue, icon_url: str) -> dmc.MantineProvider:
    """The whole page for the address, complete: nothing on it waits for a callback.

    Without `search` (the browser did not say) the callbacks bring the page to the state of the address.
    """
    state = read_state(path, search, catalogue)
    page = MAP_PAGES[state.page]
    view = unit_map(store, catalogue, state)
    lang = state.lang
    return dmc.MantineProvider(
        id="mantine",
        theme=MANTINE_THEME,
        defaultColorScheme="auto",
        **({"forceColorScheme": state.theme} if state.theme != "auto" else {}),
        children=[
            dcc.Location(id="url", refresh=False, **({} if search is None else {"search": search})),
            html.Div(
                id="shell",
                className="shell",
                **{"data-view": state.view},
                children=[
                    header(state, icon_url),
                    controls(
                        state,
                        catalogue,
                        _legend(view, centres_layer(store, catalogue, state)),
                        themes=page.themes,
                        extra=page.controls,
                    ),
                    html.Section(
                        _table(state, store, catalogue),
                        id="table",
                        className="table-view",
                        **{"aria-label": t("table.label", lang)},
                    ),
                    html.Aside(
                        _panel(state, store, catalogue),
                        id="panel",
                        className="panel",
                        **{"aria-label": t("panel.label", lang)},
                    ),
                    html.Footer(footer(view), id="footer", className="footer"),
                ],
            ),
        ],
    )


def _legend(view: UnitMap, centres: CentresLayer) -> html.Section:
    return html.Section(
        legend(view, centres),
        id="legend",
        className="legend",
        **{"aria-label": t("legend.label", view.state.lang), "aria-live": "polite"},
    )


def _table(state: ViewState, store: Store, catalogue: Catalogue) -> list[object]:
    if state.view != "table":
        return []
    view = unit_map(store, catalogue, state)
    return table(view, table_page(view))


def _panel(state: ViewState, store: Store, catalogue: Catalogue) -> list[object]:
    page = MAP_PAGES[state.page]
    former = former_note(store, state)
    if state.unit is None:
        if former:
            return former
        return page.overview(store, catalogue, state) if state.view == "map" else []
    view = unit_panel(store, catalogue, state)
    if view is None:
        return missing_unit(state.lang)
    shown = unit_map(store, catalogue, state)
    at = state.year if state.year in FLOWS_YEARS else max(FLOWS_YEARS)
    flows = unit_flows(store, view.unit.code, view.unit.level, at, state.lang)
    head, *rest = panel(view, shown, distribution_figure(view, shown), flows, page.section(store, catalogue, state))
    return [head, *former, *rest]


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Tie the page to the address."""
    _register_browser(app)
    address = (Input("url", "search"), State("url", "pathname"))
    app.callback(
        Output("legend", "children"),
        Output("downloads", "children"),
        Output("footer", "children"),
        *address,
    )(lambda search, path: _describe(read_state(path, search, catalogue), store, catalogue))
    app.callback(Output("panel", "children"), *address)(
        lambda search, path: _panel(read_state(path, search, catalogue), store, catalogue)
    )
    app.callback(Output("table", "children"), *address)(
        lambda search, path: _table(read_state(path, search, catalogue), store, catalogue)
    )
    app.callback(Output("search", "data"), Input("search", "searchValue"), State("url", "search"))(
        lambda text, search: _find(text, read_state(None, search, catalogue), store)
    )


def _describe(state: ViewState, store: Store, catalogue: Catalogue) -> tuple[Any, Any, Any]:
    """Legend, downloads and footer of this state."""
    view = unit_map(store, catalogue, state)
    return legend(view, centres_layer(store, catalogue, state)), downloads(state), footer(view)


def _find(text: str | None, state: ViewState, store: Store) -> list[dict[str, str]]:
    """Places for the search box: name, what lies above, code; of a former code or name, what it was."""
    if not text or not text.strip():
        return []
    hits = search_units(store, text, state.lang)
    listed = [_choice(hit, []) for hit in hits if hit.level != "nation"]
    for place, former in search_former(store, text, state.lang, hits):
        was = t("former.option", state.lang, code=former.code, name=former.name)
        listed.append(_choice(place, [was]) | {"value": f"{place.level}:{place.code}:{former.code}"})
    return listed


def _choice(hit: UnitName, more: list[str]) -> dict[str, str]:
    label = " · ".join([hit.name, hit.level_label, *hit.parents, hit.code, *more])
    return {"value": f"{hit.level}:{hit.code}", "label": label}


def _register_browser(app: Dash) -> None:
    """The callbacks that need no server: they stand in assets/callbacks.js under the same names."""

    def browser(name: str, *arguments: Any) -> None:
        app.clientside_callback(ClientsideFunction("atlas", name), *arguments)

    browser("choose", *[Input(name, "value") for name in CHOICES], Input("centres", "checked"))
    browser("follow", *[Output(*place) for place in FOLLOWERS], Input("url", "search"))
    for control in ("paint", "weights", "centre-type", "service", "centre-status"):
        browser("choose_extra", Input(control, "value"))
    browser("weigh", Input({"type": "weight", "of": ALL}, "value"))
    browser("find", Input("search", "value"))
    browser("theme", Input("theme-toggle", "n_clicks"))
    browser("close", Input({"type": "panel-close", "part": ALL}, "n_clicks"))
    browser("open", Input({"type": "open-unit", "code": ALL}, "n_clicks"))
    browser("open", Input({"type": "open-ranked", "code": ALL}, "n_clicks"))
    browser("open", Input({"type": "open-former", "code": ALL}, "n_clicks"))
    browser("sort", Input({"type": "sort", "column": ALL}, "n_clicks"))
    browser("turn", Input({"type": "turn", "page": ALL, "way": ALL}, "n_clicks"))
    browser(
        "sheet",
        Output("sheet-handle", "children"),
        Output("sheet-handle", "aria-expanded"),
        Input("sheet-handle", "n_clicks"),
        State("sheet-handle", "children"),
    )
    browser(
        "overview",
        Output("overview-handle", "children"),
        Output("overview-handle", "aria-expanded"),
        Input("overview-handle", "n_clicks"),
        State("overview-handle", "children"),
    )
    browser("copy", Input("copy-link", "n_clicks"))
    browser("arrived", Input("panel", "children"))
