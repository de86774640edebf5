"""The map of a plan as SVG, written here: equal-area, without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.i18n import t
from dashboard.planning.outline import outline_lines
from dashboard.planning.plan import Plan
from dashboard.state import ViewState
from dashboard.views.units import gazetteer
from dashboard.views.values import published_values
from geodata.catalogue import Catalogue
from geodata.codes import NATION_CODE, Level
from geodata.crs import equal_area_from_wgs84, geometries_to_equal_area
from geodata.store import Reading, queries, remembered
from geodata.text import Language

Floats = NDArray[np.float64]
WIDTH, MOST_HEIGHT, EDGE = 1_000.0, 760.0, 14.0
# Lightest to darkest fifth of the counties by need (ColorBrewer Oranges), and what has no figure.
SHADES = ("#fff1e0", "#fdd3a2", "#fdae6b", "#f0843c", "#c9540a")
BLANK, LINE, BORDER, SITE, CENTRE = "#e6e6e2", "#ffffff", "#4d565b", "#0b5cad", "#0b6e4f"
# Above this many sites their numbers would cover the map.
MOST_NUMBERED = 40


@dataclass(frozen=True)
class Frame:
    """From WGS-84 degrees to the picture: equal-area metres, shifted and scaled, y down."""

    west: float
    north: float
    scale: float
    height: float

    def places(self, lonlat: Floats) -> Floats:
        """Points as picture coordinates, shape (n, 2)."""
        return self.fit(_project(lonlat))

    def fit(self, metres: Floats) -> Floats:
        """Equal-area metres as picture coordinates."""
        return np.column_stack(
            [EDGE + (metres[:, 0] - self.west) * self.scale, EDGE + (self.north - metres[:, 1]) * self.scale]
        )


def plan_map(plan: Plan, reading: Reading, catalogue: Catalogue, lang: Language) -> str:
    """The region with counties shaded by need, existing centres and proposed sites with their order, as SVG text."""
    region = gazetteer(reading).find(plan.request.region)
    is_nation = plan.request.region == NATION_CODE or region is None
    codes, shapes = _counties(reading, None if is_nation else plan.request.region)
    border = [] if is_nation else [_outline(reading, region.level, region.code)] if region else []
    lines = [_project(line) for line in outline_lines(reading)] if is_nation else []
    frame = _frame(shapes)
    shade = _shades(reading, catalogue, plan.request.need, codes)
    parts = [
        f'<path d="{_path(shape, frame)}" fill="{shade[code]}" stroke="{LINE}" stroke-width=".5"/>'
        for code, shape in zip(codes, shapes, strict=True)
    ]
    parts += [f'<path d="{_path(shape, frame)}" fill="none" stroke="{BORDER}" stroke-width="1.6"/>' for shape in border]
    parts += [
        f'<path d="M{_steps(frame.fit(line))}" fill="none" stroke="{BORDER}" stroke-width="1.3"/>' for line in lines
    ]
    parts += [*_centres(plan, reading, frame, codes), *_sites(plan, frame)]
    label = escape(t("plan.heading_map", lang))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}" role="img" '
        f'aria-label="{label}" font-family="Noto Sans SC, sans-serif">{"".join(parts)}</svg>'
    )


def _centres(plan: Plan, reading: Reading, frame: Frame, codes: list[str]) -> list[str]:
    if plan.request.existing != "kept":
        return []
    table = queries.centres(reading)
    table = table[(table["status"] == "open") & table["lon"].notna() & table["lat"].notna()]
    table = table[table["code"].isin(codes)]
    # A centre that the plan gives up is a ring.
    drawn = {True: f'fill="#fff" stroke="{CENTRE}"', False: f'fill="{CENTRE}" stroke="#fff"'}
    points = zip(frame.places(table[["lon", "lat"]].to_numpy(float)), table["centre_id"], strict=True)
    closed = set(plan.request.close)
    return [
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.2" {drawn[centre in closed]} stroke-width=".8"/>'
        for (x, y), centre in points
    ]


def _sites(plan: Plan, frame: Frame) -> list[str]:
    if not plan.sites:
        return []
    points = frame.places(np.array([(site.lon, site.lat) for site in plan.sites]))
    numbered = len(plan.sites) <= MOST_NUMBERED
    parts = []
    # The first to open lie on top.
    for site, (x, y) in reversed(list(zip(plan.sites, points, strict=True))):
        radius = 11 if numbered else 5
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius}" fill="{SITE}" stroke="#fff" stroke-width="1.5"/>')
        if numbered:
            parts.append(
                f'<text x="{x:.0f}" y="{y + 4.2:.1f}" text-anchor="middle" font-size="12" fill="#fff">'
                f"{site.order}</text>"
            )
    return parts


def _project(lonlat: Floats) -> Floats:
    return np.column_stack(equal_area_from_wgs84(lonlat[:, 0], lonlat[:, 1]))


@remembered(at_most=3)
def _counties(reading: Reading, region: str | None) -> tuple[list[str], Any]:
    """Codes and outlines in equal-area metres of the counties of a region, those without data too."""
    units = gazetteer(reading)
    wanted = {unit.code for unit in units.levels["county"]}
    unit = units.find(region) if region else None
    if unit is not None:
        inside = units.groups[unit.level] == units.place(unit)
        wanted = {one.code for one, within in zip(units.levels["county"], inside, strict=True) if within}
    table = queries.boundaries(reading, "county")
    table = table[table["code"].isin(wanted)]
    shapes = geometries_to_equal_area(shapely.from_wkb([bytes(wkb) for wkb in table["wkb"]]))
    west, south, east, north = shapely.total_bounds(shapes)
    # Finer than half a unit of the picture nothing can be seen.
    fine_m = max(east - west, north - south) / WIDTH / 2
    return table["code"].tolist(), shapely.simplify(shapes, fine_m, preserve_topology=True)


def _outline(reading: Reading, level: Level, code: str) -> Any:
    table = queries.boundaries(reading, level)
    row = table[table["code"] == code]
    return geometries_to_equal_area(shapely.from_wkb([bytes(wkb) for wkb in row["wkb"]]))[0]


def _frame(shapes: Any) -> Frame:
    west, south, east, north = shapely.total_bounds(shapes)
    scale = min((WIDTH - 2 * EDGE) / (east - west), (MOST_HEIGHT - 2 * EDGE) / (north - south))
    spare = WIDTH - 2 * EDGE - (east - west) * scale
    return Frame(west - spare / 2 / scale, north, scale, (north - south) * scale + 2 * EDGE)


def _shades(reading: Reading, catalogue: Catalogue, need: str, codes: list[str]) -> dict[str, str]:
    rows = published_values(reading, catalogue, ViewState(indicator=need, year=2020, level="county")).rows
    value = {row.code: row.value for row in rows}
    known = np.array([found for code in codes if (found := value.get(code)) is not None])
    if known.size == 0:
        return dict.fromkeys(codes, BLANK)
    edges = np.quantile(known, [0.2, 0.4, 0.6, 0.8])
    return {
        code: BLANK if (found := value.get(code)) is None else SHADES[int(np.searchsorted(edges, found, side="right"))]
        for code in codes
    }


def _path(shape: Any, frame: Frame) -> str:
    rings = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points = frame.fit(shapely.get_coordinates(ring))
            # Islands smaller than a dot stay as a dot: a place does not vanish.
            rings.append(f"M{_steps(points)}Z")
    return "".join(rings)


def _steps(points: Floats) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
