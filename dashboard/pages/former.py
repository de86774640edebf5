"""Addresses with a former code or name: they lead to the place of today, and the panel says so."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import html
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard.components.pieces import close_button
from dashboard.i18n import t
from dashboard.pages.map_pages import MAP_PAGES
from dashboard.state import PATHS, ViewState
from dashboard.views.former import LONGEST_NAME, former_places, place_of_today
from dashboard.views.units import gazetteer
from geodata.store import Store
from geodata.text import LANGUAGES

_PATHS = frozenset(PATHS[page] for page in MAP_PAGES)


def lead_to_today(server: Flask, store: Store) -> None:
    """Send addresses of pages whose `unit` is no code of today to what it is today.

    One place: `unit` becomes its code and `former` keeps what was asked. Several: only `former`, and the panel lists
    them. What never was a place is left as it is.
    """

    @server.before_request
    def moved() -> Response | None:
        asked = request.args.get("unit", "").strip()
        if not asked or len(asked) > LONGEST_NAME or request.method != "GET" or request.path not in _PATHS:
            return None
        reading = store.reading()
        if gazetteer(reading).find(asked):
            return None
        found = former_places(reading, asked, LANGUAGES[0])
        if not found:
            return None
        today = place_of_today(found)
        query = {name: value for name, value in request.args.items() if name not in ("unit", "former")}
        query |= {"unit": today.code} if today else {}
        if today is None or any(one.is_former for one in found):
            query["former"] = asked
        return redirect(f"{request.path}?{urlencode(query)}")


def former_note(store: Store, state: ViewState) -> list[object]:
    """What the former code or name of the address was, if it led to the chosen place; else the places to choose from.

    Empty where the address names none, or where another place was chosen since.
    """
    found = former_places(store, state.former, state.lang) if state.former else ()
    if not found:
        return []
    places = {place.code: place for one in found for place in one.places}
    if state.unit is not None:
        told = [one.text for one in found if state.unit in {place.code for place in one.places}]
        return [html.P(" ".join(told), className="notice", id="former")] if told else []
    choices = [
        html.Li(
            html.Button(
                " · ".join([place.name, *place.parents, place.code]),
                id={"type": "open-former", "code": place.code},
                type="button",
                className="link",
            )
        )
        for place in places.values()
    ]
    return [
        html.Div(
            [
                html.H2(t("former.title", state.lang), id="panel-title", tabIndex=-1),
                close_button("panel-close", state.lang),
            ],
            className="panel-top",
        ),
        html.Div(
            [
                *[html.P(one.text) for one in found],
                html.P(t("former.several", state.lang, asked=state.former), className="note") if choices else None,
                html.Ul(choices, className="choices"),
            ],
            id="former",
        ),
    ]
