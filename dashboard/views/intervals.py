"""How sure the modelled figures are: their intervals, how much doubt there is, and the ranks a unit may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import cast

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.views.models import Doubt, DoubtLegend, Interval, ValueTable
from dashboard.views.units import gazetteer
from geodata.analysis.aggregate import FloatArray, IntArray
from geodata.analysis.estimate.intervals import WIDE
from geodata.catalogue import Indicator
from geodata.codes import LEVELS, Level
from geodata.states import Quality
from geodata.store import Reading, remembered
from geodata.store.queries import intervals
from geodata.text import Language

# Below, a colour says what it seems to say: the half-width is less than the step from one class to the next.
SOME_DOUBT = 0.30
NARROW = 0.005
MODELLED: tuple[Quality, ...] = ("modelled", "modelled_weak")


@dataclass(frozen=True)
class Spread:
    """The intervals of one indicator, year and level, in the order of the gazetteer; NaN where a unit has none."""

    low: FloatArray
    high: FloatArray
    rank_best: FloatArray
    rank_worst: FloatArray
    alike: FloatArray


@remembered(at_most=1)
def spreads(reading: Reading) -> Mapping[tuple[str, int, Level], Spread]:
    """Every interval of the release, by indicator, year and level. An indicator without intervals is not there."""
    table = intervals(reading)
    places = gazetteer(reading).places
    columns = [table[name].to_numpy(np.float64) for name in ("low", "high", "rank_best", "rank_worst", "alike")]
    codes = table["code"].to_numpy()
    found: dict[tuple[str, int, Level], Spread] = {}
    for group, rows in table.groupby(["indicator", "year", "level"]).indices.items():
        indicator, year, name = cast("tuple[str, int, str]", group)
        level = LEVELS[LEVELS.index(cast("Level", name))]
        at = np.array([places.get((level, codes[row]), -1) for row in rows], dtype=np.intp)
        known, size = at >= 0, len(gazetteer(reading).levels[level])
        found[indicator, int(year), level] = Spread(
            *(_spread_out(column[rows[known]], at[known], size) for column in columns)
        )
    return found


def interval_of(
    value: float | None, quality: Quality, spread: Spread | None, place: int, style: Indicator, lang: Language
) -> Interval | None:
    """The interval of a shown modelled figure that stands at `place` of its level; None where there is none.

    What is withheld or unknown has no interval, whatever the release holds, and neither has an official count.
    """
    if spread is None or value is None or quality not in MODELLED or isnan(spread.low[place]):
        return None
    low, high = float(spread.low[place]), float(spread.high[place])
    # Of a change, which may be next to nothing, a width per figure would say nothing.
    width = None if style.change or value <= 0 else (high - low) / 2 / value
    # The nation is known; that rounded counties add up to a little more or less is no doubt worth a reader's time.
    narrow = low == high or (width is not None and width < NARROW)
    return Interval(
        low=low,
        high=high,
        narrow=narrow,
        half_width_percent=None if width is None else round(100 * width),
        doubt=_doubt(low, high, width, style),
        rank_best=_whole(spread.rank_best[place]),
        rank_worst=_whole(spread.rank_worst[place]),
        alike=_whole(spread.alike[place]),
        style=style,
        lang=lang,
    )


def doubt_legend(table: ValueTable, lang: Language) -> DoubtLegend | None:
    """What the marks of doubt mean and how many units bear them; None where no figure has an interval."""
    doubts = [row.interval.doubt for row in table.rows if row.interval]
    if not doubts:
        return None
    form = "change" if table.indicator.change else "count"
    say = partial(t, lang=lang, percent=fmt.number(100 * WIDE, 0), some=fmt.number(100 * SOME_DOUBT, 0))
    return DoubtLegend(
        label=say(f"interval.doubt_{form}"),
        meaning=say(f"interval.doubt_{form}_meaning"),
        faded=say(f"interval.faded_{form}"),
        some=doubts.count(1),
        grave=doubts.count(2),
    )


def certainty(interval: Interval | None, style: Indicator, lang: Language) -> tuple[str, ...]:
    """Sentences on how sure a figure is: its interval, and a warning where there is grave doubt."""
    if interval is None or not interval.text:
        return ()
    bounds = fmt.with_unit(interval.text, "value", style.unit, lang)
    sentences = [t("interval.likely", lang, bounds=bounds)]
    if interval.half_width_percent is not None:
        sentences[0] = t("interval.likely_width", lang, bounds=bounds, percent=interval.half_width_percent)
    if interval.doubt == 2:
        form = "change" if style.change else "count"
        sentences.append(t(f"interval.warning_{form}", lang, percent=fmt.number(100 * WIDE, 0)))
    return tuple(sentences)


def rank_certainty(interval: Interval | None, of: int, lang: Language) -> str | None:
    """Between which ranks a unit lies, and from how many others it cannot be told; None for a unit without ranks."""
    if interval is None or interval.rank_best is None or interval.rank_worst is None:
        return None
    best, worst = (fmt.ordinal(place, lang) for place in (interval.rank_best, interval.rank_worst))
    form = "between" if interval.rank_best < interval.rank_worst else "firm"
    text = t(f"interval.rank_{form}", lang, best=best, worst=worst, of=fmt.number(of, 0))
    if interval.alike:
        text += t("interval.alike", lang, count=fmt.number(interval.alike, 0))
    return text


def _spread_out(values: FloatArray, at: IntArray, size: int) -> FloatArray:
    column = np.full(size, np.nan)
    column[at] = values
    return column


def _doubt(low: float, high: float, width: float | None, style: Indicator) -> Doubt:
    """Grave doubt: a half-width above 60 % or, of a change, an interval that holds both a rise and a fall."""
    if style.change:
        return 2 if low < 0 < high else 0
    if width is None:
        return 0
    return 2 if width > WIDE else 1 if width > SOME_DOUBT else 0


def _whole(value: float) -> int | None:
    return None if isnan(value) else int(value)
