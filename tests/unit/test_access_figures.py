"""From sums to figures: standards, states, rounding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.measure import access
from geodata.analysis.distance import geodesic_m

CHILDREN = pd.DataFrame(
    {
        "code": ["110101", "110102", "110105", "110106"],
        "state": ["value", "zero", "withheld", "no_data"],
        "quality": ["modelled", "modelled", "modelled", "none"],
    }
)


def centres(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["centre_id", "lon", "lat", "status"])


def settlements(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["settlement_id", "code", "lon", "lat", "children"])


def figures(people: pd.DataFrame, at: pd.DataFrame) -> dict[tuple[str, str], tuple[float, str]]:
    sums = access.county_sums(people, access.nearest_centres(people, at), CHILDREN)
    table = access.access_figures(sums, CHILDREN, demonstration=False)
    return {(row.code, row.measure): (row.value, row.state) for row in table.itertuples()}


def test_only_open_centres_count() -> None:
    at = centres(("near", 110.0, 30.0, "planned"), ("gone", 110.0, 30.0, "closed"), ("far", 111.0, 30.0, "open"))
    near = access.nearest_centres(settlements(("s", "110101", 110.0, 30.0, 1)), at)
    assert list(near["nearest_centre_id"]) == ["far"]
    assert near["distance_m"].iloc[0] == pytest.approx(96_486, abs=50)


def test_exactly_at_the_standard_is_reached_and_a_millimetre_more_is_not() -> None:
    people = settlements(("a", "110101", 110.0, 30.0, 200), ("b", "110101", 110.0, 30.0, 300))
    near = pd.DataFrame({"settlement_id": ["a", "b"], "distance_m": [5_000.0, 5_000.001]})
    sums = access.county_sums(people, near, CHILDREN).set_index("code").loc["110101"]
    assert sums["children_beyond_5km"] == 300
    assert sums["children_measured"] == 500


def test_mean_distance_is_children_km_by_children_measured() -> None:
    people = settlements(("a", "110101", 110.0, 30.0, 700), ("b", "110101", 110.2, 30.0, 300))
    found = figures(people, centres(("c", 110.0, 30.0, "open")))
    km = geodesic_m([110.2], [30.0], [110.0], [30.0])[0] / 1000
    assert found["110101", "children_measured"] == (1000, "value")
    assert found["110101", "children_km"][0] == pytest.approx(300 * km, abs=0.05)
    assert found["110101", "children_beyond_10km"] == (300, "value")
    assert found["110101", "children_beyond_30km"] == (0, "zero")


def test_states_are_told_apart() -> None:
    people = settlements(
        ("a", "110101", 110.0, 30.0, 96), ("few", "110101", 110.2, 30.0, 4), ("none", "110102", 110.1, 30.0, 0),
        ("w", "110105", 110.0, 30.0, 0), ("n", "110106", 110.0, 30.0, 0),
    )  # fmt: skip
    found = figures(people, centres(("c", 110.0, 30.0, "open")))
    assert found["110101", "children_beyond_5km"][1] == "withheld"  # four children could be recognised
    assert found["110102", "children_measured"] == (0, "zero")
    for measure in access.MEASURES:
        assert found["110105", measure][1] == "withheld"
        assert found["110106", measure][1] == "no_data"


def test_without_an_open_centre_nothing_is_known() -> None:
    people = settlements(("a", "110101", 110.0, 30.0, 500), ("none", "110102", 110.1, 30.0, 0))
    found = figures(people, centres(("c", 110.0, 30.0, "closed")))
    assert {state for (code, _), (_, state) in found.items() if code in {"110101", "110102"}} == {"no_data"}
    assert np.isnan(found["110101", "children_beyond_5km"][0])


def test_figures_say_what_they_rest_on() -> None:
    people = settlements(("a", "110101", 110.0, 30.0, 500))
    near = access.nearest_centres(people, centres(("c", 110.0, 30.0, "open")))
    sums = access.county_sums(people, near, CHILDREN)
    for demonstration, expected in ((True, "demonstration"), (False, "modelled")):
        table = access.access_figures(sums, CHILDREN, demonstration=demonstration)
        known = table[table["state"] != "no_data"]
        assert set(known["quality"]) == {expected}
        assert set(table.loc[table["state"] == "no_data", "quality"]) == {"none"}


@given(st.lists(st.tuples(st.floats(0, 3_000), st.floats(0, 60_000)), min_size=1, max_size=8))
def test_parts_never_pass_the_whole_and_standards_keep_their_order(parts: list[tuple[float, float]]) -> None:
    people = pd.DataFrame(
        {"settlement_id": [str(n) for n in range(len(parts))], "code": "110101", "children": [c for c, _ in parts]}
    )
    near = people[["settlement_id"]].assign(distance_m=[d for _, d in parts])
    sums = access.county_sums(people, near, CHILDREN)
    table = access.access_figures(sums, CHILDREN.iloc[:1], demonstration=False).set_index("measure")
    # A withheld count stands for 1 to 9: it ranks below the least count that is shown and above zero.
    rank = table["value"].where(table["state"] != "withheld", 5.0)
    assert rank["children_measured"] >= rank["children_beyond_5km"]
    assert rank["children_beyond_5km"] >= rank["children_beyond_10km"] >= rank["children_beyond_30km"]
