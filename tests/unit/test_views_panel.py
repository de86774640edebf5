"""The panel of one unit and the search that leads to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.components.panel import panel as panel_component
from dashboard.components.panel_sections import breakdowns
from dashboard.figures.distribution import distribution_figure
from dashboard.state import ViewState
from dashboard.views.models import UnitPanel
from dashboard.views.search import search_units
from dashboard.views.unit_map import unit_map
from dashboard.views.unit_panel import unit_panel
from dashboard.views.vintages import comparable
from geodata.catalogue import Catalogue
from geodata.store import Store
from tests.support.toy_release import county_rows

EN = ViewState(lang="en")


def panel(store: Store, catalogue: Catalogue, **asked: object) -> UnitPanel:
    found = unit_panel(store, catalogue, replace(EN, **asked))
    assert found is not None
    return found


def test_the_headline_is_the_figure_of_the_map(store: Store, catalogue: Catalogue) -> None:
    for indicator in catalogue.indicators.values():
        state = replace(EN, indicator=indicator.id).fitted(catalogue)
        for row in unit_map(store, catalogue, state).table.rows:
            figure = panel(store, catalogue, indicator=indicator.id, unit=row.code).figure
            assert (figure.value, figure.state, figure.quality, figure.display) == (
                row.value,
                row.state,
                row.quality,
                row.display,
            )


def test_every_indicator_is_there_in_every_year(store: Store, catalogue: Catalogue) -> None:
    found = panel(store, catalogue, unit="510722")
    listed = [(figure.indicator_id, figure.year) for figure in found.figures]
    assert listed == [(entry.id, year) for entry in catalogue.indicators.values() for year in sorted(entry.years)]
    assert [(figure.year, figure.text) for figure in found.trend] == [
        (2010, "32,000 children"),
        (2020, "27,000 children"),
    ]


def test_ranks_leave_out_districts_of_modelled_figures(store: Store, catalogue: Catalogue) -> None:
    # 40,000 33,000 27,000 11,000 10,500 3,000 2,000 0 without the three districts.
    found = panel(store, catalogue, unit="510121")
    assert [(rank.scope, rank.place, rank.of) for rank in found.ranks] == [("nation", 4, 8), ("province", 2, 4)]
    assert found.ranks[0].text == "4 of 8 in China, highest first"
    assert found.ranks[1].scope_name == "Sichuan"
    assert "districts" in str(found.rank_note)
    district = panel(store, catalogue, unit="510104")
    assert district.ranks == ()
    assert "districts" in str(district.rank_note)


def test_ties_share_the_best_place(store: Store, catalogue: Catalogue) -> None:
    # Distances: 20 20 20 11.2 10 5 5 3 2 2 1 km; districts take part, the figures are no model of the district.
    def place(unit: str) -> tuple[int, int]:
        rank = panel(store, catalogue, indicator="distance_to_centre", unit=unit).ranks[0]
        return rank.place, rank.of

    assert place("341221") == place("341225") == place("510726") == (1, 11)
    assert place("510722") == (4, 11)
    assert place("510105") == place("510781") == (6, 11)
    assert place("341202") == (11, 11)


def test_without_a_figure_there_is_no_rank(store: Store, catalogue: Catalogue) -> None:
    found = panel(store, catalogue, unit="810001")
    assert (found.ranks, found.counted, found.figure.text) == ((), False, "No data")
    assert "no rank" in str(found.rank_note)


def test_a_province_is_ranked_in_the_nation_alone(store: Store, catalogue: Catalogue) -> None:
    found = panel(store, catalogue, unit="510000", level="province")
    assert [(rank.scope, rank.place, rank.of) for rank in found.ranks] == [("nation", 2, 2)]
    assert panel(store, catalogue, unit="100000").ranks == ()


def test_the_path_leads_down_without_repeating_an_undivided_city(store: Store, catalogue: Catalogue) -> None:
    def path(unit: str, level: str = "county") -> list[str]:
        return [above.name for above in panel(store, catalogue, unit=unit, level=level).path]

    assert path("510722") == ["China", "Sichuan", "Mianyang"]
    assert path("349001") == ["China", "Anhui"]
    assert path("341900") == ["China", "Anhui"]
    assert path("510700", "prefecture") == ["China", "Sichuan"]
    assert path("100000") == []


def test_a_code_of_two_levels_means_the_level_on_show(store: Store, catalogue: Catalogue) -> None:
    assert panel(store, catalogue, unit="341900").unit.level == "county"
    assert panel(store, catalogue, unit="341900", level="prefecture").unit.level == "prefecture"
    assert panel(store, catalogue, unit="510722", level="province").unit.level == "county"


def test_nearest_centres_and_their_notice(store: Store, catalogue: Catalogue) -> None:
    found = panel(store, catalogue, unit="510121")
    assert [(near.centre_id, near.distance) for near in found.centres] == [("c02", "1.0 km"), ("c01", "9.0 km")]
    assert "demonstration" in str(found.centres_notice)
    assert panel(store, catalogue, unit="341221").centres == ()
    # Of a prefecture the nearest of all its counties.
    assert [near.centre_id for near in panel(store, catalogue, unit="510100", level="prefecture").centres] == [
        "c02",
        "c01",
    ]


def test_no_unit_no_panel(store: Store, catalogue: Catalogue) -> None:
    assert unit_panel(store, catalogue, EN) is None
    assert unit_panel(store, catalogue, replace(EN, unit="110101")) is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("金堂县", ["510121"]),
        ("金堂", ["510121"]),
        ("jintang", ["510121"]),
        ("JinTang Xian", ["510121"]),
        ("jtx", ["510121"]),
        ("Jīntáng", ["510121"]),
        ("Jintang County", ["510121"]),
        ("510121", ["510121"]),
        ("\uff15\uff11\uff10\uff11\uff12\uff11", ["510121"]),
        ("5101", ["510100", "510104", "510105", "510121"]),
        ("成都", ["510100"]),
        ("四川", ["510000"]),
        ("duli", ["341900"]),
        ("四川 金堂", ["510121"]),
        ("jintang sichuan", ["510121"]),
        ("jintang anhui", []),
        ("羌族", ["510726"]),
        ("", []),
        ("  ", []),
        ("%", []),
        ("zzz", []),
    ],
)
def test_units_are_found_by_any_of_their_names(store: Store, text: str, codes: list[str]) -> None:
    assert [hit.code for hit in search_units(store, text, lang="zh")] == codes


def test_the_name_itself_comes_before_names_that_begin_so(store: Store) -> None:
    hits = search_units(store, "f", lang="en")
    assert [hit.code for hit in hits] == ["341200", "341225"]  # Fuyang, Funan: the higher level first
    assert search_units(store, "fn", lang="en")[0].name == "Funan County"


def test_hits_tell_apart_by_their_parents(store: Store) -> None:
    hits = search_units(store, "独立", lang="zh")
    assert [(hit.level, hit.level_label, hit.parents) for hit in hits] == [("county", "县级", ("安徽省",))]
    assert search_units(store, "jintang", lang="en")[0].parents == ("Sichuan", "Chengdu")


def test_no_more_hits_than_asked_for(store: Store) -> None:
    assert len(search_units(store, "5", lang="zh", limit=3)) == 3


def test_parts_of_a_whole_stand_apart_from_the_other_figures(store: Store, catalogue: Catalogue) -> None:
    found = panel(store, catalogue, unit="510722")
    groups = {figure.indicator_id: figure.group for figure in found.figures if figure.group}
    assert {name for name, group in groups.items() if group == "age"} == {
        f"left_behind_aged_{ages}" for ages in ("0_5", "6_11", "12_14", "15_17")
    }
    assert len([name for name, group in groups.items() if group == "arrangement"]) == 4
    told = str(breakdowns(found, "en"))
    assert "By age" in told
    assert "Who the rural children live with" in told
    main_table = next(
        part for part in panel_content(found, store, catalogue) if getattr(part, "className", "") == "figures"
    )
    assert "aged 15" not in str(main_table)


def test_a_divided_county_says_that_its_years_cannot_be_compared(store: Store, catalogue: Catalogue) -> None:
    for county in county_rows():
        whole, reason = comparable(store.reading(), county["code"])
        found = panel(store, catalogue, unit=county["code"])
        if whole or not found.counted:
            assert found.break_note is None
        else:
            assert found.break_note is not None
            assert reason.en in found.break_note
            assert found.trend_sentence is None


def test_a_change_of_a_share_carries_its_unit(store: Store, catalogue: Catalogue) -> None:
    found = panel(store, catalogue, unit="510722")
    change = next(figure for figure in found.figures if figure.indicator_id == "left_behind_share_change")
    assert change.unit == "percentage points"
    assert f"[{change.display!r}, Small('percentage points')]" in str(panel_content(found, store, catalogue))


def panel_content(found: UnitPanel, store: Store, catalogue: Catalogue) -> list[object]:
    shown = unit_map(store, catalogue, EN)
    return panel_component(found, shown, distribution_figure(found, shown), None)
