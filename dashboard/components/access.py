"""Pieces of the pages on gap and distance: what stands on the right before a place is chosen, and in its panel."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from dashboard.components.pieces import definition_list
from dashboard.format import number
from dashboard.i18n import t
from dashboard.views.coverage import Coverage
from dashboard.views.gap_parts import Equity, GapPart, GapParts
from dashboard.views.journey import Journey
from dashboard.views.priority import PriorityRow, Ranking
from dashboard.views.reach import ReachColumn, UnitReach
from geodata.catalogue.templates import ENDINGS
from geodata.text import Language


def overview(part: str, content: list[object], lang: Language) -> html.Div:
    """What a page says of the whole country. On a phone it is folded, and a button opens it."""
    show, close = t(f"{part}.open_panel", lang), t(f"{part}.close_panel", lang)
    return html.Div(
        [
            html.Button(
                show,
                id="overview-handle",
                className="tool overview-handle",
                type="button",
                **{"aria-expanded": "false", "aria-controls": "overview"},
            ),
            html.Div(content, className="overview-content"),
        ],
        id="overview",
        className="overview",
        **{"data-open": "false", "data-show": show, "data-close": close},
    )


def reach_section(reach: UnitReach, lang: Language, *, heading: bool = True) -> list[object]:
    """Bands as rows, types of centre as columns, then the usual distances and what a journey takes."""
    rows = [(band, [column.within[place] for column in reach.columns]) for place, band in enumerate(reach.bands)]
    far = [
        (t("reach.beyond", lang), [column.beyond for column in reach.columns]),
        (t("reach.median", lang), [column.median for column in reach.columns]),
        (t("reach.p90", lang), [column.p90 for column in reach.columns]),
        (t("reach.mean", lang), [column.mean for column in reach.columns]),
        *((way, [column.minutes[place][1] for column in reach.columns]) for place, way in enumerate(_ways(reach))),
    ]
    title = t("reach.bands", lang)
    by_minutes = [
        (name, [_band_cell(column, place) for column in reach.columns]) for place, name in enumerate(reach.bands_min)
    ]
    is_timed = any(column.in_minutes for column in reach.columns)
    return [
        html.H3(t("reach.lead", lang, name=reach.name)) if heading else None,
        html.Div(
            html.Table(
                [
                    html.Caption(title, className="unseen"),
                    html.Thead(html.Tr([html.Th(title, scope="col"), *map(_type_head, reach.columns)])),
                    html.Tbody([_band_row(*row) for row in rows]),
                    html.Tbody([_band_row(*row) for row in far], className="apart"),
                    html.Tbody([_band_row(*row) for row in by_minutes], className="apart") if is_timed else None,
                ],
                className="figures reach",
            ),
            className="wide",
            tabIndex=0,
            role="region",
            **{"aria-label": title},
        ),
        html.P(reach.assumed, className="note"),
        html.P(_by_minutes_note(reach, lang), className="note") if is_timed else None,
        html.P(reach.notice, className="notice") if reach.notice else None,
    ]


def journey_section(journey: Journey, lang: Language) -> list[object]:
    """How long journeys take, and how that was found."""
    rows = [html.Tr([html.Th(name, scope="row"), html.Td(text)]) for name, text in journey.lines]
    title = t("reach.journey_title", lang)
    return [
        html.H3(title),
        html.Table([html.Caption(title, className="unseen"), html.Tbody(rows)], className="figures journey"),
        html.P(journey.method, className="note"),
        *[html.P(note, className="note") for note in journey.notes],
    ]


def reach_overview(reach: UnitReach, journeys: list[object], lang: Language) -> list[object]:
    """The distances of the country, then `journeys`."""
    head = html.H2(t("reach.lead", lang, name=reach.name))
    hints = [html.P(t(f"reach.{key}", lang), className="note") for key in ("pick", "cluster")]
    return [head, *reach_section(reach, lang, heading=False), *journeys, *hints, own_data(lang)]


def ranking_overview(ranking: Ranking, gap: list[object], lang: Language) -> list[object]:
    """Which counties come first and why; then `gap`, the gap of the country in parts."""
    heads = [t(f"gap.{key}", lang) for key in ("rank", "county", "span")]
    return [
        html.H2(t("gap.title", lang)),
        html.P(ranking.lead, className="note"),
        html.P(ranking.notice, className="notice") if ranking.notice else None,
        html.Table(
            [
                html.Caption(f"{t('gap.title', lang)}. {ranking.weights}", className="unseen"),
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody([_ranked(row) for row in ranking.rows]),
            ],
            className="figures ranking",
        ),
        html.P(f"{ranking.weights} {ranking.note}", className="note"),
        html.P(ranking.steady, className="note"),
        *gap,
        own_data(lang),
    ]


def coverage_note(found: Coverage) -> html.P:
    """How many centres the register has here, and which of them count for no distance."""
    told = filter(None, [found.text, found.unplaced_text, found.datum_text])
    return html.P(" ".join(told), className="note register")


def own_data(lang: Language) -> html.Details:
    """Where somebody with a list of centres finds the template for it, and how to load it."""
    links = [
        html.A(
            t("own_data.template", lang, kind=kind.upper()),
            href=f"/download/template/centres.{kind}?lang={lang}",
            className="tool small",
            download="",
        )
        for kind in ENDINGS
    ]
    return html.Details(
        [
            html.Summary(f"{t('own_data.title', lang)}: {t('own_data.centres', lang)}"),
            html.Div(links, className="row files"),
            html.P(t("own_data.hint_centres", lang), className="note"),
        ],
        className="fold own-data",
    )


def gap_section(gap: GapParts, curve: str | None, lang: Language) -> list[object]:
    """The gap of a unit in parts: children, norms, and the Lorenz curve, of which `curve` is the address."""
    parts = _children(t("gap.parts", lang), gap.parts) if gap.parts else []
    in_time = _children(t("gap.parts_in_time", lang), gap.in_time) if gap.in_time else []
    if in_time:
        in_time.append(html.P(" ".join(filter(None, [gap.standard, gap.travel])), className="note"))
    norms = _norms(gap, lang)
    return [*parts, *in_time, *norms, *(_equity(gap.equity, curve, lang) if gap.equity and curve else [])]


def _children(title: str, parts: Sequence[GapPart]) -> list[object]:
    items = [
        html.Li(
            [
                html.Span(part.name),
                html.Span(className="share-bar", style={"--share": f"{100 * part.share:.1f}%"}),
                html.Span(part.percent, title=part.display),
                html.Small(f"{part.display}{part.span}") if part.span else None,
            ]
        )
        for part in parts
    ]
    return [html.H3(title), html.Ul(items, className="shares")]


def _norms(gap: GapParts, lang: Language) -> list[object]:
    heads = [t(f"gap.{key}", lang) for key in ("norm", "needed", "missing")]
    rows = [
        html.Tr([html.Th(norm.name, scope="row"), html.Td(norm.needed), html.Td(norm.missing)]) for norm in gap.norms
    ]
    return [
        html.H3(t("gap.norms", lang)),
        html.Table(
            [
                html.Caption(t("gap.norms", lang), className="unseen"),
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody(rows),
            ],
            className="figures",
        ),
        html.P(t("gap.norms_note", lang), className="note"),
    ]


def _equity(equity: Equity, curve: str, lang: Language) -> list[object]:
    """The Lorenz curve with what it says."""
    text = t("gap.curve_alt", lang, sentence=equity.sentence, text=equity.follows)
    return [
        html.H3(t("gap.equity_title", lang)),
        html.Img(src=curve, alt=text, className="curve"),
        html.P(equity.sentence, className="note"),
        html.P(equity.follows, className="note"),
    ]


def why_here(row: PriorityRow, ranking: Ranking, lang: Language) -> html.Div:
    """Why a county has the rank it has."""
    place = t("gap.place", lang, place=row.place_text, of=number(ranking.of, 0), span=row.span)
    return html.Div(
        [
            html.H3(t("gap.why", lang)),
            html.P(html.B(place)),
            html.P(row.reason),
            html.P(row.among_first, className="note"),
            *definition_list([(t("gap.weights", lang), f"{ranking.weights} {ranking.note}")]),
        ],
        className="why",
    )


def _ways(reach: UnitReach) -> list[str]:
    return [way for way, _ in reach.columns[0].minutes]


def _type_head(column: ReachColumn) -> html.Th:
    return html.Th(column.name, scope="col")


def _by_minutes_note(reach: UnitReach, lang: Language) -> str:
    has_spans = any(band.span for column in reach.columns for band in column.in_minutes)
    spans = t("reach.band_note", lang) if has_spans else ""
    return " ".join(filter(None, [t("reach.band_edge", lang), spans, reach.standards]))


def _band_cell(column: ReachColumn, place: int) -> list[object]:
    """A share with its span below; the span is of assumptions."""
    if not column.in_minutes:
        return []
    band = column.in_minutes[place]
    return [band.text, html.Small(band.span)] if band.span else [band.text]


def _band_row(name: str, cells: Sequence[str | list[object]]) -> html.Tr:
    return html.Tr([html.Th(name, scope="row"), *map(html.Td, cells)])


def _ranked(row: PriorityRow) -> html.Tr:
    county = html.Button(row.name, id={"type": "open-ranked", "code": row.code}, type="button", className="link")
    return html.Tr(
        [
            html.Td(row.place_text),
            html.Th(
                [county, html.Span(f" {row.province}", className="note"), html.P(row.reason, className="note")],
                scope="row",
            ),
            html.Td(row.span),
        ],
        **{"data-code": row.code},
    )
