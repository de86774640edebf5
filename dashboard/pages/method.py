"""The pages on the method: the computed Markdown of `docs/method` as plain HTML, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import flask
from flask import Blueprint
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from dashboard.components.header import menu, other
from dashboard.format import number
from dashboard.i18n import t
from dashboard.serving import StaticFiles
from dashboard.state import ViewState
from dashboard.views.method import (
    METHOD_PAGES,
    Heading,
    MethodPage,
    certainty,
    document,
    method_address,
    require_documents,
)
from geodata.analysis.estimate.intervals import WIDE
from geodata.catalogue import Catalogue
from geodata.store import Store
from geodata.text import BCP47, Language

# Where the overview sends a reader who wants to do better.
BETTER = "how-to-do-better"


def blueprint(store: Store, catalogue: Catalogue, files: StaticFiles) -> Blueprint:
    """The routes `/method` and `/method/<page>`.

    Raises
    ------
    UserError
        If a page of `docs/method` is missing: an installation without them says so when it starts.
    """
    require_documents()
    pages = Blueprint("method", __name__)

    @pages.get("/method", defaults={"name": METHOD_PAGES[0]})
    @pages.get("/method/<name>")
    def method_page(name: str) -> str:
        page = next((known for known in METHOD_PAGES if known == name), None)
        if page is None:
            flask.abort(404)
        state = replace(ViewState.from_query(flask.request.args, catalogue)[0], page="method")
        lang = state.lang
        return flask.render_template(
            "method.html",
            t=partial(_text, lang),
            lang=lang,
            html_lang=BCP47[lang],
            theme=state.theme,
            nav=[(view.page, view.address()) for view in menu(state)],
            other=other(lang),
            other_html_lang=BCP47[other(lang)],
            other_address=method_address(page, other(lang)),
            static=files.url,
            page=page,
            document=document(page, lang),
            pages=[(known, method_address(known, lang)) for known in METHOD_PAGES],
            body=html_of(page, lang),
            better=f"#{BETTER}",
            wide=number(100 * WIDE, 0),
            release=store.reading().release.release_id,
            certainty=_certainty(store, catalogue, lang) if page == METHOD_PAGES[0] else (),
        )

    return pages


@cache
def html_of(name: MethodPage, lang: Language) -> Markup:
    """The page `name` as HTML: no HTML of the file itself passes, each wide table scrolls in a box of its own."""
    shown = document(name, lang)
    markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = markdown.parse(shown.markdown)
    environment: dict[str, Any] = {"lang": lang, "heading": shown.title, "tables": 0}
    _number_headings(tokens, iter(shown.headings))
    # Safe: the renderer escapes all text, and `html` is off.
    return Markup(markdown.renderer.render(tokens, markdown.options, environment))  # noqa: S704


class _Renderer(RendererHTML):
    """Markdown's own renderer with boxes around tables, aligned cells by class, and links that stay in the app."""

    def table_open(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, environment: Any) -> str:
        environment["tables"] += 1
        label = t("method.table", environment["lang"], number=environment["tables"], heading=environment["heading"])
        return (
            f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table class="units">'
        )

    def table_close(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _environment: Any) -> str:
        return "</table></div>\n"

    def heading_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, environment: Any) -> str:
        environment["heading"] = _plain(tokens[at + 1])
        return self.renderToken(tokens, at, options, environment)

    def th_open(self, tokens: Sequence[Token], at: int, _options: OptionsDict, _environment: Any) -> str:
        return f'<th{_aligned(tokens[at])} scope="col"><span>'

    def th_close(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _environment: Any) -> str:
        return "</span></th>"

    def td_open(self, tokens: Sequence[Token], at: int, _options: OptionsDict, _environment: Any) -> str:
        return f"<td{_aligned(tokens[at])}>"

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, environment: Any) -> str:
        name = str(tokens[at].attrGet("href")).removesuffix(".md")
        page = next((known for known in METHOD_PAGES if known == name), None)
        if page:
            tokens[at].attrSet("href", method_address(page, environment["lang"]))
        return self.renderToken(tokens, at, options, environment)

    def fence(self, tokens: Sequence[Token], at: int, options: OptionsDict, environment: Any) -> str:
        """Code that is wider than the page scrolls, for the keyboard too."""
        return super().fence(tokens, at, options, environment).replace("<pre>", '<pre tabindex="0">', 1)

    def softbreak(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, environment: Any) -> str:
        """Chinese lines follow one another without a blank."""
        return "" if environment["lang"] == "zh" else "\n"


def _aligned(token: Token) -> str:
    return ' class="number"' if "right" in str(token.attrGet("style") or "") else ""


def _number_headings(tokens: list[Token], headings: Iterator[Heading]) -> None:
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("id", next(headings).anchor)


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _certainty(store: Store, catalogue: Catalogue, lang: Language) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            f"{row.indicator.name.to(lang)} ({max(row.indicator.years)})",
            t(f"levels.{row.level}", lang),
            number(row.units, 0),
            t("method.width", lang, number=number(row.half_width_percent, 0)),
            f"{number(row.wide_percent, 0)}%",
        )
        for row in certainty(store, catalogue)
    ]


def _text(lang: Language, key: str, **values: object) -> str:
    return t(key, lang, **values)
