"""The pages of `docs/method` in one language, and how sure the figures of the served release are.

The pages say everything twice: Chinese first, then English without a Chinese character. In a line, a list item or a
cell the border is ` · ` after the last Chinese character, or the last Chinese full stop; a line, or a column headed
中文 or English, may be in one language alone. Cells of numbers and code are for both. A test holds the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Literal, get_args

from dashboard.i18n import t
from dashboard.state import ViewState
from dashboard.views.values import published_values
from geodata.analysis.estimate.intervals import WIDE
from geodata.catalogue import Catalogue, Indicator
from geodata.codes import Level
from geodata.errors import UserError
from geodata.settings import PROJECT_DIR
from geodata.store import Reading, Store
from geodata.text import Language

MethodPage = Literal["estimates", "further", "access", "siting", "register"]
METHOD_PAGES: tuple[MethodPage, ...] = get_args(MethodPage)
METHOD_DIR = PROJECT_DIR / "docs" / "method"
# The figures whose certainty the page tells: they stand for all others of their kind.
TOLD = ("left_behind_children", "migrant_children")
TOLD_LEVELS: tuple[Level, ...] = ("province", "prefecture", "county")

COLUMNS_OF: dict[str, Language] = {"中文": "zh", "English": "en"}
_CHINESE = re.compile(r"[\u3001-\u3011\u3400-\u9fff\uff01-\uff60]")
_BORDER = re.compile(" ?· ")
_STOPS = "。！？"
_START = re.compile(r"(\s*(?:#{1,6} |[-*] |\d+\. )?)(.*)", re.DOTALL)
_DIVIDING = re.compile(r":?-+:?")
_HEADING = re.compile(r"(#{1,6}) (.+)")


@dataclass(frozen=True)
class Heading:
    """A heading below the title. `anchor` is the same in both languages."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Document:
    """One page in one language: its title, its headings in order, and the Markdown below the title."""

    name: MethodPage
    title: str
    headings: tuple[Heading, ...]
    markdown: str


@dataclass(frozen=True)
class CertaintyRow:
    """How sure one indicator is at one level: units with an interval, median half-width, wide ones, in percent."""

    indicator: Indicator
    level: Level
    units: int
    half_width_percent: float
    wide_percent: float


def require_documents(folder: Path = METHOD_DIR) -> None:
    """Raise a `UserError` if a page of the method is missing: an installation without them says so when it starts."""
    for name in METHOD_PAGES:
        if not (folder / f"{name}.md").is_file():
            raise UserError("A page on the method is missing", file=folder / f"{name}.md", expected="a Markdown file")


@cache
def document(name: MethodPage, lang: Language, folder: Path = METHOD_DIR) -> Document:
    """The page `name` in one language.

    Raises
    ------
    UserError
        If the file is missing, does not begin with a title, or has a heading in one language alone.
    """
    file = folder / f"{name}.md"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "A page on the method cannot be read", file=file, expected="a Markdown file in UTF-8"
        ) from error
    lines = list(in_language(text, lang))
    if not lines or not lines[0].startswith("# "):
        raise UserError("A page on the method has no title", file=file, row=1, expected="# title")
    english = [found[2] for line in in_language(text, "en") if (found := _HEADING.fullmatch(line))]
    own = [(len(found[1]), found[2]) for line in lines if (found := _HEADING.fullmatch(line))]
    if len(own) != len(english):
        raise UserError("Not every heading is in both languages", file=file, value=len(own), expected=str(len(english)))
    headings = tuple(
        Heading(level, heading, _anchor(anchor)) for (level, heading), anchor in zip(own, english, strict=True)
    )
    return Document(name, headings[0].text, headings[1:], "\n".join(lines[1:]))


def in_language(text: str, lang: Language) -> Iterator[str]:
    """The lines of a page of two languages that are in `lang`, marks of computed parts left out."""
    columns: list[Language | None] | None = None
    is_code = False
    for line in text.splitlines():
        is_code ^= line.startswith("```")
        is_row = line.startswith("|") and not is_code
        if not is_row:
            columns = None
        if line.startswith("<!--"):
            continue
        if is_row:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            is_head = columns is None
            columns = columns or [COLUMNS_OF.get(cell) for cell in cells]
            # In one language alone, the name of the language heads nothing.
            yield _row([t("method.column", lang) if is_head and cell in COLUMNS_OF else cell for cell in cells],
                       columns, lang)  # fmt: skip
        elif is_code or line.startswith("```") or not line.strip():
            yield line
        elif kept := _side_of_line(line, lang):
            yield kept


def side(text: str, lang: Language) -> str:
    """The part of `text` that is in `lang`; empty where there is none."""
    chinese = [found.end() for found in _CHINESE.finditer(text)]
    if not chinese:
        return text if lang == "en" else ""
    last = chinese[-1]
    if border := _BORDER.search(text, last):
        return text[: border.start()] if lang == "zh" else text[border.end() :]
    rest = text[last:].strip()
    # A name, code or number behind the last Chinese character belongs to it, unless a sentence ended there.
    if not rest or text[last - 1] not in _STOPS:
        return text if lang == "zh" else ""
    return text[:last] if lang == "zh" else rest


def certainty(source: Store | Reading, catalogue: Catalogue) -> tuple[CertaintyRow, ...]:
    """How sure the newest figures of the release are, at each level; nothing for figures without intervals."""
    reading = source.reading()
    return reading.remember("certainty", (id(catalogue),), lambda: tuple(_certainty(reading, catalogue)), at_most=1)


def page_about(indicator: Indicator) -> MethodPage:
    """The page that says how an indicator was made."""
    if indicator.theme == "access":
        return "access"
    parts = indicator.group is not None or indicator.id.startswith(("left_behind_registered", "migrant_children_other"))
    return "further" if parts else "estimates"


def method_address(page: MethodPage, lang: Language, anchor: str = "") -> str:
    """Where a page on the method stands in the app: the estimates come with the overview."""
    path = "/method" if page == "estimates" else f"/method/{page}"
    return f"{path}?lang={lang}" + (f"#{anchor}" if anchor else "")


def _certainty(reading: Reading, catalogue: Catalogue) -> Iterator[CertaintyRow]:
    for name in TOLD:
        indicator = catalogue.indicators[name]
        for level in TOLD_LEVELS:
            state = replace(ViewState(), indicator=name, level=level, year=max(indicator.years))
            rows = published_values(reading, catalogue, state).rows
            widths = [
                row.interval.half_width_percent
                for row in rows
                if row.interval and row.interval.half_width_percent is not None
            ]
            if widths:
                wide = sum(width > 100 * WIDE for width in widths)
                yield CertaintyRow(indicator, level, len(widths), median(widths), 100 * wide / len(widths))


def _row(cells: list[str], columns: list[Language | None], lang: Language) -> str:
    other = {"zh", "en"} - {lang}
    kept = [_cell(cell, lang) for cell, only in zip(cells, columns, strict=True) if only not in other]
    return f"| {' | '.join(kept)} |"


def _cell(cell: str, lang: Language) -> str:
    """The side of a cell; what has no Chinese, such as numbers, names of code and authors, is for both languages."""
    return side(cell, lang) if _CHINESE.search(cell) and not _DIVIDING.fullmatch(cell) else cell


def _side_of_line(line: str, lang: Language) -> str:
    found = _START.fullmatch(line)
    start, text = (found[1], found[2]) if found else ("", line)
    kept = side(text, lang)
    return start + kept if kept else ""


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
