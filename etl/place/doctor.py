"""Centres into counties: the county a register names against the county its point lies in, and what the doctor says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata import crs
from geodata.analysis.coordinates import NOWHERE, OK, WITHDRAW, Counties, examine

Floats = npt.NDArray[np.float64]

_CENTRE_COLUMNS = (
    "centre_id", "name_zh", "name_en", "programme", "type", "services", "lon", "lat", "crs", "coordinates", "code",
    "address", "opened", "closed", "capacity", "staff", "status", "verified", "source", "licence",
)  # fmt: skip
# Ends of Chinese names of counties and of what lies above them, which registers leave out.
_ENDS = (
    "自治县",
    "自治旗",
    "自治州",
    "自治区",
    "地区",
    "特区",
    "林区",
    "新区",
    "省",
    "市",
    "州",
    "盟",
    "县",
    "区",
    "旗",
)


@dataclass(frozen=True)
class CountyNames:
    """All counties, in one order: code, names and what lies above, and outlines in the equal-area plane, metres."""

    table: pd.DataFrame
    outlines: Counties


@dataclass(frozen=True)
class PlacedCentres:
    """A register in its counties.

    Attributes
    ----------
    table
        The `centres` of the release contract without `demonstration`. Without a place lon and lat are empty, and the
        centre counts for its county alone.
    checks
        A row for each centre with a place: centre_id, row, and the columns of `examine`, and `applied`.
    rejected
        Centres that are in no county, by their place and by what they say: row, centre_id, column, value, reason,
        expected.
    """

    table: pd.DataFrame
    checks: pd.DataFrame
    rejected: pd.DataFrame


def county_names(counties: pd.DataFrame, units_above: pd.DataFrame, outlines: npt.NDArray[np.object_]) -> CountyNames:
    """Counties by their names and with the names above them.

    Parameters
    ----------
    counties
        code, name_zh, prefecture_code, province_code; may carry name_en.
    units_above
        level, code, name_zh of prefectures and provinces.
    outlines
        In the order of `counties`, equal-area plane, metres.
    """
    above = units_above.drop_duplicates(["level", "code"]).set_index(["level", "code"])["name_zh"]
    named = {
        level: [above.get((level, code), "") for code in counties[f"{level}_code"]]
        for level in ("prefecture", "province")
    }
    table = counties[["code", "name_zh"]].assign(**named).reset_index(drop=True)
    return CountyNames(table, Counties(counties["code"].to_numpy(str), outlines))


def declared_counties(register: pd.DataFrame, names: CountyNames) -> npt.NDArray[np.int64]:
    """Index of the county each row names, by code or by name with what lies above it; -1 where not a single one.

    Parameters
    ----------
    register
        county, prefecture, province, address as text.
    names
        All counties of today.
    """
    by_code = {code: at for at, code in enumerate(names.table["code"])}
    by_name: dict[str, list[int]] = {}
    for at, name in enumerate(names.table["name_zh"]):
        for key in {name, _stem(name)}:
            by_name.setdefault(key, []).append(at)
    above = list(zip(names.table["prefecture"], names.table["province"], strict=True))
    found = []
    for county, prefecture, province, address in zip(
        register["county"], register["prefecture"], register["province"], register["address"], strict=True
    ):
        text = county.strip()
        # Codes of townships and villages begin with the code of their county.
        code = text[:6] if text.isdigit() and len(text) in {6, 9, 12} else ""
        hint = f"{province}{prefecture}{address if isinstance(address, str) else ''}{text}"
        found.append(by_code[code] if code in by_code else _by_name(text, hint, by_name, above))
    return np.array(found, dtype=np.int64)


def place_centres(register: pd.DataFrame, names: CountyNames, *, apply_fixes: bool) -> PlacedCentres:
    """The centres of a register with their counties, and what the coordinate doctor found.

    A centre whose numbers are no place in any county keeps its county and loses its place. Where both a county is named
    and a place lies in another one, the county named counts; the place stays as it is given unless a fix is applied.

    Parameters
    ----------
    register
        `RawCentres.table`.
    names
        All counties.
    apply_fixes
        Whether the person agreed to the fixes that are proposed.
    """
    declared = declared_counties(register, names)
    given = register["x"].notna().to_numpy()
    checks = examine(register["x"], register["y"], declared, names.outlines)
    mended = (checks["fix"] != "").to_numpy() & given & apply_fixes
    lon = np.where(mended, checks["fixed_lon"], checks["lon"])
    lat = np.where(mended, checks["fixed_lat"], checks["lat"])
    lost = (checks["finding"] == NOWHERE).to_numpy() & ~mended
    lon, lat = np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)
    county = np.where(declared >= 0, declared, _county_of(lon, lat, names.outlines))
    table = register.assign(
        lon=np.round(lon, 7),
        lat=np.round(lat, 7),
        coordinates=_how(given, np.isfinite(lon), mended, (~register["crs"].isin(["", "WGS-84"])).to_numpy()),
        code=np.where(county >= 0, names.table["code"].to_numpy(str)[county], ""),
        crs=register["crs"].where(register["crs"] != "", None),
    )
    known = county >= 0
    said = checks.assign(centre_id=register["centre_id"], row=register["row"], applied=mended)
    return PlacedCentres(
        table.loc[known, list(_CENTRE_COLUMNS)].reset_index(drop=True),
        said[given & known].reset_index(drop=True),
        _rejected(register[~known], said[~known]),
    )


def findings(checks: pd.DataFrame) -> pd.DataFrame:
    """The checks that found anything."""
    return checks[checks["finding"] != OK]


def _by_name(text: str, hint: str, by_name: dict[str, list[int]], above: list[tuple[str, str]]) -> int:
    """The county called `text`, or what its last part is called: 湖北省恩施州巴东县. -1 unless it is a single one."""
    if not text or text.isdigit():
        return -1
    candidates = by_name.get(text) or by_name.get(_stem(text)) or []
    if not candidates:
        longest = max((name for name in by_name if len(name) > 2 and text.endswith(name)), key=len, default="")
        candidates = by_name.get(longest, [])
    if len(candidates) > 1:
        # The most of what lies above that is named anywhere in the row.
        score = [sum(bool(name) and _stem(name) in hint for name in above[at]) for at in candidates]
        best = [at for at, points in zip(candidates, score, strict=True) if points == max(score) > 0]
        candidates = best
    return candidates[0] if len(candidates) == 1 else -1


def _stem(name: str) -> str:
    """A name without its kind, unless a single character would be left: 蔚县 stays."""
    end = next((end for end in _ENDS if name.endswith(end) and len(name) - len(end) >= 2), "")
    return name.removesuffix(end)


def _county_of(lon: Floats, lat: Floats, counties: Counties) -> npt.NDArray[np.int64]:
    """Index of the county each place lies in, the first where two share it; -1 where none."""
    found = np.full(len(lon), -1, dtype=np.int64)
    rows = np.flatnonzero(np.isfinite(lon))
    points = shapely.points(*crs.equal_area_from_wgs84(lon[rows], lat[rows]))
    at, county = shapely.STRtree(counties.plane).query(points, predicate="intersects")
    order = np.argsort(-county, kind="stable")
    found[rows[at[order]]] = county[order]
    return found


def _how(
    given: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_], mended: npt.NDArray[np.bool_],
    converted: npt.NDArray[np.bool_],
) -> npt.NDArray[np.str_]:  # fmt: skip
    """How a place was come by: none, withdrawn, fixed, converted from the system that was declared, or as_given."""
    return np.select(
        [~given, ~kept, mended, converted], ["none", "withdrawn", "fixed", "converted"], "as_given"
    ).astype(str)


def _rejected(rows: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    proposed = np.where(
        checks["fix"].isin(["", WITHDRAW]),
        "the name or code of a county of today, or a place on land",
        "a county; or agree to the fix " + checks["fix"].astype(str) + " with --apply-fixes",
    )
    return pd.DataFrame(
        {
            "row": rows["row"],
            "centre_id": rows["centre_id"],
            "column": np.where(rows["x"].notna(), "lon, lat", "county"),
            "value": np.where(
                rows["x"].notna(), rows["x"].astype(str) + ", " + rows["y"].astype(str), rows["county"].astype(str)
            ),
            "reason": "This centre lies in no county and names none that is known",
            "expected": proposed,
        }
    )
