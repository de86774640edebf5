"""Census workbooks in, draws and intervals out, and what they say about the method onto its page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from etl.measure.counts import prefecture_codes
from etl.measure.draws import Published2010, checks, draw_year, drawn_measures
from etl.measure.estimates import BASE_YEAR
from etl.measure.intervals import interval_table
from etl.measure.published import Figures, columns_of, levels_of
from etl.measure.structure import children_by_band, fit
from etl.measure.structure import measures as structure_measures
from etl.pipeline.estimate import OUT_DIR, Estimates, Progress, estimates, left_province
from etl.pipeline.further import national_structure
from etl.place.units import kind_of
from etl.publish.draws import intervals_csv, write_draws
from etl.publish.draws_page import with_draws
from etl.publish.estimates import metadata_yaml, write_files
from etl.read.estimates import read_estimates
from geodata.analysis.estimate.draws import DEFAULT_DRAWS, DEFAULT_SEED, FEWEST_DRAWS, Draws, Ranges
from geodata.catalogue import load_catalogue
from geodata.codes import province_of
from geodata.errors import UserError
from geodata.settings import data_dir
from geodata.store.draws import StoredDraws, draws_file

# Raise it when what is drawn changes. 1.1: children and migrant children vary, the province factor is wider.
# 1.2: people away meet what is known in 2010, and the province factor is narrower.
DRAWS_VERSION = "1.2"


@dataclass(frozen=True)
class DrawsReport:
    """The files a run wrote and the checks it computed."""

    files: tuple[Path, ...]
    checks: dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """What both years' draws say: draws by year, the table of intervals, the checks."""

    drawn: dict[int, Draws]
    intervals: pd.DataFrame
    checks: dict[str, Any]


def run(census_dir: Path, draws: int = DEFAULT_DRAWS, out_dir: Path | None = None, progress: Progress | None = None,
        *, estimates_dir: Path = OUT_DIR, page: Path | None = None) -> DrawsReport:  # fmt: skip
    """Draw both years `draws` times; write the draws and a record into `out_dir`, the intervals beside the estimates.

    out_dir
        `$GEODATA_DIR/draws` by default.
    estimates_dir
        The estimates that the draws surround, from the same workbooks. Their intervals are those of the default
        number of draws; any other number leaves them alone and writes its own into `out_dir`.
    page
        A method page to renew; it speaks of the default number of draws too.

    Raises `UserError` for anything a person can put right.
    """
    if draws < FEWEST_DRAWS:
        raise UserError("An interval needs more draws", key="--draws", value=draws, expected=f"{FEWEST_DRAWS} or more")
    say = progress or (lambda _step: None)
    out_dir = out_dir or data_dir() / "draws"
    made = estimates(census_dir, say)
    found = measure(made, draws, say, estimates_dir)
    # Compression lets go of the interpreter: both years at once.
    with ThreadPoolExecutor() as pool:
        files = list(pool.map(lambda year: _write(found.drawn[year], draws_file(year, out_dir)), sorted(found.drawn)))
    files += write_files({"draws.yaml": metadata_yaml(_record(made, draws) | {"checks": found.checks})}, out_dir)
    files += write_files(release_texts(made, draws, found), estimates_dir if draws == DEFAULT_DRAWS else out_dir)
    if page is not None and draws == DEFAULT_DRAWS:
        page.write_text(with_draws(page.read_text(encoding="utf-8"), found.checks), encoding="utf-8")
    return DrawsReport(tuple(files), found.checks)


def _write(drawn: Draws, path: Path) -> Path:
    return write_draws(drawn.code, drawn_measures(drawn), path)


def measure(made: Estimates, draws: int, say: Progress, estimates_dir: Path = OUT_DIR) -> Measured:
    """Draw both years; intervals around the estimates in `estimates_dir`; checks."""
    drawn = {}
    for year, one in sorted(made.years.items()):
        say(f"draw {year}: {draws} times")
        benchmarks = made.benchmarks.get(year)
        drawn[year] = draw_year(one, made.totals[year], benchmarks, made.parameters, draws, DEFAULT_SEED)
    say("intervals, ranks, differences")
    levels = levels_of(_counties(made.today))
    names = made.today.set_index("code")["name"].reindex(levels.codes["county"])
    unranked = np.array([kind_of("county", name) == "district" for name in names])
    columns = columns_of(read_estimates(estimates_dir).figures, levels)
    national = national_structure(made.facts)
    fitted = fit(made.years[BASE_YEAR], made.units[BASE_YEAR], national)

    def all_measures(year: int) -> StoredDraws:
        one = made.years[year]
        more = structure_measures(one, children_by_band(one, made.units[year]), fitted, national, drawn[year])
        return StoredDraws(drawn[year].code, drawn_measures(drawn[year]) | more)

    measures = {year: all_measures(year) for year in drawn}
    table = interval_table(measures, Figures(columns, levels, load_catalogue()), unranked)
    say("compare alternatives, test a decade back")
    facts = made.facts
    published = Published2010(
        shares={code: share.percent for code, share in facts.province_shares_rural[BASE_YEAR].items()},
        both_away=facts.structure_rural_2010["both_parents_away_percent"].value,
        left_province=left_province(facts).get(BASE_YEAR, {}),
    )
    return Measured(drawn, table, checks(made.years, drawn, table, made.totals, published))


def _counties(today: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "code": today["code"],
        "prefecture_code": prefecture_codes(today).to_numpy(),
        "province_code": today["code"].map(province_of),
    })  # fmt: skip


def release_texts(made: Estimates, draws: int, found: Measured) -> dict[str, str]:
    """The files that stand beside the estimates: intervals by year, and what they rest on."""
    table = found.intervals
    by_year = {year: table[table["year"] == year] for year in sorted(found.drawn)}
    texts = {f"intervals_{year}.csv": intervals_csv(rows) for year, rows in by_year.items()}
    account = {
        "rows": {year: len(rows) for year, rows in by_year.items()},
        # Bounds moved to the figure itself: rounded counties add up to a little more or less than the nation.
        "widened": {str(level): int(rows["widened"].sum()) for level, rows in table.groupby("level")},
    }
    return texts | {"intervals.yaml": metadata_yaml(_record(made, draws) | account)}


def _record(made: Estimates, draws: int) -> dict[str, Any]:
    return {
        "draws_version": DRAWS_VERSION,
        "draws": draws,
        "seed": DEFAULT_SEED,
        "bounds": "5th and 95th percentile",
        "ranges": asdict(Ranges()),
        "sources": {table.source.source_id: table.sha256 for table in made.tables.values()},
    }
