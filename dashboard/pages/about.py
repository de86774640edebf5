"""The page «Sources and method»: plain HTML, because it only has to be read."""

from __future__ import annotations

from functools import partial

import flask
from flask import Blueprint

from dashboard.components.header import menu, other
from dashboard.i18n import t
from dashboard.serving import StaticFiles
from dashboard.state import ViewState
from dashboard.views.about import about
from geodata.catalogue import Catalogue
from geodata.store import Store
from geodata.text import BCP47, Language


def blueprint(store: Store, catalogue: Catalogue, files: StaticFiles) -> Blueprint:
    """The route `/about`."""
    pages = Blueprint("about", __name__)

    @pages.get("/about")
    def about_page() -> str:
        state = ViewState.from_query(flask.request.args, catalogue)[0]
        lang = state.lang
        return flask.render_template(
            "about.html",
            t=partial(_text, lang),
            lang=lang,
            html_lang=BCP47[lang],
            nav=[(view.page, view.address()) for view in menu(state)],
            other=other(lang),
            other_html_lang=BCP47[other(lang)],
            static=files.url,
            about=about(store, catalogue, state),
            indicators=catalogue.indicators.values(),
        )

    return pages


def _text(lang: Language, key: str, **values: object) -> str:
    return t(key, lang, **values)
