"""The map of the Plan page as data: counties shaded by need, existing centres, proposed sites on top."""

from __future__ import annotations

from typing import Any

from dashboard.figures.map_style import map_style, theme_paint
from dashboard.theme import SCHEMES

KEPT = ("sea", "county-fill", "county-line", "province-border", "outline")
SITE_BLUE, CENTRE_GREEN = "#0b5cad", "#0b6e4f"
_EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}


def plan_style(release_id: str) -> dict[str, Any]:
    """The county layers of the atlas and two sources of points, `centres` and `sites`, which the browser fills."""
    whole = map_style(release_id)
    layers = [layer | {"layout": {"visibility": "visible"}} for layer in whole["layers"] if layer["id"] in KEPT]
    drawn = {layer["source"] for layer in layers if "source" in layer}
    sources = {name: source for name, source in whole["sources"].items() if name in drawn}
    sources |= {name: {"type": "geojson", "data": _EMPTY} for name in ("centres", "sites")}
    layers += [_points("centres", CENTRE_GREEN, 2.6, 1.0), _points("sites", SITE_BLUE, 7.0, 1.6)]
    return {"version": 8, "sources": sources, "layers": layers}


def plan_paint() -> dict[str, Any]:
    """What changes between light and dark: scheme -> layer -> paint."""
    return {
        scheme: {layer: paint for layer, paint in theme_paint(scheme).items() if layer in KEPT} for scheme in SCHEMES
    }


def _points(source: str, colour: str, radius: float, edge: float) -> dict[str, Any]:
    return {
        "id": source,
        "type": "circle",
        "source": source,
        # The first to open lies on top.
        "layout": {"circle-sort-key": ["-", 0, ["coalesce", ["get", "order"], 0]]},
        "paint": {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, radius, 8, radius * 1.6],
            "circle-color": colour,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": edge,
        },
    }
