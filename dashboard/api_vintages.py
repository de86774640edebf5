"""Former divisions over HTTP: `/api/v1/resolve?unit=&year=&province=` and the whole table, `/api/v1/vintages.csv`.

Parameters, errors and caching are those of `dashboard.api`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

from flask import Blueprint, Response, request

from dashboard.export.vintages_file import vintages_csv
from dashboard.i18n import t
from dashboard.views.vintages import resolve_answer
from geodata.analysis.resolve import AmbiguousUnit, UnknownUnit
from geodata.store import Reading, Store, remembered
from geodata.text import LANGUAGES, Language

FILE_NAME = "vintages.csv"
FIRST_YEAR, LAST_YEAR = 2000, 2100
PARAMETERS = {"api_vintages.resolve": ("unit", "year", "province", "lang"), "api_vintages.table": ("lang",)}


class _Refused(Exception):
    """What is wrong with a request: the locale key of the sentence, the parameter, what was given, what is possible."""

    def __init__(self, key: str, parameter: str, value: str | None, allowed: tuple[str, ...]) -> None:
        super().__init__(key)
        self.key, self.parameter, self.value, self.allowed = key, parameter, value, allowed


def make_vintages_api(store: Store) -> Blueprint:
    """The two routes as a Flask blueprint."""
    blueprint = Blueprint("api_vintages", __name__)

    @blueprint.get("/api/v1/resolve")
    def resolve() -> Response:
        query = _asked()
        if not query.get("unit"):
            raise _Refused("query.missing", "unit", None, ("110103", "崇文区", "河北省石家庄市桥东区"))
        try:
            answer = resolve_answer(store.reading(), query["unit"], _year(query), query.get("province"))
        except AmbiguousUnit as error:
            raise _Refused("vintages.ambiguous_unit", "unit", query["unit"], error.candidates) from None
        except UnknownUnit as error:
            raise _Refused("vintages.unknown_unit", "unit", query["unit"], (error.expected or "",)) from None
        return _json(answer, 200)

    @blueprint.get("/api/v1/vintages.csv")
    def table() -> Response:
        _asked()
        packed, etag = _packed_table(store, _language())
        return _file(packed, etag)

    @blueprint.errorhandler(_Refused)
    def refused(error: _Refused) -> Response:
        lang = _language()
        allowed = t("format.list_separator", lang).join(error.allowed) or t("query.nothing", lang)
        message = t(error.key, lang, parameter=error.parameter, value=error.value, allowed=allowed)
        fault = {"message": message, "parameter": error.parameter, "value": error.value, "allowed": error.allowed}
        return _json({"error": fault}, 400)

    return blueprint


@remembered(at_most=len(LANGUAGES))
def _packed_table(reading: Reading, lang: Language) -> tuple[bytes, str]:
    """The CSV file compressed, and its ETag."""
    content = vintages_csv(reading, lang)
    return gzip.compress(content, 6, mtime=0), hashlib.sha256(content).hexdigest()[:20]


def _asked() -> dict[str, str]:
    known = PARAMETERS[str(request.endpoint)]
    for name, values in request.args.lists():
        if name not in known:
            raise _Refused("query.unknown_parameter", name, values[0], known)
        if len(values) > 1:
            raise _Refused("query.repeated", name, ", ".join(values), ())
    lang = request.args.get("lang", LANGUAGES[0])
    if lang not in LANGUAGES:
        raise _Refused("query.unknown_value", "lang", lang, LANGUAGES)
    return request.args.to_dict()


def _language() -> Language:
    return next((lang for lang in LANGUAGES if lang == request.args.get("lang")), LANGUAGES[0])


def _year(query: dict[str, str]) -> int | None:
    text = query.get("year")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise _Refused("vintages.bad_year", "year", text, (f"{FIRST_YEAR}–",))
    return int(text)


def _file(packed: bytes, etag: str) -> Response:
    if etag in request.if_none_match:
        answer = Response(status=304)
    elif "gzip" in request.accept_encodings:
        answer = Response(packed, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = Response(gzip.decompress(packed), content_type="text/csv; charset=utf-8")
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    answer.set_etag(etag)
    return answer


def _json(content: dict[str, Any], status: int) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    answer = Response(body, status=status, content_type="application/json")
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer
