"""Access by county: the nearest open centre of each settlement and the places in reach, summed per county."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.analysis.access.capacity import assign
from geodata.analysis.access.catchments import Reach, Steps, floating_catchments, within
from geodata.analysis.access.sums import as_published, unit_sums
from geodata.analysis.access.travel import Assumed
from geodata.analysis.distance import nearest

YEAR = 2020
# A centre farther away than the widest standard is in nobody's reach; nearer ones count more: the weights for slow
# decay of Luo & Qi 2009, their three zones of ten minutes taken as ten kilometres.
REACH_M = 30_000.0
ZONES = ((10_000.0, 1.0), (20_000.0, 0.68), (REACH_M, 0.22))
# Children at a village centre (Jiang et al. 2020), where the register does not say how many it takes.
PLACES_ASSUMED = 46.0

PLACES_MEASURES = ("children_served", "children_without_place", "places_in_reach")


def nearest_centres(settlements: pd.DataFrame, centres: pd.DataFrame) -> pd.DataFrame:
    """settlement_id, nearest_centre_id, distance_m (geodesic) of every settlement to the nearest open centre.

    Without any open centre both are missing. Planned and closed centres and those without a place do not count.
    """
    at_work = open_centres(centres)
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


def open_centres(centres: pd.DataFrame) -> pd.DataFrame:
    """The centres that count for distances: open, with a place."""
    return centres[(centres["status"] == "open") & centres["lon"].notna()].reset_index(drop=True)


def county_sums(settlements: pd.DataFrame, near: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Per county the `MEASURES` of `unit_sums`, unrounded: beyond is strictly farther, within includes the edge.

    Parameters
    ----------
    settlements
        settlement_id, code, children.
    near
        From `nearest_centres`, with `minutes` to the quickest centre; without, those of the straight line by bus.
    children
        Figures of the measure `children`: code, state. Only counties whose children are known are summed.
    """
    found = settlements[["settlement_id", "code", "children"]].merge(near, on="settlement_id", validate="one_to_one")
    codes = np.unique(found["code"][found["code"].isin(known_counties(children)["code"])].to_numpy(str))
    minutes = found["minutes"] if "minutes" in found else Assumed().minutes(found["distance_m"]).central
    sums = unit_sums(
        pd.Index(codes).get_indexer(pd.Index(found["code"])).astype(np.int64),
        found["children"].to_numpy(float),
        found["distance_m"].to_numpy(float),
        np.asarray(minutes, dtype=float),
        units=len(codes),
    )
    return pd.DataFrame({"code": codes, **sums})


def reach_of(settlements: pd.DataFrame, centres: pd.DataFrame) -> tuple[Reach, np.ndarray]:
    """Settlements and open centres at most `REACH_M` apart, and the places of each of these centres."""
    at_work = open_centres(centres)
    zones = tuple(edge for edge, _ in ZONES)
    reach = within(
        settlements["lon"], settlements["lat"], at_work["lon"], at_work["lat"], radius_m=REACH_M, edges_m=zones
    )
    return reach, places_of(at_work)


def places_of(centres: pd.DataFrame) -> np.ndarray:
    """Places of each centre, `PLACES_ASSUMED` where the register is silent."""
    return centres["capacity"].astype(float).fillna(PLACES_ASSUMED).to_numpy()


def places_for_each_child(settlements: pd.DataFrame, centres: pd.DataFrame) -> np.ndarray:
    """E2SFCA: places for each child at every settlement, `ZONES` as weights."""
    reach, places = reach_of(settlements, centres)
    return floating_catchments(reach, settlements["children"].to_numpy(float), places, Steps(ZONES))


def places_sums(settlements: pd.DataFrame, centres: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Per county the `PLACES_MEASURES`, unrounded; none where there is no open centre at all.

    Children served, in reach without a place and farther than `REACH_M` from every centre add up to the children
    measured. `places_in_reach` adds up to the places of all centres that have a child in reach.
    """
    reach, places = reach_of(settlements, centres)
    people = settlements["children"].to_numpy(float)
    gap = assign(reach, people, places)
    share = floating_catchments(reach, people, places, Steps(ZONES)) * people
    found = pd.DataFrame(dict(zip(PLACES_MEASURES, (gap.served, gap.without_place, share), strict=True)))
    found = found.groupby(settlements["code"].to_numpy()).sum().rename_axis("code").reset_index()
    return found[found["code"].isin(known_counties(children)["code"])] if reach.centres else found.iloc[:0]


def access_figures(sums: pd.DataFrame, children: pd.DataFrame, *, demonstration: bool) -> pd.DataFrame:
    """`sums` as figures: code, year, measure, value, state, quality; one row for every row of `children` and measure.

    Counts are rounded as all modelled counts are. Rounding is monotone: it can neither lift a part above its whole nor
    turn the order of the standards around. Where the county's children are withheld or unknown, so is this; without
    an open centre nothing is known.
    """
    measures = [name for name in sums.columns if name != "code"]
    long = sums.melt("code", measures, "measure", "raw")
    grid = children[["code", "state", "quality"]].merge(pd.DataFrame({"measure": measures}), how="cross")
    found = grid.merge(long, how="left", on=["code", "measure"])
    value, withheld = np.full(len(found), np.nan), np.zeros(len(found), dtype=bool)
    for measure, rows in found.groupby("measure").indices.items():
        value[rows], withheld[rows] = as_published(str(measure), found["raw"].to_numpy(float)[rows])
    state = np.select(
        [(found["state"] == "withheld") | withheld, np.isnan(value), value == 0],
        ["withheld", "no_data", "zero"],
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


def known_counties(children: pd.DataFrame) -> pd.DataFrame:
    """Codes of the counties whose children are known."""
    return children.loc[children["state"].isin(["value", "zero"]), ["code"]]
