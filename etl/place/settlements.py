"""Settlements into counties, and children into settlements: the demand points of the release."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from etl.place.boundaries import Coverage
from geodata.analysis.demand import spread_children
from geodata.crs import WGS84


@dataclass(frozen=True)
class PlacedSettlements:
    """Settlements that lie in a counted county (with its code), and those that lie in none."""

    inside: pd.DataFrame
    outside: pd.DataFrame


def county_of(lon: np.ndarray, lat: np.ndarray, coverage: Coverage) -> np.ndarray:
    """Code of the county each point lies in, WGS-84 degrees; "" where none. On a border the lower code wins."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs=WGS84))
    counties = gpd.GeoDataFrame({"code": coverage.codes}, geometry=coverage.lonlat, crs=WGS84)
    found = gpd.sjoin(points, counties, predicate="intersects")["code"].groupby(level=0).min()
    return np.asarray(found.reindex(range(len(points)), fill_value=""), dtype=str)


def place_settlements(settlements: pd.DataFrame, coverage: Coverage, units: pd.DataFrame) -> PlacedSettlements:
    """Each settlement in its county; a county that holds none gets one point, its point on surface.

    Parameters
    ----------
    settlements
        settlement_id, name_zh, name_en, lon, lat, population; and kind, where it is known otherwise than by whether a
        population is known.
    coverage
        Counties.
    units
        The `units` table; only its counted counties take settlements.
    """
    codes = county_of(settlements["lon"].to_numpy(), settlements["lat"].to_numpy(), coverage)
    counted = units[(units["level"] == "county") & units["counted"]]
    is_inside = np.isin(codes, counted["code"].to_numpy(str))
    inside = settlements[is_inside].assign(
        code=codes[is_inside],
        kind=_kind(settlements)[is_inside],
    )
    empty = counted[~counted["code"].isin(inside["code"])]
    points = pd.DataFrame(
        {
            "settlement_id": "county" + empty["code"],
            "name_zh": empty["name_zh"],
            "name_en": empty["name_en"],
            "lon": empty["lon"],
            "lat": empty["lat"],
            "population": 0,
            "code": empty["code"],
            "kind": "county_point",
        }
    )
    placed = pd.concat([inside, points], ignore_index=True).sort_values(["code", "settlement_id"], ignore_index=True)
    return PlacedSettlements(placed, settlements[~is_inside].reset_index(drop=True))


def _kind(settlements: pd.DataFrame) -> np.ndarray:
    if "kind" in settlements:
        return settlements["kind"].to_numpy(str)
    return np.where(settlements["population"] > 0, "urban", "rural")


def spread_over_settlements(settlements: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """`settlements` with a column `children`; over a county's settlements it sums to the county's children.

    Parameters
    ----------
    settlements
        code, population and more.
    children
        Index code; columns children, children_rural. A county that is not listed, or without a number, has none to
        spread: 0 here, and its own state in `figures`.
    """
    codes, county = np.unique(settlements["code"].to_numpy(str), return_inverse=True)
    known = children.reindex(codes).fillna(0.0)
    return settlements.assign(
        children=spread_children(county, settlements["population"], known["children"], known["children_rural"])
    )
