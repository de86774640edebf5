"""Minutes to the quickest centre: the straight line by default, or what a file of the user's says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.measure.access.in_time import InTime, gap_in_time
from etl.pipeline.ways import AlongRoads, OverSurface, OwnMatrix, Straight, Way
from etl.read.travel import Surface, read_friction, read_matrix, read_relief, read_roads, sha256_of
from etl.report import Report
from geodata.analysis.access.roads import Roads, own_matrix
from geodata.analysis.access.travel import DETOUR_HIGH, DETOUR_LOW, Assumed, Minutes, Relief, relief_class
from geodata.catalogue.travel import TravelAssumptions
from geodata.errors import UserError
from geodata.text import LANGUAGES, Language

Method = Literal["friction", "roads", "minutes", "elevation"]
METHODS: tuple[Method, ...] = get_args(Method)
Floats = npt.NDArray[np.float64]

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


@dataclass(frozen=True)
class Times:
    """Minutes of a build, in the order of its settlements.

    Attributes
    ----------
    minutes
        To the quickest open centre of any kind: infinite: none can be reached, not a number: nobody knows. Low and high
        are the span of what is assumed, not numbers where a file says the minutes.
    relief, moved_m
        The columns of `settlements`.
    by_kind
        The table `minutes`.
    gap
        Children by whether a centre within the standards of minutes has a place for them; None without standards.
    """

    minutes: Minutes
    relief: npt.NDArray[np.str_]
    moved_m: Floats
    by_kind: pd.DataFrame
    gap: InTime | None


def travel_times(
    travel: RawTravel | None, settlements: pd.DataFrame, centres: pd.DataFrame, other_origins: pd.Series,
    assumed: TravelAssumptions, standards: Mapping[str, float],
) -> Times:  # fmt: skip
    """Minutes from every settlement to its quickest open centre, to that of each kind, and the gap by minutes.

    Parameters
    ----------
    travel
        The user's file, or None for the straight line.
    settlements
        settlement_id, lon, lat, children.
    centres
        The table `centres`.
    other_origins
        Ids of places a matrix may name that lie in no county.
    assumed
        Speed, detour, and how far a place may be moved off a barrier.
    standards
        Minutes within which children are in reach of a centre, by type.

    Raises
    ------
    ManyErrors
        If a matrix names places that there are not.
    """
    relief = np.full(len(settlements), "unknown")
    if travel and isinstance(travel.content, Path):
        relief = relief_class(read_relief(travel.content, *_places(settlements)))
    way = _way(travel, settlements, centres, other_origins, assumed, relief)
    by_matrix = isinstance(way, OwnMatrix)
    # Centres without a place count in a matrix too, because it says how far they are.
    at_work = centres[(centres["status"] == "open") & (centres["lon"].notna() | by_matrix)].reset_index(drop=True)
    limits = at_work["type"].map(dict(standards)).astype(float)
    timed, by_kind = at_work[limits.notna()].reset_index(drop=True), no_kinds()
    if isinstance(way, Straight):
        minutes = way.quickest(at_work)
    else:
        by_kind = minutes_by_kind(way, settlements["settlement_id"], at_work)
        central = by_kind.groupby("settlement_id")["minutes"].min().reindex(settlements["settlement_id"])
        none = np.full(len(settlements), np.nan)
        minutes = Minutes(none, central.to_numpy(float), none)
    gap = None
    if len(timed):
        tables = way.pairs(timed, np.asarray(limits.dropna(), dtype=np.float64))
        gap = gap_in_time(settlements, timed, tables, known=~np.isnan(minutes.central))
    return Times(minutes, relief, way.moved_m, by_kind, gap)


def _way(
    travel: RawTravel | None, settlements: pd.DataFrame, centres: pd.DataFrame, other_origins: pd.Series,
    assumed: TravelAssumptions, relief: npt.NDArray[np.str_],
) -> Way:  # fmt: skip
    if travel is None or isinstance(travel.content, Path):
        return Straight(settlements, assumed_of(assumed), relief)
    if isinstance(travel.content, pd.DataFrame):
        return _matrix(travel.content, travel.choice.file, settlements["settlement_id"], other_origins, centres)
    if isinstance(travel.content, Roads):
        return AlongRoads.of(travel.content, settlements)
    return OverSurface.of(travel.content, settlements, assumed.snap_within_m)


def _matrix(
    rows: pd.DataFrame, file: Path, ids: pd.Series, other_origins: pd.Series, centres: pd.DataFrame
) -> OwnMatrix:
    others = other_origins[~other_origins.isin(ids)]
    known = pd.Index(centres["centre_id"])
    own_matrix(rows, [*ids, *others], known.tolist(), file=str(file))
    origin = pd.Index(ids).get_indexer(pd.Index(rows["origin"].astype(str)))
    minutes = pd.to_numeric(rows["minutes"], errors="coerce").fillna(np.inf).to_numpy(float)
    inside = origin >= 0
    destination = known.get_indexer(pd.Index(rows["destination"].astype(str)))
    named = np.zeros(len(ids), dtype=bool)
    is_open = (centres["status"] == "open").to_numpy()
    named[origin[inside & is_open[destination]]] = True
    return OwnMatrix(known, named, origin[inside], destination[inside], minutes[inside], len(ids))


def minutes_by_kind(way: Way, ids: pd.Series, centres: pd.DataFrame) -> pd.DataFrame:
    """The table `minutes`: from every settlement to the quickest of `centres` of each type with the same services."""
    services = centres["services"].fillna("").map(_sorted_ids)
    found = [
        pd.DataFrame(
            {"settlement_id": ids.to_numpy(), "type": kind, "services": offered, "minutes": way.quickest(own).central}
        )
        for (kind, offered), own in centres.groupby([centres["type"], services])
    ]
    return pd.concat(found, ignore_index=True) if found else no_kinds()


def _sorted_ids(text: str) -> str:
    return ",".join(sorted({one.strip() for one in text.split(",")}))


def no_kinds() -> pd.DataFrame:
    """The table `minutes` without a row: along the straight line minutes follow from the settlements."""
    text = {name: pd.Series(dtype=str) for name in ("settlement_id", "type", "services")}
    return pd.DataFrame(text | {"minutes": pd.Series(dtype=float)})


def assumed_of(stated: TravelAssumptions) -> Assumed:
    """What the catalogue and a build state, as the arithmetic takes it."""
    return Assumed(stated.mode, stated.speed_km_h, cast("dict[Relief, float]", stated.detour.model_dump()))


def travel_row(travel: RawTravel | None, assumed: TravelAssumptions, standards: Mapping[str, float]) -> pd.DataFrame:
    """The table `travel`."""
    method = travel.choice.method if travel else "straight_line"
    is_assumed = method in ("straight_line", "elevation")
    return pd.DataFrame(
        [
            {
                "method": method,
                "mode": assumed.mode if is_assumed else None,
                "speed_km_h": assumed.speed_km_h if is_assumed else np.nan,
                **{
                    f"detour_{relief}": factor if is_assumed else np.nan
                    for relief, factor in assumed.detour.model_dump().items()
                },
                "snap_within_m": assumed.snap_within_m if method == "friction" else np.nan,
                "standards_min": ",".join(f"{kind}:{limit:g}" for kind, limit in standards.items()),
            }
        ]
    )


def _places(table: pd.DataFrame) -> tuple[Floats, Floats]:
    return table["lon"].to_numpy(float), table["lat"].to_numpy(float)


_MODES: dict[str, dict[Language, str]] = {
    "walk": {"zh": "步行", "en": "on foot"},
    "bicycle": {"zh": "自行车", "en": "bicycle"},
    "bus": {"zh": "公共汽车", "en": "bus"},
    "car": {"zh": "小汽车", "en": "car"},
}


def travel_words(travel: RawTravel | None, sources: pd.DataFrame, assumed: TravelAssumptions) -> dict[str, str]:
    """Titles and citation of the source `travel`, with the numbers that were used and, of a file, what it is called."""
    file = f"travel_{travel.choice.method}" if travel else "travel"
    row = sources[sources["file"] == file].iloc[0]
    detour = assumed.detour.model_dump()
    low, high = (f"{max(1.0, detour['unknown'] * bound):.2f}" for bound in (DETOUR_LOW, DETOUR_HIGH))
    numbers = {name: f"{factor:g}" for name, factor in detour.items()}
    numbers |= {"low": low, "high": high}
    numbers |= {"speed": f"{assumed.speed_km_h:g}", "snap": f"{assumed.snap_within_m / 1000:g}"}
    named = (travel.choice.title or travel.choice.file.name) if travel else ""
    words = {
        f"title_{lang}": row[f"title_{lang}"].format(**numbers, mode=_MODES[assumed.mode][lang])
        + (f"{_COLON[lang]}{named}" if named else "")
        for lang in LANGUAGES
    }
    citation = row["citation"].format(**numbers, mode=_MODES[assumed.mode]["en"])
    return words | {"citation": f"{citation}: {named}" if named else citation}


def note_travel(
    report: Report, travel: RawTravel | None, times: Times, children: pd.Series, assumed: TravelAssumptions
) -> None:
    """The method, the file or what is assumed, and how many settlements and children it reaches, does not, or moved."""
    minutes = times.minutes.central
    report.note(_STEP, "method", "straight line" if travel is None else travel.choice.method)
    if travel:
        report.note(_STEP, "file", travel.choice.title or travel.choice.file.name)
        report.note(_STEP, "SHA-256", travel.sha256)
    if travel is None or travel.choice.method == "elevation":
        report.note(_STEP, "assumed way of going", assumed.mode)
        report.note(_STEP, "assumed speed, km/h", assumed.speed_km_h)
        detour = ", ".join(f"{relief} {factor:g}" for relief, factor in assumed.detour.model_dump().items())
        report.note(_STEP, "assumed detour", detour)
    people = children.to_numpy(float)
    moved = ~np.isnan(times.moved_m)
    if travel and travel.choice.method == "friction":
        report.note(_STEP, "moved off a barrier at most, m", assumed.snap_within_m)
        report.note(_STEP, "settlements: moved off a barrier", int(moved.sum()))
        report.note(_STEP, "children: moved off a barrier", round(float(people[moved].sum())))
        if moved.any():
            report.note(_STEP, "farthest moved, m", round(float(times.moved_m[moved].max())))
    parts = {
        "reach a centre": np.isfinite(minutes),
        "reach no centre": np.isposinf(minutes),
        "not known": np.isnan(minutes),
    }
    for name, rows in parts.items():
        report.note(_STEP, f"settlements: {name}", int(rows.sum()))
        report.note(_STEP, f"children: {name}", round(float(people[rows].sum())))
