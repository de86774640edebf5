"""Finding a unit by Chinese name, pinyin, initials, English name or code, at all levels."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.views.former import FormerPlace, former_hits
from dashboard.views.models import UnitName
from dashboard.views.units import Unit, gazetteer, unit_name
from geodata.codes import LEVELS, Level
from geodata.store import Reading, Store, remembered
from geodata.text import Language

# What ends a name and says its kind, with its pinyin. Longest first: 自治县 must go before 县.
_KINDS = {
    "维吾尔自治区": "weiwuerzizhiqu",
    "特别行政区": "tebiexingzhengqu",
    "壮族自治区": "zhuangzuzizhiqu",
    "回族自治区": "huizuzizhiqu",
    "自治区": "zizhiqu",
    "自治州": "zizhizhou",
    "自治县": "zizhixian",
    "自治旗": "zizhiqi",
    "地区": "diqu",
    "林区": "linqu",
    "新区": "xinqu",
    "特区": "tequ",
    "省": "sheng",
    "市": "shi",
    "盟": "meng",
    "州": "zhou",
    "区": "qu",
    "县": "xian",
    "旗": "qi",
}
LONGEST_QUERY = 60

# How well a name answers; lower is better. The name with and without its kind count alike: 北京 is the province first.
NAMED, BEGINS, INITIALS, INSIDE = range(4)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A unit with everything it may be called, folded for comparing."""

    unit: Unit
    names: frozenset[str]
    starts: tuple[str, ...]
    initials: str
    everything: str
    order: tuple[int, str]


def search_units(source: Store | Reading, text: str, lang: Language, limit: int = 12) -> tuple[UnitName, ...]:
    """The units that `text` may mean, best first; blank text means none.

    Order: the name or code, with or without its kind (朝阳 for 朝阳区); names that begin so; initials; names that hold
    it. Among equals the higher level first, then by code. Several words narrow down: `chaoyang beijing`. An undivided
    city, which is one place at two levels under one code, is found once, at the lower level.
    """
    return _search(source.reading(), text[:LONGEST_QUERY], lang, limit)


def search_former(
    source: Store | Reading, text: str, lang: Language, found: tuple[UnitName, ...], limit: int = 4
) -> list[tuple[UnitName, FormerPlace]]:
    """Places of today that `text` may mean by a former code or name, without those `found` by what they are called."""
    known = {(unit.level, unit.code) for unit in found}
    hits: dict[tuple[Level, str], tuple[UnitName, FormerPlace]] = {}
    for place, former in former_hits(source.reading(), text[:LONGEST_QUERY], lang, limit, above=not found):
        if (place.level, place.code) not in known:
            hits.setdefault((place.level, place.code), (place, former))
    return list(hits.values())


@remembered(at_most=512)
def _search(reading: Reading, text: str, lang: Language, limit: int) -> tuple[UnitName, ...]:
    whole = _fold(text)
    if not whole:
        return ()
    entries = _entries(reading)
    hits = [(match, entry) for entry in entries if (match := _match(entry, whole)) is not None]
    words = [_fold(word) for word in text.split()]
    if not hits and len(words) > 1:
        by_key = {(entry.unit.level, entry.unit.code): entry for entry in entries}
        hits = [(match, entry) for entry in entries if (match := _match_words(entry, words, by_key)) is not None]
    hits.sort(key=lambda hit: (hit[0], hit[1].order))
    return tuple(unit_name(entry.unit, lang) for _, entry in hits[:limit])


def _match(entry: _Entry, word: str) -> int | None:
    if word not in entry.everything:
        return None
    if word in entry.names:
        return NAMED
    if any(name.startswith(word) for name in entry.starts):
        return BEGINS
    if len(word) > 1 and entry.initials.startswith(word):
        return INITIALS
    if len(word) > 1 and not word.isdigit() and any(word in name for name in entry.starts):
        return INSIDE
    return None


def _match_words(entry: _Entry, words: list[str], by_key: Mapping[tuple[Level, str], _Entry]) -> int | None:
    """Each word must name the unit or one above it, at least one the unit itself; the best such match counts."""
    unit = entry.unit
    keys: list[tuple[Level, str]] = [
        ("prefecture", unit.prefecture_code or ""),
        ("province", unit.province_code or ""),
    ]
    above = [by_key[key] for key in keys if key in by_key and by_key[key] is not entry]
    own = [_match(entry, word) for word in words]
    for word, match in zip(words, own, strict=True):
        if match is None and all(_match(parent, word) is None for parent in above):
            return None
    return min((match for match in own if match is not None), default=None)


@remembered(at_most=1)
def _entries(reading: Reading) -> tuple[_Entry, ...]:
    known = gazetteer(reading)
    by_code = {unit.code: unit for level in LEVELS for unit in known.levels[level]}
    return tuple(_entry(unit) for unit in by_code.values())


def _entry(unit: Unit) -> _Entry:
    zh, en = _fold(unit.name_zh), _fold(unit.name_en)
    english_stem = _fold(unit.name_en.split(" ")[0])
    kind = _kind(unit.name_zh)
    stem, pinyin_stem = zh.removesuffix(kind), unit.pinyin.removesuffix(_KINDS.get(kind, ""))
    return _Entry(
        unit=unit,
        names=frozenset({zh, en, unit.pinyin, unit.code, stem, english_stem, pinyin_stem}),
        starts=(zh, unit.pinyin, en, unit.code),
        initials=unit.initials,
        # One look here spares four for nearly every unit; blanks keep names apart.
        everything=f"{zh} {unit.pinyin} {en} {unit.code} {unit.initials}",
        order=(LEVELS.index(unit.level), unit.code),
    )


def _fold(text: str) -> str:
    """Lower case without accents, blanks or punctuation, full-width forms made plain: `Ürümqi ` -> `urumqi`."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _kind(name_zh: str) -> str:
    """The word for its kind that ends a name, if at least two characters stand before it: 蔚县 has none to spare."""
    return next((kind for kind in _KINDS if name_zh.endswith(kind) and len(name_zh) - len(kind) >= 2), "")
