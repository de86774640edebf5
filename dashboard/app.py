"""The composition root: store, catalogue and pages become one application, for any WSGI server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from itertools import product
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
from dash import Dash

from dashboard.api import make_api
from dashboard.api_plan import make_plan_api
from dashboard.api_vintages import make_vintages_api
from dashboard.components.controls import offered
from dashboard.figures.map_style import map_style, map_themes
from dashboard.i18n import t
from dashboard.pages import about, explore, method, plan
from dashboard.pages.former import lead_to_today
from dashboard.pages.map_pages import MAP_PAGES
from dashboard.serving import StaticFiles, add_security_headers, compress_responses, refuse_unknown_pages
from dashboard.settings import Settings
from dashboard.state import PATHS, ViewState, view_defaults
from dashboard.theme import PANEL_PX
from dashboard.views.centres import centres_layer
from dashboard.views.units import gazetteer
from geodata.catalogue import Catalogue, load_catalogue
from geodata.codes import MAP_LEVELS
from geodata.store import Store
from geodata.text import BCP47, LANGUAGES

PAGES = frozenset(PATHS[page] for page in MAP_PAGES)
SCRIPT_ADDRESS = re.compile(r'<script src="([^"]+)"')
PAGE_TEXTS = (
    "map.load_failed",
    "map.no_webgl",
    "map.close",
    "map.label",
    "controls.copied",
    "controls.open_sheet",
    "controls.close_sheet",
)


class AtlasDash(Dash):
    """Dash with our own page template: the map starts before React does."""

    def __init__(self, server: flask.Flask, store: Store, catalogue: Catalogue, files: StaticFiles) -> None:
        self.store = store
        self.catalogue = catalogue
        self.files = files
        super().__init__(
            __name__,
            server=server,
            include_assets_files=False,
            use_pages=False,
            pages_folder="",
            title="",
            update_title=None,
            # With asgiref installed Dash would turn async in silence: up to 2.3 times the CPU a request.
            use_async=False,
            prevent_initial_callbacks=True,
            suppress_callback_exceptions=True,
            enable_mcp=False,
        )

    def interpolate_index(self, **parts: str) -> str:
        """The page template with the map's start data; `parts` are Dash's own scripts and styles."""
        state = explore.read_state(flask.request.path, flask.request.query_string.decode(), self.catalogue)
        lang = state.lang
        return flask.render_template(
            "index.html",
            **{name: parts[name] for name in ("css", "app_entry", "config", "scripts", "renderer")},
            lang=BCP47[lang],
            scheme=f'data-mantine-color-scheme="{state.theme}"' if state.theme != "auto" else "",
            view=state.view,
            title=_title(state),
            description=t("app.description", lang),
            skip=t("app.skip", lang),
            noscript=t("app.noscript", lang),
            map={
                name: t(f"map.{name}", lang)
                for name in ("label", "help", "buttons", "zoom_in", "zoom_out", "zoom_home")
            },
            static=self.files.url,
            preload=[self.files.url("callbacks.js"), *SCRIPT_ADDRESS.findall(parts["scripts"])],
            boot=json.dumps(self._boot(state), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
        )

    def _boot(self, state: ViewState) -> dict[str, Any]:
        release = self.store.release.release_id
        centres = centres_layer(self.store, self.catalogue, state)
        return {
            "lang": state.lang,
            "api": "/api/v1/",
            "release": release,
            "levels": MAP_LEVELS,
            "style": map_style(release, state.page, [kind.id for kind in centres.types]),
            "themes": map_themes(state.page),
            "labels": _labels(self.store, state),
            "centre_types": [{"id": kind.id, "shape": kind.shape, "colour": kind.colour} for kind in centres.types],
            "panel_px": PANEL_PX,
            "beside": MAP_PAGES[state.page].has_overview,
            "texts": {key.rpartition(".")[2]: t(key, state.lang) for key in PAGE_TEXTS},
            "question": _question(state),
            "query": {
                "order": [field.name for field in fields(ViewState) if field.name != "page"],
                "defaults": asdict(view_defaults(state.page)),
                "offered": {entry.id: offered(entry, state.lang) for entry in self.catalogue.indicators.values()},
            },
        }


def _title(state: ViewState) -> str:
    name = t("app.name", state.lang)
    return name if state.page == "explore" else f"{t(f'nav.{state.page}', state.lang)} · {name}"


def _question(state: ViewState) -> dict[str, str]:
    """What the bare page asks the API for, where the API would answer something else."""
    asked, answered = asdict(view_defaults(state.page)), asdict(ViewState())
    return {name: value for name, value in asked.items() if name != "page" and value != answered[name]}


def _labels(store: Store, state: ViewState) -> list[dict[str, Any]]:
    return [
        {"name": unit.short_name(state.lang), "lon": round(unit.lon, 3), "lat": round(unit.lat, 3)}
        for unit in sorted(gazetteer(store.reading()).levels["province"], key=lambda unit: -unit.area_km2)
    ]


def create_app(settings: Settings, store: Store | None = None, catalogue: Catalogue | None = None) -> AtlasDash:
    """The application over one store.

    Raises
    ------
    UserError
        If there is no release to serve, or the catalogue cannot be read.
    """
    catalogue = catalogue or load_catalogue()
    store = store or Store(settings.data_dir)
    store.reading()
    files = StaticFiles()
    server = flask.Flask(__name__, template_folder="pages", static_folder=None)
    server.register_blueprint(files.blueprint())
    server.register_blueprint(make_api(store, catalogue))
    server.register_blueprint(make_vintages_api(store))
    server.register_blueprint(make_plan_api(store, catalogue))
    server.register_blueprint(about.blueprint(store, catalogue, files))
    server.register_blueprint(method.blueprint(store, catalogue, files))
    server.register_blueprint(plan.blueprint(store, files))
    app = AtlasDash(server, store, catalogue, files)

    def serve_layout() -> Any:
        # The browser asks for the layout without the page's query; the referrer carries it (same origin, so it is
        # always sent). Without it the callbacks bring the page to the state of the address.
        referrer = flask.request.headers.get("Referer")
        at = urlsplit(referrer or "/")
        search = None if referrer is None else f"?{at.query}" if at.query else ""
        return explore.layout(at.path, search, store, catalogue, files.url("icon.svg"))

    app.layout = serve_layout
    explore.register(app, store, catalogue)
    refuse_unknown_pages(server, PAGES)
    lead_to_today(server, store)
    compress_responses(server)
    add_security_headers(server, list(app.csp_hashes()))
    return app


def warm(app: AtlasDash) -> None:
    """Answer one request of each kind before traffic comes: fresh threaded workers can fail (dash #3971).

    Every script is compressed (.2 s for the largest) and the tiles are read (1 s), so that the first visitor waits for
    neither.
    """
    page = app.server.test_client().get("/").get_data(as_text=True)
    answers = ("/_dash-layout", "/_dash-dependencies", "/api/v1/units?level=county", "/api/v1/centres")
    _ask(app, [*SCRIPT_ADDRESS.findall(page), *answers, *(f"/tiles/{level}/0/0/0" for level in MAP_LEVELS)])
    _ask(app, [f"/api/v1/map?{ViewState(lang=lang).to_query()}" for lang in LANGUAGES])


def warm_pages(app: AtlasDash) -> Iterator[str]:
    """Make what each map page first shows, in each language: rankings and clusters take seconds to find.

    Maps of other indicators are not made beforehand: each costs its first viewer 60 ms, all of them 6 s a worker.
    """
    client = app.server.test_client()
    for page, lang in product(MAP_PAGES, LANGUAGES):
        state = replace(view_defaults(page), lang=lang)
        words = _question(state) | ({} if lang == LANGUAGES[0] else {"lang": lang})
        client.get(f"/api/v1/map?{urlencode(words)}", headers={"Accept-Encoding": "br, gzip"})
        client.get("/_dash-layout", headers={"Referer": f"http://localhost{state.address()}"})
        yield state.address()


def _ask(app: AtlasDash, addresses: list[str]) -> None:
    client = app.server.test_client()
    for address in addresses:
        client.get(address, headers={"Accept-Encoding": "br, gzip"})
