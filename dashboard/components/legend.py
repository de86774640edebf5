"""The legend: what is shown, how much in the nation, which colour means what, how the units are spread."""

from __future__ import annotations

from dash import html

from dashboard.components.pieces import badge, definition_list, method_link
from dashboard.format import number, with_unit
from dashboard.i18n import t
from dashboard.views.centre_models import CentresLayer, CentreType
from dashboard.views.method import page_about
from dashboard.views.models import LegendClass, UnitMap


def legend(view: UnitMap, centres: CentresLayer) -> list[object]:
    """The legend of a map, ready to stand in its section."""
    lang = view.state.lang
    sources = t("format.list_separator", lang).join(source.citation for source in view.sources)
    caveat = [(t("legend.caveat", lang), view.caveat)] if view.caveat else []
    explained = [(t("legend.definition", lang), view.definition), *caveat, (t("legend.source", lang), sources)]
    return [
        html.Div([html.H2(view.title), html.P(view.subtitle, className="subtitle")], className="legend-head"),
        _strip(view),
        _nation(view),
        *[html.P(notice, className="notice", role="status") for notice in view.notices],
        _histogram(view),
        *(_nine(view) if is_nine(view) else []),
        html.Ul(
            [
                *([] if is_nine(view) else [_class_item(band, view) for band in view.classes]),
                *_state_items(view),
                *_doubt_items(view),
            ],
            className="classes",
        ),
        *([html.P(t("paint.clusters_note", lang), className="note")] if view.state.paint == "clusters" else []),
        *_faded(view),
        _centre_types(centres, view),
        html.Div([*definition_list(explained), method_link(page_about(view.table.indicator), lang)]),
    ]


def is_nine(view: UnitMap) -> bool:
    """Whether the map shows need by coverage: an indicator of which more is neither better nor worse keeps its own."""
    return view.state.paint == "bivariate" and bool(view.remarks)


def _nine(view: UnitMap) -> list[object]:
    """Need by coverage as a square: need upwards, coverage to the right, so that the worst corner is top left."""
    lang = view.state.lang
    cells = [
        html.Div(
            number(band.count, 0),
            className="swatch cell",
            style=_colours(band.colour_light, band.colour_dark),
            title=t("legend.class_count", lang, count=band.count),
            role="img",
            **{"aria-label": f"{band.label}: {number(band.count, 0)}"},
        )
        for need in (2, 1, 0)
        for band in view.classes[3 * need : 3 * need + 3]
    ]
    return [
        html.Div(
            [
                html.Span(t("paint.need_axis", lang), className="nine-need"),
                html.Div(cells, className="nine-cells"),
                html.Span(t("paint.coverage_axis", lang), className="nine-coverage"),
            ],
            className="nine",
        ),
        html.P(t("paint.axes", lang, indicator=view.indicator_name), className="note"),
    ]


def _nation(view: UnitMap) -> html.Div:
    nation = view.table.nation
    shown = with_unit(nation.display, nation.state, view.table.indicator.unit, view.state.lang)
    return html.Div(
        [
            html.Span(t("legend.nation", view.state.lang)),
            html.B(shown, id="nation-value"),
            badge(view.quality_labels[nation.quality], nation.quality),
            *_nation_interval(view),
        ],
        className="nation",
    )


def _nation_interval(view: UnitMap) -> list[html.Small]:
    """The interval of the nation's figure; published totals have none."""
    interval = view.table.nation.interval
    return [html.Small(t("interval.short", view.state.lang, text=interval.text))] if interval and interval.text else []


def _state_items(view: UnitMap) -> list[html.Li]:
    """Zero, no data and withheld, each with its own pattern; they stand there even when no unit has them."""
    return [
        html.Li(
            [
                html.Span(className=f"swatch {state.state}"),
                html.Span(state.label, title=state.meaning),
                html.Span(number(state.count, 0), className="count"),
            ]
        )
        for state in view.states
        # Where colours stand for something else than figures, a zero has a class like any other.
        if state.state != "value" and not (state.state == "zero" and view.remarks)
    ]


def _colours(light: str, dark: str) -> dict[str, str]:
    return {"--light": light, "--dark": dark}


def _doubt_items(view: UnitMap) -> list[html.Li]:
    """How many units are uncertain, with the mark they bear on the map."""
    if view.doubt is None:
        return []
    return [
        html.Li(
            [
                html.Span(className=f"swatch doubt {view.state.unsure}"),
                html.Span(view.doubt.label, title=view.doubt.meaning),
                html.Span(number(view.doubt.grave, 0), className="count"),
            ]
        )
    ]


def _faded(view: UnitMap) -> list[html.P]:
    """What fainter colours mean, where the map fades what is uncertain."""
    return [html.P(view.doubt.faded, className="note")] if view.doubt and view.state.unsure == "fade" else []


def _class_item(band: LegendClass, view: UnitMap) -> html.Li:
    lang = view.state.lang
    fades = " fades" if view.doubt and view.state.unsure == "fade" else ""
    return html.Li(
        [
            html.Span(className=f"swatch{fades}", style=_colours(band.colour_light, band.colour_dark)),
            html.Span(band.label),
            html.Span(number(band.count, 0), className="count", title=t("legend.class_count", lang, count=band.count)),
        ]
    )


def _strip(view: UnitMap) -> html.Div:
    """The classes as one line, for the folded sheet on a phone."""
    return html.Div(
        [
            html.Div(
                [
                    html.Div(className="swatch", style=_colours(band.colour_light, band.colour_dark)),
                    None if is_nine(view) else html.Small(band.label),
                ]
            )
            for band in view.classes
        ],
        className="classes-strip",
        **{"aria-hidden": "true"},
    )


def _histogram(view: UnitMap) -> html.Figure | None:
    if not view.histogram:
        return None
    tallest = max(bar.count for bar in view.histogram)
    decimals = view.table.indicator.decimals
    ends = [number(view.histogram[0].low, decimals), number(view.histogram[-1].high, decimals)]
    bars = [
        html.Span(
            className="bar",
            style={
                "height": f"{100 * bar.count / tallest:.1f}%",
                **_colours(view.classes[bar.class_index].colour_light, view.classes[bar.class_index].colour_dark),
            },
        )
        for bar in view.histogram
    ]
    text = t("legend.histogram", view.state.lang, bins=len(bars), low=ends[0], high=ends[1])
    return html.Figure(
        [
            html.Div(bars, className="histogram-bars"),
            html.Div([html.Span(end) for end in ends], className="histogram-ends"),
        ],
        className="histogram",
        role="img",
        **{"aria-label": text},
    )


def _centre_types(centres: CentresLayer, view: UnitMap) -> html.Div | None:
    if not view.state.centres:
        return None
    return html.Div(
        [
            html.Ul([_centre_item(kind) for kind in centres.types], className="classes centre-types"),
            html.P(centres.notice, className="notice") if centres.notice else None,
        ]
    )


def _centre_item(kind: CentreType) -> html.Li:
    return html.Li(
        [
            html.Span(className=f"mark {kind.shape}", style={"--mark": kind.colour}),
            html.Span(kind.name, title=kind.meaning),
            html.Span(number(kind.count, 0), className="count"),
        ]
    )
