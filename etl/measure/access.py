"""How far children are from centres: the nearest open centre of each settlement, summed per county in SQL."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from geodata.analysis.distance import nearest
from geodata.analysis.estimate.rounding import WITHHELD, round_count

STANDARDS_KM = (5, 10, 30)
YEAR = 2020
COUNTS = ("children_measured", *(f"children_beyond_{standard}km" for standard in STANDARDS_KM))
MEASURES = (*COUNTS, "children_km")

_BEYOND_SQL = """sum(CASE WHEN n.distance_m > {metres} THEN s.children WHEN n.distance_m IS NOT NULL THEN 0 END)
        AS children_beyond_{km}km"""
# Sums over nothing stay empty: without a distance nobody knows who is beyond it.
_SUMS_SQL = """
SELECT
    s.code,
    sum(s.children) FILTER (n.distance_m IS NOT NULL) AS children_measured,
    {beyond},
    sum(s.children * n.distance_m) / 1000 AS children_km
FROM settlements AS s
SEMI JOIN counties USING (code)
JOIN nearest AS n USING (settlement_id)
GROUP BY s.code
ORDER BY s.code
""".format(beyond=",\n    ".join(_BEYOND_SQL.format(km=km, metres=km * 1_000) for km in STANDARDS_KM))


def nearest_centres(settlements: pd.DataFrame, centres: pd.DataFrame) -> pd.DataFrame:
    """settlement_id, nearest_centre_id, distance_m (geodesic) of every settlement to the nearest open centre.

    Without any open centre both are missing. Planned and closed centres and those without a place do not count.
    """
    at_work = centres[(centres["status"] == "open") & centres["lon"].notna()].reset_index(drop=True)
    index, distance_m = nearest(settlements["lon"], settlements["lat"], at_work["lon"], at_work["lat"])
    # An index of -1 stands in no row: no centre.
    found = at_work["centre_id"].astype(object).reindex(index)
    return pd.DataFrame(
        {
            "settlement_id": settlements["settlement_id"].to_numpy(),
            "nearest_centre_id": found.where(found.notna(), None).to_numpy(),
            "distance_m": distance_m,
        }
    )


def county_sums(settlements: pd.DataFrame, near: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Per county: children_measured, children_beyond_*km (strictly farther), children_km; unrounded, in DuckDB.

    Parameters
    ----------
    settlements
        settlement_id, code, children.
    near
        From `nearest_centres`.
    children
        Figures of the measure `children`: code, state. Only counties whose children are known are summed.
    """
    known = children.loc[children["state"].isin(["value", "zero"]), ["code"]]
    with duckdb.connect() as connection:
        connection.register("settlements", settlements[["settlement_id", "code", "children"]])
        connection.register("nearest", near[["settlement_id", "distance_m"]].astype({"distance_m": float}))
        connection.register("counties", known)
        return connection.execute(_SUMS_SQL).df()


def access_figures(sums: pd.DataFrame, children: pd.DataFrame, *, demonstration: bool) -> pd.DataFrame:
    """`sums` as figures: code, year, measure, value, state, quality; one row for every row of `children` and measure.

    Counts are rounded as all modelled counts are. Rounding is monotone: it can neither lift a part above its whole nor
    turn the order of the standards around. Where the county's children are withheld or unknown, so is this; without
    an open centre nothing is known.
    """
    long = sums.melt("code", list(MEASURES), "measure", "raw")
    grid = children[["code", "state", "quality"]].merge(pd.DataFrame({"measure": MEASURES}), how="cross")
    found = grid.merge(long, how="left", on=["code", "measure"])
    # A sum of shares ends a little off the count that was shared out.
    raw = np.round(found["raw"].to_numpy(float), 6)
    is_count = (found["measure"] != "children_km").to_numpy()
    # Children times kilometres keep one decimal: a mean distance made of them is right far beyond what is shown.
    counts = round_count(np.nan_to_num(raw))
    value = np.where(is_count, counts, np.round(raw, 1))
    state = np.select(
        [found["state"] == "withheld", np.isnan(raw), is_count & (counts == WITHHELD), value == 0],
        ["withheld", "no_data", "withheld", "zero"],
        "value",
    )
    own_quality = "demonstration" if demonstration else "modelled"
    return pd.DataFrame(
        {
            "code": found["code"],
            "year": YEAR,
            "measure": found["measure"],
            "value": np.where(np.isin(state, ["value", "zero"]), value, np.nan),
            "state": state,
            "quality": np.where(state == "no_data", "none", own_quality),
        }
    )
