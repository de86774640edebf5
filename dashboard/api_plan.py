"""Plans over HTTP: the quick answer at once, long runs started, watched, cancelled and fetched as files.

`GET  /api/v1/plans/live?region=…`   the quick answer, as the page shows it
`GET  /api/v1/plans/places?…&q=…`    candidates and centres by name, `ids`, or nearest to `lon`, `lat` (POST: own list)
`POST /api/v1/plans?region=…`        start a run (body: the user's own list as CSV), answers 202 with its id
`GET  /api/v1/plans/<id>`            how it stands and, once done, what the page shows
`POST /api/v1/plans/<id>/cancel`     stop and keep the best so far
`GET  /api/v1/plans/<id>/<kind>`     the plan as xlsx, geojson, pdf or json
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import flask
from flask import Blueprint, Response, request

from dashboard.export.plan_files import PLAN_FORMATS, plan_file_name
from dashboard.i18n import t
from dashboard.planning import find, words
from dashboard.planning.chart import plan_curve, plan_frontier
from dashboard.planning.jobs import Jobs, JobView, TooManyJobs
from dashboard.planning.make import Maker, question_places
from dashboard.planning.plan import Plan
from dashboard.planning.request import PlanRequest, read_ids, read_request
from dashboard.planning.solving import unit_of
from dashboard.state import BadQuery
from geodata.analysis.siting import SitingError
from geodata.catalogue import Catalogue
from geodata.errors import UserError
from geodata.store import Store
from geodata.text import LANGUAGES, Language

# A list of 5,000 candidates is 250 kB.
MOST_BYTES = 500_000
LIVE_KEPT = 64


class PlanApi:
    """The plans of one data folder."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue
        self.jobs = Jobs(store.data_dir)

    def live(self) -> Response:
        """The quick answer to a question without a list of one's own; kept, because many ask the same."""
        lang, asked = self._asked(None)
        reading = self.store.reading()
        key = asked.model_dump_json(exclude={"time_limit_s", "gap"})
        plan = reading.remember("plan.live", key, lambda: Maker(reading, self.catalogue, asked).live(), LIVE_KEPT)
        return _json({"state": "live", "result": shown(plan, lang, None)})

    def places(self) -> Response:
        """Places of a question of which something may be said."""
        if (request.content_length or 0) > MOST_BYTES:
            return _too_large()
        query = request.args.to_dict()
        lang = _language()
        asked_of = {name: query.pop(name, None) for name in ("lang", "q", "lon", "lat", "ids")}
        reading = self.store.reading()
        places = question_places(reading, self.catalogue, read_request(query, _body()))
        if asked_of["ids"] is not None:
            found = find.by_id(reading, places, read_ids(asked_of["ids"], "ids"))
        elif asked_of["q"] is not None:
            found = find.by_name(reading, places, asked_of["q"])
        else:
            found = find.by_point(reading, places, *(_degrees(name, asked_of[name]) for name in ("lon", "lat")))
        listed = [
            one.model_dump() | {"name": words.say(one.name, lang), "place": words.say(one.place, lang)} for one in found
        ]
        return _json({"places": listed})

    def start(self) -> Response:
        """Start a run."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return _error(403, t("plan.cross_site", _language()))
        if (request.content_length or 0) > MOST_BYTES:
            return _too_large()
        _, asked = self._asked(_body())
        job_id = self.jobs.start(asked, self.store.reading().file)
        return _json({"id": job_id}, 202)

    def look(self, job_id: str) -> Response:
        """How a run stands."""
        view = self.jobs.view(job_id)
        return _unknown() if view is None else _json(self._state(view))

    def cancel(self, job_id: str) -> Response:
        """Ask a run to stop."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return _error(403, t("plan.cross_site", _language()))
        return _json({"id": job_id}, 202) if self.jobs.cancel(job_id) else _unknown()

    def file(self, job_id: str, kind: str) -> Response:
        """The answer of a run as a file."""
        plan = self.jobs.plan(job_id)
        if plan is None or kind not in PLAN_FORMATS:
            return _unknown()
        written = PLAN_FORMATS[kind]
        answer = Response(written.write(plan, self.store.reading(), _language()), content_type=written.mimetype)
        answer.headers["Content-Disposition"] = f'attachment; filename="{plan_file_name(plan, kind)}"'
        return answer

    def _asked(self, own: str | None) -> tuple[Language, PlanRequest]:
        query = request.args.to_dict()
        lang = _language()
        query.pop("lang", None)
        return lang, read_request(query, own)

    def _state(self, view: JobView) -> dict[str, Any]:
        lang = _language()
        asked = self.jobs.request(view.id)
        unit = unit_of(asked) if asked else "children"
        progress = view.progress
        others = max(self.jobs.running() - 1, 0)
        is_first = progress.phase == "waiting" and others == 0
        key = "starting" if is_first else progress.phase
        phase = t(f"plan.phase.{key}", lang, done=progress.done, of=progress.of, running=others)
        found: dict[str, Any] = {
            "id": view.id,
            "state": view.state,
            "phase": phase,
            "progress": words.progress(progress, unit, lang),
            "query": asked.to_query() if asked else "",
            **progress.model_dump(include={"best", "bound", "gap", "seconds", "done", "of"}),
        }
        if view.state == "failed":
            found["message"] = t("plan.failed", lang)
        if view.refusal is not None:
            found["message"] = view.refusal.to(lang)
        plan = self.jobs.plan(view.id) if view.state == "done" else None
        if plan is not None:
            found["result"] = shown(plan, lang, view.id)
        return found


def shown(plan: Plan, lang: Language, job_id: str | None) -> dict[str, Any]:
    """What the page puts on screen: text and tables as HTML, the sites as points, the frame of the region."""
    html = flask.render_template(
        "plan_result.html",
        t=lambda key, **values: t(f"plan.{key}", lang, **values),
        plan=plan,
        words=words,
        lang=lang,
        curve=plan_curve(plan, lang),
        frontier=plan_frontier(plan, lang),
        job_id=job_id,
        formats=PLAN_FORMATS,
    )
    points = [
        {
            "type": "Feature",
            "id": site.order,
            "geometry": {"type": "Point", "coordinates": [site.lon, site.lat]},
            "properties": {
                "key": site.key,
                "order": site.order,
                "name": words.say(site.name, lang),
                "place": words.say(site.place, lang),
                "adds": f"{t('plan.adds', lang)} {words.adds(site, lang)}",
            },
        }
        for site in plan.sites
    ]
    return {
        "html": html,
        "sites": {"type": "FeatureCollection", "features": points},
        "bbox": plan.bbox,
        "conditions": [
            one.model_dump() | {"name": words.say(one.name, lang), "place": words.say(one.place, lang)}
            for one in plan.conditions
        ],
    }


def make_plan_api(store: Store, catalogue: Catalogue) -> Blueprint:
    """The routes as a Flask blueprint."""
    api = PlanApi(store, catalogue)
    blueprint = Blueprint("plan_api", __name__)
    blueprint.get("/api/v1/plans/live")(api.live)
    blueprint.route("/api/v1/plans/places", methods=["GET", "POST"])(api.places)
    blueprint.post("/api/v1/plans")(api.start)
    blueprint.get("/api/v1/plans/<job_id>")(api.look)
    blueprint.post("/api/v1/plans/<job_id>/cancel")(api.cancel)
    blueprint.get("/api/v1/plans/<job_id>/<kind>")(api.file)

    @blueprint.errorhandler(BadQuery)
    def refused(error: BadQuery) -> Response:
        lang = _language()
        allowed = t("format.list_separator", lang).join(error.allowed)
        text = t(f"query.{error.kind}", lang, parameter=error.parameter, value=error.asked, allowed=allowed)
        return _error(400, text, parameter=error.parameter, value=error.asked, allowed=list(error.allowed))

    @blueprint.errorhandler(SitingError)
    def impossible(error: SitingError) -> Response:
        return _error(400, " ".join(text.to(_language()) for text in error.texts))

    @blueprint.errorhandler(TooManyJobs)
    def full(error: TooManyJobs) -> Response:
        return _error(429, t("plan.too_many", _language(), count=error.value))

    @blueprint.errorhandler(UserError)
    def unusable(error: UserError) -> Response:
        return _error(400, str(error))

    return blueprint


def _language() -> Language:
    asked = request.args.get("lang", LANGUAGES[0])
    return "en" if asked == "en" else "zh"


def _body() -> str | None:
    """The user's own list, if there is one."""
    return request.get_data(cache=False).decode("utf-8", errors="replace") or None


def _degrees(name: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not -180 <= value <= 180:
        raise BadQuery("unknown_value", name, text or "", ["degrees, WGS-84"])
    return value


def _too_large() -> Response:
    return _error(413, t("plan.too_large", _language(), limit=MOST_BYTES // 1_000))


def _unknown() -> Response:
    return _error(404, t("plan.unknown_job", _language()))


def _error(status: int, message: str, **more: Any) -> Response:
    return _json({"error": {"message": message, "parameter": None, "value": None, "allowed": []} | more}, status)


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    answer = Response(body, status=status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
