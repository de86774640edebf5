"""Units of measurement, as they are written after a number."""

from __future__ import annotations

from typing import Literal, get_args

from geodata.text import Text

Unit = Literal["children", "percent", "points", "km"]
UNITS: tuple[Unit, ...] = get_args(Unit)

UNIT_NAMES: dict[Unit, Text] = {
    "children": Text(zh="名儿童", en="children"),
    "percent": Text(zh="%", en="%"),
    "points": Text(zh="个百分点", en="percentage points"),
    "km": Text(zh="公里", en="km"),
}

METRES_PER_KILOMETRE = 1_000.0
