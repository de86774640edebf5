"""Every figure the toy release can show equals the figure worked out by plain loops over its text."""

from __future__ import annotations

import pytest

from dashboard.state import ViewState
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue, load_catalogue
from geodata.codes import LEVELS
from geodata.store import Store
from tests.support.slow_figures import Cell, Question, published
from tests.support.toy_release import MEASURES, cells, county_rows

QUESTIONS = [
    (entry.id, year, standard)
    for entry in load_catalogue().indicators.values()
    for year in entry.years
    for standard in entry.standards_km or (None,)
    if set().union(*entry.measures(standard)) <= set(MEASURES)
]


def _read(cell: str) -> Cell:
    states = {"0": "zero", "-": "no_data", "w": "withheld"}
    return (states[cell], 0.0) if cell in states else ("value", float(cell))


def _year(year: int) -> dict[str, dict[str, Cell]]:
    return {code: {name: _read(cell) for name, cell in row.items()} for code, row in cells(year).items()}


def _members(level: str, code: str) -> list[str]:
    rows = county_rows()
    if level == "county":
        return [code]
    if level == "prefecture":
        return [row["code"] for row in rows if row["prefecture"] == code]
    return [row["code"] for row in rows if level == "nation" or row["code"][:2] == code[:2]]


@pytest.mark.parametrize(("indicator_id", "year", "standard_km"), QUESTIONS)
def test_every_figure_equals_the_plain_sum(
    store: Store, catalogue: Catalogue, indicator_id: str, year: int, standard_km: int | None
) -> None:
    indicator = catalogue.indicators[indicator_id]
    above, below = indicator.measures(standard_km)
    question = Question(
        above,
        below,
        indicator.per,
        indicator.decimals,
        frozenset(name for name, measure in catalogue.measures.items() if measure.unit == "children"),
    )
    years = [_year(indicator.change.start), _year(indicator.change.end)] if indicator.change else [_year(year)]
    for level in LEVELS[1:]:
        state = ViewState(indicator=indicator_id, year=year, level=level, standard_km=standard_km)
        table = published_values(store, catalogue, state)
        assert len(table.rows) > 1
        for row in (*table.rows, table.nation):
            expected_state, expected = published(question, years, _members(row.level, row.code))
            assert (row.code, row.state) == (row.code, expected_state)
            assert row.value == (pytest.approx(expected) if expected_state in ("value", "zero") else None)
