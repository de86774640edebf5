"""Minutes to the quickest centre: the straight line by default, or what a file of the user's says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.measure import access
from etl.read.travel import Surface, read_friction, read_matrix, read_relief, read_roads, sha256_of
from etl.report import Report
from geodata.analysis.access.friction import least_cost
from geodata.analysis.access.roads import Roads, own_matrix, snap
from geodata.analysis.access.travel import Minutes, relief_class
from geodata.errors import UserError
from geodata.text import LANGUAGES, Language

Method = Literal["friction", "roads", "minutes", "elevation"]
METHODS: tuple[Method, ...] = get_args(Method)
Floats = npt.NDArray[np.float64]

# Who lives farther from any node than two hours on foot is not on this network: nobody knows the way to it.
ROAD_WITHIN_M = 10_000.0
_STEP = "Travel time"
_COLON: dict[Language, str] = {"zh": "：", "en": ": "}


@dataclass(frozen=True)
class TravelChoice:
    """Which file the minutes come from; `nodes` belongs to roads whose edges do not say where they lie.

    `title` is what the user calls the data; None stands for the name of the file.
    """

    method: Method
    file: Path
    nodes: Path | None = None
    title: str | None = None


@dataclass(frozen=True)
class RawTravel:
    """The file as read: a surface, a road network, the rows of a matrix as text; heights are read place by place."""

    choice: TravelChoice
    content: Surface | Roads | pd.DataFrame | Path
    sha256: str


def read_travel(choice: TravelChoice) -> RawTravel:
    """The file of `choice`.

    Raises
    ------
    UserError
        If it cannot be read or used, or if nodes are given to what has none.
    """
    if choice.nodes and choice.method != "roads":
        raise UserError("Only roads have nodes", file=choice.nodes, expected="--nodes together with --roads")
    files = [choice.file, *([choice.nodes] if choice.nodes else [])]
    for file in files:
        if not file.is_file():
            raise UserError("This file is missing", file=file, expected=_EXPECTED[choice.method])
    read: dict[Method, Callable[[], Surface | Roads | pd.DataFrame | Path]] = {
        "friction": lambda: read_friction(choice.file),
        "roads": lambda: read_roads(choice.file, choice.nodes),
        "minutes": lambda: read_matrix(choice.file),
        "elevation": lambda: choice.file,
    }
    return RawTravel(choice, read[choice.method](), sha256_of(*files))


_EXPECTED: dict[Method, str] = {
    "friction": "a GeoTIFF of minutes a metre",
    "roads": "CSV with start_lon, start_lat, end_lon, end_lat, minutes, or start, end, minutes and --nodes",
    "elevation": "a GeoTIFF of heights in metres",
    "minutes": "CSV with origin (id of a settlement), destination (id of a centre), minutes",
}


def minutes_to_centres(
    travel: RawTravel | None, settlements: pd.DataFrame, centres: pd.DataFrame, near: pd.DataFrame,
    other_origins: pd.Series,
) -> Minutes:  # fmt: skip
    """Minutes from every settlement to its quickest open centre: infinite: none can be reached, NaN: nobody knows.

    Along the straight line with the span of what is assumed; a surface, roads and a matrix have none.

    Parameters
    ----------
    travel
        The user's file, or None for the straight line.
    settlements
        settlement_id, lon, lat.
    centres
        The table `centres`.
    near
        From `nearest_centres`, in the order of `settlements`.
    other_origins
        Ids of places a matrix may name that lie in no county.

    Raises
    ------
    ManyErrors
        If a matrix names places that there are not.
    """
    if travel is None:
        return access.minutes_from(near["distance_m"])
    content = travel.content
    if isinstance(content, Path):
        lon, lat = (settlements[name].to_numpy(float) for name in ("lon", "lat"))
        return access.minutes_from(near["distance_m"], relief_class(read_relief(content, lon, lat)))
    central = _of_file(content, travel.choice.file, settlements, centres, other_origins)
    none = np.full(len(central), np.nan)
    return Minutes(none, central, none)


def _of_file(
    content: Surface | Roads | pd.DataFrame,
    file: Path,
    settlements: pd.DataFrame,
    centres: pd.DataFrame,
    other_origins: pd.Series,
) -> Floats:
    is_open = (centres["status"] == "open").to_numpy()
    if isinstance(content, pd.DataFrame):
        return _by_matrix(content, file, settlements["settlement_id"], other_origins, centres, is_open)
    at_work = centres[is_open & centres["lon"].notna().to_numpy()]
    if at_work.empty:
        return np.full(len(settlements), np.nan)
    if isinstance(content, Roads):
        return _along_roads(content, settlements, at_work)
    return _over_surface(content, settlements, at_work)


def _over_surface(surface: Surface, settlements: pd.DataFrame, centres: pd.DataFrame) -> Floats:
    """Outside the surface nobody knows; on a barrier, or behind one, nothing can be reached."""
    cells = surface.cell(settlements["lon"], settlements["lat"])
    found = least_cost(surface.minutes_a_metre, surface.grid, surface.cell(centres["lon"], centres["lat"]))
    return np.where(cells >= 0, found.minutes.ravel()[cells], np.nan)


def _along_roads(roads: Roads, settlements: pd.DataFrame, centres: pd.DataFrame) -> Floats:
    """Off the network nobody knows; on it, without a way to any centre, nothing can be reached."""
    from_, to = (snap(table["lon"], table["lat"], roads, at_most_m=ROAD_WITHIN_M) for table in (settlements, centres))
    _, minutes = roads.nearest(from_, to)
    return np.where(from_.node >= 0, minutes, np.nan)


def _by_matrix(
    rows: pd.DataFrame, file: Path, ids: pd.Series, other_origins: pd.Series, centres: pd.DataFrame,
    is_open: npt.NDArray[np.bool_],
) -> Floats:  # fmt: skip
    """A settlement that the matrix does not name is unknown; one whose cells are all empty reaches nothing.

    Centres without a place count too, because the matrix says how far they are; closed and planned ones do not.
    """
    others = other_origins[~other_origins.isin(ids)]
    table = own_matrix(rows, [*ids, *others], centres["centre_id"].tolist(), file=str(file))
    counts = is_open[table.destination]
    minutes = np.full(len(ids) + len(others), np.inf)
    np.minimum.at(minutes, table.origin[counts], table.minutes[counts])
    to_open = rows[rows["destination"].isin(centres["centre_id"][is_open])]
    return np.where(ids.isin(to_open["origin"]), minutes[: len(ids)], np.nan)


def travel_titles(travel: RawTravel, sources: pd.DataFrame) -> dict[str, str]:
    """Titles and citation of the source `travel`: the method and, after a colon, the name of the data or file."""
    row = sources[sources["file"] == f"travel_{travel.choice.method}"].iloc[0]
    name = travel.choice.title or travel.choice.file.name
    titles = {f"title_{lang}": f"{row[f'title_{lang}']}{_COLON[lang]}{name}" for lang in LANGUAGES}
    return titles | {"citation": f"{row['citation']}: {name}"}


def note_travel(report: Report, travel: RawTravel | None, minutes: Floats, children: pd.Series) -> None:
    """The method, the file, and how many settlements and children it reaches, does not reach, and does not know."""
    report.note(_STEP, "method", "straight line" if travel is None else travel.choice.method)
    if travel:
        report.note(_STEP, "file", travel.choice.title or travel.choice.file.name)
        report.note(_STEP, "SHA-256", travel.sha256)
    people = children.to_numpy(float)
    parts = {
        "reach a centre": np.isfinite(minutes),
        "reach no centre": np.isposinf(minutes),
        "not known": np.isnan(minutes),
    }
    for name, rows in parts.items():
        report.note(_STEP, f"settlements: {name}", int(rows.sum()))
        report.note(_STEP, f"children: {name}", round(float(people[rows].sum())))
