"""Census workbooks in, draws and intervals out, and what they say about the method onto its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from etl.measure.draws import checks, draw_year, interval_table, prefecture_codes, rank_table
from etl.measure.estimates import BASE_YEAR
from etl.pipeline.estimate import METHOD_VERSION, Estimates, Progress, estimates
from etl.publish.draws import intervals_csv, ranks_csv, write_draws
from etl.publish.draws_page import with_draws
from etl.publish.estimates import metadata_yaml, write_files
from geodata.analysis.estimate.draws import DEFAULT_DRAWS, DEFAULT_SEED, FEWEST_DRAWS, Draws, Ranges
from geodata.errors import UserError
from geodata.settings import data_dir


@dataclass(frozen=True)
class DrawsReport:
    """The files a run wrote and the checks it computed."""

    files: tuple[Path, ...]
    checks: dict[str, Any]


def run(census_dir: Path, draws: int = DEFAULT_DRAWS, out_dir: Path | None = None, progress: Progress | None = None,
        *, page: Path | None = None) -> DrawsReport:  # fmt: skip
    """Draw both years `draws` times and write draws, intervals, ranks and a record into `out_dir`.

    out_dir
        `$GEODATA_DIR/draws` by default.
    page
        A method page to renew; the page speaks of the default number of draws, so no other number renews it.

    Raises `UserError` for anything a person can put right.
    """
    if draws < FEWEST_DRAWS:
        raise UserError("An interval needs more draws", key="--draws", value=draws, expected=f"{FEWEST_DRAWS} or more")
    say = progress or (lambda _step: None)
    out_dir = out_dir or data_dir() / "draws"
    made = estimates(census_dir, say)
    drawn, texts, found = measure(made, draws, say)
    out_dir.mkdir(parents=True, exist_ok=True)
    files = [write_draws(one, out_dir / f"draws_{year}.npz") for year, one in drawn.items()]
    files += write_files(texts, out_dir)
    if page is not None and draws == DEFAULT_DRAWS:
        page.write_text(with_draws(page.read_text(encoding="utf-8"), found), encoding="utf-8")
    return DrawsReport(tuple(files), found)


def measure(made: Estimates, draws: int, say: Progress) -> tuple[dict[int, Draws], dict[str, str], dict[str, Any]]:
    """Draws by year, the text of every other file by name, and the checks."""
    prefecture = prefecture_codes(made.today)
    drawn, tables, ranks, texts = {}, {}, {}, {}
    for year, one in sorted(made.years.items()):
        say(f"draw {year}: {draws} times")
        benchmarks = made.benchmarks.get(year)
        drawn[year] = draw_year(one, made.totals[year], benchmarks, made.parameters, draws, DEFAULT_SEED)
        tables[year] = interval_table(one, drawn[year], prefecture)
        ranks[year] = rank_table(one, drawn[year])
        texts[f"intervals_{year}.csv"] = intervals_csv(tables[year])
        texts[f"ranks_{year}.csv"] = ranks_csv(ranks[year])
    say("compare alternatives, test a decade back")
    shares = {code: share.percent for code, share in made.facts.province_shares_rural[BASE_YEAR].items()}
    both_away = made.facts.structure_rural_2010["both_parents_away_percent"].value
    found = checks(made.years, drawn, tables, ranks, made.totals, shares, both_away)
    texts["draws.yaml"] = metadata_yaml(_record(made, draws, found))
    return drawn, texts, found


def _record(made: Estimates, draws: int, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method_version": METHOD_VERSION,
        "draws": draws,
        "seed": DEFAULT_SEED,
        "ranges": asdict(Ranges()),
        "archive": "NumPy; code, and each measure in tens of persons, unsigned, shape (draws, units)",
        "sources": {table.source.source_id: table.sha256 for table in made.tables.values()},
        "checks": dict(found),
    }
