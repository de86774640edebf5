"""Draws of the real workbooks: written compactly, the same bytes again, and the method page says what they say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from etl.__main__ import main
from etl.pipeline import draws, estimate
from etl.publish.draws import read_draws
from etl.publish.draws_page import MARKERS, with_draws
from geodata.analysis.estimate.draws import DEFAULT_DRAWS
from geodata.errors import UserError
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


def test_the_method_page_says_what_the_workbooks_give(made: estimate.Estimates) -> None:
    _, _, found = draws.measure(made, DEFAULT_DRAWS, lambda _: None)
    page = estimate.METHOD_PAGE.read_text(encoding="utf-8")
    assert page == with_draws(page, found)


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
        found = read_draws(few / f"draws_{year}.npz")
        units = len(one.counts.code)
        assert list(found.code) == list(one.counts.code)
        assert found.left_behind_rural.shape == (FEW, units)
        # Rounding to tens: 2.9 persons a unit at random, so far less than one in a thousand of the nation.
        assert found.left_behind_rural.sum(axis=1) == pytest.approx(made.totals[year].left_behind_rural, rel=0.001)
        assert (few / f"draws_{year}.npz").stat().st_size < 8 * FEW * units


@pytest.mark.parametrize("year", [2010, 2020])
def test_intervals_are_in_order_and_a_provinces_is_narrower_than_its_counties_together(few: Path, year: int) -> None:
    with (few / f"intervals_{year}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["level"] for row in rows} == {"county", "prefecture", "province", "nation"}
    bounds: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if "withheld" in (row["estimate"], row["low"], row["high"]):
            assert row["half_width_percent"] == ""
            continue
        assert 0 <= int(row["low"]) <= int(row["high"]), row
        bounds.setdefault((row["level"], row["measure"]), []).append(int(row["high"]) - int(row["low"]))
    for measure in ("left_behind_children", "left_behind_both_away"):
        widths = [np.sum(bounds[level, measure]) for level in ("county", "prefecture", "province", "nation")]
        assert widths == sorted(widths, reverse=True)
    nation = [row for row in rows if row["level"] == "nation" and row["measure"] == "left_behind_children_rural"]
    assert nation[0]["low"] == nation[0]["high"] == nation[0]["estimate"]


@pytest.mark.parametrize("year", [2010, 2020])
def test_ranks_are_of_counties_and_run_from_one(few: Path, made: estimate.Estimates, year: int) -> None:
    counts = made.years[year].counts
    districts = set(counts.code[counts.district])
    with (few / f"ranks_{year}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) > 1_800
    assert int(rows[0]["rank"]) == 1
    assert not districts & {row["code"] for row in rows}
    assert all(1 <= int(row["best"]) <= int(row["worst"]) <= len(rows) for row in rows)


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
