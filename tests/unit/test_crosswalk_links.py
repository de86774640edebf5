"""Census rows find today's county: by code and name together, or by a curated case; never by guessing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from etl.place.crosswalk import ACTIONS, COLUMNS, link, read_cases, to_units
from etl.read.census import read_census
from etl.read.division_index import read_county_units
from geodata.contracts.release import Crosswalk
from geodata.errors import ManyErrors, UserError
from tests.support.census_files import real_census_dir

UNITS = pd.DataFrame(
    [
        ("130207", "丰南区"),
        ("130208", "丰润区"),
        ("500110", "綦江区"),
        ("420106", "武昌区"),
        ("330383", "龙港市"),
        ("330327", "苍南县"),
    ],
    columns=["code", "name"],
)


def leaves(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(code, name, "某市", 100.0) for code, name in rows],
        columns=["code", "name", "prefecture", "population"],
        index=range(2, 2 + len(rows)),
    )


def table(folder: Path, *rows: str) -> Path:
    path = folder / "crosswalk.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return path


def test_same_code_and_name_is_kept_and_says_why(tmp_path: Path) -> None:
    links = link(leaves(("420106", "武昌区")), UNITS, 2020, path=table(tmp_path))
    assert links[["code", "action", "share"]].to_numpy().tolist() == [["420106", "kept", 1.0]]
    assert " | " in links["reason"].iloc[0]


def test_a_re_used_code_is_never_taken_at_its_word(tmp_path: Path) -> None:
    # 500110 was 万盛区 in 2010 and is 綦江区 today; 130207 and 130208 changed places.
    with pytest.raises(ManyErrors) as caught:
        link(leaves(("500110", "万盛区"), ("130207", "丰润区")), UNITS, 2010, path=table(tmp_path))
    assert [error.value for error in caught.value.errors] == ["500110 万盛区", "130207 丰润区"]
    links = link(
        leaves(("500110", "万盛区"), ("130207", "丰润区")),
        UNITS,
        2010,
        path=table(
            tmp_path,
            "500110,万盛区,,500110,綦江区,merged,,并入,merged",
            "130207,丰润区,,130208,丰润区,recoded,,换码,new code",
        ),
    )
    assert links["code"].tolist() == ["500110", "130208"]


def test_a_split_without_shares_is_shared_by_children(tmp_path: Path) -> None:
    path = table(
        tmp_path, "330327,苍南县,,330327,苍南县,split,,析置,split", "330327,苍南县,,330383,龙港市,split,,析置,split"
    )
    weights = pd.Series({"330327": 30.0, "330383": 10.0})
    links = link(leaves(("330327", "苍南县")), UNITS, 2010, weights, path)
    assert links["share"].tolist() == [0.75, 0.25]
    units = to_units(leaves(("330327", "苍南县")), links, ["population"], {})
    assert units["population"].to_dict() == {"330327": 75.0, "330383": 25.0}
    assert not units["exact"].any()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["330327,苍南县,,330327,苍南县,split,0.6,,", "330327,苍南县,,330383,龙港市,split,0.6,,"], "add up to one"),
        (["330327,苍南县,,330327,苍南县,split,0.6,,", "330327,苍南县,,330383,龙港市,split,,,"], "every share"),
        (["330327,苍南县,,330399,龙港市,renamed,,,"], "no county of today"),
        (["330327,苍南县,,330383,苍南县,renamed,,,"], "Expected 330383 龙港市"),
        (["330327,苍南县,,330327,苍南县,moved,,,"], "Unknown action"),
        (["330327,苍南县,,330327,苍南县,split,half,,"], "Not a share"),
        (["330327,平阳县,,330327,苍南县,renamed,,,"], "fits no census row"),
    ],
)
def test_a_wrong_case_is_named(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        link(leaves(("330327", "苍南县")), UNITS, 2010, path=table(tmp_path, *rows))


def test_a_table_with_wrong_heads_or_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        read_cases(tmp_path / "none.csv")
    path = tmp_path / "wrong.csv"
    path.write_text("code,name\n", encoding="utf-8")
    with pytest.raises(UserError, match="Wrong column heads"):
        read_cases(path)


def test_rates_are_weighed_and_blank_rates_stay_out() -> None:
    rows = leaves(("1", "a"), ("2", "b"), ("3", "c")).assign(population=[100.0, 300.0, 50.0], rate=[1.0, 2.0, None])
    links = pd.DataFrame({"leaf": rows.index, "code": ["x", "x", "x"], "share": 1.0, "action": "merged"})
    units = to_units(rows, links, ["population"], {"rate": "population"})
    assert units.loc["x", "population"] == 450
    assert units.loc["x", "rate"] == pytest.approx((100 * 1 + 300 * 2) / 400)


@pytest.fixture(scope="module")
def real_links() -> dict[int, tuple[pd.DataFrame, pd.DataFrame]]:
    folder, units = real_census_dir(), read_county_units()
    found, weights = {}, None
    for year in (2020, 2010):
        rows = read_census(folder, year).leaves
        links = link(rows, units, year, weights)
        found[year] = (rows, links)
        if weights is None:
            weights = to_units(rows, links, ["age_05_m"], {})["age_05_m"]
    return found


@pytest.mark.parametrize(("year", "counties"), [(2010, 2_846), (2020, 2_847)])
def test_every_person_of_the_census_finds_a_county(
    real_links: dict[int, tuple[pd.DataFrame, pd.DataFrame]], year: int, counties: int
) -> None:
    rows, links = real_links[year]
    assert set(links["leaf"]) == set(rows.index)
    assert links.groupby("leaf")["share"].sum().to_numpy() == pytest.approx(1)
    units = to_units(rows, links, ["population"], {})
    assert units["population"].sum() == pytest.approx(rows["population"].sum(), abs=0.001)
    assert len(units) == counties
    assert set(links["action"]) <= set(ACTIONS)
    Crosswalk.validate(links[["year", "census_code", "census_name", "code", "action", "reason"]])


@pytest.mark.parametrize("year", [2010, 2020])
def test_no_person_leaves_the_province(real_links: dict[int, tuple[pd.DataFrame, pd.DataFrame]], year: int) -> None:
    rows, links = real_links[year]
    province = read_county_units().set_index("code")["province"]
    printed = rows["province"].loc[links["leaf"]].to_numpy()
    assert (province.loc[links["code"]].to_numpy() == printed).all()


def test_traps_of_the_real_tables(real_links: dict[int, tuple[pd.DataFrame, pd.DataFrame]]) -> None:
    def targets(year: int, name: str) -> set[tuple[str, str]]:
        links = real_links[year][1]
        return set(links.loc[links["census_name"] == name, ["code", "action"]].itertuples(index=False, name=None))

    assert targets(2010, "万盛区") == {("500110", "merged")}
    assert targets(2010, "丰润区") == {("130208", "recoded")}
    # The city of Lushan grew out of Xingzi; the district of Lushan is Lianxi today.
    assert targets(2010, "庐山区") == {("360402", "renamed")}
    assert targets(2010, "星子县") == {("360483", "merged")}
    assert targets(2010, "枞阳县") == {("340722", "recoded")}
    assert targets(2020, "东莞市") == {("441900", "undivided")}
    assert targets(2020, "五台山风景名胜区") == {("140922", "folded")}
    zones = real_links[2020][1].query("census_code.str.fullmatch('[0-9]{4}7[1-9]')")
    assert (len(zones), set(zones["action"])) == (95, {"folded"})
