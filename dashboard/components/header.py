"""The bar on top: name, search, map or table, light or dark, language."""

from __future__ import annotations

from dataclasses import replace

import dash_mantine_components as dmc
from dash import html

from dashboard.components.pieces import icon_button
from dashboard.i18n import t
from dashboard.state import VIEWS, Page, ViewState, view_defaults
from geodata.text import BCP47, Language

# In the order of the menu.
SHOWN_PAGES: tuple[Page, ...] = ("explore", "gap", "distance", "plan", "method", "about")


def header(state: ViewState, icon_url: str) -> html.Header:
    """The header of every page."""
    lang = state.lang
    return html.Header(
        className="header",
        children=[
            html.A(
                [
                    html.Img(src=icon_url, alt=""),
                    html.Div([html.H1(t("app.name", lang)), html.P(t("app.tagline", lang))]),
                ],
                className="brand",
                href=f"/?lang={lang}",
            ),
            nav(state),
            _search(lang),
            html.Div(
                [
                    dmc.SegmentedControl(
                        id="view",
                        data=[{"value": view, "label": t(f"header.view_{view}", lang)} for view in VIEWS],
                        value=state.view,
                        size="xs",
                        **{"aria-label": t("header.view", lang)},
                    ),
                    icon_button("theme-toggle", "scheme", t("header.theme", lang)),
                    html.A(
                        t("app.other_language", lang),
                        id="language",
                        className="tool",
                        href=replace(state, lang=other(lang)).address(),
                        lang=BCP47[other(lang)],
                        hrefLang=BCP47[other(lang)],
                    ),
                ],
                className="header-tools",
            ),
        ],
    )


def other(lang: Language) -> Language:
    """The language the page is not in."""
    return "en" if lang == "zh" else "zh"


def menu(state: ViewState) -> list[ViewState]:
    """The first view of each page, in the order of the menu; language and light or dark go along."""
    return [replace(view_defaults(page), lang=state.lang, theme=state.theme) for page in SHOWN_PAGES]


def nav(state: ViewState) -> html.Nav:
    """The pages, the current one marked."""
    return html.Nav(
        [
            html.A(
                t(f"nav.{view.page}", state.lang),
                href=view.address(),
                **({"aria-current": "page"} if view.page == state.page else {}),
            )
            for view in menu(state)
        ],
        className="nav",
        **{"aria-label": t("nav.label", state.lang)},
    )


def _search(lang: Language) -> html.Div:
    return html.Div(
        dmc.Select(
            id="search",
            data=[],
            value=None,
            searchable=True,
            clearable=True,
            filter={"function": "keepAll"},
            placeholder=t("header.search_hint", lang),
            nothingFoundMessage=t("header.nothing_found", lang),
            leftSection=html.Span(className="icon search"),
            maxDropdownHeight=360,
            selectFirstOptionOnChange=True,
            **{"aria-label": t("header.search", lang)},
        ),
        className="header-search",
        role="search",
    )
