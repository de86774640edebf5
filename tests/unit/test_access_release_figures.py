"""Access figures of a small country that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from etl.measure import access
from etl.measure.access.norms import norm_figures
from etl.measure.access.rows import access_rows
from geodata.analysis.access.clusters import sharing_borders
from geodata.catalogue import load_catalogue

CHILDREN = pd.DataFrame(
    {"code": ["110101", "110102"], "state": ["value", "value"], "quality": ["modelled", "modelled"]}
)
# Three villages in two counties: at the centre, 22 km east of it, and 96 km away.
SETTLEMENTS = pd.DataFrame(
    {
        "settlement_id": ["a", "b", "c"],
        "code": ["110101", "110101", "110102"],
        "lon": [110.0, 110.23, 111.0],
        "lat": [30.0, 30.0, 30.0],
        "children": [1000.0, 500.0, 300.0],
    }
)


def centres(capacity: float | None = None, status: str = "open") -> pd.DataFrame:
    row = {"centre_id": "x", "lon": 110.0, "lat": 30.0, "status": status, "capacity": capacity}
    return pd.DataFrame([row]).astype({"capacity": float})


def sums() -> pd.DataFrame:
    near = access.nearest_centres(SETTLEMENTS, centres())
    return access.county_sums(SETTLEMENTS, near, CHILDREN).set_index("code")


def test_bands_are_cumulative_and_meet_those_beyond() -> None:
    found = sums().loc["110101"]
    assert [found[f"children_within_{km}km"] for km in ("1", "2_5", "5", "10", "30", "60")] == [1000] * 4 + [1500] * 2
    assert found["children_within_10km"] + found["children_beyond_10km"] == found["children_measured"]


@pytest.mark.parametrize(("metres", "beyond"), [(25_000 / 1.33, 0), (25_000 / 1.33 + 1, 1000)])
def test_sixty_minutes_include_sixty(metres: float, beyond: float) -> None:
    one = SETTLEMENTS.iloc[:1]
    near = pd.DataFrame({"settlement_id": ["a"], "distance_m": [metres]})
    found = access.county_sums(one, near, CHILDREN).iloc[0]
    assert found["children_beyond_60min"] == beyond
    assert found["children_minutes"] == pytest.approx(60_000, rel=1e-3)


@pytest.mark.parametrize(("capacity", "served"), [(None, 46), (1200.0, 1200), (9000.0, 1500)])
def test_every_child_is_in_one_part_of_the_gap(capacity: float | None, served: float) -> None:
    found = access.places_sums(SETTLEMENTS, centres(capacity), CHILDREN).set_index("code")
    assert found["children_served"].tolist() == pytest.approx([served, 0])
    assert found["children_without_place"].tolist() == pytest.approx([1500 - served, 0])
    parts = found[["children_served", "children_without_place"]].sum(axis=1) + sums()["children_beyond_30km"]
    assert parts.tolist() == pytest.approx(sums()["children_measured"].tolist())


def test_places_are_shared_by_zone_and_none_is_lost() -> None:
    each = access.places_for_each_child(SETTLEMENTS, centres(100.0))
    # 1,000 children with weight 1 and 500 in the third zone with .22 share 100 places.
    ratio = 100 / (1000 + 500 * 0.22)
    assert each.tolist() == pytest.approx([ratio, 0.22 * ratio, 0])
    found = access.places_sums(SETTLEMENTS, centres(100.0), CHILDREN)
    assert found["places_in_reach"].sum() == pytest.approx(100)


def test_without_an_open_centre_no_place_is_known_and_none_is_zero() -> None:
    shut = access.places_sums(SETTLEMENTS, centres(status="closed"), CHILDREN)
    figures = access.access_figures(shut, CHILDREN, demonstration=True)
    assert set(figures["measure"]) == set(access.PLACES_MEASURES)
    assert set(figures["state"]) == {"no_data"}


def test_norms_by_hand_and_a_register_without_the_kind_knows_nothing_of_it() -> None:
    communities = pd.DataFrame({"code": ["110101", "110102", "110105"], "communities": [10, 1, 0]})
    register = pd.DataFrame(
        {
            "type": ["childrens_place"] * 4,
            "status": ["open", "open", "open", "planned"],
            "code": ["110101", "110102", "110102", "110101"],
        }
    )
    table = norm_figures(communities, register, demonstration=True).set_index(["measure", "code"])
    assert table.loc["places_needed", "value"].tolist() == [9, 0.9, 0]
    assert table.loc["places_present", "value"].tolist() == [1, 2, 0]
    assert table.loc["places_missing", "value"].tolist() == [8, 0, 0]
    assert table.loc["directors_needed", "value"].tolist() == [10, 1, 0]
    assert set(table.loc["directors_missing", "state"]) == {"no_data"}
    assert table.loc[("places_needed", "110105"), "state"] == "zero"
    assert set(table.loc["places_needed", "quality"]) == {"official"}
    assert set(table.loc["places_missing", "quality"]) == {"demonstration"}


def test_states_of_rows_are_told_apart() -> None:
    rows = access_rows("county", ["a", "b", "c", "d"], "x", [1.0, 0.0, np.nan, 5.0], quality="modelled",
                       bounds=(0.5, 2.0), withheld=[False, False, False, True])  # fmt: skip
    assert rows["state"].tolist() == ["value", "zero", "no_data", "withheld"]
    assert rows["value"].isna().tolist() == rows["low"].isna().tolist() == [False, False, True, True]
    assert rows["quality"].tolist() == ["modelled", "modelled", "none", "modelled"]


def test_neighbours_share_a_stretch_of_border_and_corners_do_not_count() -> None:
    squares = np.array([shapely.box(x, y, x + 1, y + 1) for y in range(2) for x in range(3)])
    first, second = sharing_borders(squares)
    met = {(int(a), int(b)) for a, b in zip(first, second, strict=True)}
    touching = [
        (a, b) for a in range(6) for b in range(a) if squares[a].intersection(squares[b]).length > 0
    ]  # fmt: skip
    assert {tuple(sorted(pair)) for pair in met} == {tuple(sorted(pair)) for pair in touching}
    assert len(met) == 7


def test_every_figure_of_access_is_told_in_both_languages_with_its_classes() -> None:
    catalogue = load_catalogue()
    for figure in catalogue.access.values():
        texts = (figure.name, figure.meaning, figure.definition, figure.caveat)
        assert all(text is not None and text.zh and text.en for text in texts)
        assert bool(figure.classes) == (figure.unit == "class")
    assert set(catalogue.access["need_coverage_class"].classes) == set(range(1, 10))
