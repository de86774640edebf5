"""The table twin: the same rows as the map, the same rounding, sortable, for eyes, keyboards and screen readers."""

from __future__ import annotations

from dash import html

from dashboard.components.pieces import badge
from dashboard.format import number
from dashboard.i18n import t
from dashboard.state import SortKey, ViewState
from dashboard.views.models import UnitMap, ValueRow
from dashboard.views.table_page import TablePage
from geodata.text import Language

COLUMNS: tuple[SortKey, ...] = ("code", "name", "province", "value", "low", "high", "quality")
BOUNDS: tuple[SortKey, ...] = ("low", "high")


def table(view: UnitMap, page: TablePage) -> list[object]:
    """The content of the table view."""
    state = view.state
    lang = state.lang
    return [
        html.Div([html.H2(view.title), html.P(view.summary, className="note")]),
        html.Div(
            html.Table(
                [
                    html.Caption(f"{view.title}. {_order(state)}", className="unseen"),
                    html.Thead(html.Tr([_head(column, view) for column in _columns(view)])),
                    html.Tbody([_row(row, view) for row in page.rows]),
                ],
                className="units",
            ),
            className="table-scroll",
            tabIndex=0,
            role="region",
            **{"aria-label": view.title},
        ),
        _pager(page, lang),
    ]


def _columns(view: UnitMap) -> list[SortKey]:
    """The columns; bounds only where some figure has them."""
    return [column for column in COLUMNS if view.doubt or column not in BOUNDS]


def _pager(page: TablePage, lang: Language) -> html.Nav:
    rows = t("table.rows", lang, first=number(page.first, 0), last=number(page.last, 0), total=number(page.total, 0))
    return html.Nav(
        [
            _turn("first", 1, page, lang),
            _turn("before", page.page - 1, page, lang),
            html.Span(rows),
            _turn("after", page.page + 1, page, lang),
            _turn("last", page.pages, page, lang),
        ],
        className="row pager",
        **{"aria-label": t("table.page", lang)},
    )


def _turn(way: str, to: int, page: TablePage, lang: Language) -> html.Button:
    """A button to another page of the table; it rests where there is none."""
    return html.Button(
        {"first": "«", "before": "‹", "after": "›", "last": "»"}[way],  # noqa: RUF001 (arrows, not quotation marks)
        id={"type": "turn", "page": to, "way": way},
        className="tool",
        type="button",
        disabled=to == page.page or not 1 <= to <= page.pages,
        title=t(f"table.{way}", lang),
        **{"aria-label": t(f"table.{way}", lang)},
    )


def _order(state: ViewState) -> str:
    way = t("table.descending" if state.descending else "table.ascending", state.lang)
    return f"{t('table.sorted_by', state.lang, column=column_name(state.sort, state))}, {way}"


def column_name(column: SortKey, state: ViewState) -> str:
    """The heading of a column, apart from the value column, whose heading is the indicator."""
    if column in BOUNDS:
        return t(f"interval.{column}", state.lang)
    return t(f"table.{column}", state.lang) if column != "value" else t("state.value", state.lang)


def _head(column: SortKey, view: UnitMap) -> html.Th:
    state = view.state
    current = column == state.sort
    label = f"{view.indicator_name} ({view.unit})" if column == "value" else column_name(column, state)
    arrow = (" ▼" if state.descending else " ▲") if current else ""
    order = ("descending" if state.descending else "ascending") if current else "none"
    return html.Th(
        html.Button(label + arrow, id={"type": "sort", "column": column}, type="button"),
        scope="col",
        className="number" if column == "value" else "bound" if column in BOUNDS else None,
        **{"aria-sort": order},
    )


def _row(row: ValueRow, view: UnitMap) -> html.Tr:
    lang = view.state.lang
    name, second = (row.name_zh, row.name_en) if lang == "zh" else (row.name_en, row.name_zh)
    province = row.province_zh if lang == "zh" else row.province_en
    link = html.Button(name, id={"type": "open-unit", "code": row.code}, type="button", className="link")
    shown_quality = badge(view.quality_labels[row.quality], row.quality) if row.value is not None else None
    return html.Tr(
        [
            html.Td(row.code),
            html.Th([link, html.Span(f" {second}", className="note")], scope="row"),
            html.Td(province or ""),
            html.Td(row.display, className="number", title=row.note),
            *([_bound(row, view, column) for column in BOUNDS] if view.doubt else []),
            html.Td(shown_quality),
        ],
        className="current" if row.code == view.state.unit else None,
        **{"data-code": row.code},
    )


def _bound(row: ValueRow, view: UnitMap, column: SortKey) -> html.Td:
    """One end of the interval, written as the figure is."""
    if row.interval is None:
        return html.Td(className="bound")
    indicator = view.table.indicator
    value = row.interval.low if column == "low" else row.interval.high
    return html.Td(number(value, indicator.decimals, signed=indicator.change is not None), className="bound")
