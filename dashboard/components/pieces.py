"""Small pieces that several components share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard.i18n import t
from dashboard.views.method import MethodPage, method_address
from geodata.text import BCP47, Language


def options(choices: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """(value, text) pairs as the component library takes them."""
    return [{"value": value, "label": text} for value, text in choices]


def segmented(component_id: str, label: str, choices: list[dict[str, str]], value: str, **props: Any) -> html.Div:
    """A labelled row of choices (see `options`) of which one holds."""
    return html.Div(
        id=f"{component_id}-field",
        className="field",
        children=[
            html.Span(label, className="field-label", id=f"{component_id}-label"),
            dmc.SegmentedControl(
                id=component_id,
                data=choices,
                value=value,
                fullWidth=True,
                size="xs",
                **{"aria-labelledby": f"{component_id}-label"},
                **props,
            ),
        ],
    )


def badge(text: str, kind: str = "") -> html.Span:
    """A short flag such as «Modelled estimate»; `kind` is a quality id that has a style of its own."""
    return html.Span(text, className=f"badge {kind}".strip())


def in_other_language(text: str, lang: Language) -> html.Span:
    """A name in the language that the page is not in, marked so that a screen reader switches its voice."""
    return html.Span(text, lang=BCP47["en" if lang == "zh" else "zh"])


def definition_list(pairs: list[tuple[str, str]]) -> list[html.Details]:
    """Long explanations, folded: a summary each and its text."""
    return [
        html.Details([html.Summary(title), html.P(text, className="note")], className="fold") for title, text in pairs
    ]


def method_link(page: MethodPage, lang: Language) -> html.P:
    """Where it says how a figure was made."""
    return html.P(html.A(t("method.open", lang), href=method_address(page, lang)), className="note")


def icon_button(component_id: str, icon: str, label: str) -> html.Button:
    """A button that shows an icon and says its name."""
    return html.Button(
        html.Span(className=f"icon {icon}"),
        id=component_id,
        className="tool",
        type="button",
        title=label,
        **{"aria-label": label},
    )


def close_button(component_id: str, lang: Language) -> html.Button:
    """The close button of the county panel."""
    return html.Button(
        html.Span(className="icon close"),
        id={"type": component_id, "part": "only"},
        className="tool close",
        type="button",
        **{"aria-label": t("panel.close", lang)},
    )
