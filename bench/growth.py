"""How time grows with size, as a picture: lines along the diagonal grow in proportion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

# Okabe and Ito's colours, told apart by most colour-blind readers, the darker ones.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#000000")
_LEFT, _TOP, _SIDE, _WIDE, _HIGH = 62, 20, 320, 720, 400


def draw(times_ms: Mapping[str, Sequence[tuple[int, float]]], path: Path) -> None:
    """Write an SVG of times by size, a line a name, each as shares of its greatest size and of the time that took."""
    marks = [_diagonal(), *(_tick(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0))]
    for place, (name, times) in enumerate(times_ms.items()):
        marks.append(_line(name, sorted(times), _COLOURS[place % len(_COLOURS)], _TOP + 16 + 36 * place))
    middle = _LEFT + _SIDE / 2
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" height="{_HIGH}" '
        'font-family="sans-serif" font-size="12" role="img">'
        "<title>Processor time by size, as shares of the greatest size and of its time; the diagonal is linear</title>"
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>'
        f'<text x="{middle}" y="{_TOP + _SIDE + 40}" text-anchor="middle">size, share of the greatest</text>'
        f'<text transform="translate(18 {_TOP + _SIDE / 2}) rotate(-90)" text-anchor="middle">'
        "processor time, share</text>"
    )
    path.write_text("\n".join([head, *marks, "</svg>", ""]), encoding="utf-8")


def _at(x: float, y: float) -> tuple[float, float]:
    return round(_LEFT + _SIDE * x, 1), round(_TOP + _SIDE * (1.0 - y), 1)


def _diagonal() -> str:
    (x, y), (to_x, to_y) = _at(0, 0), _at(1, 1)
    return (
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>'
        f'<line x1="{x}" y1="{y}" x2="{to_x}" y2="{to_y}" stroke="#999" stroke-dasharray="5 4"/>'
    )


def _tick(share: float) -> str:
    (x, bottom), (left, y) = _at(share, 0), _at(0, share)
    return (
        f'<text x="{x}" y="{bottom + 17}" text-anchor="middle">{share:.0%}</text>'
        f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share:.0%}</text>'
    )


def _line(name: str, times: Sequence[tuple[int, float]], colour: str, y: int) -> str:
    size, took = times[-1]
    points = [_at(part / size, ms / took) for part, ms in times]
    path = " ".join(f"{x},{down}" for x, down in points)
    dots = "".join(f'<circle cx="{x}" cy="{down}" r="3.5" fill="{colour}"/>' for x, down in points)
    aside = _LEFT + _SIDE + 24
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
        f'<rect x="{aside}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        f'<text x="{aside + 16}" y="{y}">{escape(name)}</text>'
        f'<text x="{aside + 16}" y="{y + 15}" fill="#555">100% = {size:,} in {took:,.0f} ms</text>'
    )
