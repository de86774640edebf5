"""A demonstration register of centres at real settlements: plausible on a map, true of no place.

There is no open national register of centres with coordinates. Numbers and services follow what is published: 18
Child-Friendly Spaces with basic healthcare, education support and family education (UNICEF), 20 village Children's
Centres of 46 children (Jiang et al. 2020), and some hundreds of Children's Places. The centres stand where
left-behind children are: a systematic sample of settlements, ordered by division code, with left-behind children as
size. That spreads them over all provinces in proportion to need, and the same seed gives the same register.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.catalogue.service_types import load_service_types
from geodata.text import Text

SEED = 20201101  # the day of the seventh census
_SOURCE = "demonstration register / 演示名录"
_MARK = Text(zh="（演示）", en=" (demonstration)")


@dataclass(frozen=True)
class Kind:
    """How many centres of a type there are, what they offer, and children at a time where that is published."""

    type: str
    count: int
    services: str
    capacity: float | None


KINDS = (
    Kind("child_friendly_space", 18, "healthcare,education_support,family_education", None),
    Kind("childrens_centre", 20, "education_support,family_education", 46.0),
    Kind("childrens_place", 400, "education_support", None),
)


def demonstration_register(
    settlements: pd.DataFrame, left_behind: pd.Series[float], units: pd.DataFrame
) -> pd.DataFrame:
    """The register, as the table `centres` of the release contract without `demonstration`.

    Parameters
    ----------
    settlements
        settlement_id, name_zh, name_en, code, lon, lat, kind, children; ordered by code.
    left_behind
        Left-behind children of each county, index code; missing counts as none.
    units
        The `units` table, for the names of counties.
    """
    places = settlements[settlements["kind"] != "county_point"].reset_index(drop=True)
    in_county = places.groupby("code")["children"].transform("sum").to_numpy()
    share = np.divide(places["children"], in_county, out=np.zeros(len(places)), where=in_county > 0)
    size = share * places["code"].map(left_behind).fillna(0.0).to_numpy()
    county_zh = units[units["level"] == "county"].set_index("code")["name_zh"]
    draw = random.Random(SEED)  # noqa: S311  # a sample, not a secret
    free = np.ones(len(places), dtype=bool)
    rows = []
    for kind in KINDS:
        chosen = systematic_sample(np.where(free, size, 0.0), kind.count, draw.random())
        free[chosen] = False
        rows += [_centre(kind, number, places.loc[at], county_zh) for number, at in enumerate(chosen, start=1)]
    return pd.DataFrame(rows)


def systematic_sample(size: npt.NDArray[np.float64], count: int, start: float) -> npt.NDArray[np.int64]:
    """Indices of `count` different items, each with a chance in proportion to its size (0 = never).

    `start` in [0, 1) says where in the first interval the sample begins. An item larger than the interval is chosen
    for certain, and the rest is drawn among the others.
    """
    certain = np.zeros(len(size), dtype=bool)
    while True:
        rest = np.where(certain, 0.0, size)
        left = count - int(certain.sum())
        interval = rest.sum() / max(left, 1)
        larger = rest >= interval
        if left <= 0 or not larger.any() or interval == 0:
            break
        certain |= larger
    marks = (np.arange(max(left, 0)) + start) * interval
    drawn = np.searchsorted(np.cumsum(rest), marks, side="right")
    return np.sort(np.concatenate([np.flatnonzero(certain), drawn[drawn < len(size)]])).astype(np.int64)


def _centre(kind: Kind, number: int, place: pd.Series, county_zh: pd.Series) -> dict[str, object]:
    name = load_service_types()[kind.type].name
    at = place["name_zh"] if isinstance(place["name_zh"], str) else county_zh[place["code"]]
    return {
        "centre_id": f"demo-{kind.type}-{number:03d}",
        "name_zh": f"{at}{name.zh}{_MARK.zh}",
        "name_en": f"{place['name_en']} {name.en}{_MARK.en}",
        "programme": f"{name.zh} {name.en}",
        "type": kind.type,
        "services": kind.services,
        "lon": place["lon"],
        "lat": place["lat"],
        "crs": "WGS-84",
        "coordinates": "as_given",
        "code": place["code"],
        "capacity": kind.capacity,
        "status": "open",
        "source": _SOURCE,
        "licence": "CC BY 4.0",
        # Nobody was there.
        **dict.fromkeys(("address", "opened", "closed", "staff", "verified")),
    }
