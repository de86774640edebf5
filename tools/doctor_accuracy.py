"""How often the coordinate doctor is right: known points, spoilt in known ways. Prints the table of the method page.

    python tools/doctor_accuracy.py

Points are the GeoNames settlements in their counties. Each is jittered by 100 m, and in every file 1 row in 50 names a
neighbouring county, as registers do. A file of n rows is spoilt as a whole, or 1 row in 10 of it; 40 files a line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from etl.read.boundaries import read_boundaries
from etl.read.settlements import read_settlements
from geodata import crs
from geodata.analysis.coordinates import Counties, examine

NOTHING = "未改动 · nothing"
FILES, JITTER_M, WRONG_COUNTY, PART = 40, 100.0, 0.02, 0.1
Pair = tuple[np.ndarray, np.ndarray]


def _dotted(value: np.ndarray) -> np.ndarray:
    seconds = np.round(value * 3600).astype(int)
    return seconds // 3600 + seconds // 60 % 60 / 100 + seconds % 60 / 10_000


def _minutes(value: np.ndarray) -> np.ndarray:
    return np.floor(value) * 100 + np.round(np.mod(value, 1) * 60, 3) % 60


def _gauss(lon: np.ndarray, lat: np.ndarray) -> Pair:
    zone = np.round(lon / 3).astype(int)
    x, y = np.empty_like(lon), np.empty_like(lat)
    for number in np.unique(zone):
        here = zone == number
        grid = f"+proj=tmerc +lon_0={3 * number} +k=1 +x_0=500000 +ellps=GRS80 +units=m"
        x[here], y[here] = Transformer.from_crs("EPSG:4326", grid, always_xy=True).transform(lon[here], lat[here])
    return x, y


def _mercator(lon: np.ndarray, lat: np.ndarray) -> Pair:
    return Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(lon, lat)


def _bd09(lon: np.ndarray, lat: np.ndarray) -> Pair:
    return crs.bd09_from_gcj02(*crs.gcj02_from_wgs84(lon, lat))


SPOILT: dict[str, Callable[[np.ndarray, np.ndarray], Pair]] = {
    "gcj02": crs.gcj02_from_wgs84,
    "bd09": _bd09,
    "swapped": lambda lon, lat: (lat, lon),
    "dotted_dms": lambda lon, lat: (_dotted(lon), _dotted(lat)),
    "packed_dm": lambda lon, lat: (_minutes(lon), _minutes(lat)),
    "web_mercator": _mercator,
    "gauss_krueger": _gauss,
}


def main() -> None:
    """Print one line a way of spoiling and size of file."""
    raw = read_boundaries()
    counties = Counties(raw.counties["code"].to_numpy(str), raw.outlines)
    truth = read_settlements().table[["lon", "lat"]]
    x, y = crs.equal_area_from_wgs84(truth["lon"], truth["lat"])
    at, county = shapely.STRtree(counties.plane).query(shapely.points(x, y), predicate="within")
    truth = truth.iloc[at].assign(county=county).reset_index(drop=True)
    dice = np.random.default_rng(20201101)
    say = sys.stdout.write
    say("| 改坏方式 · spoilt | 每文件行数 · rows a file | 改坏部分 · part | 找回 % · recall % ")
    say("| 准确 % · precision % | 正确行误改 % · wrong fix, % of clean rows |\n")
    say("|---|---|---|---|---|---|\n")
    for rows in (50, 200, 1_000):
        say(_line(NOTHING, rows, 0.0, truth, counties, dice) + "\n")
        for name in SPOILT:
            say(_line(name, rows, 1.0, truth, counties, dice) + "\n")
            say(_line(name, rows, PART, truth, counties, dice) + "\n")


def _line(name: str, rows: int, part: float, truth: pd.DataFrame, counties: Counties, dice: np.random.Generator) -> str:
    spoilt_right = spoilt_all = fixed_all = clean_fixed = clean_all = 0
    for _ in range(FILES):
        file = truth.sample(rows, random_state=int(dice.integers(2**31)))
        degree_m = 111_195.0
        lat = file["lat"].to_numpy() + dice.normal(0, JITTER_M / degree_m, rows)
        lon = file["lon"].to_numpy() + dice.normal(0, JITTER_M / degree_m, rows) / np.cos(np.radians(lat))
        county = file["county"].to_numpy().copy()
        wrong = dice.random(rows) < WRONG_COUNTY
        county[wrong] = np.clip(county[wrong] + 1, 0, len(counties.codes) - 1)
        spoilt = dice.random(rows) < part
        shown_lon, shown_lat = lon.copy(), lat.copy()
        if spoilt.any():
            shown_lon[spoilt], shown_lat[spoilt] = SPOILT[name](lon[spoilt], lat[spoilt])
        found = examine(shown_lon, shown_lat, county, counties)
        fixed = (found["fix"] != "").to_numpy()
        back_m = np.hypot(
            (found["fixed_lon"] - lon).to_numpy() * np.cos(np.radians(lat)) * 111_320.0,
            (found["fixed_lat"] - lat).to_numpy() * degree_m,
        )
        right = fixed & (np.nan_to_num(back_m, nan=np.inf) < 50.0)
        spoilt_right += int((right & spoilt).sum())
        spoilt_all += int(spoilt.sum())
        fixed_all += int(fixed.sum())
        clean_fixed += int((fixed & ~spoilt).sum())
        clean_all += int((~spoilt).sum())
    recall = f"{100 * spoilt_right / spoilt_all:.1f}" if spoilt_all else "–"
    precision = f"{100 * spoilt_right / fixed_all:.1f}" if fixed_all and spoilt_all else "–"
    harm = f"{100 * clean_fixed / clean_all:.2f}" if clean_all else "–"
    name = name if name == NOTHING else f"`{name}`"
    return f"| {name} | {rows} | {part:.0%} | {recall} | {precision} | {harm} |"


if __name__ == "__main__":
    main()
