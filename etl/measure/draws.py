"""Draws of one year by measure, and the checks that draws make possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.measure.estimates import BASE_YEAR, FEWEST_CHILDREN, LATER_YEAR, YearEstimate
from geodata.analysis.estimate import Benchmarks, Parameters, Totals, estimate, intervals, validate
from geodata.analysis.estimate.backtest import backtest, blind
from geodata.analysis.estimate.draws import Draws, at_range_ends, draw_parameters, median_change, run_draws
from geodata.analysis.estimate.trials import Census, both_away_percent, clearly_better, compare
from geodata.analysis.estimate.types import Floats

MEASURES = {
    "children": "children",
    "migrant_children": "migrant",
    "left_behind_children_rural": "left_behind_rural",
    "left_behind_children_urban": "left_behind_urban",
    "left_behind_both_away": "both_away",
}
# Indicators whose widths the method page tells.
TOLD = ("left_behind_children", "left_behind_both_away", "migrant_children", "children")
# 5 % of a normal distribution lie above it.
NORMAL_95 = 1.645
RANKED_BY = "left_behind_share"


@dataclass(frozen=True)
class Published2010:
    """What is published of provinces in 2010 and never fitted, percent of rural left-behind children; and what is met.

    shares, both_away
        Of provinces by code, and of children with both parents away.
    left_province
        People registered in a province who live in another one, by province code.
    """

    shares: Mapping[str, float]
    both_away: float
    left_province: Mapping[str, float]


def draw_year(year: YearEstimate, totals: Totals, benchmarks: Benchmarks | None, parameters: Parameters,
              draws: int, seed: int) -> Draws:  # fmt: skip
    """The draws of one year."""
    drawn = draw_parameters(year.counts, year.signals.sure, draws, seed, parameters)
    return run_draws(year.counts, year.movers, year.signals, totals, drawn, benchmarks)


def ranked(year: YearEstimate) -> NDArray[np.bool_]:
    """Counties, not districts, with at least 1,000 children: those over which a median change is taken."""
    return np.asarray(~year.counts.district & (year.estimate.children >= FEWEST_CHILDREN))


def drawn_measures(drawn: Draws) -> dict[str, Floats]:
    """Draws by the measure's id in the catalogue, shape (draws, units)."""
    return {measure: getattr(drawn, name) for measure, name in MEASURES.items()}


def checks(years: Mapping[int, YearEstimate], drawn: Mapping[int, Draws], table: pd.DataFrame,
           totals: Mapping[int, Totals], published: Published2010) -> dict[str, Any]:  # fmt: skip
    """Everything the method page says about draws, alternatives and the back-test; years are keys throughout.

    table
        Intervals of both years (`etl.measure.intervals.interval_table`).
    """
    base, later = years[BASE_YEAR], years[LATER_YEAR]
    shares = published.shares
    scores = compare(Census(base.counts, base.movers, base.signals, totals[BASE_YEAR], published.left_province, shares))
    guess = blind(base.counts, base.estimate, later.counts, later.movers, later.signals.structure, Parameters())
    test = backtest(base.counts, base.estimate, later.counts, later.estimate, guess, later.signals)
    return {
        "draws": len(drawn[BASE_YEAR].left_behind_rural),
        "widths": {year: _widths(years[year], table[table["year"] == year]) for year in sorted(years)},
        "coverage": _coverage(base, drawn[BASE_YEAR], shares, published.both_away),
        "sensitivity": [_moved(years, totals, shares, *one) for one in at_range_ends().items()],
        "alternatives": [
            asdict(one)
            | {"clearly_better": clearly_better(one, scores[0]), "clearly_worse": clearly_better(scores[0], one)}
            for one in scores
        ],
        "backtest": asdict(test) | {"province_log_rmse": test.province_log_rmse},
    }


def _widths(year: YearEstimate, table: pd.DataFrame) -> dict[str, Any]:
    width = (table["high"] - table["low"]) / 2 / table["estimate"].where(table["estimate"] > 0)
    district = table["code"].isin(year.counts.code[year.counts.district])
    county = table["level"] == "county"
    rows = {
        "counties": county & ~district,
        "districts": county & district,
        "prefecture": table["level"] == "prefecture",
        "province": table["level"] == "province",
    }
    of = {name: table["indicator"] == name for name in TOLD}
    placed = table[county & (table["indicator"] == RANKED_BY) & table["rank_best"].notna()]
    return {
        "median_half_width": {
            name: {kind: float(width[here & at].median()) for kind, at in rows.items()} for name, here in of.items()
        },
        "wide": {kind: float((width[of[TOLD[0]] & rows[kind]] > intervals.WIDE).mean()) for kind in rows},
        "ranked": len(placed),
        "median_rank_span": float((placed["rank_worst"] - placed["rank_best"]).median()),
        "median_alike": float(placed["alike"].median()),
    }


def _coverage(base: YearEstimate, drawn: Draws, shares: Mapping[str, float], both_away: float) -> dict[str, Any]:
    """Published figures against the intervals of the base year; percent."""
    nation = drawn.left_behind_rural.sum(axis=1)
    rural_part = np.divide(
        drawn.left_behind_rural, drawn.left_behind, out=np.zeros_like(drawn.left_behind), where=drawn.left_behind > 0
    )
    both = 100 * (drawn.both_away * rural_part).sum(axis=1) / nation
    points = validate.province_shares(base.estimate.left_behind_rural, base.counts.province, shares)
    provinces, logs = {}, {}
    for code in sorted(shares):
        draws = 100 * drawn.left_behind_rural[:, base.counts.province == code].sum(axis=1) / nation
        provinces[code] = _bounds(points[code], draws, shares[code])
        logs[code] = abs(float(np.log(points[code] / shares[code]) / np.log(draws).std()))
    everyone = np.ones(len(base.counts.code), dtype=bool)
    return {
        "provinces": provinces,
        # 1 where the draws scatter as much as the estimate errs; above 1 the intervals are too narrow.
        "error_per_spread": _root_mean_square(logs.values()),
        "left_out": {code: _left_out(logs, code) for code in logs},
        "both_away": _bounds(both_away_percent(base.estimate, everyone), both, both_away),
    }


def _root_mean_square(values: Iterable[float]) -> float:
    return float(np.sqrt(np.mean(np.square(list(values)))))


def _left_out(logs: Mapping[str, float], code: str) -> dict[str, Any]:
    """Whether a spread fitted to the other provinces would hold this one; `logs`: errors per spread of the draws."""
    needed = _root_mean_square(error for other, error in logs.items() if other != code)
    return {"error_per_spread": needed, "inside": logs[code] <= NORMAL_95 * needed}


def _bounds(point: float, draws: Floats, published: float) -> dict[str, Any]:
    low, high = (float(one[0]) for one in intervals.interval(draws[:, None]))
    inside = intervals.covered(low, high, published)
    return {"estimated": point, "low": low, "high": high, "published": published, "inside": inside}


def _moved(years: Mapping[int, YearEstimate], totals: Mapping[int, Totals], shares: Mapping[str, float],
           end: tuple[str, float], parameters: Parameters) -> dict[str, Any]:  # fmt: skip
    other = {y: estimate(one.counts, one.movers, one.signals, totals[y], parameters) for y, one in years.items()}
    base = years[BASE_YEAR].counts
    found = validate.province_shares(other[BASE_YEAR].left_behind_rural, base.province, shares)
    return {
        "assumption": end[0],
        "value": end[1],
        "point": getattr(Parameters(), end[0]),
        "median_change": {y: median_change(one.estimate, other[y], ranked(one)) for y, one in sorted(years.items())},
        "log_rmse": validate.log_rmse(found, shares),
    }
