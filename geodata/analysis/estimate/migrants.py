"""Steps 2 and 3: migrants net of moves inside a city, and the children among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from geodata.analysis.estimate.solve import solve_increasing, total
from geodata.analysis.estimate.types import WHOLE_CITIES, Counts, Floats, Parameters, Scalar

LAST_YEAR_WITH_MUNICIPAL_MOVES = 2010


@dataclass(frozen=True)
class Movers:
    """Floating population by unit, persons.

    `between_districts` are people who came from another district of the same city, `city_share` the calibrated c.
    """

    intra: Floats
    inter: Floats
    between_districts: Floats
    city_share: float


def movers(counts: Counts, floating_intra: float) -> Movers:
    """Floating population: people away from their registered township, moves inside a city taken out.

    A county counts everybody who moved into it or across its townships. A district leaves out moves inside itself and
    counts who came from another county of the province, less w, the moves between districts of the city: all of them
    in Beijing, Tianjin and Shanghai; elsewhere c (1 - 1/n) of them, n the number of districts, with c such that the
    nation has `floating_intra`. The 2010 total kept the moves between districts of the three municipalities in, and
    the 2010 tables count those of other cities as moves inside a county: nothing is left to take out, c is zero.
    """
    whole = np.isin(counts.province, WHOLE_CITIES) & counts.district
    _, city_index, sizes = np.unique(counts.city[counts.district], return_inverse=True, return_counts=True)
    spread = np.zeros(len(counts.code))
    spread[counts.district] = 1 - 1 / sizes[city_index]
    movable = np.where(whole, 0.0, spread * counts.moved_within_province)
    municipal = np.where(whole, counts.moved_within_province, 0.0)
    taken_out = np.zeros_like(municipal) if counts.year == LAST_YEAR_WITH_MUNICIPAL_MOVES else municipal
    gross = counts.moved_within_province + counts.moved_within_county - counts.moved_within_district
    excess = gross.sum() - taken_out.sum() - floating_intra
    city_share = float(np.clip(excess / movable.sum(), 0.0, 1.0)) if movable.sum() > 0 else 0.0
    between = city_share * movable
    return Movers(gross - taken_out - between, counts.moved_from_other_province, municipal + between, city_share)


def shared_anew(moved: Movers, counts: Counts, city_factor: Scalar) -> Movers:
    """`moved` with the moves between districts spread over cities otherwise, the nation's number of them kept.

    city_factor
        By unit, shape (units,) or (draws, units), equal within a city: how many more of the city's moves stay inside
        it than the national share c says, at most all. The three municipalities stay as they are: all their moves are
        inside. A single number changes nothing.
    """
    if np.ndim(city_factor) == 0:
        return moved
    before = np.where(np.isin(counts.province, WHOLE_CITIES), 0.0, moved.between_districts)
    weighted = before * np.asarray(city_factor)

    def at(scale: Floats) -> Floats:
        return np.asarray(np.minimum(scale * weighted, counts.moved_within_province), dtype=np.float64)

    shape = (*weighted.shape[:-1], 1) if weighted.ndim > 1 else ()
    after = at(solve_increasing(lambda scale: total(at(scale)), before.sum(), shape=shape))
    intra, between = moved.intra + before - after, moved.between_districts - before + after
    return replace(moved, intra=intra, between_districts=between)


def migrant_children(children: Floats, moved: Movers, counts: Counts, total_children: float, inter_children: float,
                     parameters: Parameters) -> tuple[Floats, Scalar, Scalar]:  # fmt: skip
    """Migrant children by unit, and the two calibrated rates (from other provinces, from the same province).

    Movers bring children at a national rate times the unit's child share against the nation's; at most 85 % of a
    unit's children are migrants. Inter-provincial children are met first, then the total.
    """
    child_share = np.divide(children, counts.population, out=np.zeros_like(children), where=counts.population > 0)
    relative = child_share / (total(children) / counts.population.sum()) * parameters.brought_factor
    inter = moved.inter * relative
    intra = moved.intra * relative
    most = parameters.most_migrant * children
    shape = (*relative.shape[:-1], 1) if relative.ndim > 1 else ()

    def rate_of(brought: Callable[[Floats], Floats], target: float) -> Scalar:
        found = solve_increasing(lambda rate: total(np.minimum(brought(rate), most)), target, shape=shape)
        return found if shape else float(found)

    rate_inter = rate_of(lambda rate: rate * inter, inter_children)
    from_outside = np.minimum(rate_inter * inter, most)
    rate_intra = rate_of(lambda rate: from_outside + rate * intra, total_children)
    return np.minimum(from_outside + rate_intra * intra, most), rate_inter, rate_intra
