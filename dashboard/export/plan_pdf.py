"""The two-page brief of a plan as PDF, set by typst: what an NGO attaches to a proposal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.planning import words
from dashboard.planning.chart import plan_curve, plan_frontier
from dashboard.planning.picture import SHADES, plan_map
from dashboard.planning.plan import Coverage, Plan
from geodata.catalogue import Catalogue, load_catalogue
from geodata.store import Reading
from geodata.text import Language

TEMPLATE = Path(__file__).resolve().parent / "plan_brief.typ"
PAGES = 2
# Sites in the brief: as many of these as leave it two pages. The workbook has the rest, and the brief says so.
MOST_SITES = (18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3)
# The map is as high, in centimetres, as leaves the rest of the first page room.
MAP_CM = (10.6, 9.4, 8.2, 7.0, 5.8)
MOST_AREAS, MOST_LETTERS = 16, 220
_WORDS = (
    "heading_need", "heading_gap", "certificate", "heading_map", "legend_site", "legend_need", "heading_areas",
    "heading_sites_list", "order", "site", "adds", "total", "why", "heading_curve", "curve_text", "heading_robust",
    "heading_alternatives", "heading_assumptions", "heading_sources", "heading_fair", "fair_text", "area_line",
)  # fmt: skip


def plan_pdf(plan: Plan, reading: Reading, lang: Language) -> bytes:
    """The brief. Typst reads only the files of its own temporary folder and the font that is installed with us."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "main.typ").write_bytes(TEMPLATE.read_bytes())
        (root / "map.svg").write_text(plan_map(plan, reading, _catalogue(), lang), encoding="utf-8")
        (root / "curve.svg").write_text(plan_curve(plan, lang), encoding="utf-8")
        frontier = plan_frontier(plan, lang)
        if frontier is not None:
            (root / "frontier.svg").write_text(frontier, encoding="utf-8")
        compiler = typst.Compiler(
            str(root / "main.typ"),
            root=folder,
            font_paths=[str(Path(pylopdf_fonts_zh_cn.sans_path()).parent)],
            ignore_system_fonts=True,
        )
        _fit(plan, lang, root / "brief.json", lambda label: json.loads(compiler.query(label, field="value", one=True)))
        # The moment of the release: the same plan gives the same file.
        moment = int(datetime.fromisoformat(plan.origin.built_at).timestamp())
        content = compiler.compile(format="pdf", timestamp=moment)
    # One file is asked for; a list is what typst gives for pictures of pages.
    return content if isinstance(content, bytes) else b""


def _fit(plan: Plan, lang: Language, file: Path, page_of: Callable[[str], int]) -> None:
    """Write what the template sets: the highest map with which page one ends on page one, then the most sites."""
    content = brief(plan, lang, MOST_SITES[-1])

    def write(**changed: Any) -> None:
        # A Chinese font draws the curly apostrophe of romanised names as wide as a Chinese letter.
        file.write_text(json.dumps(content | changed, ensure_ascii=False).replace("’", "'"), encoding="utf-8")

    for map_cm in MAP_CM:
        write(map_cm=map_cm)
        if page_of("<first>") == 1:
            break
    for most in MOST_SITES:
        content |= brief(plan, lang, most)
        write(map_cm=map_cm)
        if page_of("<pages>") <= PAGES:
            break


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


def brief(plan: Plan, lang: Language, most_sites: int) -> dict[str, Any]:
    """What the template sets, all of it text in one language."""
    kind = "legend_centre" if plan.origin.centres_kind == "demonstration" else "legend_register"
    more = len(plan.sites) - most_sites
    return {
        "lang": lang,
        "title": words.heading(plan, lang),
        "subtitle": words.subtitle(plan, lang),
        "notice": words.demonstration(plan, lang),
        "need": words.need(plan, lang),
        "boxes": [
            _box("before", plan.before, lang),
            _box("after", plan.after, lang),
            {"label": t("plan.beyond", lang), "value": words.beyond(plan, lang), "note": _gain(plan, lang)},
        ],
        "certificate": words.certificate(plan, lang),
        "rule": words.joined([text for text in (words.rule(plan, lang), words.served(plan, lang)) if text], lang),
        "solver": words.solver(plan, lang),
        "worst": words.worst(plan, lang),
        "has_frontier": len(plan.frontier) > 1,
        "centres": t(f"plan.{kind}", lang) if plan.request.existing == "kept" else None,
        "shades": list(SHADES),
        "boundary": t("notice.boundary", lang),
        "areas": _areas(plan, lang),
        "sites": _sites(plan, lang, most_sites),
        "more": t("plan.brief_more", lang, count=fmt.number(more, 0)) if more > 0 else None,
        "robust": words.joined(list(words.robust(plan, lang)), lang),
        "alternatives": words.joined([_short(text) for text in words.alternatives(plan, lang)[:2]], lang),
        "assumptions": list(words.assumptions(plan, lang)),
        "sources": " · ".join(
            f"{words.say(source.title, lang)}. {words.say(source.producer, lang)}, {source.year}. "
            f"{words.say(source.licence, lang)}"
            for source in plan.origin.sources
        ),
        "words": {key: t(f"plan.{key}", lang) for key in _WORDS}
        | {
            "app": t("app.name", lang),
            "made": t("plan.made", lang, release=plan.origin.release, method=plan.origin.method_version),
            "page": t("plan.page", lang, page="{page}", pages="{pages}"),
        },
    }


def _areas(plan: Plan, lang: Language) -> list[dict[str, str]]:
    """The areas with the greatest need."""
    return [
        {
            "name": words.say(area.name, lang),
            "need": words.count(area.need, lang),
            "before": f"{fmt.number(area.before_percent, 1)}%",
            "after": f"{fmt.number(area.after_percent, 1)}%",
        }
        for area in sorted(plan.areas, key=lambda area: -(area.need or 0))[:MOST_AREAS]
    ]


def _sites(plan: Plan, lang: Language, most: int) -> list[dict[str, str | int]]:
    """The first sites to open, with their reasons."""
    return [
        {
            "order": site.order,
            "name": words.say(site.name, lang),
            "place": words.say(site.place, lang),
            "adds": words.adds(site, lang),
            "total": f"{fmt.number(site.total_percent, 1)}%",
            "why": words.reasons(site, lang),
        }
        for site in plan.sites[:most]
    ]


def _box(key: str, found: Coverage, lang: Language) -> dict[str, str | None]:
    note = words.coverage_interval(found, lang)
    return {"label": t(f"plan.{key}", lang), "value": words.coverage(found, lang), "note": note}


def _gain(plan: Plan, lang: Language) -> str:
    points = plan.after.percent - plan.before.percent
    return t("plan.gain", lang, points=fmt.number(points, 1))


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[:MOST_LETTERS] + "…"
