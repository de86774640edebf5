"""Figures for a choice of centres, on the release that is really published: made by the same rules as the release."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.state import Only, ViewState
from dashboard.views.cube import published_column
from dashboard.views.nearest import distance_m, measured_for, open_types
from dashboard.views.origin import travel_source
from dashboard.views.values import published_values
from geodata.analysis.access.sums import MEASURES
from geodata.analysis.aggregate import Column
from geodata.catalogue import Catalogue, Indicator
from geodata.store import Reading, Store
from tests.support.built_release import built_release

YEAR = 2020


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Store(built_release().parent.parent).reading()


def column(reading: Reading, catalogue: Catalogue, measure: str) -> Column:
    """One measure of the release by county, as a figure of its own."""
    plain: Indicator = catalogue.indicators["children"].model_copy(update={"numerator": (measure,), "decimals": 1})
    return published_column(reading, catalogue, plain, YEAR, "county", None).column


def test_without_a_choice_the_figures_are_those_of_the_release(reading: Reading, catalogue: Catalogue) -> None:
    assert travel_source(reading, "en") is not None, "minutes have a source in every release"
    children = column(reading, catalogue, "children")
    found = measured_for(reading, Only(), children)
    assert set(found) == set(MEASURES)
    for measure, own in found.items():
        stored = column(reading, catalogue, measure)
        assert (own.state == stored.state).all(), measure
        assert np.allclose(own.value, stored.value, equal_nan=True, rtol=1e-9, atol=1.01), measure


def test_one_type_is_never_nearer_than_any_and_says_demonstration(reading: Reading, catalogue: Catalogue) -> None:
    every = distance_m(reading, Only())
    for kind in open_types(reading):
        assert (distance_m(reading, Only(kind)) >= every - 1e-6).all()
    state = ViewState(indicator="children_beyond_standard", standard_km=30)
    plain = published_values(reading, catalogue, state)
    one = published_values(reading, catalogue, replace(state, centre_type=open_types(reading)[0]))
    assert one.nation.value is not None
    assert plain.nation.value is not None
    assert one.nation.value > plain.nation.value
    assert one.nation.quality == plain.nation.quality
