"""The units of a release as plain values: who they are, what lies above them, and how counties add up to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dashboard.i18n import t
from dashboard.views.models import UnitName
from geodata.analysis.aggregate import IntArray
from geodata.codes import LEVELS, NATION_CODE, Level
from geodata.store import Reading, remembered
from geodata.store.queries import units
from geodata.text import Language

_PROVINCE_KIND: dict[Language, re.Pattern[str]] = {
    "zh": re.compile(r"(省|市|(壮族|回族|维吾尔)?自治区|特别行政区)$"),
    "en": re.compile(
        r" (Province|Municipality|((Zhuang|Hui|Uygur) )?Autonomous Region|Special Administrative Region)$"
    ),
}


class Unit(NamedTuple):
    """One row of the table `units` with the names of the units above it, in the order of `store/sql/units.sql`."""

    level: Level
    code: str
    name_zh: str
    name_en: str
    pinyin: str
    initials: str
    kind: str
    province_code: str | None
    prefecture_code: str | None
    province_zh: str | None
    province_en: str | None
    prefecture_zh: str | None
    prefecture_en: str | None
    counted: bool
    area_km2: float
    lon: float
    lat: float
    west: float
    south: float
    east: float
    north: float

    def name(self, lang: Language) -> str:
        """The name in one language."""
        return self.name_zh if lang == "zh" else self.name_en

    def short_name(self, lang: Language) -> str:
        """The name of a province as people say it and as a map has room for: 广西, Guangxi."""
        return _PROVINCE_KIND[lang].sub("", self.name(lang))

    def parents(self, lang: Language) -> tuple[str, ...]:
        """Names of the province and the prefecture above, each place once.

        The four municipalities are province and prefecture under one Chinese name, undivided cities prefecture and
        county under one code.
        """
        above = []
        if self.level in ("prefecture", "county") and self.province_zh != self.name_zh:
            above.append(self.province_zh if lang == "zh" else self.province_en)
        if self.level == "county" and self.prefecture_code != self.code and self.prefecture_zh != self.province_zh:
            above.append(self.prefecture_zh if lang == "zh" else self.prefecture_en)
        return tuple(name for name in above if name)


@dataclass(frozen=True)
class Gazetteer:
    """All units by level, sorted by code, and the way from counties to each level."""

    levels: Mapping[Level, tuple[Unit, ...]]
    places: Mapping[tuple[Level, str], int]
    groups: Mapping[Level, IntArray]

    def find(self, code: str, level: Level | None = None) -> Unit | None:
        """The unit of this code, at `level` if there is one, else at the lowest level that has one."""
        for tried in (level, *reversed(LEVELS)):
            if tried is not None and (tried, code) in self.places:
                return self.levels[tried][self.places[tried, code]]
        return None

    def place(self, unit: Unit) -> int:
        """Where the unit stands among those of its level."""
        return self.places[unit.level, unit.code]


@remembered(at_most=1)
def gazetteer(reading: Reading) -> Gazetteer:
    """The units of the release."""
    rows = [Unit(*row) for row in units(reading).itertuples(index=False, name=None)]
    levels: dict[Level, tuple[Unit, ...]] = {
        level: tuple(sorted((unit for unit in rows if unit.level == level), key=lambda unit: unit.code))
        for level in LEVELS
    }
    places = {(unit.level, unit.code): place for listed in levels.values() for place, unit in enumerate(listed)}
    above: dict[Level, list[str | None]] = {
        "county": [unit.code for unit in levels["county"]],
        "prefecture": [unit.prefecture_code for unit in levels["county"]],
        "province": [unit.province_code for unit in levels["county"]],
        "nation": [NATION_CODE for _ in levels["county"]],
    }
    groups = {
        level: np.array([places.get((level, code or ""), -1) for code in codes], dtype=np.intp)
        for level, codes in above.items()
    }
    return Gazetteer(levels, places, groups)


def unit_name(unit: Unit, lang: Language) -> UnitName:
    """A unit as lists and paths name it."""
    return UnitName(
        code=unit.code,
        level=unit.level,
        level_label=t(f"level.{unit.level}", lang),
        name=unit.name(lang),
        name_zh=unit.name_zh,
        name_en=unit.name_en,
        kind=unit.kind,
        parents=unit.parents(lang),
        lon=unit.lon,
        lat=unit.lat,
        bbox=(unit.west, unit.south, unit.east, unit.north),
    )
