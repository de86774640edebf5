"""The page `/plan`: a question, its answer with certificate and reasons, the map. Plain HTML; plan.js asks the API."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import flask
from flask import Blueprint

from dashboard.components.header import SHOWN_PAGES, other
from dashboard.figures.plan_style import plan_paint, plan_style
from dashboard.i18n import t
from dashboard.planning.request import ACTIONS, CANDIDATES, EXISTING, FAIRNESS, NEEDS, PLAN_MODELS, RULES, PlanRequest
from dashboard.serving import StaticFiles
from dashboard.state import THEMES, Theme, view_defaults
from dashboard.views.units import Unit, gazetteer
from geodata.codes import NATION_CODE
from geodata.store import Reading, Store
from geodata.text import BCP47, LANGUAGES, Language

PAGE_TEXTS = ("progress_start", "failed", "lead", "conditions_none", "place_none")


def blueprint(store: Store, files: StaticFiles) -> Blueprint:
    """The route `/plan`."""
    pages = Blueprint("plan", __name__)

    @pages.get("/plan")
    def plan_page() -> str:
        lang: Language = "en" if flask.request.args.get("lang") == "en" else LANGUAGES[0]
        asked = flask.request.args.get("theme")
        theme: Theme = next((one for one in THEMES if one == asked), "auto")
        reading = store.reading()
        views = [replace(view_defaults(page), lang=lang, theme=theme) for page in SHOWN_PAGES]
        return flask.render_template(
            "plan.html",
            t=partial(_text, lang),
            lang=lang,
            html_lang=BCP47[lang],
            other=other(lang),
            other_html_lang=BCP47[other(lang)],
            static=files.url,
            theme=theme,
            nav=[(view.page, view.address()) for view in views],
            regions=regions(reading, lang),
            models=PLAN_MODELS,
            needs=NEEDS,
            candidates=CANDIDATES,
            existing=EXISTING,
            actions=ACTIONS,
            fairness=FAIRNESS,
            rules=RULES,
            default=PlanRequest(),
            demonstration=reading.release.centres_kind == "demonstration",
            boot=json.dumps(boot(reading, lang, theme), ensure_ascii=False, separators=(",", ":")).replace(
                "</", "<\\/"
            ),
        )

    return pages


def regions(reading: Reading, lang: Language) -> list[tuple[Unit, list[Unit]]]:
    """Provinces with their prefectures, by code; those the censuses did not count are left out."""
    units = gazetteer(reading)
    return [
        (province, [unit for unit in units.levels["prefecture"] if unit.province_code == province.code])
        for province in units.levels["province"]
        if province.counted and province.name(lang)
    ]


def boot(reading: Reading, lang: Language, theme: Theme) -> dict[str, Any]:
    """What plan.js starts with."""
    release = reading.release.release_id
    return {
        "lang": lang,
        "theme": theme,
        "release": release,
        "nation": NATION_CODE,
        "style": plan_style(release),
        "paint": plan_paint(),
        "texts": {key: t(f"plan.{key}", lang) for key in PAGE_TEXTS if key != "progress_start"}
        | {"working": t("plan.progress_start", lang, seconds="0")}
        | {f"place_{kind}": t(f"plan.place_{kind}", lang) for kind in ("site", "centre")}
        | {kind: {rule: t(f"plan.{kind}.{rule}", lang) for rule in RULES} for kind in ("rules", "rules_asked")}
        # The browser puts these in.
        | {"place_far": t("plan.place_far", lang, km="{km}")}
        | {"rules_lift": t("plan.rules_lift", lang, name="{name}", rule="{rule}")},
    }


def _text(lang: Language, key: str, **values: object) -> str:
    return t(key, lang, **values)
