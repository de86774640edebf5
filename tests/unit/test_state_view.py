"""The address: what it may ask, what it falls back to, what it refuses, and that it comes back unchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.i18n import t
from dashboard.settings import Settings
from dashboard.state import (
    CLASS_METHODS,
    DOUBTFUL,
    PAGES,
    PAINTS,
    PATHS,
    SORT_KEYS,
    STATUSES,
    THEMES,
    VIEWS,
    WEIGHTS,
    WEIGHTS_EXAMPLE,
    BadQuery,
    ViewState,
    nearest_year,
    view_defaults,
)
from geodata.catalogue import Catalogue, load_catalogue
from geodata.catalogue.service_types import SERVICES, load_service_types
from geodata.codes import MAP_LEVELS
from geodata.errors import UserError
from geodata.text import LANGUAGES


@st.composite
def states(draw: st.DrawFn) -> ViewState:
    indicator = draw(st.sampled_from(list(load_catalogue().indicators.values())))
    camera = st.tuples(st.integers(1, 9), st.integers(15, 50), st.integers(75, 130))
    return ViewState(
        page=draw(st.sampled_from(PAGES)),
        indicator=indicator.id,
        year=draw(st.sampled_from(indicator.years)),
        level=draw(st.sampled_from(MAP_LEVELS)),
        standard_km=draw(st.sampled_from([None, *indicator.standards_km])),
        classes=draw(st.sampled_from(CLASS_METHODS)),
        unsure=draw(st.sampled_from(DOUBTFUL)),
        paint=draw(st.sampled_from(PAINTS)),
        weights=draw(st.sampled_from([*WEIGHTS, WEIGHTS_EXAMPLE])),
        lang=draw(st.sampled_from(LANGUAGES)),
        theme=draw(st.sampled_from(THEMES)),
        view=draw(st.sampled_from(VIEWS)),
        unit=draw(st.none() | st.from_regex(r"[1-8][0-9]{5}", fullmatch=True)),
        centres=draw(st.booleans()),
        centre_type=draw(st.sampled_from([None, *load_service_types()])),
        service=draw(st.sampled_from([None, *SERVICES])),
        centre_status=draw(st.sampled_from([None, *STATUSES])),
        sort=draw(st.sampled_from(SORT_KEYS)),
        descending=draw(st.booleans()),
        rows_page=draw(st.integers(1, 60)),
        at=draw(st.none() | camera.map(lambda at: "/".join(map(str, at)))),
    )


@given(states())
def test_a_state_comes_back_from_its_address(state: ViewState) -> None:
    query = dict(parse_qsl(state.to_query(), strict_parsing=bool(state.to_query())))
    for strict in (True, False):
        assert ViewState.from_query(query, load_catalogue(), strict=strict) == (state, ())


@given(st.dictionaries(st.sampled_from([*ViewState().__dict__, "x"]), st.text(max_size=8)))
def test_a_page_opens_whatever_the_address_says(query: dict[str, str]) -> None:
    catalogue = load_catalogue()
    state, notices = ViewState.from_query(query, catalogue)
    assert ViewState.from_query(state.to_params(), catalogue, strict=True) == (state, ())
    for notice in notices:
        for lang in LANGUAGES:
            assert t(notice.key, lang, parameter=notice.parameter, value=notice.value, used=notice.used)


def test_the_default_view_has_an_empty_address() -> None:
    assert ViewState().to_query() == ""


def test_every_page_has_a_path_and_its_default_view_is_the_bare_path() -> None:
    assert {view_defaults(page).address() for page in PAGES} == set(PATHS.values())
    for page in PAGES:
        assert ViewState.from_query({"page": page}, load_catalogue(), strict=True) == (view_defaults(page), ())
    assert replace(view_defaults("gap"), paint="value", lang="en").address() == "/gap?paint=value&lang=en"


@pytest.mark.parametrize(
    ("query", "parameter", "listed"),
    [
        ({"indikator": "children"}, "indikator", "indicator"),
        ({"indicator": "lbc"}, "indicator", "left_behind_children"),
        ({"year": "2015"}, "year", "2010"),
        ({"year": "²"}, "year", "2020"),
        ({"level": "township"}, "level", "prefecture"),
        ({"standard_km": "5"}, "standard_km", None),
        ({"indicator": "children_beyond_standard", "standard_km": "7"}, "standard_km", "10"),
        ({"classes": "jenks"}, "classes", "natural"),
        ({"lang": "fr"}, "lang", "zh"),
        ({"unit": "12"}, "unit", "six digits"),
        ({"centres": "yes"}, "centres", "0"),
        ({"level": ""}, "level", "county"),
    ],
)
def test_strict_reading_names_what_exists(
    catalogue: Catalogue, query: dict[str, str], parameter: str, listed: str | None
) -> None:
    with pytest.raises(BadQuery) as caught:
        ViewState.from_query(query, catalogue, strict=True)
    assert caught.value.parameter == parameter
    assert caught.value.asked == query[parameter]
    if listed:
        assert listed in str(caught.value)


def test_lenient_reading_takes_the_nearest_year_and_says_so(catalogue: Catalogue) -> None:
    state, notices = ViewState.from_query({"indicator": "distance_to_centre", "year": "2010"}, catalogue)
    assert state.year == 2020
    assert [(notice.parameter, notice.value, notice.used) for notice in notices] == [("year", "2010", "2020")]
    assert ViewState.from_query({"year": "2013"}, catalogue)[0].year == 2010


def test_a_year_that_was_not_asked_for_needs_no_notice(catalogue: Catalogue) -> None:
    only_2010 = catalogue.indicators["children"].model_copy(update={"years": (2010,)})
    narrow = catalogue.model_copy(update={"indicators": catalogue.indicators | {"children": only_2010}})
    state, notices = ViewState.from_query({"indicator": "children"}, narrow, strict=True)
    assert (state.year, notices) == (2010, ())


def test_of_two_equally_near_years_the_later_is_taken(catalogue: Catalogue) -> None:
    assert nearest_year(catalogue.indicators["children"], 2015) == 2020


def test_the_first_standard_holds_where_none_is_chosen(catalogue: Catalogue) -> None:
    state = ViewState(indicator="children_beyond_standard")
    assert state.standard(catalogue) == 5
    assert ViewState(indicator="children").standard(catalogue) is None


def test_fitting_moves_year_and_standard_to_what_is_offered(catalogue: Catalogue) -> None:
    moved = ViewState(indicator="distance_to_centre", year=2010, standard_km=10).fitted(catalogue)
    assert (moved.year, moved.standard_km) == (2020, None)
    kept = ViewState(indicator="children_beyond_standard", standard_km=10)
    assert kept.fitted(catalogue) == kept


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    env = {"HOST": "192.0.2.1", "PORT": "9000", "WORKERS": "1", "THREADS": "8", "GEODATA_DIR": str(tmp_path)}
    assert Settings.from_env(env) == Settings(tmp_path, "192.0.2.1", 9_000, 1, 8)
    assert Settings.from_env({"GEODATA_DIR": str(tmp_path), "PORT": ""}) == Settings(tmp_path)


@pytest.mark.parametrize("value", ["eighty", "0", "65536", "-1", "80.5", "²"])
def test_a_setting_that_is_no_port_is_named(value: str) -> None:
    with pytest.raises(UserError, match=r"PORT.*1 to 65535"):
        Settings.from_env({"PORT": value})
