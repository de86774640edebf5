"""The committed estimates as a source: four states told apart, every wrong cell named."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from etl.read.estimates import ESTIMATES_DIR, read_estimates
from geodata.errors import UserError

HEAD = (
    "code,name,children,children_rural,migrant_children,left_behind_children_rural,left_behind_children_urban,"
    "left_behind_both_away,left_behind_registered,left_behind_aged_0_5,left_behind_aged_6_11,left_behind_aged_12_14,"
    "left_behind_aged_15_17,left_behind_rural_one_parent,left_behind_rural_grandparents,left_behind_rural_other_people,"
    "left_behind_rural_alone,migrant_children_other_county,migrant_children_other_province,quality"
)
LINES = [
    "110101,东城区,900,0,withheld,0,100,50,0,40,30,20,10,0,0,0,0,withheld,withheld,modelled_weak",
    "810001,中西区,,,,,,,,,,,,,,,,,,none",
]


def write(folder: Path, lines: list[str], year: int = 2020) -> Path:
    """A folder of estimates with one year rewritten."""
    if not folder.exists():
        shutil.copytree(ESTIMATES_DIR, folder)
    (folder / f"estimates_{year}.csv").write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return folder


def test_the_four_states(tmp_path: Path) -> None:
    figures = read_estimates(write(tmp_path / "e", LINES)).figures
    of_2020 = figures[figures["year"] == 2020]
    found = {(row.code, row.measure): (row.value, row.state, row.quality) for row in of_2020.itertuples()}
    assert found["110101", "children"] == (900.0, "value", "modelled_weak")
    assert found["110101", "children_rural"] == (0.0, "zero", "modelled_weak")
    assert found["110101", "migrant_children"][1:] == ("withheld", "modelled_weak")
    assert np.isnan(found["110101", "migrant_children"][0])
    assert found["810001", "children"][1:] == ("no_data", "none")


@pytest.mark.parametrize(
    ("cell", "column"), [("-5", "children"), ("many", "children"), ("inf", "children"), ("1 000", "children")]
)
def test_a_cell_that_is_no_count_is_named(tmp_path: Path, cell: str, column: str) -> None:
    folder = write(tmp_path / "e", [LINES[1], LINES[0].replace("900", cell)])
    with pytest.raises(UserError, match=rf"estimates_2020\.csv, row 3, column {column}.*'{cell}'"):
        read_estimates(folder)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("110101", "11010", "row 2, column code"),
        ("modelled_weak", "good", "row 2, column quality"),
        ("modelled_weak", "none", "contradict"),
        ("810001", "110101", "twice"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = write(tmp_path / "e", [line.replace(old, new) for line in LINES])
    with pytest.raises(UserError, match=words):
        read_estimates(folder)


def test_a_truncated_or_missing_file_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "e", LINES)
    (folder / "estimates_2020.csv").write_text("code,name\n", encoding="utf-8")
    with pytest.raises(UserError, match="columns are not as declared"):
        read_estimates(folder)
    (folder / "estimates_2020.csv").unlink()
    with pytest.raises(UserError, match=r"estimates_2020\.csv"):
        read_estimates(folder)
