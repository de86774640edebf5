"""The committed estimates: complete, adding up to what is published, and made from the workbooks bit for bit."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.pipeline import estimate
from etl.publish.method_page import with_checks
from etl.read.division_index import read_county_units
from etl.read.facts import read_facts
from geodata.errors import ManyErrors, UserError
from geodata.states import QUALITIES
from tests.support.census_files import real_census_dir

HEADS = [
    "code", "name", "children", "children_rural", "migrant_children", "left_behind_children_rural",
    "left_behind_children_urban", "left_behind_both_away", "left_behind_registered", "left_behind_aged_0_5",
    "left_behind_aged_6_11", "left_behind_aged_12_14", "left_behind_aged_15_17", "left_behind_rural_one_parent",
    "left_behind_rural_grandparents", "left_behind_rural_other_people", "left_behind_rural_alone",
    "migrant_children_other_county", "migrant_children_other_province", "quality",
]  # fmt: skip
YEARS = [2010, 2020]


def rows_of(year: int) -> list[dict[str, str]]:
    with (estimate.OUT_DIR / f"estimates_{year}.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        assert reader.fieldnames == HEADS
        return list(reader)


def number(cell: str) -> int:
    return 0 if cell in {"", "withheld"} else int(cell)


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((estimate.OUT_DIR / "estimates.yaml").read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("year", YEARS)
def test_every_unit_of_today_has_one_row_and_at_least_2840_have_figures(year: int) -> None:
    rows, units = rows_of(year), read_county_units()
    assert [(row["code"], row["name"]) for row in rows] == list(
        units[["code", "name"]].itertuples(index=False, name=None)
    )
    counted = [row for row in rows if row["quality"] != "none"]
    assert len(counted) >= 2_840
    for row in rows:
        assert row["quality"] in QUALITIES
        empty = [row[head] == "" for head in HEADS[2:-1]]
        assert all(empty) if row["quality"] == "none" else not any(empty)


@pytest.mark.parametrize("year", YEARS)
def test_cells_are_rounded_and_keep_their_relations(year: int) -> None:
    for row in rows_of(year):
        for head in HEADS[2:-1]:
            cell = row[head]
            if cell not in {"", "withheld"}:
                assert cell == str(int(cell))
                assert int(cell) % (100 if int(cell) >= 100 else 10) == 0, row
        left = number(row["left_behind_children_rural"]) + number(row["left_behind_children_urban"])
        assert left + number(row["migrant_children"]) <= number(row["children"]), row
        assert number(row["left_behind_both_away"]) <= left, row
        assert number(row["left_behind_children_rural"]) <= number(row["children_rural"]) <= number(row["children"]), (
            row
        )


@pytest.mark.parametrize(
    ("year", "published"),
    [
        (2010, {"children": 278.91e6, "migrant_children": 35.81e6, "left_behind_children_rural": 61.0255e6,
                "left_behind_children_urban": 8.6745e6}),
        (2020, {"children": 297.66e6, "migrant_children": 71.09e6, "left_behind_children_rural": 41.77e6,
                "left_behind_children_urban": 25.16e6}),
    ],
)  # fmt: skip
def test_counties_add_up_to_the_published_nation(year: int, published: dict[str, float]) -> None:
    rows = rows_of(year)
    for measure, value in published.items():
        assert sum(number(row[measure]) for row in rows) == pytest.approx(value, rel=0.002), measure


@pytest.mark.parametrize("year", YEARS)
def test_the_account_of_rows_closes(year: int, metadata: dict[str, Any]) -> None:
    account = metadata["rows"][year]
    assert account["read"] == account["accepted"] + account["rejected"]
    assert account["rejected"] == sum(account["rejected_because"].values())
    assert account["printed_population"] == account["accepted_population"] == account["mapped_population"]
    assert account["printed_population"] == read_facts().value(year, "population")


def test_the_model_meets_what_it_was_not_fitted_to(metadata: dict[str, Any]) -> None:
    checks = metadata["validation"]
    assert checks["province_shares_rural_2010"]["log_rmse"] < 0.15
    both = checks["both_away_percent_of_rural_left_behind_2010"]
    assert both["estimated"] == pytest.approx(both["published"], abs=1.5)
    assert checks["absent_share_structure_2010"]["counties"]["r2_leave_one_province_out"] > 0.5
    assert checks["absent_share_structure_2010"]["districts"]["r2_leave_one_province_out"] > 0.2
    assert checks["correlation_2010_2020"]["left_behind_share"] > 0.6
    # Why people away are brought to what is known in 2010, and why it matters less in 2020.
    away = checks["people_away_before_step_4b"]
    assert (away[2010]["provinces"], away[2010]["met"], away[2020]["met"]) == (31, True, False)
    assert away[2020]["log_rmse"] < 0.1 < away[2010]["log_rmse"]
    floating = checks["floating_population"]
    facts = read_facts()
    # Recalled figures stand or fall by their sum.
    left = sum(fact.value for fact in facts.left_province[2010].values())
    assert left == pytest.approx(facts.value(2010, "floating_inter"), rel=0.0005)
    assert floating[2010]["intra"] == pytest.approx(facts.value(2010, "floating_intra"), rel=0.002)
    assert floating[2010]["inter"] == pytest.approx(facts.value(2010, "floating_inter"), rel=0.002)
    assert floating[2020]["inside_cities"] == pytest.approx(facts.value(2020, "moves_between_districts"), rel=0.001)


@pytest.fixture(scope="module")
def built() -> tuple[dict[str, str], dict[str, Any]]:
    """What the real workbooks give; three seconds, so once."""
    return estimate.build(real_census_dir())


def test_the_workbooks_give_the_committed_files_bit_for_bit(
    built: tuple[dict[str, str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "build", lambda *_: built)
    report = estimate.check(real_census_dir())
    # Intervals come from draws, by a command of their own.
    others = {path.name for path in estimate.OUT_DIR.iterdir() if not path.name.startswith("intervals")}
    assert {path.name for path in report.files} == others


def test_the_checks_on_the_method_page_are_the_computed_ones(metadata: dict[str, Any]) -> None:
    page = estimate.METHOD_PAGE.read_text(encoding="utf-8")
    assert page == with_checks(page, metadata)
    assert "| 2020 流动儿童 · 2020 migrant children | 71,0" in page


def test_a_method_page_without_markers_is_not_overwritten() -> None:
    with pytest.raises(UserError, match="lost its markers"):
        with_checks("# a page", {})


def test_a_changed_figure_is_found_and_a_run_mends_it(
    built: tuple[dict[str, str], dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "build", lambda *_: built)
    folder = tmp_path / "estimates"
    shutil.copytree(estimate.OUT_DIR, folder)
    path = folder / "estimates_2020.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("modelled_weak", "modelled", 1), encoding="utf-8")
    with pytest.raises(ManyErrors, match=r"estimates_2020\.csv"):
        estimate.check(real_census_dir(), folder)
    report = estimate.run(real_census_dir(), folder)
    assert estimate.check(real_census_dir(), folder).files == report.files


def test_a_run_that_fails_leaves_the_old_files(tmp_path: Path) -> None:
    (tmp_path / "estimates_2020.csv").write_text("old", encoding="utf-8")
    with pytest.raises(UserError, match="missing"):
        estimate.run(tmp_path / "nowhere", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["estimates_2020.csv"]
    assert (tmp_path / "estimates_2020.csv").read_text(encoding="utf-8") == "old"
