"""A tighter relaxation of maximal covering: cuts over small sets of points, found where the linear plan breaks them.

The linear relaxation opens two halves of a site where a plan needs two whole ones: nationwide, 100 km, p = 100, it lies
1.4 % above the best plan; some hundred cuts take a third of that away. The bound is computed from the prices of points
and cuts by plain sums: any prices that are not negative prove one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from geodata.analysis.siting.highs import Program
from geodata.analysis.siting.problem import Floats, Ints, Sparse

# So much must a cut be broken to be taken; so many a round; a point is in at most so many new ones a round.
_LEAST_BROKEN, _MOST_NEW, _MOST_PER_POINT = 0.04, 600, 4
# Triples to grow from: nearly broken ones too; a point begins at most so many; points in a set at most.
_LEAST_SEED, _MOST_SEEDS, _SEEDS_PER_POINT, _MOST_POINTS = -0.15, 1000, 3, 12
_MOST_TRIPLES = 200_000


@dataclass(frozen=True)
class Cuts:
    """`use` y + `points` missed >= `least` for every plan: use (cuts x candidates), points (cuts x points, 0/1)."""

    use: Sparse
    points: Sparse
    least: Floats

    def only(self, which: Ints) -> Cuts:
        """These cuts alone."""
        return Cuts(self.use[which], self.points[which], self.least[which])

    def __len__(self) -> int:
        return len(self.least)


def no_cuts(reach: Sparse) -> Cuts:
    """None yet, for `reach` (points x candidates)."""
    n, m = reach.shape
    return Cuts(sp.csr_matrix((0, m)), sp.csr_matrix((0, n)), np.zeros(0))


def joined(one: Cuts, other: Cuts) -> Cuts:
    """All cuts of both."""
    return Cuts(
        sp.csr_matrix(sp.vstack([one.use, other.use])),
        sp.csr_matrix(sp.vstack([one.points, other.points])),
        np.concatenate([one.least, other.least]),
    )


def with_cuts(program: Program, cuts: Cuts) -> Program:
    """A covering program (candidates, then how far each point is covered) with the cuts as rows before its others."""
    covered = np.asarray(cuts.points.sum(axis=1)).ravel()
    return Program(
        program.gain,
        program.lower,
        program.upper,
        sp.csr_matrix(sp.vstack([sp.hstack([cuts.use, -cuts.points]), program.rows])),
        np.concatenate([cuts.least - covered, program.row_lower]),
        np.concatenate([np.full(len(cuts), np.inf), program.row_upper]),
    )


def broken_cuts(reach: Sparse, is_open: Floats, covered: Floats, matters: Floats) -> Cuts:
    """Cuts that a fractional plan breaks: how far candidates are open, points covered, and what points are priced."""
    from geodata.analysis.siting import cut_kernels

    by_site = sp.csr_matrix(reach.T)
    rows, sites = [(half.indptr.astype(np.int64), half.indices.astype(np.int64)) for half in (reach, by_site)]
    missed = np.clip(1.0 - covered, 0.0, 1.0)
    slack = np.maximum(np.asarray(reach @ is_open).ravel() + missed - 1.0, 0.0)
    found, by = np.empty((_MOST_TRIPLES, 3), dtype=np.int64), np.empty(_MOST_TRIPLES)
    count = cut_kernels.triples(rows, sites, is_open, slack, matters > 1e-6, _LEAST_SEED, found, by)
    order = np.argsort(-by[:count], kind="stable")
    seeds = _spread(found[order], len(slack), _SEEDS_PER_POINT, _MOST_SEEDS)
    seeds = found[order[seeds]]
    sets = np.full((2 * len(seeds) + 1, _MOST_POINTS), -1, dtype=np.int64)
    kinds, broken = np.zeros(len(sets), dtype=np.int64), np.zeros(len(sets))
    count = cut_kernels.grow(rows, sites, is_open, missed, slack, seeds, _LEAST_BROKEN, sets, kinds, broken)
    order = np.argsort(-broken[:count], kind="stable")
    order = order[_spread(sets[order], len(slack), _MOST_PER_POINT, _MOST_NEW)]
    return cuts_of(reach, sets[order], kinds[order])


def _spread(sets: Ints, n: int, per_point: int, most: int) -> Ints:
    """The first `most` sets such that no point is in more than `per_point`; none twice."""
    used, taken, seen = np.zeros(n, dtype=np.int64), [], set()
    for at, row in enumerate(sets):
        points = np.sort(row[row >= 0])
        if used[points].max() >= per_point or points.tobytes() in seen:
            continue
        used[points] += 1
        seen.add(points.tobytes())
        taken.append(at)
        if len(taken) == most:
            break
    return np.array(taken, dtype=np.int64)


def cuts_of(reach: Sparse, sets: Ints, kinds: Ints) -> Cuts:
    """The cuts of sets of points (rows, -1 behind the last): `cut_kernels.ODD` or `COMMON`."""
    from geodata.analysis.siting.cut_kernels import ODD

    inside = sets >= 0
    size = inside.sum(axis=1)
    points = sp.csr_matrix(
        (np.ones(int(size.sum())), (np.repeat(np.arange(len(sets)), size), sets[inside])),
        shape=(len(sets), reach.shape[0]),
    )
    use = sp.csr_matrix(points @ reach)
    width = np.diff(use.indptr)
    of_all, is_odd = np.repeat(size, width), np.repeat(kinds == ODD, width)
    use.data = np.where(is_odd, np.ceil(use.data / 2), np.where(use.data == of_all, 2.0, 1.0))
    return Cuts(use, points, np.where(kinds == ODD, (size + 1) / 2, 2.0))
