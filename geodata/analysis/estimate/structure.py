"""What the estimates are made of: left-behind children by age and living arrangement, migrants by how far they came.

Units lie on the last axis of counts, so that every function takes one estimate (units,) or draws (draws, units).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geodata.analysis.estimate.migrants import Movers
from geodata.analysis.estimate.rounding import COARSE, FINE, NOTHING, WITHHELD, round_count
from geodata.analysis.estimate.solve import solve_increasing
from geodata.analysis.estimate.types import Counts, Floats, Scalar

Ints = NDArray[np.int64]
# First and last age of each band, as published.
BANDS = ((0, 5), (6, 11), (12, 14), (15, 17))
# Of the last band only the fifteen-year-olds are under 16; its three ages are taken as equally many.
UNDER_16 = np.array([1.0, 1.0, 1.0, 1 / 3])
RAKING_TOLERANCE = 1e-12
MOST_ROUNDS = 1_000


def age_mix(aged_0_4: Floats, aged_5_9: Floats, aged_10_14: Floats, aged_15_17: Floats) -> Floats:
    """Children of each unit by band, (units, 4), persons; ages within a five-year group taken as equally many."""
    return np.stack(
        [aged_0_4 + aged_5_9 / 5, aged_5_9 * 4 / 5 + aged_10_14 * 2 / 5, aged_10_14 * 3 / 5, aged_15_17], axis=-1
    )


def age_weights(left: Floats, mix: Floats, shares: Floats) -> Floats:
    """How likely a child of each band is to be left behind, against the first band; (4,).

    left, mix
        Left-behind children (units,) and all children by band (units, 4) of the year the structure was published for.
    shares
        Published shares of the bands in the left-behind children of the nation, adding up to one.

    Found by raking: with these weights `by_age` gives the nation the published shares and each unit its own total.
    Raises `ValueError` where the published shares cannot be met, because a band has no children.
    """
    weights = np.ones(len(shares))
    for _ in range(MOST_ROUNDS):
        found = by_age(left, mix, weights).sum(axis=0) / left.sum()
        if np.abs(found - shares).max() < RAKING_TOLERANCE:
            return np.asarray(weights / weights[0], dtype=np.float64)
        weights = weights * np.divide(shares, found, out=np.zeros_like(shares), where=found > 0)
    raise ValueError(f"the bands reach {found}, not the published {shares}")


def by_age(left: Floats, mix: Floats, weights: Floats) -> Floats:
    """Left-behind children by band, (..., units, 4): each unit's own age mix times the weights, its total kept."""
    shape = mix * weights
    total = shape.sum(axis=-1, keepdims=True)
    return np.asarray(left[..., None] * np.divide(shape, total, out=np.zeros_like(shape), where=total > 0))


def registered(left_rural: Floats, both_share: Floats, mix: Floats, weights: Floats) -> Floats:
    """Rural left-behind children under 16 whose parents are both away: who a civil affairs register would list.

    both_share
        Share of a unit's left-behind children whose parents are both away.

    Children of whom one parent is away and the other cannot care for them belong on the register too; nothing is
    known of their number, and they are left out.
    """
    under_16 = (by_age(np.ones(len(mix)), mix, weights) * UNDER_16).sum(axis=-1)
    return np.asarray(left_rural * both_share * under_16, dtype=np.float64)


def odds_factor(left: Floats, share: Floats, published: float) -> float:
    """The factor on the odds of `share` (units,) with which the share in all `left` children is as `published`."""
    return float(solve_increasing(lambda factor: (left * with_odds(share, factor)).sum() / left.sum(), published))


def with_odds(share: Floats, factor: Scalar) -> Floats:
    """`share` with its odds multiplied by `factor`; none stays none and all stays all."""
    return np.asarray(factor * share / (1 - share + factor * share), dtype=np.float64)


def living_arrangement(left_rural: Floats, both_share: Floats, factor: float,
                       kin: Mapping[str, float]) -> dict[str, Floats]:  # fmt: skip
    """Rural left-behind children by whom they live with: `one_parent`, then the keys of `kin`; they add up.

    factor
        Of `odds_factor`, which brings the nation's share with both parents away to the published one.
    kin
        Published shares of the nation's rural left-behind children who live with grandparents, with other people and
        alone: how the children of a unit whose parents are both away are divided.
    """
    both = left_rural * with_odds(both_share, factor)
    whole = sum(kin.values())
    return {"one_parent": left_rural - both} | {name: both * (part / whole) for name, part in kin.items()}


def migrant_origins(migrant: Floats, moved: Movers, counts: Counts, rate_inter: Scalar,
                    rate_intra: Scalar) -> tuple[Floats, Floats]:  # fmt: skip
    """Migrant children from another province, and from another county (that province included); persons.

    rate_inter, rate_intra
        Children per mover from another province and from the same one, as solved by the estimate.

    A unit's migrant children are divided as its movers times these rates. The rest moved across townships inside
    their county, where they are registered: of those from the same province, as many as of the movers of all ages.
    In districts moves inside the city do not make a migrant, so that theirs all came from another county.
    """
    outside, inside = rate_inter * moved.inter, rate_intra * moved.intra
    both = outside + inside
    from_province = migrant * np.divide(outside, both, out=np.zeros_like(both), where=both > 0)
    same_county = counts.moved_within_county - counts.moved_within_district
    crossed = np.divide(
        moved.intra - same_county, moved.intra, out=np.zeros_like(moved.intra), where=moved.intra > NOTHING
    )
    return from_province, from_province + (migrant - from_province) * np.clip(crossed, 0.0, 1.0)


def round_parts(totals: Ints, parts: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """`parts` (units, k) rounded as counts are, scaled to the rounded `totals` (units,); and where they add up to them.

    Where all parts of a unit are of one step (100 or more: 100; all less: 10) and its total is a multiple of that
    step, the parts are rounded by largest remainders and add up. Else each is rounded by itself. A part above 0 and
    below 10 is WITHHELD, and so are all parts of a total that is.
    """
    known = np.maximum(totals, 0)[:, None]
    whole = parts.sum(axis=1, keepdims=True)
    scaled = np.divide(parts * known, whole, out=np.zeros_like(parts), where=whole > 0)
    rounded = round_count(scaled)
    for step, fits in (
        (COARSE, (scaled.min(axis=1) >= COARSE) & (totals % COARSE == 0)),
        (FINE, (scaled.max(axis=1) < COARSE) & (scaled.min(axis=1) >= FINE)),
    ):
        rounded[fits] = largest_remainders(totals[fits], scaled[fits], step)
    rounded = np.where((totals == WITHHELD)[:, None] & (parts > NOTHING), WITHHELD, rounded)
    return rounded, np.asarray(np.maximum(rounded, 0).sum(axis=1) == known[:, 0])


def largest_remainders(totals: Ints, parts: Floats, step: int) -> Ints:
    """`parts` (units, k), whose rows add up to `totals`, in multiples of `step` that add up to them; totals are such.

    Each part is rounded down; what is left goes to the largest remainders, the first of equal ones.
    """
    down = np.floor(parts / step + NOTHING).astype(np.int64)
    left_over = totals // step - down.sum(axis=1)
    order = np.argsort(-(parts / step - down).round(9), axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    return np.asarray((down + (place < left_over[:, None])) * step, dtype=np.int64)
