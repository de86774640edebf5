"""The panel of one unit: its figures, its rank, what surrounds it, where the numbers come from."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from plotly.graph_objects import Figure

from dashboard.components.panel_sections import breakdowns, families
from dashboard.components.pieces import badge, close_button, definition_list, in_other_language, method_link
from dashboard.format import number
from dashboard.i18n import t
from dashboard.views.flows import UnitFlows
from dashboard.views.method import page_about
from dashboard.views.models import PanelFigure, UnitMap, UnitPanel
from dashboard.views.unit_panel import CHANGE
from geodata.text import Language

# Units that stand beside their number, or go without saying.
SHORT_UNITS = ("children", "percent", "km")


def panel(
    view: UnitPanel, unit_map: UnitMap, chart: Figure, flows: UnitFlows | None, section: Sequence[object] = ()
) -> list[object]:
    """The content of the panel for one unit; `chart` shows where it stands among the units of its level.

    `section` is what the page has to say of the unit; it comes first after the headline.
    """
    lang = unit_map.state.lang
    return [
        _head(view, lang),
        _headline(view),
        *section,
        _figures(view, unit_map.state.indicator, lang),
        *breakdowns(view, lang),
        *families(flows, lang),
        _distribution(view, chart, lang),
        _nearest(view, lang),
        _explained(view, unit_map, lang),
        html.P(
            " · ".join([f"{t('panel.code', lang)} {view.unit.code}", view.area, view.release.id]),
            className="note",
        ),
    ]


def _explained(view: UnitPanel, unit_map: UnitMap, lang: Language) -> html.Div:
    """What the figure means, where it comes from, and the way to the page on how it was made."""
    caveat = [(t("legend.caveat", lang), view.caveat)] if view.caveat else []
    sources = (t("panel.sources", lang), " ".join(source.citation for source in view.sources))
    pairs = [(t("panel.definition", lang), view.definition), *caveat, sources]
    return html.Div([*definition_list(pairs), method_link(page_about(unit_map.table.indicator), lang)])


def missing_unit(lang: Language) -> list[object]:
    """What stands in the panel when the address names a unit that the level does not have."""
    return [
        html.Div(
            [html.P(t("panel.no_unit", lang), className="notice"), close_button("panel-close", lang)],
            className="panel-top",
        )
    ]


def _head(view: UnitPanel, lang: Language) -> html.Div:
    second = view.unit.name_en if lang == "zh" else view.unit.name_zh
    return html.Div(
        [
            html.Header(
                [
                    html.H2(view.unit.name, id="panel-title", tabIndex=-1),
                    in_other_language(second, lang),
                    html.P(" · ".join([*(parent.name for parent in view.path), view.kind_label]), className="note"),
                ]
            ),
            close_button("panel-close", lang),
        ],
        className="panel-top",
    )


def _headline(view: UnitPanel) -> html.Div:
    figure = view.figure
    return html.Div(
        [
            html.Span(figure.name, className="note"),
            html.B(figure.text, id="panel-value"),
            html.Span(badge(figure.quality_label, figure.quality)) if figure.value is not None else None,
            html.P(figure.note, className="note") if figure.note else None,
            *[html.P(sentence, className="note") for sentence in view.certainty],
            html.P(view.trend_sentence, className="note") if view.trend_sentence else None,
            html.P(view.break_note, className="notice") if view.break_note else None,
            *[html.P(rank.text, className="note") for rank in view.ranks],
            html.P(view.rank_certainty, className="note") if view.rank_certainty else None,
            html.P(view.rank_note, className="note") if view.rank_note else None,
        ],
        className="headline",
    )


def _figures(view: UnitPanel, current: str, lang: Language) -> html.Table:
    """One row an indicator: its years side by side, and its change in a column of its own."""
    shown = [figure for figure in view.figures if figure.group is None]
    years = sorted({figure.year for figure in shown})
    rows: dict[tuple[str, int | None], dict[int | str, PanelFigure]] = {}
    for figure in shown:
        is_change = figure.indicator_id.endswith(CHANGE)
        row = (figure.indicator_id.removesuffix(CHANGE), figure.standard_km)
        rows.setdefault(row, {})[CHANGE if is_change else figure.year] = figure
    heads = [t("panel.indicator", lang), *map(str, years), t("panel.change", lang)]
    return html.Table(
        [
            html.Caption(t("panel.figures", lang), className="unseen"),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody([_figure_row(row, [*years, CHANGE], current, lang) for row in rows.values()]),
        ],
        className="figures broken" if view.break_note else "figures",
    )


def _figure_row(row: dict[int | str, PanelFigure], columns: list[int | str], current: str, lang: Language) -> html.Tr:
    sample = next(iter(row.values()))
    standard = f" > {t('controls.kilometres', lang, km=sample.standard_km)}" if sample.standard_km else ""
    shown = {figure.indicator_id for figure in row.values()}
    return html.Tr(
        [
            html.Th(sample.name + standard, scope="row"),
            *[_figure_cell(row[column]) if column in row else html.Td() for column in columns],
        ],
        className="current" if current in shown else None,
    )


def _figure_cell(figure: PanelFigure) -> html.Td:
    """The unit stays out where the row's name says it (children); long ones take a line of their own."""
    text: object = figure.display if figure.unit_id == "children" else figure.text
    if figure.unit_id not in SHORT_UNITS and figure.value is not None:
        text = [figure.display, html.Small(figure.unit)]
    bounds = f" ({figure.interval.text})" if figure.interval and figure.interval.text else ""
    return html.Td(text, title=figure.note or f"{figure.text}{bounds} · {figure.quality_label}")


def _distribution(view: UnitPanel, chart: Figure, lang: Language) -> html.Div | None:
    if view.figure.value is None or len(view.distribution) < 2:
        return None
    text = t(
        "panel.distribution_alt",
        lang,
        count=number(len(view.distribution), 0),
        name=view.unit.name,
        value=view.figure.text,
    )
    return html.Div(
        [
            html.H3(t("panel.distribution", lang)),
            html.Div(
                dcc.Graph(
                    figure=chart,
                    config={"displayModeBar": False, "plotlyServerURL": "", "staticPlot": True},
                    className="distribution",
                ),
                role="img",
                **{"aria-label": text},
            ),
        ]
    )


def _nearest(view: UnitPanel, lang: Language) -> html.Div | None:
    if not view.centres:
        return None
    return html.Div(
        [
            html.H3(t("panel.nearest", lang)),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Span([centre.name, " ", html.Span(centre.type_name, className="note")]),
                            html.Span(centre.distance),
                        ]
                    )
                    for centre in view.centres
                ],
                className="nearest",
            ),
            html.P(view.centres_notice, className="notice") if view.centres_notice else None,
        ]
    )
