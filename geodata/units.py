"""Units of measurement, as they are written after a number."""

from __future__ import annotations

from typing import Literal, get_args

from geodata.text import Text

Unit = Literal[
    "children", "percent", "points", "km", "minutes", "places", "places_per_1000", "posts", "index", "rank", "class"
]
UNITS: tuple[Unit, ...] = get_args(Unit)

UNIT_NAMES: dict[Unit, Text] = {
    "children": Text(zh="名儿童", en="children"),
    "percent": Text(zh="%", en="%"),
    "points": Text(zh="个百分点", en="percentage points"),
    "km": Text(zh="公里", en="km"),
    "minutes": Text(zh="分钟", en="minutes"),
    "places": Text(zh="个儿童之家", en="Children's Places"),
    "places_per_1000": Text(zh="个位置/千名儿童", en="places per 1,000 children"),
    "posts": Text(zh="个岗位", en="posts"),
    "index": Text(zh="分（0–100）", en="of 100"),
    "rank": Text(zh="名次", en="rank"),
    "class": Text(zh="类", en="class"),
}

METRES_PER_KILOMETRE = 1_000.0
