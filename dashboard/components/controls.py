"""The choices: indicator, level, year, distance standard, centres; and the way out: downloads and link."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard.components.pieces import icon_button, options, segmented
from dashboard.i18n import t
from dashboard.state import CLASS_METHODS, DOUBTFUL, PAINTS, STATUSES, WEIGHED, WEIGHTS, ViewState
from dashboard.views.priority import PRESETS, shares_of
from geodata.catalogue import Catalogue, Indicator
from geodata.catalogue.model import THEMES, Theme
from geodata.catalogue.service_types import SERVICES, load_service_types
from geodata.codes import MAP_LEVELS
from geodata.text import Language

FILE_KINDS = ("csv", "xlsx", "geojson")


def controls(
    state: ViewState,
    catalogue: Catalogue,
    legend: html.Section,
    *,
    themes: tuple[Theme, ...] = THEMES,
    extra: tuple[str, ...] = (),
) -> html.Section:
    """The panel on the left (on a phone: the sheet from below), with the legend in it.

    `themes` are those of the indicators on offer, `extra` names the controls that only this page has.
    """
    lang = state.lang
    return html.Section(
        id="controls",
        className="controls",
        tabIndex=-1,
        **{"aria-label": t("controls.label", lang), "data-open": "false"},
        children=[
            html.Button(
                t("controls.open_sheet", lang),
                id="sheet-handle",
                className="sheet-handle",
                type="button",
                **{"aria-expanded": "false", "aria-controls": "controls"},
            ),
            *_what(state, catalogue, themes),
            *_when(state, catalogue),
            *[EXTRA[name](state) for name in extra],
            dmc.Switch(id="centres", label=t("controls.centres", lang), checked=state.centres, size="sm"),
            legend,
            *_how(state),
            html.Div(
                [
                    html.Span(t("controls.download", lang), className="field-label"),
                    html.Div(id="downloads", className="row files", children=downloads(state)),
                    icon_button("copy-link", "link", t("controls.copy_link", lang)),
                ],
                className="row",
            ),
        ],
    )


def _what(state: ViewState, catalogue: Catalogue, themes: tuple[Theme, ...]) -> list[object]:
    lang = state.lang
    levels = options([(level, t(f"level.{level}", lang)) for level in MAP_LEVELS])
    return [
        dmc.Select(
            id="indicator",
            label=t("controls.indicator", lang),
            data=indicator_menu(catalogue, lang, themes),
            value=state.indicator,
            allowDeselect=False,
            maxDropdownHeight=440,
            comboboxProps={"shadow": "md", "transitionProps": {"duration": 0}},
        ),
        segmented("level", t("controls.level", lang), levels, state.level),
    ]


def _how(state: ViewState) -> list[object]:
    lang = state.lang
    methods = options([(method, t(f"classes.{method}", lang)) for method in CLASS_METHODS])
    ways = options([(way, t(f"interval.{way}", lang)) for way in DOUBTFUL])
    return [
        segmented("classes", t("controls.classes", lang), methods, state.classes),
        segmented("unsure", t("interval.field", lang), ways, state.unsure),
    ]


def _when(state: ViewState, catalogue: Catalogue) -> list[object]:
    indicator = catalogue.indicators[state.indicator]
    choices = offered(indicator, state.lang)
    standard_km = state.standard(catalogue)
    years = segmented("year", t("controls.year", state.lang), choices["years"], str(state.year))
    standards = segmented("standard", t("controls.standard", state.lang), choices["standards"], str(standard_km or ""))
    box = html.Div(standards, id="standard-box", hidden=not indicator.standards_km)
    return [html.Div([years, box], className="pair")]


def _paint(state: ViewState) -> html.Div:
    choices = options([(paint, t(f"paint.{paint}", state.lang)) for paint in PAINTS])
    return segmented("paint", t("paint.field", state.lang), choices, state.paint)


def _weights(state: ViewState) -> html.Div:
    choices = options([(weights, t(f"gap.{weights}", state.lang)) for weights in WEIGHTS])
    return segmented("weights", t("gap.weights", state.lang), choices, state.weights)


def _own_weights(state: ViewState) -> html.Details:
    """Weights of one's own, as whole numbers; only their proportions count."""
    lang, shares = state.lang, shares_of(state.weights)
    fields = [
        dmc.NumberInput(
            id={"type": "weight", "of": name},
            label=t(f"gap.weigh_{name}", lang),
            value=round(100 * shares.get(name, 0)),
            min=0,
            max=100,
            step=5,
            allowDecimal=False,
            hideControls=True,
            debounce=400,
            size="xs",
        )
        for name in WEIGHED
    ]
    return html.Details(
        [
            html.Summary(t("gap.own_weights", lang)),
            html.P(t("gap.own_weights_hint", lang), className="note"),
            html.Div(fields, id="own-weights", className="own-weights", **{"data-presets": json.dumps(PRESETS)}),
        ],
        className="fold",
        open=state.weights not in WEIGHTS,
    )


def _one_of_all(
    component_id: str, label: str, choices: Sequence[tuple[str, str]], value: str | None, every: str
) -> Any:
    """A choice of one thing or of all."""
    return dmc.Select(
        id=component_id,
        label=label,
        data=options([("all", every), *choices]),
        value=value or "all",
        allowDeselect=False,
        comboboxProps={"shadow": "md", "transitionProps": {"duration": 0}},
    )


def _centre_type(state: ViewState) -> Any:
    kinds = [(kind.id, kind.name.to(state.lang)) for kind in load_service_types().values()]
    every = t("reach.all_types", state.lang)
    return _one_of_all("centre-type", t("reach.types", state.lang), kinds, state.centre_type, every)


def _service(state: ViewState) -> Any:
    services = [(name, t(f"service.{name}", state.lang)) for name in SERVICES]
    every = t("reach.all_services", state.lang)
    return _one_of_all("service", t("reach.services", state.lang), services, state.service, every)


def _centre_status(state: ViewState) -> Any:
    statuses = [(name, t(f"status.{name}", state.lang)) for name in STATUSES]
    every = t("reach.all_statuses", state.lang)
    return _one_of_all("centre-status", t("reach.status", state.lang), statuses, state.centre_status, every)


EXTRA: dict[str, Callable[[ViewState], object]] = {
    "paint": _paint,
    "weights": _weights,
    "own_weights": _own_weights,
    "centre_type": _centre_type,
    "service": _service,
    "centre_status": _centre_status,
}


def indicator_menu(catalogue: Catalogue, lang: Language, themes: tuple[Theme, ...] = THEMES) -> list[dict[str, object]]:
    """The indicators, grouped by theme, in catalogue order."""
    return [
        {
            "group": t(f"theme.{theme}", lang),
            "items": [
                {"value": indicator.id, "label": indicator.name.to(lang)}
                for indicator in catalogue.indicators.values()
                if indicator.theme == theme
            ],
        }
        for theme in themes
    ]


def offered(indicator: Indicator, lang: Language) -> dict[str, list[dict[str, str]]]:
    """The years and distance standards that an indicator is offered for, as options; of a change both years are one."""
    change = indicator.change
    years = [(str(year), f"{change.start}–{change.end}" if change else str(year)) for year in indicator.years]
    standards = [(str(km), t("controls.kilometres", lang, km=km)) for km in indicator.standards_km]
    return {"years": options(years), "standards": options(standards)}


def downloads(state: ViewState) -> list[html.A]:
    """Links to exactly what is shown, as files."""
    return [
        html.A(
            kind.upper() if kind != "geojson" else "GeoJSON",
            href=f"/download/{kind}?{state.to_query()}",
            className="tool small",
            title=t(f"controls.download_{kind}", state.lang),
            download="",
        )
        for kind in FILE_KINDS
    ]
