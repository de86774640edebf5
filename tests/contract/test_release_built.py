"""The release that is really published: sums, states, counties, sources."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pandas as pd
import pytest

from geodata.catalogue import load_catalogue
from geodata.contracts.release import TABLES
from tests.support.built_release import built_release

# Published national totals of 2020, persons: NBS, UNICEF, UNFPA (2023).
LEFT_BEHIND, MIGRANT = 66_930_000, 71_090_000
# Put together here, so that this file itself names none.
MACHINE_PATH = "|".join(f"/{folder}/" for folder in ("home", "work", "root", "Users"))


@pytest.fixture(scope="module")
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_release()), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("name", TABLES)
def test_tables_keep_the_contract(release: duckdb.DuckDBPyConnection, name: str) -> None:
    table = release.execute(f'FROM "{name}"').df()
    # Along the straight line minutes follow from the settlements: none are kept.
    assert len(TABLES[name].validate(table, lazy=True)) == len(table) > (-1 if name == "minutes" else 0)


@pytest.mark.parametrize("level", ["code", "prefecture_code", "province_code"])
@pytest.mark.parametrize(
    ("measures", "published"),
    [(("left_behind_children_rural", "left_behind_children_urban"), LEFT_BEHIND), (("migrant_children",), MIGRANT)],
)
def test_levels_sum_to_the_published_totals(
    release: duckdb.DuckDBPyConnection, level: str, measures: tuple[str, ...], published: int
) -> None:
    figures = release.execute("FROM figures WHERE year = 2020").df()
    counties = release.execute("SELECT code, prefecture_code, province_code FROM units WHERE level = 'county'").df()
    rows = figures[figures["measure"].isin(measures)].merge(counties, on="code", how="left")
    # groupby drops rows without a unit above: a county that hangs in the air would be missed in the sum.
    assert rows.groupby(level)["value"].sum().sum() == pytest.approx(published, rel=0.002)


def test_every_county_year_and_measure_has_exactly_one_row(release: duckdb.DuckDBPyConnection) -> None:
    figures = release.execute("SELECT code, year, measure FROM figures").df()
    assert not figures.duplicated().any()
    counties = release.execute("SELECT count(*) FROM units WHERE level = 'county'").fetchone()
    assert counties is not None
    assert len(figures) == counties[0] * 2 * len(load_catalogue().measures)


def test_value_and_state_agree(release: duckdb.DuckDBPyConnection) -> None:
    figures = release.execute("SELECT value, state, quality FROM figures").df()
    known = figures["state"].isin(["value", "zero"])
    assert (figures["value"].notna() == known).all()
    assert (figures.loc[figures["state"] == "zero", "value"] == 0).all()
    assert (figures.loc[figures["state"] == "value", "value"] > 0).all()
    assert ((figures["quality"] == "none") == (figures["state"] == "no_data")).all()


def test_at_least_2840_counties_carry_a_value(release: duckdb.DuckDBPyConnection) -> None:
    for measure in ("children", "migrant_children", "left_behind_children_urban", "children_measured"):
        rows = release.execute(
            "SELECT count(*) FROM figures WHERE measure = ? AND year = 2020 AND state = 'value'", [measure]
        ).fetchone()
        assert rows is not None
        assert rows[0] >= 2_840


def test_places_not_counted_are_drawn_without_data(release: duckdb.DuckDBPyConnection) -> None:
    states = release.execute(
        "SELECT DISTINCT f.state FROM figures AS f JOIN units AS u ON u.level = 'county' AND u.code = f.code "
        "WHERE NOT u.counted"
    ).fetchall()
    assert states == [("no_data",)]


def test_children_over_settlements_are_those_of_the_counties(release: duckdb.DuckDBPyConnection) -> None:
    spread = release.execute("SELECT code, sum(children) AS spread FROM settlements GROUP BY code").df()
    counted = release.execute(
        "SELECT code, value FROM figures WHERE measure = 'children' AND year = 2020 AND value IS NOT NULL"
    ).df()
    both = counted.merge(spread, on="code", how="left")
    assert both["spread"].to_numpy() == pytest.approx(both["value"].to_numpy(), rel=1e-9)


def test_access_keeps_its_order_and_a_sane_mean(release: duckdb.DuckDBPyConnection) -> None:
    chain = ["children_measured", "children_beyond_5km", "children_beyond_10km", "children_beyond_30km"]
    wide = (
        release.execute("SELECT code, measure, value, state FROM figures WHERE year = 2020").df()
        .assign(value=lambda t: t["value"].where(t["state"] != "withheld", 5.0))
        .pivot_table(index="code", columns="measure", values="value")
        .dropna(subset=chain)
    )  # fmt: skip
    for wider, narrower in pairwise(chain):
        assert (wide[narrower] <= wide[wider]).all()
    farthest = release.execute("SELECT max(distance_m) / 1000 FROM settlements").fetchone()
    assert farthest is not None
    assert (wide["children_km"] / wide["children_measured"]).max() <= farthest[0] + 0.1
    # A county within reach of 30 km as a whole has a mean distance below 30 km.
    near = wide[wide["children_beyond_30km"] == 0]
    assert (near["children_km"] <= 30 * near["children_measured"] + 0.1).all()


def test_nearest_centres_exist_and_are_open(release: duckdb.DuckDBPyConnection) -> None:
    lost = release.execute(
        "SELECT count(*) FROM settlements ANTI JOIN (FROM centres WHERE status = 'open') AS c "
        "ON nearest_centre_id = c.centre_id"
    ).fetchone()
    assert lost == (0,)


def test_the_demonstration_register_is_called_so(release: duckdb.DuckDBPyConnection) -> None:
    centres = release.execute("FROM centres").df()
    if release.execute("SELECT centres_kind FROM release").fetchone() == ("register",):
        pytest.skip("this release was built with a register of the user's")
    assert centres["demonstration"].all()
    counts = {"child_friendly_space": 18, "childrens_centre": 20, "childrens_place": 400}
    assert centres["type"].value_counts().to_dict() == counts
    assert centres["code"].str[:2].nunique() == 31, "every province that was counted has one"
    qualities = release.execute(
        "SELECT DISTINCT quality FROM figures WHERE measure = 'children_km' AND state != 'no_data'"
    ).fetchall()
    assert qualities == [("demonstration",)]


def test_sources_of_all_measures_are_described(release: duckdb.DuckDBPyConnection) -> None:
    sources = release.execute("FROM sources").df().set_index("source_id")
    # A measure that nobody has given figures for yet (official counts only) names a source that was not read.
    known = release.execute("SELECT DISTINCT measure FROM figures WHERE state <> 'no_data'").df()["measure"]
    measures = load_catalogue().measures
    named = {source for measure in known for source in measures[measure].sources}
    assert named <= set(sources.index)
    for source in ("boundaries", "geonames", "estimates", "census_2010", "census_2020"):
        assert len(sources.loc[source, "sha256"]) == 64


def test_nothing_in_the_report_is_wrong(release: duckdb.DuckDBPyConnection) -> None:
    report = release.execute("FROM build_report").df()
    assert report["ok"].all()
    assert {"Boundaries", "Settlements", "Census 2010", "Census 2020", "Sums", "Centres", "Map"} <= set(report["step"])


def test_no_machine_is_named_in_the_release(release: duckdb.DuckDBPyConnection) -> None:
    texts = pd.concat([release.execute(f'FROM "{name}"').df().astype(str) for name in ("sources", "build_report")])
    assert not texts.apply(lambda column: column.str.contains(MACHINE_PATH)).to_numpy().any()
