"""A plan as a workbook: what is proposed, the sites with their reasons, the curve, the certificate, the sources."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from dashboard.i18n import t
from dashboard.planning import words
from dashboard.planning.plan import Coverage, Plan
from geodata.text import Language

Cell = str | float | None


def plan_xlsx(plan: Plan, lang: Language) -> bytes:
    """One sheet a question; counts are numbers, withheld ones the words that say so."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        # The moment of the release, not of the download: the same plan gives the same file.
        book.set_properties(
            {"title": words.heading(plan, lang), "created": datetime.fromisoformat(plan.origin.built_at)}
        )
        sheets = _Sheets(book, lang)
        sheets.pairs("plan", _overview(plan, lang))
        sheets.table("sites", *_sites(plan, lang), widths=(6, 14, 24, 36))
        sheets.table("curve", *_curve(plan, lang), widths=(14, 22, 26, 18))
        sheets.table("areas", *_areas(plan, lang), widths=(10, 30))
        if plan.fair is not None:
            sheets.table("fair", *_fair(plan, lang), widths=(26, 16, 20, 20))
        sheets.pairs("certificate", _certificate(plan, lang))
        sheets.pairs("sources", _sources(plan, lang))
    return out.getvalue()


class _Sheets:
    def __init__(self, book: Any, lang: Language) -> None:
        self.book, self.lang = book, lang
        self.bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.whole = book.add_format({"num_format": "#,##0.##", "valign": "top"})

    def pairs(self, name: str, lines: Sequence[tuple[str, Cell]]) -> None:
        """Labels and texts."""
        sheet = self.book.add_worksheet(t(f"plan.sheet_{name}", self.lang))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 110)
        for line, (label, text) in enumerate(lines):
            sheet.write_string(line, 0, label, self.bold)
            self._write(sheet, line, 1, text)

    def table(self, name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int]) -> None:
        """A header and rows."""
        sheet = self.book.add_worksheet(t(f"plan.sheet_{name}", self.lang))
        sheet.freeze_panes(1, 0)
        for place, label in enumerate(header):
            sheet.set_column(place, place, widths[place] if place < len(widths) else 14)
            sheet.write_string(0, place, label, self.bold)
        for line, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                self._write(sheet, line, place, cell)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(header) - 1)

    def _write(self, sheet: Any, line: int, place: int, cell: Cell) -> None:
        if isinstance(cell, str):
            sheet.write_string(line, place, cell, self.wrap)
        elif cell is not None:
            sheet.write_number(line, place, cell, self.whole)


def _overview(plan: Plan, lang: Language) -> list[tuple[str, Cell]]:
    asked = plan.request
    lines: list[tuple[str, Cell]] = [
        (t("plan.title", lang), words.heading(plan, lang)),
        (t("plan.form", lang), words.subtitle(plan, lang)),
        (t("plan.region", lang), f"{words.say(plan.region, lang)} {asked.region}"),
        (t("plan.budget", lang), asked.budget),
        (t("plan.standard", lang), asked.standard_km),
        (t("plan.model", lang), t(f"plan.models.{asked.model}", lang)),
        (t("plan.need", lang), words.need(plan, lang)),
        (t("plan.existing", lang), t(f"plan.existing_kinds.{asked.existing}", lang)),
        (t("plan.before", lang), _covered(plan.before, lang)),
        (t("plan.after", lang), _covered(plan.after, lang)),
        (t("plan.beyond", lang), words.beyond(plan, lang)),
        (t("plan.certificate", lang), words.certificate(plan, lang)),
    ]
    for key, found in (("served_today", plan.served_before), ("served_after", plan.served_after)):
        if found is not None:
            lines.append((t(f"plan.{key}", lang), words.coverage(found, lang)))
    texts = (words.rule(plan, lang), words.worst(plan, lang))
    lines += [(t("plan.heading_fair", lang), text) for text in texts if text]
    lines += [(t("plan.heading_conditions", lang), text) for text in words.conditions(plan, lang)]
    if notice := words.demonstration(plan, lang):
        lines.insert(1, (t("export.notice", lang), notice))
    lines += [(t("plan.heading_robust", lang), text) for text in words.robust(plan, lang)]
    lines += [(t("plan.heading_alternatives", lang), text) for text in words.alternatives(plan, lang)]
    lines += [(t("plan.heading_assumptions", lang), text) for text in words.assumptions(plan, lang)]
    return lines


def _covered(found: Coverage, lang: Language) -> str:
    interval = words.coverage_interval(found, lang)
    return words.coverage(found, lang) + (f"; {interval}" if interval else "")


def _sites(plan: Plan, lang: Language) -> tuple[list[str], list[list[Cell]]]:
    keys = ("order", "site", "place", "adds", "total", "reached", "already", "alone", "nearest", "in_draws", "why")
    header = [t(f"plan.{key}", lang) for key in keys]
    header[1:2] = ["id", header[1]]
    header[4:4] = ["code", "lon", "lat"]
    header += [t(f"plan.{key}", lang) for key in ("action_label", "cost_column", "serves", "condition_column")]
    rows: list[list[Cell]] = [
        [
            site.order,
            site.id,
            words.say(site.name, lang),
            words.say(site.place, lang),
            site.code,
            site.lon,
            site.lat,
            _count(site.adds, lang),
            site.total_percent,
            _count(site.reached, lang),
            _count(site.already, lang),
            _count(site.alone, lang),
            site.nearest_centre_km,
            site.chosen_in_draws,
            words.reasons(site, lang),
            t(f"plan.actions_short.{site.action}", lang),
            site.cost,
            _count(site.serves, lang) if plan.served_after is not None else None,
            t("plan.rules_asked.force", lang) if site.forced else None,
        ]
        for site in plan.sites
    ]
    return header, rows


def _count(value: int | None, lang: Language) -> Cell:
    return words.count(value, lang) if value is None else value


def _curve(plan: Plan, lang: Language) -> tuple[list[str], list[list[Cell]]]:
    solved = {point.sites: point for point in plan.curve if not point.nested}
    nested = {point.sites: point for point in plan.curve if point.nested}
    rows: list[list[Cell]] = []
    for sites in sorted({*solved, *nested}):
        own, grown = solved.get(sites), nested.get(sites)
        percents = (grown.percent if grown else None, own.percent if own else None, own.bound_percent if own else None)
        rows.append([sites, *percents])
    return [t(f"plan.curve_{key}", lang) for key in ("x", "nested", "solved", "bound")], rows


def _areas(plan: Plan, lang: Language) -> tuple[list[str], list[list[Cell]]]:
    header = ["code", *(t(f"plan.{key}", lang) for key in ("area", "need_column", "before_percent", "after_percent"))]
    rows: list[list[Cell]] = [
        [area.code, words.say(area.name, lang), _count(area.need, lang), area.before_percent, area.after_percent]
        for area in plan.areas
    ]
    return header, rows


def _fair(plan: Plan, lang: Language) -> tuple[list[str], list[list[Cell]]]:
    """The frontier, from the most children in all to the fairest plan."""
    header = [t(f"plan.fair_{key}", lang) for key in ("area", "least", "total", "bound", "price", "different")]
    rows: list[list[Cell]] = [
        [
            words.say(point.area, lang),
            point.least_percent,
            point.percent,
            point.bound_percent,
            point.price_percent,
            point.different,
        ]
        for point in plan.frontier
    ]
    return header, rows


def _certificate(plan: Plan, lang: Language) -> list[tuple[str, Cell]]:
    record = plan.certificate.model_dump()
    lines: list[tuple[str, Cell]] = [(t("plan.certificate", lang), words.certificate(plan, lang))]
    lines += [(name, value if isinstance(value, int | float) else str(value)) for name, value in record.items()]
    lines.append(("request", plan.request.model_dump_json(exclude={"own"})))
    return lines


def _sources(plan: Plan, lang: Language) -> list[tuple[str, Cell]]:
    origin = plan.origin
    lines: list[tuple[str, Cell]] = [
        (t("export.release", lang), origin.release),
        (t("export.built_at", lang), origin.built_at),
        (t("export.method_version", lang), origin.method_version),
        (t("export.centres", lang), t(f"centres_kind.{origin.centres_kind}", lang)),
    ]
    for source in origin.sources:
        text = f"{words.say(source.title, lang)}. {words.say(source.producer, lang)}, {source.year}. {source.citation}"
        lines.append((source.id, f"{text} {source.url or ''} {words.say(source.licence, lang)}"))
    return lines
