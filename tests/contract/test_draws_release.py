"""Draws of the real workbooks: written compactly, the same bytes again, and the method page says what they say."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from etl.__main__ import main
from etl.pipeline import draws, estimate
from etl.publish.draws_page import MARKERS, with_draws
from etl.read.intervals import read_intervals
from geodata.analysis.estimate.draws import DEFAULT_DRAWS
from geodata.catalogue import load_catalogue
from geodata.errors import UserError
from geodata.store.draws import read_draws
from tests.support.census_files import real_census_dir

FEW = 12


@pytest.fixture(scope="module")
def made() -> estimate.Estimates:
    """Both years' estimates from the real workbooks; some seconds, so once."""
    return estimate.estimates(real_census_dir(), lambda _: None)


@pytest.fixture(scope="module")
def few(made: estimate.Estimates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few draws."""
    folder = tmp_path_factory.mktemp("draws")
    write_few(made, folder)
    return folder


def write_few(made: estimate.Estimates, folder: Path) -> tuple[Path, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draws, "estimates", lambda *_: made)
        return draws.run(real_census_dir(), FEW, folder).files


def test_page_and_committed_intervals_are_what_the_workbooks_give(made: estimate.Estimates) -> None:
    found = draws.measure(made, DEFAULT_DRAWS, lambda _: None)
    page = estimate.METHOD_PAGE.read_text(encoding="utf-8")
    assert page == with_draws(page, found.checks)
    for name, text in draws.release_texts(made, DEFAULT_DRAWS, found).items():
        assert (estimate.OUT_DIR / name).read_text(encoding="utf-8") == text, name


def test_the_page_reports_what_it_promises() -> None:
    page = estimate.METHOD_PAGE.read_text(encoding="utf-8")
    computed = page.split(MARKERS[0])[1].split(MARKERS[1])[0]
    for title in ("Intervals (500 draws)", "hold what is published", "Sensitivity", "Alternatives", "back-test"):
        assert title in computed
    # 31 provinces of the back-test.
    assert sum(line.count("Tibet") + line.count("Shanghai") for line in computed.splitlines()) == 2
    with pytest.raises(UserError, match="lost its markers"):
        with_draws("# a page", {})


def test_archives_are_compact_complete_and_the_same_again(few: Path, made: estimate.Estimates, tmp_path: Path) -> None:
    again = write_few(made, tmp_path)
    assert {path.name for path in again} == {path.name for path in few.iterdir()}
    for path in again:
        assert path.read_bytes() == (few / path.name).read_bytes(), path.name
    for year, one in made.years.items():
        found = read_draws(year, few)
        units = len(one.counts.code)
        assert list(found.code) == list(one.counts.code)
        # Rounding to tens: 2.9 persons a unit at random, so far less than one in a thousand of the nation.
        for measure, total in (
            ("left_behind_children_rural", made.totals[year].left_behind_rural),
            ("children", made.totals[year].children),
            ("migrant_children", made.totals[year].migrant_children),
        ):
            assert found.measures[measure].shape == (FEW, units)
            assert found.measures[measure].sum(axis=1) == pytest.approx(total, rel=0.001)
        assert (few / f"draws_{year}.npz").stat().st_size < 12 * FEW * units


@pytest.fixture(scope="module")
def table(few: Path) -> pd.DataFrame:
    """The intervals of a few draws, read as a build reads them."""
    return read_intervals(load_catalogue(), few).table


def test_every_modelled_indicator_has_intervals_at_every_level(table: pd.DataFrame) -> None:
    # Pupils are counted by schools: no model, and no figures until somebody imports some.
    modelled = {one.id for one in load_catalogue().indicators.values() if one.theme != "access"}
    assert set(table["indicator"]) == modelled - {"left_behind_pupils"}
    for (_, year), rows in table.groupby(["indicator", "year"]):
        counts = rows["level"].value_counts()
        assert (counts["nation"], counts["province"]) == (1, 31), year
        assert counts["prefecture"] > 330
        assert counts["county"] > 2_300


@pytest.mark.parametrize("year", [2010, 2020])
def test_a_provinces_interval_is_narrower_than_its_counties_together(table: pd.DataFrame, year: int) -> None:
    of_year = table[table["year"] == year]
    for measure in ("left_behind_children", "left_behind_both_away", "migrant_children", "children"):
        rows = of_year[of_year["indicator"] == measure]
        widths = (rows["high"] - rows["low"]).groupby(rows["level"]).sum()
        assert list(widths[["county", "prefecture", "province", "nation"]].diff().iloc[1:] < 0) == [True] * 3, measure
    nation = of_year[(of_year["level"] == "nation") & (of_year["indicator"] == "left_behind_children_rural")]
    # Known exactly: only the rounding of the counties stands between the bounds.
    assert (nation["high"] / nation["low"] - 1).max() < 0.001


def test_ranks_are_of_counties_and_run_from_one(table: pd.DataFrame, made: estimate.Estimates) -> None:
    names = made.today.set_index("code")["name"]
    rows = table[(table["indicator"] == "left_behind_share") & (table["year"] == 2020) & (table["level"] == "county")]
    district = rows["code"].map(names).str.endswith("区") & ~rows["code"].map(names).isin(["神农架林区", "六枝特区"])
    assert rows.loc[district, ["rank_best", "rank_worst", "alike"]].isna().all(axis=None)
    ranked = rows[~district]
    assert len(ranked) > 1_800
    assert ranked["rank_best"].min() == 1
    assert (ranked["rank_worst"] <= len(ranked)).all()
    assert (ranked["alike"] < len(ranked)).all()


def test_prefectures_are_those_of_the_division_index(made: estimate.Estimates) -> None:
    found = draws.prefecture_codes(made.today)
    assert found["441900"] == "441900"  # Dongguan, undivided
    assert found["429004"] == "429004"  # Xiantao, directly below Hubei
    assert found["110101"] == "110100"
    assert found["500101"] == found["500229"] == "500000"  # Chongqing, under two prefixes
    index = made.today.assign(code=found.to_numpy())
    names = index.groupby("code")[["province", "prefecture"]].nunique()
    assert (names == 1).all(axis=None)


def test_too_few_draws_are_refused_before_anything_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="needs more draws"):
        draws.run(tmp_path / "nowhere", 1, tmp_path / "draws")
    assert not (tmp_path / "draws").exists()
    with pytest.raises(SystemExit):
        main(["estimate", "--census", "x", "--draws", "many"])
    assert "--draws" in capsys.readouterr().err
