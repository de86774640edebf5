"""Former codes and names of places, and the places of today where they are counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import BadQuery
from dashboard.views.models import UnitName
from dashboard.views.units import Unit, gazetteer, unit_name
from dashboard.views.vintages import higher_units, time_machine
from geodata.analysis.resolve import AmbiguousUnit, Meaning, UnknownUnit
from geodata.analysis.resolve_above import Above, resolve_any
from geodata.codes import Level
from geodata.store import Reading, Store, remembered
from geodata.text import Language

# The longest name of a division with what lies above it has some 40 characters.
LONGEST_NAME = 60
_CODE, _CHINESE = re.compile(r"\d{6}"), re.compile(r"[\u4e00-\u9fff]{3,}")
UNIT_EXAMPLE = ("six digits such as 110101",)


@dataclass(frozen=True, slots=True)
class FormerPlace:
    """What a code or a name stood for, and the places of today where its area is counted, the greatest part first.

    `text` says all of it in one sentence. `is_former` is false for a place that still stands under that code and name.
    """

    code: str
    name: str
    level: Level
    from_year: int
    to_year: int | None
    is_former: bool
    text: str
    places: tuple[UnitName, ...]


def former_places(source: Store | Reading, asked: str, lang: Language) -> tuple[FormerPlace, ...]:
    """All that a code or a name since 2000 stood for; one, unless several places were called so. Empty: none was.

    Names are understood in Chinese, with or without what lies above them, and county names in English too.
    """
    return _former_places(source.reading(), asked.strip()[:LONGEST_NAME], lang)


def place_of_today(found: tuple[FormerPlace, ...]) -> UnitName | None:
    """The one place of today that all of these lead to, if it is one."""
    places = {(place.level, place.code): place for one in found for place in one.places}
    return next(iter(places.values())) if len(places) == 1 else None


def unit_asked(
    reading: Reading, asked: str | None, level: Level | None, lang: Language
) -> tuple[Unit, FormerPlace | None]:
    """The unit that the words of a query mean, by its code of today or a former code or name, and what that was.

    Raises
    ------
    BadQuery
        If nothing is meant, nothing is called so, or what was called so is several places of today: then with these.
    """
    if asked is None:
        raise BadQuery("missing", "unit", None, UNIT_EXAMPLE)
    known = gazetteer(reading)
    if unit := known.find(asked, level):
        return unit, None
    found = former_places(reading, asked, lang)
    today = place_of_today(found)
    if today is not None and (unit := known.find(today.code, today.level)):
        return unit, next((one for one in found if one.is_former), None)
    if found:
        named = {f"{place.code} {place.name}" for one in found for place in one.places}
        raise BadQuery("several_today", "unit", asked, sorted(named))
    raise BadQuery("unknown_value", "unit", asked, UNIT_EXAMPLE)


def former_answer(former: FormerPlace | None) -> dict[str, object] | None:
    """What a former code or name stood for, as a program reads it."""
    if former is None:
        return None
    return {
        "code": former.code,
        "name": former.name,
        "level": former.level,
        "from_year": former.from_year,
        "to_year": former.to_year,
        "text": former.text,
        "today": [place.code for place in former.places],
    }


def former_hits(
    reading: Reading, text: str, lang: Language, at_most: int, *, above: bool
) -> list[tuple[UnitName, FormerPlace]]:
    """Places of today for the search box: what was once a county of this code, name or English name, whole or begun.

    With `above` prefectures too, which take a tenth of a second to look up, by code or by Chinese name.
    """
    word = _fold(text)
    if len(word) < 2 or (word.isdigit() and not _CODE.fullmatch(word)):
        return []
    begun = [(names, one) for names, one in _names(reading) if any(name.startswith(word) for name in names)]
    begun.sort(key=lambda hit: (word not in hit[0], -(hit[1].to_year or 0), hit[1].code))
    former = [_place(reading, meaning, lang) for _, meaning in begun[:at_most]]
    if not former and above and (_CODE.fullmatch(word) or _CHINESE.fullmatch(word)):
        former = [one for one in former_places(reading, word, lang) if one.is_former]
    return [(place, one) for one in former for place in one.places][:at_most]


@remembered(at_most=256)
def _former_places(reading: Reading, asked: str, lang: Language) -> tuple[FormerPlace, ...]:
    return tuple(_place(reading, meaning, lang) for meaning in _meant(reading, asked)) if asked else ()


def _meant(reading: Reading, asked: str) -> Iterator[Meaning | Above]:
    machine, higher = time_machine(reading), higher_units(reading)
    try:
        yield resolve_any(machine, higher, asked).meaning
    except AmbiguousUnit:
        yield from machine.called(asked)
        yield from higher.find(asked)[0]
    except UnknownUnit:
        word = _fold(asked)
        yield from (meaning for names, meaning in _names(reading) if word in names)


@remembered(at_most=1)
def _names(reading: Reading) -> list[tuple[tuple[str, ...], Meaning]]:
    """Former counties by code, name and English name with and without its kind, folded for comparing."""
    return [
        ((meaning.code, *dict.fromkeys(map(_fold, (meaning.name, meaning.name_en, _stem(meaning.name_en))))), meaning)
        for meaning in time_machine(reading).meanings
        if meaning.to_year is not None
    ]


def _place(reading: Reading, meaning: Meaning | Above, lang: Language) -> FormerPlace:
    parts = _parts(reading, meaning)
    named = [unit_name(unit, lang) for unit, _ in parts]
    shares = [share for _, share in parts]
    same = meaning.to_year is None and [meaning.code] == [place.code for place in named]
    return FormerPlace(
        code=meaning.code,
        name=meaning.name,
        level=meaning.level if isinstance(meaning, Above) else "county",
        from_year=meaning.from_year,
        to_year=meaning.to_year,
        is_former=not same,
        text=_sentence(meaning, _above(reading, meaning, lang), named, shares, lang),
        places=tuple(named),
    )


def _parts(reading: Reading, meaning: Meaning | Above) -> list[tuple[Unit, float]]:
    """Units of today with the part of the old place that each holds, greatest first; what is not drawn stays out."""
    known = gazetteer(reading)
    if isinstance(meaning, Above):
        whole = sum(target.counties for target in meaning.targets) or 1
        shares = [(known.find(one.code, meaning.level), one.counties / whole) for one in meaning.targets]
    else:
        shares = [(known.find(one.code, "county"), one.weight) for one in meaning.targets]
    return sorted(((unit, share) for unit, share in shares if unit), key=lambda part: (-part[1], part[0].code))


def _above(reading: Reading, meaning: Meaning | Above, lang: Language) -> str:
    """What lay above the place: in English the province alone, because old prefectures have Chinese names only."""
    province = gazetteer(reading).find(f"{meaning.code[:2]}0000", "province")
    if lang == "en" and province:
        return province.name_en
    return meaning.province if isinstance(meaning, Above) else f"{meaning.province}{meaning.prefecture}"


def _sentence(meaning: Meaning | Above, above: str, places: list[UnitName], shares: list[float], lang: Language) -> str:
    own = meaning.name
    if lang == "en" and isinstance(meaning, Meaning):
        own = f"{meaning.name_en} ({meaning.name})"
    words = {"code": meaning.code, "name": own, "above": above, "year": meaning.to_year}
    today = [t("former.today", lang, name=place.name, code=place.code) for place in places]
    listed = t("format.list_separator", lang)
    if not places:
        return t("former.gone", lang, **words)
    if meaning.to_year is None:
        return t("former.stands", lang, **words)
    if len(places) == 1:
        return t("former.single", lang, **words, today=today[0])
    parts = [
        t("former.part", lang, today=one, percent=fmt.number(100 * share, 0) if share >= 0.01 else "<1")
        for one, share in zip(today, shares, strict=True)
    ]
    return t("former.divided", lang, **words, today=listed.join(parts))


def _stem(name_en: str) -> str:
    """An English name without its kind: Zhijin of Zhijin County."""
    return name_en.rpartition(" ")[0] or name_en


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in plain if letter.isalnum())
