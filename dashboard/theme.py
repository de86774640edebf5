"""One palette, one type scale: what pages, map and files take their looks from."""

from __future__ import annotations

from typing import Literal

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

# Width of the control panel on a wide screen; the map keeps its content clear of it.
PANEL_PX = 352

# System fonts only: nothing is fetched, and Chinese text takes the face that the viewer's machine draws best.
FONT_STACK = (
    '"Inter", "Segoe UI", -apple-system, BlinkMacSystemFont, "PingFang SC", "Hiragino Sans GB", '
    '"Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif'
)

# Map furniture per scheme. Classes bring their own colours from the catalogue's palettes.
MAP_COLOURS: dict[Scheme, dict[str, str]] = {
    "light": {
        "sea": "#e9eff2",
        "blank": "#dcdcd8",
        "zero": "#fbfbf8",
        "hatch": "#a9a9a3",
        "dots": "#8d8d88",
        "doubt": "rgb(23 33 30 / 62%)",
        "doubt_edge": "rgb(255 255 255 / 62%)",
        "faint": "#ecece8",
        "line": "#ffffff",
        "province": "#6c7478",
        "outline": "#4d565b",
        "focus": "#12211d",
        "selected": "#0b5cad",
    },
    "dark": {
        "sea": "#101619",
        "blank": "#2b3135",
        "zero": "#1a1f22",
        "hatch": "#565e63",
        "dots": "#7b848a",
        "doubt": "rgb(6 10 12 / 75%)",
        "doubt_edge": "rgb(255 255 255 / 45%)",
        "faint": "#363d41",
        "line": "#14191c",
        "province": "#93a0a7",
        "outline": "#a9b5bb",
        "focus": "#ffffff",
        "selected": "#7cc4ff",
    },
}

MANTINE_THEME = {
    "primaryColor": "teal",
    "primaryShade": {"light": 8, "dark": 5},
    "fontFamily": FONT_STACK,
    "headings": {"fontFamily": FONT_STACK, "fontWeight": "650"},
    "defaultRadius": "md",
    "cursorType": "pointer",
    "autoContrast": True,
}
