"""Intervals on their way into a release: read, refused where wrong, left out where the figure is another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from etl.measure.intervals import interval_table, released
from etl.measure.published import Figures, columns_of, levels_of, published_figure
from etl.publish.draws import intervals_csv
from etl.read.intervals import ESTIMATES_DIR, read_intervals
from geodata.catalogue import load_catalogue
from geodata.errors import ManyErrors, UserError
from geodata.store import Store, queries
from geodata.store.draws import StoredDraws
from tests.support.toy_release import INTERVALS, county_rows

HEAD = "level,code,left_behind_share.low,left_behind_share.high,left_behind_share.best,left_behind_share.worst\n"
MEASURES = ("children", "left_behind_children_rural", "left_behind_children_urban")
CODES = ("110101", "110102", "130102", "130121")


def folder_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "intervals_2010.csv").write_text(text, encoding="utf-8")
    (tmp_path / "intervals_2020.csv").write_text(HEAD + "county,110101,1,2,,\n", encoding="utf-8")
    shutil.copy(ESTIMATES_DIR / "intervals.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "county,110101,5,x,,\n", "row 2, column left_behind_share.high"),
        (HEAD + "county,110101,5,4,,\n", "not in order"),
        (HEAD + "county,110101,5,,,\n", "not in order"),
        (HEAD + "county,110101,5,6,3,2\n", "not in order"),
        (HEAD + "county,110101,5,6,,\ncounty,110101,5,6,,\n", "twice"),
        (HEAD + "village,110101,5,6,,\n", "no unit"),
        (HEAD.replace("share.low", "sheep.low") + "county,110101,5,6,,\n", "not known"),
        (HEAD.replace("level,", "") + "county,5,6,,\n", "columns are not as declared"),
        ("", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises((UserError, ManyErrors), match=said):
        read_intervals(load_catalogue(), folder_with(tmp_path, text))


def test_missing_files_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="estimate --census DIR --draws"):
        read_intervals(load_catalogue(), tmp_path)


def test_a_unit_without_an_interval_has_no_row(tmp_path: Path) -> None:
    text = HEAD + "county,110101,5,6,,\ncounty,110102,,,,\nprefecture,110100,4,7.5,1,2\n"
    table = read_intervals(load_catalogue(), folder_with(tmp_path, text)).table
    rows = table[table["year"] == 2010]
    assert list(rows["code"]) == ["110101", "110100"]
    assert list(rows["high"]) == [6, 7.5]
    assert rows["alike"].isna().all()


def figures(**changed: tuple[float, str, str]) -> Figures:
    """Four counties in two provinces, both years alike; `changed` cells of rural LBC 2020 by letter a to d."""
    rows = []
    for place, code in enumerate(CODES):
        for year in (2010, 2020):
            for measure, value in zip(MEASURES, (1000.0, 100.0 * (place + 1), 50.0), strict=True):
                cell = (value, "value", "modelled")
                if measure == MEASURES[1] and year == 2020:
                    cell = changed.get("abcd"[place], cell)
                rows.append((code, year, measure, *cell))
    table = pd.DataFrame(rows, columns=["code", "year", "measure", "value", "state", "quality"])
    counties = pd.DataFrame({"code": CODES})
    counties["prefecture_code"] = counties["code"].str[:4] + "00"
    counties["province_code"] = counties["code"].str[:2] + "0000"
    levels = levels_of(counties)
    return Figures(columns_of(table, levels), levels, load_catalogue())


def drawn(made: Figures, seed: int = 1, draws: int = 41) -> dict[int, StoredDraws]:
    random = np.random.default_rng(seed)
    return {
        year: StoredDraws(
            np.array(CODES[::-1]),
            {m: made.columns[m, year].value[::-1] * random.uniform(0.5, 1.6, (draws, 4)) for m in MEASURES},
        )
        for year in (2010, 2020)
    }


def test_ratios_and_changes_are_made_inside_each_draw() -> None:
    made = figures()
    worlds = drawn(made)
    table = (
        interval_table(worlds, made, np.array([False, False, True, False]))
        .set_index(["indicator", "year", "level", "code"])
        .sort_index()
    )

    def share(year: int, places: list[int], draw: int) -> float:
        one = {m: worlds[year].measures[m][draw][::-1] for m in MEASURES}
        left = sum(one[MEASURES[1]][i] + one[MEASURES[2]][i] for i in places)
        return 100 * left / sum(one["children"][i] for i in places)

    for (level, code), places in {
        ("county", CODES[1]): [1], ("prefecture", "110100"): [0, 1], ("province", "130000"): [2, 3],
        ("nation", "100000"): [0, 1, 2, 3],
    }.items():  # fmt: skip
        shares = sorted(share(2020, places, draw) for draw in range(41))
        row = table.loc[("left_behind_share", 2020, level, code)]
        assert (row["low"], row["high"]) == (round(shares[2], 1), round(shares[38], 1)), level
        changes = sorted(share(2020, places, draw) - share(2010, places, draw) for draw in range(41))
        row = table.loc[("left_behind_share_change", 2020, level, code)]
        assert (row["low"], row["high"]) == (round(changes[2], 1), round(changes[38], 1)), level
    counties = table.loc[("left_behind_share", 2020, "county")]
    assert counties["rank_best"].isna().tolist() == [False, False, True, False]
    assert counties["rank_worst"].max() <= 3
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()


def test_hidden_and_unknown_figures_have_no_interval() -> None:
    made = figures(a=(np.nan, "withheld", "modelled"), b=(np.nan, "no_data", "none"))
    table = interval_table(drawn(figures()), made, np.zeros(4, dtype=bool))
    rows = table[(table["indicator"] == "left_behind_children_rural") & (table["year"] == 2020)]
    assert list(rows.loc[rows["level"] == "county", "code"]) == [CODES[2], CODES[3]]
    changes = table[table["indicator"] == "left_behind_children_rural_change"]
    assert list(changes.loc[changes["level"] == "county", "code"]) == [CODES[2], CODES[3]]


def test_an_interval_leaves_with_the_estimate_it_was_drawn_around() -> None:
    made = figures()
    table = interval_table(drawn(made), made, np.zeros(4, dtype=bool))
    whole = released(table, made, made)
    assert (whole.replaced, whole.without_figure, whole.outside) == (0, 0, 0)
    assert len(whole.table) == whole.read == len(table)
    official = released(table, made, figures(d=(700.0, "value", "official")))
    assert official.outside == official.without_figure == 0
    assert len(official.table) + official.replaced == len(table)
    gone = table.merge(official.table, how="left", indicator=True).query("_merge == 'left_only'")
    assert set(gone["code"]) == {CODES[3], "130100", "130000", "100000"}
    assert set(gone["indicator"]) == {
        "left_behind_children", "left_behind_children_rural", "left_behind_share", "left_behind_children_change",
        "left_behind_children_rural_change", "left_behind_share_change",
    }  # fmt: skip


def test_a_figure_outside_its_interval_is_counted() -> None:
    made = figures()
    table = interval_table(drawn(made), made, np.zeros(4, dtype=bool))
    table.loc[table.index[0], ["low", "high"]] = table.loc[table.index[0], "estimate"] + 1
    assert released(table, made, made).outside == 1


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    made = figures()
    table = interval_table(drawn(made), made, np.array([True, False, False, False]))
    for year in (2010, 2020):
        text = intervals_csv(table[table["year"] == year])
        (tmp_path / f"intervals_{year}.csv").write_text(text, encoding="utf-8")
    shutil.copy(ESTIMATES_DIR / "intervals.yaml", tmp_path)
    key = ["indicator", "year", "level", "code"]
    back = read_intervals(load_catalogue(), tmp_path).table.sort_values(key, ignore_index=True)
    expected = table.sort_values(key, ignore_index=True)[list(back.columns)]
    pd.testing.assert_frame_equal(back, expected, check_dtype=False)


def test_figures_are_those_of_the_indicator() -> None:
    made = figures()
    share = published_figure(made, made.catalogue.indicators["left_behind_share"], 2020, "province")
    assert share.value.tolist() == [20.0, 40.0]


def test_the_store_gives_one_remembered_frame(store: Store) -> None:
    found = queries.intervals(store)
    assert found is queries.intervals(store)
    assert len(found) == len(INTERVALS.strip().splitlines())
    district = found[found["code"] == county_rows()[0]["code"]].iloc[0]
    assert (district["low"], district["high"]) == (20.0, 55.0)
    assert np.isnan(district["rank_best"])
