"""Journeys as the page Distance tells them, on the release that is really published."""

from __future__ import annotations

import pytest

from dashboard.state import ViewState
from dashboard.views.journey import INDICATORS, journey
from geodata.catalogue import Catalogue
from geodata.store import Reading, Store
from tests.support.built_release import built_release


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Store(built_release().parent.parent).reading()


def test_minutes_stand_with_their_method_and_the_span_of_what_is_assumed(
    reading: Reading, catalogue: Catalogue
) -> None:
    found = journey(reading, catalogue, ViewState(lang="en"))
    assert found is not None, "minutes have a source in every release"
    assert len(found.lines) == len(INDICATORS)
    assert found.assumed, "the test release is built without a file of minutes"
    assert "1.33" in found.method
    spans = [text for _, text in found.lines if "as assumptions vary" in text]
    assert len(spans) == 2, "everybody reaches a centre along a straight line, whatever is assumed"
    one_type = journey(reading, catalogue, ViewState(lang="en", centre_type="childrens_centre"))
    assert one_type is not None
    assert all("(Children's Centre only)" in name for name, _ in one_type.lines)
    assert sum("as assumptions vary" in text for _, text in one_type.lines) == 2
