"""Laws of the time machine: nothing is lost between two years, and two independent tables agree."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.read.estimates import read_estimates
from geodata.analysis.vintages import Change, Gaps, growth_spread, share_error, stem, ways_to_today
from geodata.contracts.release import Vintages
from tests.support.committed_vintages import committed_divisions, committed_table

# Census rows of 2010 that the time machine and the table of census mappings place differently, and why.
DIFFER = {
    "230108 平房区", "230109 松北区", "230110 香坊区",  # the census prints codes of three districts in another order
    "654002 伊宁市", "654003 奎屯市",  # and of two cities
    "320503 平江区",  # the census counts Suzhou Industrial Park here
    "360426 德安县",  # the list of 2010 has Gongqingcheng already, the census not
    "451102 八步区",  # the census counts Pinggui apart, under no code
}  # fmt: skip


def test_the_table_keeps_its_contract_and_every_place_goes_somewhere_whole() -> None:
    table = Vintages.validate(committed_table(), lazy=True)
    sums = table.groupby(["code", "name", "from_year"])["weight"].sum()
    assert len(sums) > 3_500
    np.testing.assert_allclose(sums, 1, atol=1e-12)
    # Exact where all goes to one county, an error where it was divided.
    assert (table.loc[table["weight"] == 1, "error"].fillna(0) == 0).all()
    assert (table.loc[table["weight"] < 0.999, "error"] > 0).all()


def test_census_mappings_made_by_hand_agree_with_the_composed_steps() -> None:
    table = committed_table()
    composed = table[(table["from_year"] <= 2010) & (table["to_year"].fillna(9999) >= 2010)]
    composed = composed[~composed["reason_en"].str.startswith("as the census prints it")]
    reached = composed.groupby(["code", "name"])["to_code"].agg(frozenset)
    crosswalk = read_estimates().crosswalk
    by_hand = crosswalk[crosswalk["year"] == 2010].groupby(["census_code", "census_name"])["code"].agg(frozenset)
    both = by_hand.index.intersection(reached.index)
    assert len(both) > 2_800
    differ = {" ".join(place) for place in both if by_hand[place] != reached[place]}
    assert differ == DIFFER


@given(st.integers(2, 6), st.data())
def test_counts_are_conserved_through_any_mergers_and_divisions(size: int, data: st.DataObject) -> None:
    years = [2000, 2001, 2002]
    lists = {
        year: frozenset((f"{110100 + 10 * step + n:06d}", f"{year}-{n}") for n in range(size))
        for step, year in enumerate(years)
    }
    changes = []
    for before, after in pairwise(years):
        for old in sorted(lists[before]):
            news = data.draw(st.lists(st.sampled_from(sorted(lists[after])), min_size=1, max_size=3, unique=True))
            changes += [Change(after, old, new, "split" if len(news) > 1 else "merged") for new in news]
    children = {code: data.draw(st.integers(0, 1000)) for code, _ in lists[2002]}
    ways = ways_to_today(lists, changes, children)
    counts = {place: data.draw(st.integers(0, 1000)) for place in lists[2000]}
    today: dict[str, float] = defaultdict(float)
    for place, count in counts.items():
        for step in ways[2000][place]:
            today[step.place[0]] += step.weight * count
    assert sum(today.values()) == pytest.approx(sum(counts.values()))


def test_what_disappears_without_a_word_is_reported() -> None:
    lists = {2000: frozenset({("110101", "甲县")}), 2001: frozenset({("110102", "乙县")})}
    with pytest.raises(Gaps) as raised:
        ways_to_today(lists, [], {})
    assert raised.value.places == ((2001, ("110101", "甲县")),)


def test_rules_tell_a_new_number_from_a_new_name() -> None:
    before = {("110101", "甲县"), ("110102", "乙县"), ("110103", "丙县"), ("110104", "丁县")}
    after = {("110101", "甲县"), ("110112", "乙区"), ("110103", "新名县"), ("110105", "丁县")}
    ways = ways_to_today({2000: frozenset(before), 2001: frozenset(after)}, [], {})[2000]
    assert {place[1]: (steps[0].place[0], steps[0].kind) for place, steps in ways.items()} == {
        "甲县": ("110101", "same"), "乙县": ("110112", "upgraded"), "丙县": ("110103", "renamed"),
        "丁县": ("110105", "recoded"),
    }  # fmt: skip


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 2))
def test_the_larger_a_share_the_smaller_its_error(one: float, other: float, spread: float) -> None:
    small, large = sorted((one, other))
    errors = share_error([small, large, 1.0], spread)
    assert errors[0] >= errors[1] >= errors[2] == 0
    assert errors[0] <= 1


def test_spread_of_growth_by_hand() -> None:
    # Prefecture a: logs 0 and ln 4, mean ln 2, squares 2·(ln 2)²; b has one county and tells nothing.
    assert growth_spread([1, 1, 5], [1, 4, 50], ["a", "a", "b"]) == pytest.approx(np.log(2) * np.sqrt(2))
    assert growth_spread([1], [2], ["a"]) == 0


def test_committed_lists_name_each_place_once_a_year() -> None:
    for places in committed_divisions().lists.values():
        codes = [code for code, _ in places]
        assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("密云县", "密云"), ("前郭尔罗斯蒙古族自治县", "前郭尔罗斯蒙古族"), ("沙县", "沙"), ("区", "区")],
)
def test_stems(name: str, expected: str) -> None:
    assert stem(name) == expected
