"""A user's own list of candidates: a CSV with a place a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from geodata.errors import ManyErrors, UserError

MOST_OWN = 5_000
OWN_COLUMNS = ("id", "name", "lon", "lat")
# Columns that may be there: what it costs, how many children it can serve.
_MAY_BE = {"cost": (0.0, 1e9), "capacity": (1.0, 1e6)}


class OwnSite(BaseModel):
    """A candidate of the user's own list: WGS-84 degrees, its cost in the unit of `money`, children it can serve."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    lon: float
    lat: float
    cost: float = 1.0
    capacity: float | None = None


def read_own_list(text: str) -> tuple[OwnSite, ...]:
    """The user's candidates: a header row with `id, name, lon, lat` and perhaps `cost` and `capacity`, WGS-84.

    Raises
    ------
    UserError
        If a column is missing, a cell is no number, a place is not in China or an id stands twice.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff").strip()))
    columns = [name.strip() for name in reader.fieldnames or ()]
    missing = [name for name in OWN_COLUMNS if name not in columns]
    if missing:
        raise UserError(
            "The list of candidates lacks columns",
            column=", ".join(missing),
            value=", ".join(columns) or None,
            expected=f"a first row with {', '.join(OWN_COLUMNS)} and, if sites differ in them, cost and capacity",
        )
    sites: list[OwnSite] = []
    errors: list[UserError] = []
    seen: set[str] = set()
    for row, cells in enumerate(reader, start=2):
        try:
            site = _own_site({(name or "").strip(): (cell or "") for name, cell in cells.items()}, row)
        except UserError as error:
            errors.append(error)
            continue
        if site.id in seen:
            errors.append(UserError("This candidate is listed twice", row=row, column="id", value=site.id))
            continue
        seen.add(site.id)
        sites.append(site)
    if len(sites) > MOST_OWN:
        errors.append(UserError("The list is too long", value=len(sites), expected=f"at most {MOST_OWN} candidates"))
    if not sites and not errors:
        errors.append(UserError("The list of candidates is empty", expected="at least one row"))
    if errors:
        raise ManyErrors("The list of candidates cannot be used:", errors[:20])
    return tuple(sites)


def _own_site(cells: Mapping[str, str], row: int) -> OwnSite:
    ranges = {"lon": (73.0, 136.0), "lat": (3.0, 54.0)}
    ranges |= {name: limits for name, limits in _MAY_BE.items() if cells.get(name, "").strip()}
    number = {name: _cell(cells, row, name, low, high) for name, (low, high) in ranges.items()}
    name = cells["name"].strip()
    return OwnSite(id=cells["id"].strip() or str(row - 1), name=name or cells["id"].strip() or str(row - 1), **number)


def _cell(cells: Mapping[str, str], row: int, column: str, low: float, high: float) -> float:
    text = cells.get(column, "").strip()
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise UserError(
            "This cell is not usable", row=row, column=column, value=text, expected=f"a number from {low:g} to {high:g}"
        )
    return value
