"""The one way numbers, states and dates are written. Map, table, panel, exports and API all take theirs from here."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from dashboard.i18n import t
from geodata.states import Quality, State
from geodata.text import Language
from geodata.units import UNIT_NAMES, Unit

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"


class NumberStyle(Protocol):
    """What decides how a number is written. An `Indicator` is one."""

    @property
    def decimals(self) -> int:
        """Digits after the point."""

    @property
    def change(self) -> object | None:
        """Whether the number is a change, which always carries its sign."""


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """`value` with thousands separators and a true minus; `signed` puts a plus before what is above zero."""
    text = f"{abs(value):,.{decimals}f}"
    if abs(value) < 1 and float(text) == 0:
        return text
    return f"{MINUS if value < 0 else '+' if signed else ''}{text}"


def plain(value: float | None, decimals: int) -> int | float | None:
    """A shown value as a program writes it: 12300, not 12300.0."""
    return int(value) if value is not None and decimals == 0 else value


def figure(value: float | None, state: State, style: NumberStyle, lang: Language) -> str:
    """A figure as it is shown everywhere, without its unit: 12,300 · 0 · <0.1 · No data · Withheld.

    A number that rounds to zero without being zero is written as smaller than the last digit, so that it is never
    taken for a true zero.
    """
    if value is None or state in ("no_data", "withheld"):
        return t(f"state.{state}", lang)
    signed = style.change is not None
    if state == "value" and value == 0 and not signed:
        return f"<{10**-style.decimals:.{style.decimals}f}"
    return "0" if state == "zero" else number(value, style.decimals, signed=signed)


def with_unit(display: str, state: State, unit: Unit, lang: Language) -> str:
    """A shown figure with its unit: 12,300 children · 23.9% · 4.5 km. States without a number take no unit."""
    if state in ("no_data", "withheld"):
        return display
    gap = "" if lang == "zh" or unit == "percent" else " "
    return f"{display}{gap}{UNIT_NAMES[unit].to(lang)}"


def interval(low: float, high: float, style: NumberStyle, lang: Language) -> str:
    """The bounds of a class, both inclusive: 1,000–2,499; with signs a word between them: −9.9 to +9.9."""
    signed = style.change is not None
    bounds = [number(bound, style.decimals, signed=signed) for bound in (low, high)]
    between = t("format.to", lang) if signed else EN_DASH
    return bounds[0] if bounds[0] == bounds[1] else between.join(bounds)


def ordinal(place: int, lang: Language) -> str:
    """A place in a ranking: 3rd, 11th, 1,022nd · 第3."""
    if lang == "zh":
        return t("format.ordinal", lang, number=number(place, 0), ending="")
    teens = 11 <= place % 100 <= 13
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return t("format.ordinal", lang, number=number(place, 0), ending=ending)


def quality(flag: Quality, lang: Language) -> str:
    """A quality flag in words."""
    return t(f"quality.{flag}", lang)


def year(value: int, lang: Language) -> str:
    """2020 · 2020年."""
    return t("format.year", lang, year=value)


def distance(metres: float, lang: Language) -> str:
    """A distance for reading: below a kilometre in metres to the nearest ten, above in kilometres to one decimal."""
    if metres < 995:
        return t("format.metres", lang, number=number(round(metres, -1), 0))
    return t("format.kilometres", lang, number=number(metres / 1_000, 1))


def date(iso: str, lang: Language) -> str:
    """An ISO 8601 moment as a day: 2 May 2026 · 2026年5月2日."""
    day = datetime.fromisoformat(iso)
    month = t(f"format.month_{day.month}", lang)
    return t("format.date", lang, year=day.year, month=month, day=day.day)
