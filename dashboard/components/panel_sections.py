"""Sections of the panel below its figures: parts of a whole, and the two ends of migrating families."""

from __future__ import annotations

from dash import html

from dashboard.components.pieces import definition_list, method_link
from dashboard.format import number, year
from dashboard.i18n import t
from dashboard.views.flows import FlowEnd, FlowPart, UnitFlows
from dashboard.views.models import PanelFigure, UnitPanel
from geodata.text import Language


def breakdowns(view: UnitPanel, lang: Language) -> list[html.Div]:
    """One small table for each group of indicators that are parts of a whole."""
    groups: dict[str, list[PanelFigure]] = {}
    for figure in view.figures:
        if figure.group:
            groups.setdefault(figure.group, []).append(figure)
    return [_breakdown(name, figures, lang) for name, figures in groups.items()]


def families(flows: UnitFlows | None, lang: Language) -> list[html.Div]:
    """Where the parents of left-behind children live, and where migrant children are from."""
    if flows is None:
        return []
    ends = [("families", flows.left_behind), ("migrants", flows.migrants)]
    explained = [(t("panel.basis", lang), f"{flows.basis_text} {flows.note}")]
    shown = [_end(t(f"panel.{key}", lang, year=year(flows.year, lang)), end, lang) for key, end in ends if end]
    return [*shown, html.Div([*definition_list(explained), method_link("further", lang)])] if shown else []


def _breakdown(group: str, figures: list[PanelFigure], lang: Language) -> html.Div:
    years = sorted({figure.year for figure in figures})
    cells = {(figure.indicator_id, figure.year): figure for figure in figures}
    names = {figure.indicator_id: figure.name for figure in figures}
    last = [cells[indicator, years[-1]].value for indicator in names if (indicator, years[-1]) in cells]
    whole = sum(value for value in last if value is not None) if None not in last else 0.0
    heads = [t("panel.indicator", lang), *map(str, years), t("panel.share", lang)]
    rows = []
    for indicator, name in names.items():
        shown = [cells.get((indicator, at)) for at in years]
        value = shown[-1].value if shown[-1] else None
        share = f"{number(100 * value / whole, 0)}%" if value is not None and whole else ""
        rows.append(html.Tr([html.Th(name, scope="row"), *[_cell(figure) for figure in shown], html.Td(share)]))
    title = t(f"group.{group}", lang)
    return html.Div(
        [
            html.H3(title),
            html.Table(
                [
                    html.Caption(title, className="unseen"),
                    html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                    html.Tbody(rows),
                ],
                className="figures",
            ),
        ]
    )


def _cell(figure: PanelFigure | None) -> html.Td:
    return html.Td(figure.display, title=figure.note or figure.quality_label) if figure else html.Td()


def _end(title: str, end: FlowEnd, lang: Language) -> html.Div:
    places = [("provinces", end.provinces), ("prefectures", end.prefectures)]
    return html.Div(
        [
            html.H3(title),
            _shares(end.scopes),
            *[
                html.Div([html.H4(t(f"panel.{key}", lang), className="note"), _shares(parts)])
                for key, parts in places
                if parts
            ],
        ],
        className="flows",
    )


def _shares(parts: tuple[FlowPart, ...]) -> html.Ul:
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(part.name),
                    html.Span(className="share-bar", style={"--share": f"{100 * part.share:.1f}%"}),
                    html.Span(part.percent, title=part.display),
                ]
            )
            for part in parts
        ],
        className="shares",
    )
