"""Intervals by county, prefecture and province, and the checks that draws make possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.measure.estimates import BASE_YEAR, FEWEST_CHILDREN, LATER_YEAR, YearEstimate
from geodata.analysis.estimate import Benchmarks, Estimate, Parameters, Totals, estimate, intervals, validate
from geodata.analysis.estimate.alternatives import both_away_percent, clearly_better, compare
from geodata.analysis.estimate.backtest import backtest, blind
from geodata.analysis.estimate.draws import Draws, at_range_ends, draw_parameters, median_change, run_draws
from geodata.analysis.estimate.types import Floats
from geodata.codes import NATION_CODE

LEVELS = ("county", "prefecture", "province", "nation")


def draw_year(year: YearEstimate, totals: Totals, benchmarks: Benchmarks | None, parameters: Parameters,
              draws: int, seed: int) -> Draws:  # fmt: skip
    """The draws of one year."""
    drawn = draw_parameters(year.counts, year.signals.sure, draws, seed, parameters)
    return run_draws(year.counts, year.movers, year.signals, totals, drawn, benchmarks)


def prefecture_codes(units: pd.DataFrame) -> pd.Series:
    """Code of the prefecture above each unit, by the unit's code.

    units
        code, name, prefecture and province (names). A unit named like its prefecture hangs directly below the
        province and is its own prefecture; counties under several prefixes (Chongqing) have the province's code.
    """
    own = (units["name"] == units["prefecture"]) | units["code"].str.endswith("00")
    prefix = units["code"].str[:4]
    spread = prefix.groupby([units["province"], units["prefecture"]]).transform("nunique") > 1
    codes = (prefix + "00").where(~spread, prefix.str[:2] + "0000").where(~own, units["code"])
    return pd.Series(codes.to_numpy(), index=units["code"].to_numpy())


def interval_table(year: YearEstimate, drawn: Draws, prefecture: pd.Series) -> pd.DataFrame:
    """level, code, measure, estimate, low, high (persons, unrounded), half_width (share of the estimate).

    Counties, prefectures, provinces and the nation, the latter three from summed draws. `prefecture` by county code.
    """
    counts = year.counts
    group = {
        "county": counts.code,
        "prefecture": prefecture.reindex(counts.code).to_numpy(dtype=str),
        "province": counts.province,
        "nation": np.full(len(counts.code), NATION_CODE),
    }
    frames = []
    for level in LEVELS:
        for measure, point, draws in _measures(year.estimate, drawn):
            names, sums = intervals.summed(draws, group[level])
            _, total = intervals.summed(point[None, :], group[level])
            low, high = intervals.interval(sums)
            frames.append(
                pd.DataFrame({
                    "level": level, "code": names, "measure": measure, "estimate": total[0], "low": low, "high": high,
                    "half_width": intervals.half_width(low, high, total[0]),
                })
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def ranked(year: YearEstimate) -> NDArray[np.bool_]:
    """Units that are ranked: counties, not districts, with at least 1,000 children."""
    return np.asarray(~year.counts.district & (year.estimate.children >= FEWEST_CHILDREN))


def rank_table(year: YearEstimate, drawn: Draws) -> pd.DataFrame:
    """code, rank, best, worst of the share of children left behind, 1 the highest, in order of rank."""
    use = ranked(year)
    children = year.estimate.children[use]
    point = (year.estimate.left_behind_rural + year.estimate.left_behind_urban)[use]
    best, worst = intervals.rank_interval(drawn.left_behind[:, use] / children)
    table = pd.DataFrame({
        "code": year.counts.code[use], "rank": intervals.ranks(point / children), "best": best, "worst": worst
    })  # fmt: skip
    return table.sort_values(["rank", "code"], ignore_index=True)


def checks(years: Mapping[int, YearEstimate], drawn: Mapping[int, Draws], tables: Mapping[int, pd.DataFrame],
           ranks: Mapping[int, pd.DataFrame], totals: Mapping[int, Totals],
           shares: Mapping[str, float], both_away: float) -> dict[str, Any]:  # fmt: skip
    """Everything the method page says about draws, alternatives and the back-test; years are keys throughout.

    tables, ranks
        `interval_table` and `rank_table` by year.
    shares, both_away
        Published shares of provinces, and of children with both parents away, in rural left-behind children of 2010,
        percent.
    """
    base, later = years[BASE_YEAR], years[LATER_YEAR]
    scores = compare(base.counts, base.movers, base.signals, totals[BASE_YEAR], shares)
    guess = blind(base.counts, base.estimate, later.counts, later.movers, later.signals.structure, Parameters())
    test = backtest(base.counts, base.estimate, later.counts, later.estimate, guess, later.signals)
    return {
        "draws": len(drawn[BASE_YEAR].left_behind_rural),
        "widths": {year: _widths(years[year], tables[year], ranks[year]) for year in sorted(years)},
        "coverage": _coverage(base, drawn[BASE_YEAR], shares, both_away),
        "sensitivity": [_moved(years, totals, shares, *one) for one in at_range_ends().items()],
        "alternatives": [asdict(one) | {"clearly_better": clearly_better(one, scores[0])} for one in scores],
        "backtest": asdict(test) | {"province_log_rmse": test.province_log_rmse},
    }


def _measures(point: Estimate, drawn: Draws) -> Iterator[tuple[str, Floats, Floats]]:
    yield "left_behind_children", point.left_behind_rural + point.left_behind_urban, drawn.left_behind
    yield "left_behind_children_rural", point.left_behind_rural, drawn.left_behind_rural
    yield "left_behind_children_urban", point.left_behind_urban, drawn.left_behind_urban
    yield "left_behind_both_away", point.both_away, drawn.both_away


def _widths(year: YearEstimate, table: pd.DataFrame, ranks: pd.DataFrame) -> dict[str, Any]:
    total = table[table["measure"] == "left_behind_children"].set_index("code")
    width = {level: total.loc[total["level"] == level, "half_width"] for level in LEVELS}
    county = width["county"].reindex(year.counts.code).to_numpy()
    kinds = {"counties": county[~year.counts.district], "districts": county[year.counts.district]}
    return {
        "median_half_width": {
            **{kind: float(np.nanmedian(values)) for kind, values in kinds.items()},
            **{level: float(np.nanmedian(width[level])) for level in ("prefecture", "province")},
        },
        "wide": {kind: float(np.mean(values > intervals.WIDE)) for kind, values in kinds.items()},
        "ranked": len(ranks),
        "median_rank_span": float(np.median(ranks["worst"] - ranks["best"])),
    }


def _coverage(base: YearEstimate, drawn: Draws, shares: Mapping[str, float], both_away: float) -> dict[str, Any]:
    """Published figures against the intervals of the base year; percent."""
    nation = drawn.left_behind_rural.sum(axis=1)
    rural_part = np.divide(
        drawn.left_behind_rural, drawn.left_behind, out=np.zeros_like(drawn.left_behind), where=drawn.left_behind > 0
    )
    both = 100 * (drawn.both_away * rural_part).sum(axis=1) / nation
    points = validate.province_shares(base.estimate.left_behind_rural, base.counts.province, shares)
    provinces, logs = {}, []
    for code in sorted(shares):
        draws = 100 * drawn.left_behind_rural[:, base.counts.province == code].sum(axis=1) / nation
        provinces[code] = _bounds(points[code], draws, shares[code])
        logs.append(np.log(points[code] / shares[code]) / np.log(draws).std())
    everyone = np.ones(len(base.counts.code), dtype=bool)
    return {
        "provinces": provinces,
        # 1 where the draws scatter as much as the estimate errs; above 1 the intervals are too narrow.
        "error_per_spread": float(np.sqrt(np.mean(np.square(logs)))),
        "both_away": _bounds(both_away_percent(base.estimate, everyone), both, both_away),
    }


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
