"""The published figures a second, slow, obvious way: plain loops over dictionaries, no code of the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[str, float]
# county -> measure -> cell
Year = Mapping[str, Mapping[str, Cell]]


@dataclass(frozen=True)
class Question:
    """What is asked, in words: measure names above and below the line, years, and how to combine."""

    above: Sequence[str]
    below: Sequence[str]
    per: float
    decimals: int
    counts: frozenset[str]


def published(question: Question, years: Sequence[Year], members: Sequence[str]) -> Cell:
    """State and rounded value of one unit made of the counties `members`; two years mean a change."""
    compared = [
        code
        for code in members
        if all(year[code][name][0] != "no_data" for year in years for name in (*question.above, *question.below))
    ]
    if not compared:
        return "no_data", 0.0
    results = []
    for year in years:
        sides = [names for names in (question.above, question.below) if names]
        results.append(
            [add([add([gated(question, year[code], n) for n in names]) for code in compared]) for names in sides]
        )
    if any(state == "withheld" for sides in results for state, _ in sides):
        return "withheld", 0.0
    numbers = [quotient(question.per, [value for _, value in sides]) for sides in results]
    figure = numbers[0] if len(numbers) == 1 else change(numbers[0], numbers[1], of_ratios=bool(question.below))
    if figure is None:
        return "no_data", 0.0
    return ("zero", 0.0) if figure == 0 else ("value", round(figure, question.decimals))


def quotient(per: float, sides: Sequence[float]) -> float | None:
    """A sum as it is, a ratio times `per`; None where the denominator is zero."""
    if len(sides) == 1:
        return sides[0]
    return per * sides[0] / sides[1] if sides[1] else None


def change(start: float | None, end: float | None, *, of_ratios: bool) -> float | None:
    """Points for ratios, percent of the start for counts; None where there is nothing to start from."""
    if start is None or end is None:
        return None
    if of_ratios:
        return end - start
    return 100 * (end - start) / start if start else None


def gated(question: Question, county: Mapping[str, Cell], name: str) -> Cell:
    """A cell after the gate: counts of children from 1 to 9 are withheld."""
    state, value = county[name]
    return ("withheld", 0.0) if name in question.counts and 0 < value < 10 else (state, value)


def add(cells: Sequence[Cell]) -> Cell:
    """A sum of known cells: withheld ones add nothing and leave no zero behind."""
    total = sum(value for state, value in cells if state == "value")
    if total > 0:
        return "value", total
    return ("withheld", 0.0) if any(state == "withheld" for state, _ in cells) else ("zero", 0.0)
