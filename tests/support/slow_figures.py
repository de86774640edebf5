"""The published figures a second, slow, obvious way: plain loops over dictionaries, sharing no code with the product."""

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
        above = add([add([gated(question, year[code], name) for name in question.above]) for code in compared])
        if not question.below:
            results.append((above, above))
            continue
        below = add([add([gated(question, year[code], name) for name in question.below]) for code in compared])
        results.append((above, below))
    parts = [part for pair in results for part in pair]
    if any(state == "withheld" for state, _ in parts):
        return "withheld", 0.0
    numbers = []
    for (_, above_value), (_, below_value) in results:
        if not question.below:
            numbers.append(above_value)
        elif below_value == 0:
            return "no_data", 0.0
        else:
            numbers.append(question.per * above_value / below_value)
    if len(numbers) == 1:
        figure = numbers[0]
    elif question.below:
        figure = numbers[1] - numbers[0]
    elif numbers[0] == 0:
        return "no_data", 0.0
    else:
        figure = 100 * (numbers[1] - numbers[0]) / numbers[0]
    return ("zero", 0.0) if figure == 0 else ("value", round(figure, question.decimals))


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
