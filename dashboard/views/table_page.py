"""One page of the table twin: the rows of a `UnitMap`, sorted and cut, with nothing computed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from dashboard.state import SortKey
from dashboard.views.models import UnitMap, ValueRow
from geodata.states import QUALITIES, STATES

ROWS_PER_PAGE = 50

_KEYS: dict[SortKey, Callable[[ValueRow], Any]] = {
    "code": lambda row: row.code,
    "name": lambda row: row.name_en.casefold(),
    "province": lambda row: (row.province_code or row.code, row.code),
    "value": lambda row: row.value if row.value is not None else 0.0,
    "low": lambda row: row.interval.low if row.interval else 0.0,
    "high": lambda row: row.interval.high if row.interval else 0.0,
    "state": lambda row: STATES.index(row.state),
    "quality": lambda row: QUALITIES.index(row.quality),
}


@dataclass(frozen=True)
class TablePage:
    """Rows `first` to `last` (counted from 1) of `total`, as they stand on page `page` of `pages`."""

    rows: tuple[ValueRow, ...]
    page: int
    pages: int
    first: int
    last: int
    total: int


def table_page(view: UnitMap) -> TablePage:
    """The page that the view's state asks for. Rows without a number come last when sorted by value, either way."""
    state = view.state
    rows = sorted(view.table.rows, key=_KEYS[state.sort], reverse=state.descending)
    if state.sort == "value":
        rows.sort(key=lambda row: row.value is None)
    elif state.sort in ("low", "high"):
        rows.sort(key=lambda row: row.interval is None)
    pages = max(1, ceil(len(rows) / ROWS_PER_PAGE))
    page = min(max(1, state.rows_page), pages)
    shown = tuple(rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE])
    first = (page - 1) * ROWS_PER_PAGE + 1 if shown else 0
    return TablePage(shown, page, pages, first, first + len(shown) - 1 if shown else 0, len(rows))
