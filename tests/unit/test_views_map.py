"""The map as data, on the toy release, where every answer can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.state import CLASS_METHODS, ViewState
from dashboard.views.about import about
from dashboard.views.centres import centres_layer
from dashboard.views.models import UnitMap
from dashboard.views.unit_map import unit_map
from geodata.catalogue import Catalogue
from geodata.codes import MAP_LEVELS
from geodata.store import Store

EN = ViewState(lang="en")


def rows(view: UnitMap) -> dict[str, tuple[str, str]]:
    return {row.code: (row.state, row.display) for row in view.table.rows}


def test_four_states_stand_side_by_side(store: Store, catalogue: Catalogue) -> None:
    view = unit_map(store, catalogue, replace(EN, indicator="left_behind_children_urban"))
    found = rows(view)
    assert found["510722"] == ("value", "3,000")
    assert found["349001"] == ("zero", "0")
    assert found["810001"] == ("no_data", "No data")
    assert found["510726"] == ("withheld", "Withheld")
    assert {state.state: state.count for state in view.states} == {"value": 9, "zero": 1, "no_data": 1, "withheld": 1}


def test_a_raw_count_from_1_to_9_never_reaches_a_row(store: Store, catalogue: Catalogue) -> None:
    # Beichuan's 7 migrant children stand in the table as a value; only the gate keeps them back.
    for indicator in ("migrant_children", "migrant_share"):
        view = unit_map(store, catalogue, replace(EN, indicator=indicator))
        assert rows(view)["510726"] == ("withheld", "Withheld")
    nation = unit_map(store, catalogue, replace(EN, indicator="migrant_children")).table.nation
    assert nation.value == 30_000 + 20_000 + 2_000 + 1_000 + 4_000 + 9_000 + 6_000 + 500


def test_rows_are_sorted_by_code_and_all_there(store: Store, catalogue: Catalogue) -> None:
    for level, units in zip(MAP_LEVELS, (12, 4, 3), strict=True):
        codes = [row.code for row in unit_map(store, catalogue, replace(EN, level=level)).table.rows]
        assert codes == sorted(codes)
        assert len(codes) == units


def test_uncounted_places_say_why(store: Store, catalogue: Catalogue) -> None:
    row = unit_map(store, catalogue, EN).table.row("810001")
    assert row is not None
    assert row.note == "The mainland censuses did not count this place."
    assert (row.value, row.quality, row.members_known) == (None, "none", 0)


def test_a_change_from_zero_says_why_there_is_none(store: Store, catalogue: Catalogue) -> None:
    row = unit_map(store, catalogue, replace(EN, indicator="left_behind_children_change")).table.row("349001")
    assert row is not None
    assert (row.state, row.note) == ("no_data", "No change can be given because the first year counts none.")


def test_a_change_compares_the_same_counties(store: Store, catalogue: Catalogue) -> None:
    state = replace(EN, indicator="children_change", level="prefecture")
    row = unit_map(store, catalogue, state).table.row("510700")
    assert row is not None
    # Beichuan has no figure of 2010, so Mianyang's change is that of Santai and Jiangyou: 150,000 to 130,000.
    assert (row.display, row.members, row.members_known) == ("−13.3", 3, 2)


@pytest.mark.parametrize("method", CLASS_METHODS)
@pytest.mark.parametrize("indicator", ["left_behind_children", "left_behind_share_change", "children_beyond_standard"])
def test_each_value_wears_the_colour_of_the_class_that_holds_it(
    store: Store, catalogue: Catalogue, method: str, indicator: str
) -> None:
    view = unit_map(store, catalogue, replace(EN, indicator=indicator, classes=method))
    assert len(view.class_index) == len(view.table.rows)
    for row, place in zip(view.table.rows, view.class_index, strict=True):
        assert (place >= 0) == (row.state == "value")
        if place >= 0:
            assert row.value is not None
            assert view.classes[place].low <= row.value <= view.classes[place].high
    assert [band.count for band in view.classes] == [
        view.class_index.count(place) for place in range(len(view.classes))
    ]
    assert sum(bar.count for bar in view.histogram) == sum(band.count for band in view.classes)


def test_decrease_and_increase_have_the_two_arms_of_the_palette(store: Store, catalogue: Catalogue) -> None:
    view = unit_map(store, catalogue, replace(EN, indicator="left_behind_children_change"))
    ramp = catalogue.palettes["balance"].light
    for band in view.classes:
        place = ramp.index(band.colour_light)
        assert (place < len(ramp) // 2) == (band.high < 0)
        assert (place > len(ramp) // 2) == (band.low > 0)


def test_titles_name_indicator_year_and_standard(store: Store, catalogue: Catalogue) -> None:
    def title(**asked: object) -> str:
        return unit_map(store, catalogue, replace(ViewState(), **asked)).title

    assert title(lang="en") == "Left-behind children, 2020"
    assert title() == "2020年留守儿童"
    assert title(lang="en", indicator="left_behind_children_change") == "Left-behind children, change 2010–2020"
    beyond = {"indicator": "children_beyond_standard", "standard_km": 10}
    assert title(lang="en", **beyond) == "Children beyond reach of a centre (more than 10 km), 2020"
    assert title(**beyond) == "2020年服务距离标准以外的儿童（超过10公里）"


def test_the_standard_of_the_view_is_the_one_that_is_measured(store: Store, catalogue: Catalogue) -> None:
    def share(standard_km: int | None) -> float | None:
        state = replace(EN, indicator="children_beyond_standard", standard_km=standard_km)
        row = unit_map(store, catalogue, state).table.row("341221")
        assert row is not None
        return row.value

    # Linquan: 60,000, 50,000 and 9,000 of 99,000 children.
    assert [share(km) for km in (None, 5, 10, 30)] == [60.6, 60.6, 50.5, 9.1]


def test_notices_stand_where_they_are_needed(store: Store, catalogue: Catalogue) -> None:
    plain = unit_map(store, catalogue, replace(EN, indicator="children"))
    assert plain.notices == ()
    assert "borders" in plain.boundary_notice or "border" in plain.boundary_notice
    access = unit_map(store, catalogue, replace(EN, indicator="children_beyond_standard"))
    assert len(access.notices) == 2
    assert "demonstration" in access.notices[0]
    assert "withheld" in access.notices[1]


def test_sources_are_those_of_the_measures_and_of_the_outlines(store: Store, catalogue: Catalogue) -> None:
    counts = unit_map(store, catalogue, EN)
    assert {source.id for source in counts.sources} == {"boundaries", "census_2020", "estimates"}
    access = unit_map(store, catalogue, replace(EN, indicator="distance_to_centre"))
    assert {source.id for source in access.sources} == {
        "boundaries",
        "census_2020",
        "centres",
        "estimates",
        "geonames",
    }


def test_the_summary_says_in_words_what_the_map_shows(store: Store, catalogue: Catalogue) -> None:
    summary = unit_map(store, catalogue, EN).summary
    assert "10 with a figure, 1 zero, 1 without data, 0 withheld" in summary
    assert "highest 40,000 children (Linquan County)" in summary
    assert "China 135,500 children" in summary


def test_a_view_is_remembered_but_carries_the_state_that_asked(store: Store, catalogue: Catalogue) -> None:
    first = unit_map(store, catalogue, EN)
    second = unit_map(store, catalogue, replace(EN, unit="510722", theme="dark"))
    assert second.table is first.table
    assert (first.state.unit, second.state.unit) == (None, "510722")


def test_centres_have_a_card_a_place_and_a_legend(store: Store, catalogue: Catalogue) -> None:
    layer = centres_layer(store, catalogue, EN)
    assert [(kind.id, kind.count) for kind in layer.types] == [
        ("child_friendly_space", 1),
        ("childrens_centre", 1),
        ("childrens_place", 2),
    ]
    second = layer.centres[1]
    assert dict(second.rows) == {
        "Place": "Jintang County, Chengdu, Sichuan",
        "Services": "Education support",
        "Capacity": "46 places",
        "Status": "Open",
    }
    assert layer.notice == second.notice
    assert "no real places" in str(second.notice)
    assert layer.centres[0].rank > second.rank > layer.centres[2].rank
    assert "Capacity" not in dict(layer.centres[0].rows)


def test_about_says_release_sources_and_report(store: Store, catalogue: Catalogue) -> None:
    page = about(store, catalogue, EN)
    assert page.release.built_on == "2 May 2026"
    assert page.release.demonstration
    assert len(page.sources) == 5
    assert [(line.item, line.ok) for line in page.report] == [("children 2020", True)]
