"""A map as a file: exactly the rows shown, with definition and origin inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.export.csv_file import csv_file
from dashboard.export.geojson_file import geojson_file
from dashboard.export.xlsx_file import xlsx_file
from dashboard.state import only_of
from dashboard.views.models import UnitMap
from geodata.store import Reading

__all__ = ["FORMATS", "Format", "file_name"]


@dataclass(frozen=True)
class Format:
    """A kind of file: what writes it, from the map, the release it is of and the address of the view."""

    mimetype: str
    write: Callable[[UnitMap, Reading, str], bytes]


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", lambda view, _reading, address: csv_file(view, address)),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda view, _reading, address: xlsx_file(view, address),
    ),
    "geojson": Format("application/geo+json", geojson_file),
}


def file_name(view: UnitMap, kind: str) -> str:
    """`left_behind_children_2020_county_20260502T080000-0a1b2c3d.csv`: plain letters, the release inside."""
    table = view.table
    standard = f"_{table.standard_km}km" if table.standard_km else ""
    chosen = only_of(table.indicator, view.state.centre_type, view.state.service)
    only = "".join(f"_{part}" for part in (chosen.centre_type, chosen.service) if part)
    return f"{table.indicator.id}{standard}{only}_{table.year}_{table.level}_{view.release.id}.{kind}"
