"""The Lorenz curve as a small SVG of our own: no chart library is loaded for it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape

from dashboard.i18n import t
from dashboard.theme import FONT_STACK
from dashboard.views.gap_parts import Equity
from geodata.text import Language

# Colours that keep 3:1 contrast on the white and on the dark panel alike: the picture knows no page.
EVEN, LORENZ, NEED, TEXT = "#93a19c", "#c2451f", "#2f84b7", "#7b8783"
WIDTH, HEIGHT = 320, 240
LEFT, RIGHT, TOP, BOTTOM = 14, 6, 20, 20


def lorenz_svg(equity: Equity, lang: Language) -> str:
    """Both curves over the line of equality, in a square; `equity.sentence` says in words what is seen."""
    side = HEIGHT - TOP - BOTTOM
    right = LEFT + side
    words = [(EVEN, "gap.curve_even"), (LORENZ, "gap.curve_lorenz"), (NEED, "gap.curve_need")]
    legend = "".join(
        f'<rect x="{right + 12}" y="{TOP + 20 * row}" width="12" height="3" fill="{colour}"/>'
        f'<text x="{right + 28}" y="{TOP + 20 * row + 5}">{escape(t(key, lang))}</text>'
        for row, (colour, key) in enumerate(words)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="{escape(FONT_STACK, {chr(34): "&quot;"})}" font-size="11" fill="{TEXT}">'
        f'<rect x="{LEFT}" y="{TOP}" width="{side}" height="{side}" fill="none" stroke="{EVEN}" stroke-width=".6"/>'
        f"{_curve([0, 1], [0, 1], EVEN, side)}"
        f"{_curve(equity.need_people, equity.need_access, NEED, side)}"
        f"{_curve(equity.people, equity.access, LORENZ, side)}"
        f'<text x="{LEFT}" y="{TOP - 6}">{escape(t("gap.curve_access", lang))}</text>'
        f'<text x="{right}" y="{HEIGHT - 5}" text-anchor="end">{escape(t("gap.curve_people", lang))} →</text>'
        f"{legend}</svg>"
    )


def data_address(svg: str) -> str:
    """The picture as an address that an image takes."""
    return f"data:image/svg+xml,{quote(svg)}"


def _curve(people: Sequence[float], access: Sequence[float], colour: str, side: int) -> str:
    points = " ".join(f"{LEFT + x * side:.1f},{TOP + (1 - y) * side:.1f}" for x, y in zip(people, access, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
