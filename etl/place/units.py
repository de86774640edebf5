"""Names, readings, kinds and places of every division: the `units` table of the release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict
from pypinyin import lazy_pinyin

from etl.place.boundaries import Coverage, points_on_surface
from geodata.catalogue.load import parse_entry, read_yaml
from geodata.codes import LEVELS, NATION_CODE, PROVINCES_WITHOUT_DATA, province_of
from geodata.settings import REFERENCE_DIR

NAMES_FILE = REFERENCE_DIR / "names_en.yaml"
_NATION_NAME_ZH = "中国"


class Names(BaseModel):
    """`geodata/reference/names_en.yaml`: what pinyin by rule would get wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[str, str]
    nationalities: dict[str, str]
    stems: dict[str, str]
    characters: dict[str, str]
    readings: dict[str, str]
    names: dict[str, str]


def load_names(file: Path = NAMES_FILE) -> Names:
    """The spelling rules in `file`, or a `UserError` that names the key."""
    return parse_entry(Names, read_yaml(file), file)


@dataclass(frozen=True)
class Romanised:
    """name_en: Changping District; pinyin: changpingqu; initials: cpq."""

    name_en: str
    pinyin: str
    initials: str


def romanise(code: str, name_zh: str, names: Names) -> Romanised:
    """English name and search keys of a division.

    A stem of one syllable keeps its generic syllable, as is official usage: 蔚县 is Yuxian County.
    """
    stem, nationalities, kind_zh = _split(name_zh, names)
    syllables = _syllables(stem, names) + _syllables(name_zh[len(stem) :], names)
    pinyin = "".join(syllables)
    initials = "".join(syllable[0] for syllable in syllables)
    return Romanised(names.names.get(code) or _english(stem, nationalities, kind_zh, names), pinyin, initials)


def _english(stem: str, nationalities: list[str], kind_zh: str, names: Names) -> str:
    if stem in names.stems:
        romanised = names.stems[stem]
    else:
        kept = stem + kind_zh if len(stem) == 1 and len(kind_zh) == 1 else stem
        romanised = _join(_syllables(stem, names) + _syllables(kept[len(stem) :], names))
    # 鄂伦春自治旗: the nationality is the name; it is not said twice.
    people = [names.nationalities[word] for word in nationalities if names.nationalities[word] != romanised]
    listed = " and ".join([", ".join(people[:-1]), people[-1]] if len(people) > 1 else people)
    return " ".join(part for part in (romanised, listed, names.kinds.get(kind_zh, "")) if part)


def _split(name_zh: str, names: Names) -> tuple[str, list[str], str]:
    """Stem, nationalities and kind: 玉屏侗族自治县 -> 玉屏, [侗族], 自治县."""
    kind = next((kind for kind in names.kinds if name_zh.endswith(kind) and name_zh != kind), "")
    stem = name_zh.removesuffix(kind)
    if not kind.startswith("自治"):
        return stem, [], kind
    nationalities: list[str] = []
    longest_first = sorted(names.nationalities, key=len, reverse=True)
    while word := next((word for word in longest_first if stem.endswith(word) and stem != word), None):
        nationalities.insert(0, word)
        stem = stem.removesuffix(word)
    if stem in names.nationalities:  # 东乡族自治县, 鄂温克族自治旗
        return stem.removesuffix("族"), [*nationalities], kind
    return stem, nationalities, kind


def _syllables(text: str, names: Names) -> list[str]:
    """Pinyin without tones, ü as v. `lazy_pinyin` gives one item a Chinese character."""
    if text in names.readings:
        return names.readings[text].split()
    return [names.characters.get(sign, syllable) for sign, syllable in zip(text, lazy_pinyin(text), strict=True)]


def _join(syllables: list[str]) -> str:
    """Syllables as one capitalised word; an apostrophe keeps syllables apart that start with a vowel: Lu'an."""
    word = syllables[0] + "".join(f"'{s}" if s[0] in "aoe" else s for s in syllables[1:]) if syllables else ""
    # After l and n only, v is ü: Lüliang.
    return re.sub("(?<=[ln])v", "ü", word).capitalize()


def place_units(
    counties: pd.DataFrame, units_above: pd.DataFrame, coverages: dict[str, Coverage], names: Names
) -> pd.DataFrame:
    """The `units` table: one row a nation, province, prefecture and county, ordered by level and code.

    Parameters
    ----------
    counties
        code, name_zh, prefecture_code, province_code, area_km2 (before simplifying).
    units_above
        level, code, name_zh of provinces and prefectures.
    coverages
        Outlines by level; every unit must have one.
    """
    area = {
        "county": counties.set_index("code")["area_km2"],
        "prefecture": counties.groupby("prefecture_code")["area_km2"].sum(),
        "province": counties.groupby("province_code")["area_km2"].sum(),
        "nation": pd.Series({NATION_CODE: counties["area_km2"].sum()}),
    }
    name_zh = {
        "county": counties.set_index("code")["name_zh"],
        "nation": pd.Series({NATION_CODE: _NATION_NAME_ZH}),
        **{level: rows.set_index("code")["name_zh"] for level, rows in units_above.groupby("level")},
    }
    tables = [_level_table(level, coverages[level], name_zh[level], area[level], counties, names) for level in LEVELS]
    return pd.concat(tables, ignore_index=True)


def _level_table(
    level: str,
    coverage: Coverage,
    name_zh: pd.Series[Any],
    area_km2: pd.Series[Any],
    counties: pd.DataFrame,
    names: Names,
) -> pd.DataFrame:
    codes = [str(code) for code in coverage.codes]
    romanised = [romanise(code, name_zh[code], names) for code in codes]
    lon, lat = points_on_surface(coverage)
    bounds = shapely.bounds(coverage.lonlat)
    parents = counties.drop_duplicates(f"{level}_code" if level == "prefecture" else "code")
    province = parents.set_index("prefecture_code" if level == "prefecture" else "code")["province_code"]
    provinces = {"nation": [None], "province": codes}.get(level) or [province[code] for code in codes]
    prefecture = counties.set_index("code")["prefecture_code"]
    return pd.DataFrame(
        {
            "level": level,
            "code": codes,
            "name_zh": [name_zh[code] for code in codes],
            "name_en": [each.name_en for each in romanised],
            "pinyin": [each.pinyin for each in romanised],
            "initials": [each.initials for each in romanised],
            "kind": [kind_of(level, name_zh[code]) for code in codes],
            "province_code": provinces,
            "prefecture_code": [prefecture[code] if level == "county" else None for code in codes],
            "counted": [province_of(code) not in PROVINCES_WITHOUT_DATA for code in codes],
            "area_km2": np.round([area_km2[code] for code in codes], 2),
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            **{side: bounds[:, number] for number, side in enumerate(("west", "south", "east", "north"))},
        }
    )


def kind_of(level: str, name_zh: str) -> str:
    """Kind for filters: a county-level unit is a district, a city or a county (which banners, 林区 and 特区 are)."""
    if level != "county":
        return level
    if name_zh.endswith("市"):
        return "city"
    if name_zh.endswith("区") and name_zh not in ("神农架林区", "六枝特区"):
        return "district"
    return "county"
