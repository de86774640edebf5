"""What the columns of a register mean: guessed from their names, shown, and put right by the user's own source file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from etl.read.register.shapes import X, Y
from geodata.catalogue.load import parse_entry, read_yaml
from geodata.errors import ManyErrors, UserError

SYNONYMS_FILE = Path(__file__).with_name("synonyms.yaml")
FIELDS = (
    "centre_id", "name", "name_zh", "name_en", "programme", "type", "services", "lon", "lat", "geopoint", "crs",
    "county", "prefecture", "province", "address", "opened", "closed", "capacity", "staff", "status", "verified",
    "source", "licence",
)  # fmt: skip
# Forms write the parts of a position as the ends of longer names: _place_latitude, place-Longitude.
_ENDS = {"lon": ("longitude", "lng", "lon", "经度"), "lat": ("latitude", "lat", "纬度")}
_UNIT = re.compile(r"[(（\[].*?[)）\]]")
_BLANK = re.compile(r"[\s_　]+")


class Correction(BaseModel):
    """One known error of a register. `expect` is what stands there now: when it no longer does, the build says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    centre_id: str
    column: str
    value: str
    expect: str
    reason: str


class RegisterReading(BaseModel):
    """How to read one register: `read` in its file in `etl/sources/registers/`. All parts may be left out.

    Attributes
    ----------
    columns
        Field of the contract: header in the file, or a list of headers of which the first that is filled counts.
    constants
        Field: value for every row that has none of its own.
    values
        Field: what the register writes: what the contract calls it. A key is looked for as a part, too.
    crs
        WGS-84, GCJ-02, BD-09 or an EPSG code, for every row that does not say.
    corrections
        Known errors, applied after reading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str | list[str]] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    crs: str | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """Field -> headers, in the order in which they are asked; and the headers nobody asks."""

    columns: dict[str, tuple[str, ...]]
    unused: tuple[str, ...]
    reading: RegisterReading


def load_reading(file: Path) -> tuple[RegisterReading, dict[str, Any]]:
    """The `read` part of a source file, and the whole file (who made the register, under which licence).

    Raises
    ------
    UserError
        If the file cannot be read or names a field that the contract does not know.
    """
    content = read_yaml(file)
    reading = parse_entry(RegisterReading, content.get("read") or {}, file)
    strangers = sorted((set(reading.columns) | set(reading.constants) | set(reading.values)) - set(FIELDS))
    if strangers:
        raise ManyErrors(
            f"{file} names fields that a register does not have:",
            [UserError("Unknown field", file=file, key=name, expected="one of " + ", ".join(FIELDS))
             for name in strangers],
        )  # fmt: skip
    return reading, content


def guess(headers: list[str], reading: RegisterReading, file: Path) -> Mapping:
    """Which header means which field: what `reading` says, else by the synonyms.

    Raises
    ------
    UserError
        If `reading` names a header that the file does not have.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for field, named in reading.columns.items():
        wanted = (named,) if isinstance(named, str) else tuple(named)
        found = tuple(header for header in wanted if header in headers)
        if not found:
            raise UserError("The mapping names a column that the file does not have", file=file, key=field,
                            value=", ".join(wanted), expected="one of " + ", ".join(headers[:40]))  # fmt: skip
        columns[field] = found
    # One of a list is a makeshift: OpenStreetMap's name tells the kind of a place, too.
    taken = {named for named in reading.columns.values() if isinstance(named, str)}
    for field in FIELDS:
        if field not in columns:
            found = tuple(header for header in _matching(field, headers) if header not in taken)
            if found:
                columns[field] = found
                taken.update(found)
    if X in headers and Y in headers:
        # A geometry is what the file calls the place; columns of the same meaning are only asked where it is missing.
        columns["lon"] = (X, *columns.get("lon", ()))
        columns["lat"] = (Y, *columns.get("lat", ()))
    unused = tuple(header for header in headers if header not in taken and not header.startswith("@"))
    return Mapping({field: columns[field] for field in FIELDS if field in columns}, unused, reading)


def meaning(field: str, word: str, reading: RegisterReading) -> str | None:
    """What `word` means in `field`: an id of the contract, or None. The register's own words go before the synonyms."""
    plain = _plain(word)
    own = {_plain(key): value for key, value in reading.values.get(field, {}).items()}
    for table in (own, _values().get(field, {})):
        if plain in table:
            return table[plain]
    for table in (own, _values().get(field, {}) if field == "type" else {}):
        # The longest part that is found: 留守儿童之家 before 儿童之家.
        inside = [key for key in table if len(key) > 1 and key in plain]
        if inside:
            return table[max(inside, key=len)]
    return None


@cache
def _synonyms() -> dict[str, Any]:
    return read_yaml(SYNONYMS_FILE)


@cache
def _values() -> dict[str, dict[str, str]]:
    return {
        field: {_plain(word): name for name, words in names.items() for word in [name, *words]}
        for field, names in _synonyms()["values"].items()
    }


def _matching(field: str, headers: list[str]) -> list[str]:
    """Headers that mean `field`, whole names before last parts, in the order of the synonyms."""
    words = [_plain(word) for word in _synonyms()["columns"][field]]
    whole = [h for word in words for h in headers if _plain(h) == word]
    last = [h for word in words for h in headers if "/" in h and _plain(h.rpartition("/")[2]) == word]
    ends = [h for h in headers if _plain(re.split(r"[/\-_:.]", h)[-1]) in _ENDS.get(field, ())]
    return list(dict.fromkeys([*whole, *last, *ends]))


def _plain(word: str) -> str:
    """Lower case without blanks, underscores, units in brackets and a colon at the end."""
    return _BLANK.sub("", _UNIT.sub("", word)).rstrip(":：").lower()
