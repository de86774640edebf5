"""The line below the map: who made the outlines and the numbers, and what they do not claim."""

from __future__ import annotations

from dash import html

from dashboard.i18n import t
from dashboard.views.models import UnitMap


def footer(view: UnitMap) -> list[object]:
    """Sources, boundary disclaimer, release: on the map, always."""
    lang = view.state.lang
    producers = t("format.list_separator", lang).join(dict.fromkeys(source.producer for source in view.sources))
    centres = "footer.demonstration" if view.release.demonstration else "footer.register"
    return [
        html.Span(
            [
                html.Span(f"{t('footer.source', lang)}: {producers}. ", className="more"),
                t("footer.modelled", lang),
                " ",
                t(centres, lang),
                " ",
                html.A(t("about.open", lang), href=f"/about?lang={lang}"),
            ]
        ),
        html.Span(view.boundary_notice),
        html.Span(t("footer.release", lang, release=view.release.id), className="more"),
    ]
