"""Access figures and curves of the toy release: some of each kind, every state among them."""

from __future__ import annotations

import pandas as pd

from geodata.contracts.release import TABLES

# level, code, figure, value, low, high, state; - is empty.
ACCESS = """
county     510121 distance_median   9.0  -   -    value
county     341900 distance_median   -    -   -    withheld
county     810001 distance_median   -    -   -    no_data
province   510000 distance_median   3.5  -   -    value
county     510121 minutes_to_centre 32   23  45   value
county     510121 priority_index    61.5 -   -    value
county     510121 priority_rank     2    1   4    value
county     510121 need_coverage_class 7  -   -    value
county     510104 distance_cluster     5 -   -    value
"""

# level, code, curve, step, people, access, index
EQUITY = """
nation   100000 lorenz        0 0   0   0.5
nation   100000 lorenz        1 0.5 0   0.5
nation   100000 lorenz        2 1   1   0.5
nation   100000 concentration 0 0   0   -0.25
nation   100000 concentration 1 0.5 0.6 -0.25
nation   100000 concentration 2 1   1   -0.25
province 510000 lorenz        0 0   0   0
province 510000 lorenz        1 1   1   0
"""


def toy_access() -> dict[str, pd.DataFrame]:
    """The tables `access` and `equity`, and those of `toy_travel`."""
    return {**toy_travel(), "access": _access(), "equity": _equity()}


def toy_travel() -> dict[str, pd.DataFrame]:
    """The tables `travel` and `minutes`: the straight line by bus, with a standard of an hour for two types."""
    row = {"method": "straight_line", "mode": "bus", "speed_km_h": 25.0, "snap_within_m": float("nan")}
    row |= {"detour_flat": 1.25, "detour_hilly": 1.35, "detour_mountain": 1.45, "detour_unknown": 1.33}
    names = list(TABLES["minutes"].to_schema().columns)
    none = pd.DataFrame({name: pd.Series(dtype=float if name == "minutes" else str) for name in names})
    standards = "child_friendly_space:60,childrens_place:60"
    return {"travel": pd.DataFrame([row | {"standards_min": standards}]), "minutes": none}


def _access() -> pd.DataFrame:
    names = ["level", "code", "figure", "value", "low", "high", "state"]
    rows = [["nan" if word == "-" else word for word in line.split()] for line in ACCESS.strip().splitlines()]
    table = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[3:6], float))
    return table.assign(quality=table["state"].map({"no_data": "none"}).fillna("demonstration"))


def _equity() -> pd.DataFrame:
    names = list(TABLES["equity"].to_schema().columns)
    table = pd.DataFrame([line.split() for line in EQUITY.strip().splitlines()], columns=names)
    return table.astype(dict.fromkeys(names[4:], float) | {"step": int})
