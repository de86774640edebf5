"""Both ends of migrating families: which left-behind children have parents where, and whose children came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.measure.estimates import YearEstimate
from geodata.analysis.estimate import Parameters
from geodata.analysis.estimate.absence import absent_share
from geodata.analysis.estimate.flows import (
    EXPONENT,
    Moves,
    distance_km,
    gravity,
    misplaced,
    moves,
    people_absent,
    row_shares,
    share_same_county,
)
from geodata.analysis.estimate.rounding import FINE
from geodata.analysis.estimate.structure import Ints, largest_remainders
from geodata.analysis.estimate.types import Floats
from geodata.codes import province_of

SAME_COUNTY, SAME_PROVINCE, OTHER_PROVINCE = SCOPES = ("same_county", "same_province", "other_province")
# A prefecture's row names its main destinations and each destination its main origins; the rest stands as one.
MAIN_PLACES = 6
EXPONENTS = (0.5, 1.5)
MIXES = (0.2, 0.8)
COLUMNS = ["level", "origin", "scope", "destination", "left_behind_children", "migrant_children"]


@dataclass(frozen=True)
class Fitted:
    """The moves between prefectures and what they rest on: prefecture codes, the place of each county among them."""

    places: NDArray[np.str_]
    at: NDArray[np.intp]
    absent: Floats
    moves: Moves


@dataclass(frozen=True)
class FlowTables:
    """Rounded: left-behind children of each county by scope; flows between prefectures and between provinces."""

    counties: pd.DataFrame
    flows: pd.DataFrame


def fit_moves(year: YearEstimate, prefecture: pd.Series, points: pd.DataFrame, exponent: float = EXPONENT,
              parameters: Parameters | None = None) -> Fitted:  # fmt: skip
    """Movers of all ages between prefectures.

    prefecture
        Code of the prefecture by county code.
    points
        lon, lat by prefecture code, WGS-84 degrees.
    """
    counts = year.counts
    absent = absent_share(year.signals, parameters or Parameters())
    places, at = np.unique(prefecture.reindex(counts.code).to_numpy(dtype=str), return_inverse=True)
    from_province = year.movers.inter
    from_county = np.maximum(counts.moved_within_province - year.movers.between_districts, 0.0)
    moved_in = from_province + from_county
    away = people_absent(absent, counts.population, moved_in)
    where = points.reindex(places)
    distance = distance_km(where["lon"].to_numpy(dtype=float), where["lat"].to_numpy(dtype=float))
    province = np.array([province_of(code) for code in places])
    fitted = moves(
        gravity(distance, exponent), province, _sums(away, at), _sums(from_province, at), _sums(from_county, at)
    )
    return Fitted(places, at, absent, fitted)


def county_split(year: YearEstimate, fitted: Fitted, left: Ints) -> Ints:
    """The published left-behind children of each county (multiples of ten) by scope, (units, 3), sums kept.

    Where the parents of one county went beyond it is not known apart from its province: out of it or not.
    """
    counts = year.counts
    moved_within = np.divide(
        counts.moved_within_county, counts.population, out=np.zeros_like(counts.population), where=counts.population > 0
    )
    inside = share_same_county(fitted.absent, moved_within, Parameters().lambda_)
    outside = (1 - inside) * fitted.moves.outside[fitted.at]
    known = np.maximum(left, 0)
    return largest_remainders(known, known[:, None] * np.column_stack([inside, 1 - inside - outside, outside]), FINE)


def flow_tables(year: YearEstimate, fitted: Fitted, left: Ints, migrant: Mapping[str, Ints]) -> FlowTables:
    """Left-behind children at the origin and migrant children at the destination, county parts and matrices.

    left, migrant
        Published left-behind children, and published migrant children by scope, of the units of `year`.

    Left-behind children have their parents where movers from their prefecture went; migrant children have their home
    where movers to their prefecture came from. Rows of the first add up to the prefecture's left-behind children,
    columns of the second to its migrant children, both to ten.
    """
    split = county_split(year, fitted, left)
    counties = pd.DataFrame({"code": year.counts.code} | dict(zip(SCOPES, split.T, strict=True)))
    # In 2010 Beijing, Tianjin and Shanghai counted who moved between their districts: such families stayed in the city.
    nobody_came = fitted.moves.same_province.sum(axis=0) == 0
    matrix = {
        SAME_PROVINCE: fitted.moves.same_province + np.diag(nobody_came.astype(np.float64)),
        OTHER_PROVINCE: fitted.moves.other_province,
    }
    stay = {scope: _sums(split[:, i], fitted.at).astype(np.int64) for i, scope in enumerate(SCOPES)}
    came = {scope: _sums(np.maximum(migrant[scope], 0), fitted.at).astype(np.int64) for scope in SCOPES}
    cells = {SAME_COUNTY: (np.diag(stay[SAME_COUNTY]), np.diag(came[SAME_COUNTY]))} | {
        scope: (_spread(stay[scope], people), _spread(came[scope], people.T).T) for scope, people in matrix.items()
    }
    province = np.array([province_of(code) for code in fitted.places])
    names, at = np.unique(province, return_inverse=True)
    frames = [
        frame
        for scope, (left_there, came_there) in cells.items()
        for frame in (
            _all_cells("province", scope, names, _folded(left_there, at), _folded(came_there, at)),
            _main_cells(scope, fitted.places, left_there, came_there),
        )
    ]
    flows = pd.concat(frames, ignore_index=True)[COLUMNS]
    return FlowTables(counties, flows.sort_values(COLUMNS[:4], ignore_index=True, na_position="last"))


def account(year: YearEstimate, prefecture: pd.Series, points: pd.DataFrame, fitted: Fitted,
            published: Mapping[str, float], to_beijing: Mapping[str, float]) -> dict[str, Any]:  # fmt: skip
    """What the method page says about the flows: totals, known corridors, sensitivity to distance and to margins.

    published
        People registered in a province who live in another one, by province code, where published.
    to_beijing
        Movers to Beijing 2010-2015 by province of origin, those provinces that were read.
    """
    province = np.array([province_of(code) for code in fitted.places])
    names, at = np.unique(province, return_inverse=True)
    other = _folded(fitted.moves.other_province, at)
    table = pd.DataFrame(other, names, names)
    listed = sorted(to_beijing)
    ours = 100 * table["110000"].reindex(listed) / table["110000"].reindex(listed).sum()
    theirs = 100 * pd.Series(to_beijing)[listed] / sum(to_beijing.values())
    changed = {f"exponent {value}": fit_moves(year, prefecture, points, value) for value in EXPONENTS} | {
        f"identity weight {value}": fit_moves(year, prefecture, points, parameters=replace(Parameters(), mix=value))
        for value in MIXES
    }
    order = np.dstack(np.unravel_index(np.argsort(-other, axis=None, kind="stable")[:12], other.shape))[0]
    return {
        "exponent": EXPONENT,
        "movers_between_provinces": round(float(other.sum())),
        "movers_between_counties_of_a_province": round(float(fitted.moves.same_province.sum())),
        "left_the_province": {
            code: {"estimated": round(float(other[names == code].sum()), -4), "published": value}
            for code, value in sorted(published.items())
        },
        "percent_of_movers_to_beijing": {
            code: {"estimated": float(ours[code]), "published": float(theirs[code])} for code in listed
        },
        "largest": [
            {"origin": str(names[i]), "destination": str(names[j]), "movers": round(float(other[i, j]), -4)}
            for i, j in order
        ],
        "misplaced_percent": {
            name: {
                "prefectures": 100 * misplaced(fitted.moves.other_province, one.moves.other_province),
                "provinces": 100 * misplaced(other, _folded(one.moves.other_province, at)),
            }
            for name, one in changed.items()
        },
    }


def _sums(values: NDArray[Any], at: NDArray[np.intp]) -> Floats:
    return np.bincount(at, weights=values).astype(np.float64)


def _folded(matrix: NDArray[Any], at: NDArray[np.intp]) -> Floats:
    """Sums over the groups `at`, in rows and in columns."""
    member = (at[:, None] == np.arange(at.max() + 1)).astype(np.float64)
    return np.asarray(np.einsum("ig,ij,jh->gh", member, matrix, member, optimize=True), dtype=np.float64)


def _spread(totals: Ints, people: Floats) -> Ints:
    """`totals` of each row in proportion to `people`, in tens that add up to them; a row of nobody has nothing."""
    shares = row_shares(people)
    some = shares.sum(axis=1) > 0
    found = np.zeros(people.shape, dtype=np.int64)
    found[some] = largest_remainders(totals[some], totals[some, None] * shares[some], FINE)
    return found


def _all_cells(level: str, scope: str, codes: NDArray[np.str_], left: NDArray[Any], came: NDArray[Any]) -> pd.DataFrame:
    origin, destination = np.nonzero((left > 0) | (came > 0))
    return pd.DataFrame({
        "level": level, "origin": codes[origin], "scope": scope, "destination": codes[destination],
        "left_behind_children": left[origin, destination].astype(float),
        "migrant_children": came[origin, destination].astype(float),
    })  # fmt: skip


def _main_cells(scope: str, codes: NDArray[np.str_], left: Ints, came: Ints) -> pd.DataFrame:
    """The main cells of every row and column, and what is left of each as a row without destination or origin."""
    main = (_places(left) < MAIN_PLACES) & (left > 0) | (_places(came.T).T < MAIN_PLACES) & (came > 0)
    kept = _all_cells("prefecture", scope, codes, np.where(main, left, 0), np.where(main, came, 0))
    elsewhere = pd.DataFrame({"origin": codes, "left_behind_children": np.where(main, 0, left).sum(axis=1)})
    from_elsewhere = pd.DataFrame({"destination": codes, "migrant_children": np.where(main, 0, came).sum(axis=0)})
    rest = [
        elsewhere[elsewhere["left_behind_children"] > 0], from_elsewhere[from_elsewhere["migrant_children"] > 0]
    ]  # fmt: skip
    return pd.concat([kept, *(one.assign(level="prefecture", scope=scope) for one in rest)], ignore_index=True)


def _places(values: Ints) -> NDArray[np.intp]:
    """Place of each cell in its row, 0 the largest; the first of equal ones comes first."""
    order = np.argsort(-values, axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable")
