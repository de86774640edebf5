"""What the page Gap ranks and classes is what the release holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.state import view_defaults
from dashboard.views.gap_parts import gap_parts
from dashboard.views.priority import priority_of, ranking
from dashboard.views.unit_map import unit_map
from geodata.catalogue import Catalogue, load_catalogue
from geodata.store import Reading, queries
from tests.support.built_release import built_release

GAP = replace(view_defaults("gap"), lang="en")


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Reading(built_release())


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_the_ranking_of_the_page_is_the_ranking_of_the_release(reading: Reading, catalogue: Catalogue) -> None:
    table = queries.access(reading)
    ranks = table[(table["figure"] == "priority_rank") & table["value"].notna()].set_index("code")
    shown = ranking(reading, catalogue, GAP)
    assert shown.of == len(ranks)
    for row in shown.rows:
        assert row.place == np.ceil(ranks["value"][row.code])
        bounds = [f"{ranks[bound][row.code]:,.0f}" for bound in ("low", "high")]
        assert row.span == "–".join(dict.fromkeys(bounds))
    last = str(ranks["value"].idxmax())
    found = priority_of(reading, catalogue, replace(GAP, unit=last))
    assert found is not None
    assert found.place == np.ceil(ranks["value"][last])


def test_the_nine_classes_of_the_page_are_those_of_the_release(reading: Reading, catalogue: Catalogue) -> None:
    table = queries.access(reading)
    cells = table[(table["figure"] == "need_coverage_class") & table["value"].notna()].set_index("code")["value"]
    view = unit_map(reading, catalogue, replace(GAP, indicator="children_beyond_standard", standard_km=30))
    shown = {row.code: place + 1 for row, place in zip(view.table.rows, view.class_index, strict=True) if place >= 0}
    assert shown == cells.astype(int).to_dict()


def test_the_three_parts_are_all_children_measured(reading: Reading, catalogue: Catalogue) -> None:
    gap = gap_parts(reading, catalogue, GAP)
    assert sum(part.share for part in gap.parts) == pytest.approx(1)
    assert gap.equity is not None
    assert gap.equity.people[-1] == gap.equity.access[-1] == 1
