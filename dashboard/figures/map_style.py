"""The map as data: a MapLibre style for three levels, and what changes between light and dark.

The browser holds one vector source a level. Colour comes by feature-state (`c`), so that a new indicator repaints
without sending geometry again. A pattern cannot depend on feature-state: the browser filters the two patterned layers
to the units in their state. (Drawing them over all units at opacity 0 took the graphics processor as long as the
coloured layer itself. So did lines at opacity 0, which is why the focus line has no width where there is no focus.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.state import Page
from dashboard.theme import MAP_COLOURS, SCHEMES, Scheme
from geodata.codes import BORDER_IDS, MAP_LEVELS

TILE_MAX_ZOOM = 8
PATTERNS = {"no-data": "hatch", "withheld": "dots"}
# Pages on which centres that lie close together are drawn as one figure.
GATHERED: tuple[Page, ...] = ("gap", "distance")
GATHER_PX = 30
GATHER_UP_TO_ZOOM = 6
_NOTHING: dict[str, Any] = {"type": "FeatureCollection", "features": []}
_HIDDEN = {"visibility": "none"}
_NONE = ["==", ["id"], -1]
_LINE_WIDTH = {"county": 0.35, "prefecture": 0.6, "province": 0.9}
# Which borders part the units of a level; those between provinces lie over them on every level.
_PARTED = {"county": ("county", "prefecture"), "prefecture": ("prefecture",), "province": ("province",)}


def map_style(release_id: str, page: Page = "explore", centre_types: Sequence[str] = ()) -> dict[str, Any]:
    """The style in the light scheme; `theme_paint` holds what the dark one changes.

    Pages on access gather centres that lie close together, counted by type; the page on distance has a layer of lines.
    """
    sources: dict[str, Any] = {
        layer: {
            "type": "vector",
            "tiles": [f"/tiles/{layer}/{{z}}/{{x}}/{{y}}?v={release_id}"],
            "minzoom": 0,
            "maxzoom": TILE_MAX_ZOOM,
        }
        for layer in (*MAP_LEVELS, "borders")
    }
    # The hatching of uncertain units has its own sources, so that its filter leaves the coloured tiles alone; a source
    # without a visible layer is not loaded.
    sources |= {f"{level}-doubt": sources[level] for level in MAP_LEVELS}
    sources["centres"] = {"type": "geojson", "data": _NOTHING, **(_gathered(centre_types) if page in GATHERED else {})}
    layers: list[dict[str, Any]] = [{"id": "sea", "type": "background"}]
    for level in MAP_LEVELS:
        layers += _unit_layers(level)
    layers.append(_border("province-border", 0.9, "province"))
    layers.append(_border("outline", 1.2, "nation", "maritime"))
    for level in MAP_LEVELS:
        layers += _highlight_layers(level)
    if page == "distance":
        sources["reach"] = {"type": "geojson", "data": _NOTHING}
        layers.append({"id": "reach", "type": "line", "source": "reach", "paint": {"line-width": 1.4}})
    layers += [*([_clusters(centre_types)] if page in GATHERED else []), _centres()]
    style = {"version": 8, "sources": sources, "layers": layers}
    paint = theme_paint("light", page)
    for layer in layers:
        layer.setdefault("paint", {}).update(paint.get(layer["id"], {}))
    return style


def theme_paint(scheme: Scheme, page: Page = "explore") -> dict[str, dict[str, Any]]:
    """Layer id -> paint properties that depend on the colour scheme."""
    colours = MAP_COLOURS[scheme]
    paint: dict[str, dict[str, Any]] = {
        "sea": {"background-color": colours["sea"]},
        "province-border": {"line-color": colours["province"]},
        "outline": {"line-color": colours["outline"]},
    }
    if page == "distance":
        paint["reach"] = {"line-color": colours["selected"]}
    for level in MAP_LEVELS:
        paint[f"{level}-fill"] = {"fill-color": ["to-color", ["feature-state", "c"], colours["blank"]]}
        paint[f"{level}-line"] = {"line-color": colours["line"]}
        paint[f"{level}-focus"] = {"line-color": colours["focus"]}
        paint[f"{level}-selected"] = {"line-color": colours["selected"]}
    return paint


def map_themes(page: Page = "explore") -> dict[str, Any]:
    """Everything the browser needs to dress the map in either scheme: paint, patterns, state colours."""
    return {
        scheme: {
            "paint": theme_paint(scheme, page),
            "patterns": {
                name: {"draw": draw, "paper": MAP_COLOURS[scheme]["blank"], "ink": MAP_COLOURS[scheme][draw]}
                for name, draw in PATTERNS.items()
            }
            | {
                "doubt": {
                    "draw": "doubt",
                    "paper": MAP_COLOURS[scheme]["doubt_edge"],
                    "ink": MAP_COLOURS[scheme]["doubt"],
                }
            },
            "faint": MAP_COLOURS[scheme]["faint"],
            "zero": MAP_COLOURS[scheme]["zero"],
            "blank": MAP_COLOURS[scheme]["blank"],
        }
        for scheme in SCHEMES
    }


def _unit_layers(level: str) -> list[dict[str, Any]]:
    base = {"source": level, "source-layer": level, "layout": _HIDDEN}
    # Every edge lies under a line of the layer `borders`, which holds it once: smoothing edges here, or drawing lines
    # around areas, would draw all of them twice, and lines take half the time of a frame.
    fill = {"id": f"{level}-fill", "type": "fill", **base, "paint": {"fill-antialias": False}}
    patterned = [
        {
            "id": f"{level}-{name}",
            "type": "fill",
            **base,
            "filter": _NONE,
            "paint": {"fill-pattern": name},
        }
        for name in PATTERNS
    ]
    doubt = {
        "id": f"{level}-doubt",
        "type": "fill",
        **base,
        "source": f"{level}-doubt",
        "filter": _NONE,
        "paint": {"fill-pattern": "doubt", "fill-opacity": ["case", ["boolean", ["feature-state", "d"], False], 1, 0]},
    }
    line = _border(f"{level}-line", _LINE_WIDTH[level], *_PARTED[level]) | {"layout": _HIDDEN}
    return [fill, *patterned, doubt, line]


def _highlight_layers(level: str) -> list[dict[str, Any]]:
    focus = _line(f"{level}-focus", level, 2.0) | {"layout": _HIDDEN}
    focus["paint"]["line-width"] = ["case", ["boolean", ["feature-state", "focus"], False], 2.2, 0]
    selected = _line(f"{level}-selected", level, 2.6) | {"filter": _NONE, "layout": _HIDDEN}
    return [focus, selected]


def _line(layer_id: str, source: str, width: float) -> dict[str, Any]:
    return {
        "id": layer_id,
        "type": "line",
        "source": source,
        "source-layer": source,
        "paint": {"line-width": ["interpolate", ["linear"], ["zoom"], 3, width, 8, width * 2.2]},
    }


def _border(layer_id: str, width: float, *parted: str) -> dict[str, Any]:
    """Lines between units: of all that share a border, each draws what it names in `BORDER_IDS`."""
    ids = [BORDER_IDS[name] for name in parted]
    return _line(layer_id, "borders", width) | {"filter": ["in", ["id"], ["literal", ids]]}


def _centres() -> dict[str, Any]:
    return {
        "id": "centres",
        "type": "symbol",
        "source": "centres",
        "filter": ["!", ["has", "point_count"]],
        "layout": {
            "icon-image": ["concat", ["get", "type"], "-", ["get", "status"]],
            "icon-size": ["interpolate", ["linear"], ["zoom"], 2, 0.18, 3, 0.32, 5, 0.6, 9, 1.0],
            "icon-allow-overlap": True,
            "symbol-sort-key": ["get", "rank"],
        },
    }


def _gathered(centre_types: Sequence[str]) -> dict[str, Any]:
    """How a source gathers centres, with a count of each type."""
    counts = {name: ["+", ["case", ["==", ["get", "type"], name], 1, 0]] for name in centre_types}
    return {
        "cluster": True,
        "clusterRadius": GATHER_PX,
        "clusterMaxZoom": GATHER_UP_TO_ZOOM,
        "clusterProperties": counts,
    }


def _clusters(centre_types: Sequence[str]) -> dict[str, Any]:
    """Gathered centres: the browser draws a picture (a ring by type around their number) when its name first occurs."""
    name: list[Any] = ["concat", "gathered"]
    for centre_type in centre_types:
        name += ["/", ["to-string", ["get", centre_type]]]
    return {
        "id": "gathered",
        "type": "symbol",
        "source": "centres",
        "filter": ["has", "point_count"],
        "layout": {"icon-image": name, "icon-allow-overlap": True},
    }
