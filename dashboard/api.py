"""The HTTP API: the numbers of the map as JSON, the tiles of the map, and the map as a file.

Every answer is made once per release, kept compressed, and carries an ETag. Every refusal has one shape:
`{"error": {"message", "parameter", "value", "allowed"}}`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from dashboard.export import FORMATS, file_name
from dashboard.i18n import t
from dashboard.state import BadQuery, Only, ViewState
from dashboard.views.access_answer import PRIORITY_PARAMETERS, REACH_PARAMETERS, asked_priority, asked_reach
from dashboard.views.answers import (
    indicators_answer,
    intervals_answer,
    map_answer,
    search_answer,
    units_answer,
    values_answer,
)
from dashboard.views.centres import centres_layer, some_centres
from dashboard.views.flows_answer import PARAMETERS, asked_flows
from dashboard.views.unit_map import unit_map
from geodata.catalogue import Catalogue
from geodata.catalogue.templates import ENDINGS, TEMPLATES, template
from geodata.codes import MAP_LEVELS
from geodata.errors import UserError
from geodata.store import Reading, Store, queries
from geodata.text import LANGUAGES, Language

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "public, no-cache"
GZIP_LEVEL = 6
# Answers are up to 60 kB compressed (30 MB a worker: every map in both languages), files up to 3 MB.
ANSWERS_KEPT = 512
FILES_KEPT = 8
# Vector tiles are stored compressed; whoever takes no gzip gets them unpacked.
MVT = "application/vnd.mapbox-vector-tile"
QUESTION = ("indicator", "year", "level", "standard_km", "centre_type", "service")
MAP_QUESTION = (*QUESTION, "classes", "paint", "lang")
PATHS = (
    "/api/v1/indicators",
    "/api/v1/values",
    "/api/v1/map",
    "/api/v1/intervals",
    "/api/v1/units",
    "/api/v1/search",
    "/api/v1/centres",
    "/api/v1/flows",
    "/api/v1/reach",
    "/api/v1/priority",
)


@dataclass(frozen=True)
class Packed:
    """An answer as it lies in the cache."""

    body: bytes
    etag: str
    mimetype: str
    file_name: str | None = None


class Api:
    """The questions of the API over one store and one catalogue."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store = store
        self.catalogue = catalogue

    def healthz(self) -> Response:
        """`ok` and the release that is served."""
        release = self.store.release
        answer = _json({"status": "ok", "release": release.release_id, "built_at": release.built_at})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def indicators(self) -> Response:
        """What can be shown, in menu order."""
        _asked()
        return self._answer(lambda reading: indicators_answer(reading, self.catalogue))

    def values(self) -> Response:
        """The figures of one indicator, year and level."""
        query = _asked(*QUESTION, "lang")
        if "indicator" not in query:
            raise BadQuery("missing", "indicator", None, self.catalogue.indicators)
        state, _ = ViewState.from_query(query, self.catalogue, strict=True)
        return self._answer(lambda reading: values_answer(reading, self.catalogue, state))

    def map(self) -> Response:
        """What the browser needs to colour the map, column by column."""
        query = _asked(*MAP_QUESTION, "release")
        state, _ = ViewState.from_query(_without_release(query), self.catalogue, strict=True)
        return self._answer(lambda reading: map_answer(reading, self.catalogue, state))

    def intervals(self) -> Response:
        """How sure the figures of a map are, column by column."""
        query = _asked(*QUESTION, "lang", "release")
        state, _ = ViewState.from_query(_without_release(query), self.catalogue, strict=True)
        return self._answer(lambda reading: intervals_answer(reading, self.catalogue, state))

    def units(self) -> Response:
        """Names and places of all units of one level, column by column."""
        query = _asked("level", "release")
        level = next((level for level in MAP_LEVELS if level == query.get("level", MAP_LEVELS[0])), None)
        if level is None:
            raise BadQuery("unknown_value", "level", query["level"], MAP_LEVELS)
        return self._answer(lambda reading: units_answer(reading, level))

    def search(self) -> Response:
        """The units that a text may mean."""
        query = _asked("q", "lang")
        if "q" not in query:
            raise BadQuery("missing", "q", None, ["a name, pinyin, initials or a code"])
        lang = _language(query)
        return self._answer(lambda reading: search_answer(reading, query["q"], lang))

    def centres(self) -> Response:
        """Centres as GeoJSON: all, or those of a type, with a service, in a state of work."""
        query = _asked("centre_type", "service", "centre_status", "lang", "release")
        state, _ = ViewState.from_query(_without_release(query), self.catalogue, strict=True)
        only = Only(state.centre_type, state.service)
        return self._answer(
            lambda reading: some_centres(
                centres_layer(reading, self.catalogue, state), only, state.centre_status
            ).geojson(),
            "application/geo+json",
        )

    def flows(self) -> Response:
        """Where parents of a unit's left-behind children live, and where its migrant children are from."""
        query = _asked(*PARAMETERS, "lang", "release")
        lang = _language(query)
        return self._answer(lambda reading: asked_flows(reading, query, lang))

    def reach(self) -> Response:
        """How far a unit's children are from centres, with lines from a county to its nearest ones."""
        query = _asked(*REACH_PARAMETERS, "lang", "release")
        lang = _language(query)
        return self._answer(lambda reading: asked_reach(reading, query, lang), "application/geo+json")

    def priority(self) -> Response:
        """Which counties come first, and why."""
        query = _asked(*PRIORITY_PARAMETERS, "lang", "release")
        lang = _language(query)
        return self._answer(lambda reading: asked_priority(reading, self.catalogue, query, lang))

    def tile(self, layer: str, z: int, x: int, y: int) -> Response:
        """One vector tile; 204 where the map is empty."""
        reading = self.store.reading()
        if layer not in queries.tile_layers(reading):
            return _refusal(404, "unknown_value", "layer", layer, sorted(queries.tile_layers(reading)))
        data = queries.tile(reading, layer, z, x, y)
        if data is None:
            answer = Response(status=204)
            answer.headers["Cache-Control"] = _lifetime(reading)
            return answer
        etag = f"{reading.release.release_id}/{layer}/{z}/{x}/{y}"
        return _send(Packed(data, etag, MVT), _lifetime(reading))

    def download(self, kind: str) -> Response:
        """The map as a file."""
        if kind not in FORMATS:
            return _refusal(404, "unknown_value", "format", kind, list(FORMATS))
        state, _ = ViewState.from_query(_once(), self.catalogue, strict=True)

        def pack(reading: Reading) -> Packed:
            view = unit_map(reading, self.catalogue, state)
            content = FORMATS[kind].write(view, reading, state.address())
            return _pack(content, FORMATS[kind].mimetype, file_name(view, kind))

        return self._packed(pack, FILES_KEPT)

    def template(self, name: str) -> Response:
        """An empty table to fill in: a register of centres or official counts, in either language."""
        what, _, ending = name.partition(".")
        offered = [f"{one}.{kind}" for one in TEMPLATES for kind in ENDINGS]
        if name not in offered:
            return _refusal(404, "unknown_value", "template", name, offered)
        lang = _language(_asked("lang"))
        content = template(next(one for one in TEMPLATES if one == what), ending, lang)
        return _send(_pack(content, ENDINGS[ending], f"{what}_template_{lang}.{ending}"), REVALIDATE)

    def _answer(self, ask: Callable[[Reading], Mapping[str, Any]], mimetype: str = "application/json") -> Response:
        return self._packed(lambda reading: _pack(_bytes(ask(reading)), mimetype), ANSWERS_KEPT)

    def _packed(self, pack: Callable[[Reading], Packed], at_most: int) -> Response:
        reading = self.store.reading()
        # `release` and `v` name what is served anyway; they only make the address new for the browser.
        asked = tuple(sorted((name, value) for name, value in request.args.items() if name not in ("release", "v")))
        # One shelf an endpoint, so that searches do not push out maps.
        packed = reading.remember(str(request.endpoint), (request.path, asked), lambda: pack(reading), at_most)
        return _send(packed, _lifetime(reading))


def make_api(store: Store, catalogue: Catalogue) -> Blueprint:
    """The routes of the API as a Flask blueprint."""
    api = Api(store, catalogue)
    blueprint = Blueprint("api", __name__)
    blueprint.get("/healthz")(api.healthz)
    for path in PATHS:
        blueprint.get(path)(getattr(api, path.rsplit("/", 1)[1]))
    blueprint.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>")(api.tile)
    blueprint.get("/download/<kind>")(api.download)
    blueprint.get("/download/template/<name>")(api.template)

    @blueprint.route("/api/", defaults={"rest": ""})
    @blueprint.route("/api/<path:rest>")
    def unknown(rest: str) -> Response:
        return _refusal(404, "unknown_path", None, f"/api/{rest}", PATHS)

    @blueprint.errorhandler(BadQuery)
    def refused(error: BadQuery) -> Response:
        return _refusal(400, error.kind, error.parameter, error.asked, error.allowed)

    @blueprint.errorhandler(UserError)
    def unusable(error: UserError) -> Response:
        return _json({"error": {"message": str(error), "parameter": None, "value": None, "allowed": []}}, 503)

    return blueprint


def _asked(*known: str) -> dict[str, str]:
    """The parameters of the request, each once and none that the question does not know."""
    query = _once()
    for name in query:
        if name not in known:
            raise BadQuery("unknown_parameter", name, query[name], known)
    return query


def _once() -> dict[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadQuery("repeated", name, ", ".join(values), [])
    return request.args.to_dict()


def _without_release(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name != "release"}


def _language(query: Mapping[str, str]) -> Language:
    asked = query.get("lang", LANGUAGES[0])
    for lang in LANGUAGES:
        if lang == asked:
            return lang
    raise BadQuery("unknown_value", "lang", asked, LANGUAGES)


def _lifetime(reading: Reading) -> str:
    """For ever if the address names the release that answers, else until somebody asks again."""
    named = request.args.get("release") or request.args.get("v")
    return IMMUTABLE if named == reading.release.release_id else REVALIDATE


def _pack(content: bytes, mimetype: str, name: str | None = None) -> Packed:
    etag = hashlib.sha256(content).hexdigest()[:20]
    return Packed(gzip.compress(content, GZIP_LEVEL, mtime=0), etag, mimetype, name)


def _send(packed: Packed, lifetime: str) -> Response:
    if packed.etag in request.if_none_match:
        answer = Response(status=304)
    elif "gzip" in request.accept_encodings:
        answer = Response(packed.body, content_type=packed.mimetype)
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = Response(gzip.decompress(packed.body), content_type=packed.mimetype)
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = lifetime
    answer.set_etag(packed.etag)
    if packed.file_name and answer.status_code == 200:
        answer.headers["Content-Disposition"] = f'attachment; filename="{packed.file_name}"'
    return answer


def _refusal(status: int, kind: str, parameter: str | None, value: str | None, allowed: Any) -> Response:
    lang: Language = "zh" if request.args.get("lang") == "zh" else "en"
    listed = t("format.list_separator", lang).join(map(str, allowed)) or t("query.nothing", lang)
    message = t(f"query.{kind}", lang, parameter=parameter, value=value, allowed=listed)
    error = {"message": message, "parameter": parameter, "value": value, "allowed": [str(one) for one in allowed]}
    return _json({"error": error}, status)


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(_bytes(content), status=status, content_type="application/json")


def _bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
