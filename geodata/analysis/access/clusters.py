"""Where high and low values lie together: local Moran's I (Anselin 1995) with control of false discoveries.

With thousands of units one in twenty is "significant" at 5 % by chance alone. Here the share of false ones among all
that are called significant is held at 5 % (Benjamini & Hochberg 1995). Units without neighbours have no surroundings to
be like: they are masked, not tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Kind = Literal["high_high", "low_low", "high_low", "low_high", "not_significant", "island", "no_data"]
KINDS: tuple[Kind, ...] = get_args(Kind)

PERMUTATIONS = 999
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Clusters:
    """By unit: local Moran's I, its pseudo p (not a number where not tested), and the kind, a place in `KINDS`."""

    local_i: Floats
    p: Floats
    kind: npt.NDArray[np.int8]


def neighbours(first: npt.ArrayLike, second: npt.ArrayLike, units: int) -> csr_array:
    """Who touches whom, as a symmetric matrix of 0 and 1, from pairs of positions; nobody is their own neighbour."""
    one, other = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    apart = one != other
    rows, columns = np.concatenate([one[apart], other[apart]]), np.concatenate([other[apart], one[apart]])
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(units, units))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def sharing_borders(shapes: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Pairs of positions of shapes that share a stretch of border; a corner alone makes no neighbours.

    `shapes` must be a clean coverage in whatever coordinates: borders shared vertex by vertex.
    """
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    _, vertex = np.unique(np.ascontiguousarray(coordinates + 0.0).view(np.complex128).ravel(), return_inverse=True)
    # Steps from the end of one ring to the start of the next belong to one shape alone: they pair with nothing.
    own = owner[1:] == owner[:-1]
    ends = np.sort(np.column_stack([vertex[:-1], vertex[1:]])[own], axis=1)
    edge, of = ends[:, 0] * np.int64(len(vertex)) + ends[:, 1], owner[1:][own]
    order = np.lexsort((of, edge))
    edge, of = edge[order], of[order]
    met = (edge[1:] == edge[:-1]) & (of[1:] != of[:-1])
    pairs = np.unique(np.column_stack([of[:-1][met], of[1:][met]]), axis=0).astype(np.int64)
    return pairs[:, 0], pairs[:, 1]


def clusters(values: npt.ArrayLike, touching: csr_array, *, seed: int, permutations: int = PERMUTATIONS) -> Clusters:
    """Local Moran's I of every unit with a value and a neighbour with a value.

    The p of a unit is the share of random neighbourhoods, drawn from all other units, that are at least as extreme on
    its side, times two; the same seed gives the same p.

    Raises
    ------
    ValueError
        If the matrix does not fit the values.
    """
    value = np.asarray(values, dtype=float)
    if touching.shape != (len(value), len(value)):
        raise ValueError("the matrix of neighbours must have a row and a column for every value")
    known = np.flatnonzero(np.isfinite(value))
    among = csr_array(touching[known][:, known])
    degree = np.diff(among.indptr)
    deviation = value[known] - value[known].mean() if len(known) else np.zeros(0)
    spread = deviation.std()
    local, p = np.full(len(value), np.nan), np.full(len(value), np.nan)
    kind = np.full(len(value), KINDS.index("no_data"), dtype=np.int8)
    kind[known] = np.where(degree > 0, KINDS.index("not_significant"), KINDS.index("island"))
    tested = np.flatnonzero(degree > 0)
    if len(tested) == 0 or not spread > 0:
        return Clusters(local, p, kind)
    z = deviation / spread
    lag = (among @ z)[tested] / degree[tested]
    local[known[tested]] = z[tested] * lag
    p[known[tested]] = _pseudo_p(z, tested, degree[tested], lag, np.random.default_rng(seed), permutations)
    sure = known[tested][discoveries(p[known[tested]], FALSE_DISCOVERIES)]
    high, around_high = value > value[known].mean(), np.zeros(len(value), dtype=bool)
    around_high[known[tested]] = lag > 0
    names = np.array(
        [[KINDS.index("low_low"), KINDS.index("low_high")], [KINDS.index("high_low"), KINDS.index("high_high")]]
    )
    kind[sure] = names[high[sure].astype(int), around_high[sure].astype(int)]
    return Clusters(local, p, kind)


def _pseudo_p(
    z: Floats,
    tested: npt.NDArray[np.intp],
    degree: npt.NDArray[np.int_],
    lag: Floats,
    dice: np.random.Generator,
    draws: int,
) -> Floats:
    """Two-sided pseudo p: the unit stays, its neighbours are drawn from all others."""
    widest = int(degree.max())
    # The same random places serve all units; each passes over itself. Distinct within a draw, as neighbours are.
    picks = np.array([dice.permutation(len(z) - 1)[:widest] for _ in range(draws)])
    p = np.empty(len(tested))
    for row, (unit, count) in enumerate(zip(tested.tolist(), degree.tolist(), strict=True)):
        drawn = picks[:, :count]
        simulated = z[drawn + (drawn >= unit)].mean(axis=1)
        above = int((simulated >= lag[row] - 1e-12).sum())
        below = int((simulated <= lag[row] + 1e-12).sum())
        p[row] = min(1.0, 2.0 * (min(above, below) + 1.0) / (draws + 1.0))
    return p


def discoveries(p: Floats, rate: float) -> Mask:
    """Which tests to believe so that of those believed at most `rate` are false on average (Benjamini & Hochberg)."""
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    believed = np.zeros(len(p), dtype=bool)
    if len(passed):
        believed[order[: passed[-1] + 1]] = True
    return believed
