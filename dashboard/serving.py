"""How bytes leave the server: hashed immutable files, compressed once, security headers, honest 404s."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import mimetypes
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, abort, request

from geodata.errors import UserError

ASSETS_DIR = Path(__file__).resolve().parent / "assets"
IMMUTABLE = "public, max-age=31536000, immutable"
COMPRESSIBLE = ("text/", "application/json", "application/javascript", "image/svg+xml")
MIN_COMPRESSED_BYTES = 1_000
# Brotli at 9 makes the 1 MB script of the component library 215 kB in 0.15 s; at 11 it is 199 kB in 2.6 s.
BROTLI_QUALITY = 9
# Answers are made once a request: gzip at 5 costs 3 ms for 200 kB, brotli at 9 costs 30.
GZIP_LEVEL = 5


@dataclass(frozen=True)
class StaticFile:
    """One file of the page, named by its content so that a browser may keep it for ever."""

    name: str
    content: bytes

    @cached_property
    def url_name(self) -> str:
        """`map.js` -> `map.3f2a9c1b.js`."""
        stem, _, ending = self.name.rpartition(".")
        return f"{stem}.{hashlib.sha256(self.content).hexdigest()[:8]}.{ending}"

    @cached_property
    def compressed(self) -> bytes:
        """The content, compressed with brotli."""
        return brotli.compress(self.content, quality=BROTLI_QUALITY)


class StaticFiles:
    """Scripts and styles of the page: our own assets, and MapLibre as its Python package carries it."""

    def __init__(self) -> None:
        maplibre = _package_dir("maplibre") / "srcjs"
        files = [StaticFile(path.name, path.read_bytes()) for path in sorted(ASSETS_DIR.iterdir()) if path.is_file()]
        files += [StaticFile(name, (maplibre / name).read_bytes()) for name in ("maplibre-gl.js", "maplibre-gl.css")]
        self._by_name = {file.name: file for file in files}
        self._by_url = {file.url_name: file for file in files}

    def url(self, name: str) -> str:
        """The address of the file `name`, for the page template."""
        return f"/static/{self._by_name[name].url_name}"

    def blueprint(self) -> Blueprint:
        """The route that serves them."""
        blueprint = Blueprint("static_files", __name__)

        @blueprint.get("/static/<name>")
        def static_file(name: str) -> Response:
            file = self._by_url.get(name)
            if file is None:
                abort(404)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            takes_brotli = "br" in request.accept_encodings
            response = Response(file.compressed if takes_brotli else file.content, mimetype=kind)
            if takes_brotli:
                response.headers["Content-Encoding"] = "br"
            response.headers["Cache-Control"] = IMMUTABLE
            response.headers["Vary"] = "Accept-Encoding"
            return response

        return blueprint


def _package_dir(name: str) -> Path:
    """Where an installed package lies, without importing it: `maplibre` would bring its notebook widgets along."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"The package {name!r} is not installed", expected="`make setup`")
    return Path(spec.submodule_search_locations[0])


def compress_responses(server: Flask) -> None:
    """Compress what Dash sends: component scripts once and for all, answers each time.

    Dash's own `compress=True` packs 4.8 MB of Plotly anew for every visitor (425 ms of CPU); a component script has its
    version in its address and never changes, so its compressed form is kept.
    """
    kept: dict[str, bytes] = {}

    @server.after_request
    def compress(response: Response) -> Response:
        suitable = (
            response.status_code == 200
            and "Content-Encoding" not in response.headers
            and (response.mimetype or "").startswith(COMPRESSIBLE)
        )
        if not suitable:
            return response
        response.headers["Vary"] = "Accept-Encoding"
        if request.path.startswith("/_dash-component-suites/") and "br" in request.accept_encodings:
            response.direct_passthrough = False
            if request.path not in kept:
                kept[request.path] = brotli.compress(response.get_data(), quality=BROTLI_QUALITY)
            response.set_data(kept[request.path])
            response.headers["Content-Encoding"] = "br"
        elif "gzip" in request.accept_encodings and not response.is_streamed:
            body = response.get_data()
            if len(body) >= MIN_COMPRESSED_BYTES:
                response.set_data(gzip.compress(body, GZIP_LEVEL, mtime=0))
                response.headers["Content-Encoding"] = "gzip"
        return response


def add_security_headers(server: Flask, script_hashes: list[str]) -> None:
    """Nothing is loaded from outside: the browser enforces what the tests check."""
    policy = "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' " + " ".join(f"'{value}'" if value[0] != "'" else value for value in script_hashes),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "worker-src blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'self'",
        ]
    )

    @server.after_request
    def secure(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response


class Rest:
    """Knows when the last visitor asked for something, so that work that can wait does."""

    REST_S = 5.0

    def __init__(self, server: Flask) -> None:
        self._last = time.monotonic()

        @server.before_request
        def asked() -> None:
            self._last = time.monotonic()

    def wait(self) -> None:
        """Return once nobody has asked for anything for `REST_S` seconds."""
        while (left := self._last + self.REST_S - time.monotonic()) > 0:
            time.sleep(left)


def refuse_unknown_pages(server: Flask, pages: frozenset[str]) -> None:
    """Dash answers 200 to every address; an address that is no page of ours is a 404."""

    @server.before_request
    def known() -> None:
        if request.endpoint and request.endpoint.endswith("/<path:path>") and request.path not in pages:
            abort(404)
