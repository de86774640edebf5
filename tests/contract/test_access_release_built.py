"""Access in the release that is really published, against slow sums over its settlements."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest

from geodata.catalogue import load_catalogue
from geodata.codes import LEVELS
from tests.support.built_release import built_release


@pytest.fixture(scope="module")
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_release()), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def access(release: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return release.execute("FROM access").df()


def test_every_figure_is_in_the_catalogue_and_stands_at_its_levels(access: pd.DataFrame) -> None:
    catalogue = load_catalogue()
    found = {name: set(levels) for name, levels in access.groupby("figure")["level"].unique().items()}
    assert set(catalogue.access) <= set(found) <= set(catalogue.access) | set(catalogue.indicators)
    for name, levels in found.items():
        assert levels == set(catalogue.access[name].levels if name in catalogue.access else LEVELS)
    assert not access.duplicated(["level", "code", "figure"]).any()


def test_medians_are_those_of_pooled_settlements(release: duckdb.DuckDBPyConnection, access: pd.DataFrame) -> None:
    people = release.execute(
        "SELECT s.*, u.prefecture_code, u.province_code FROM settlements AS s "
        "JOIN units AS u ON u.code = s.code AND u.level = 'county' WHERE s.children > 0 AND s.distance_m IS NOT NULL"
    ).df()
    stored = access.set_index(["figure", "level", "code"])["value"]
    groups = {"nation": np.full(len(people), "100000"), "province": people["province_code"]}
    for level, codes in groups.items():
        for code, rows in people.groupby(np.asarray(codes)):
            for figure, share in (("distance_median", 0.5), ("distance_p90", 0.9)):
                ordered = rows.sort_values("distance_m")
                enough = ordered["children"].cumsum() >= share * ordered["children"].sum() * (1 - 1e-9)
                expected = ordered.loc[enough, "distance_m"].iloc[0] / 1000
                assert stored[figure, level, code] == pytest.approx(expected, abs=0.051)


def test_bounds_hold_their_figure_and_widen_it(access: pd.DataFrame) -> None:
    spans = access[access["figure"].isin(["minutes_to_centre", "children_beyond_60min", "priority_rank"])]
    shown = spans[spans["value"].notna()]
    assert (shown["low"] <= shown["high"]).all()
    timed = shown[shown["figure"] != "priority_rank"]
    assert ((timed["low"] <= timed["value"]) & (timed["value"] <= timed["high"])).all()
    nation = timed[timed["level"] == "nation"].set_index("figure")
    assert (nation["low"] < nation["value"]).all()
    assert (nation["value"] < nation["high"]).all()


def test_parts_of_the_index_add_up_to_it_and_order_the_ranks(access: pd.DataFrame) -> None:
    wide = access[access["level"] == "county"].pivot_table(index="code", columns="figure", values="value")
    wide = wide.dropna(subset=["priority_index"])
    parts = wide.filter(like="priority_part_").sum(axis=1)
    assert (parts - wide["priority_index"]).abs().max() <= 0.21
    assert (wide.sort_values("priority_rank")["priority_index"].diff().dropna() <= 0).all()
    assert 1_500 < len(wide) < 2_848


def test_urban_districts_have_no_rank(release: duckdb.DuckDBPyConnection) -> None:
    ranked = release.execute(
        "SELECT count(*) FROM access JOIN units USING (level, code) "
        "WHERE figure = 'priority_rank' AND kind = 'district' AND value IS NOT NULL"
    ).fetchone()
    assert ranked == (0,)


def test_curves_run_from_nothing_to_all_and_lorenz_never_passes_the_diagonal(
    release: duckdb.DuckDBPyConnection,
) -> None:
    curves = release.execute("FROM equity ORDER BY curve, level, code, step").df()
    for (curve, _, _), rows in curves.groupby(["curve", "level", "code"]):
        assert rows[["people", "access"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]
        assert (rows["access"].diff().dropna() >= 0).all()
        assert (rows["index"] == rows["index"].iloc[0]).all()
        if curve == "lorenz":
            assert (rows["access"] <= rows["people"] + 1e-5).all()
            area = np.trapezoid(rows["access"], rows["people"])
            # Between stored points the curve bends below its chord, by an area of no more than a step of 2 %.
            assert 1 - 2 * area == pytest.approx(rows["index"].iloc[0], abs=0.02)


def test_all_that_rests_on_a_demonstration_says_so(release: duckdb.DuckDBPyConnection, access: pd.DataFrame) -> None:
    kind = release.execute("SELECT centres_kind FROM release").fetchone()
    if kind == ("demonstration",):
        assert set(access.loc[access["state"] != "no_data", "quality"]) == {"demonstration"}
    else:
        assert "demonstration" not in set(access["quality"])
