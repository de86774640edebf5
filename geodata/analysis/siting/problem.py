"""What is asked: where should the next centres stand? A problem checks itself and says what would make it feasible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from geodata.errors import UserError
from geodata.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# A scipy CSR matrix of numbers. Its stubs tell so many kinds apart that no sum of two of them fits one annotation.
Sparse = Any

Model = Literal[
    "max_cover",
    "backup_cover",
    "gradual_cover",
    "p_median",
    "set_cover",
    "p_centre",
    "capacitated_cover",
    "capacitated_median",
]
MODELS: tuple[Model, ...] = get_args(Model)
# Which models count covered demand (more is better); the others count distance, sites or the farthest way.
COVER_MODELS: frozenset[str] = frozenset({"max_cover", "backup_cover", "gradual_cover", "capacitated_cover"})


class SitingError(UserError):
    """The problem cannot be solved as it is put: `texts` say in both languages what conflicts, and the way out."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = tuple(texts)
        super().__init__(" ".join(text.en for text in self.texts))


def _absent() -> Any:
    """Stands for an array that is not given; `SitingProblem` puts the neutral one in its place."""
    return None


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """One siting question. Arrays are copied to plain types and checked on construction.

    Attributes
    ----------
    model
        One of `MODELS`.
    demand
        Children at each of n demand points, >= 0.
    distance
        Metres or minutes from demand point (row) to candidate (column), n x m; dense, or sparse where a pair that is
        not stored is out of reach (a stored 0 is a distance of 0).
    standard
        How far is still covered, in the unit of `distance`; one number, or one a candidate (an extended centre reaches
        farther). None for `p_median`, `p_centre` and `capacitated_median`.
    sites
        At most how many sites are opened anew (forced ones count, fixed ones do not); None: no such limit.
    budget
        At most how much the newly opened sites cost together, in the unit of `cost`.
    cost
        Of opening each candidate; 1 each if not given.
    capacity
        Children each candidate can serve; only in capacitated models. A point's children may go to several sites.
    fixed
        Open today and staying: they cover, and cost nothing.
    closed
        Open today (`fixed`) but closed on purpose in this question.
    forced, forbidden
        Must be, may not be opened.
    action_of
        Candidates with the same number >= 0 are alternatives at one place (build small, build large, extend): at most
        one of them is taken. -1: stands alone. A fixed centre's upgrade shares its number: taking it replaces it.
    full_within
        Gradual coverage: full to this distance, falling evenly to nothing at `standard`.
    backup_share
        Backup coverage: a child covered once counts 1 - share, covered twice 1.
    demand_names, candidate_names
        Codes or names for sentences and results; numbers if not given.
    symmetric
        Demand points and candidates are the same places in the same order: the matrix must be symmetric.
    """

    model: Model
    demand: Floats
    distance: Sparse
    standard: float | Floats | None = None
    sites: int | None = None
    budget: float | None = None
    cost: Floats = field(default_factory=_absent)
    capacity: Floats | None = None
    fixed: Bools = field(default_factory=_absent)
    closed: Bools = field(default_factory=_absent)
    forced: Bools = field(default_factory=_absent)
    forbidden: Bools = field(default_factory=_absent)
    action_of: Ints = field(default_factory=_absent)
    full_within: float | None = None
    backup_share: float = 0.5
    demand_names: tuple[str, ...] = ()
    candidate_names: tuple[str, ...] = ()
    symmetric: bool = False

    def __post_init__(self) -> None:
        from geodata.analysis.siting.breaches import breaches, shape_breaches

        self._set(demand=_floats(self.demand), distance=_matrix(self.distance))
        n, m = self.distance.shape
        given: Any = self.cost
        self._set(cost=np.ones(m) if given is None else _floats(given))
        if self.capacity is not None:
            self._set(capacity=_floats(self.capacity))
        if self.standard is not None and np.ndim(self.standard) > 0:
            self._set(standard=_floats(self.standard))
        for name in ("fixed", "closed", "forced", "forbidden"):
            given = getattr(self, name)
            self._set(**{name: np.zeros(m, dtype=bool) if given is None else np.array(given, dtype=bool).ravel()})
        given = self.action_of
        self._set(action_of=np.full(m, -1) if given is None else np.array(given, dtype=np.int64).ravel())
        self._set(demand_names=tuple(self.demand_names) or tuple(str(at) for at in range(n)))
        self._set(candidate_names=tuple(self.candidate_names) or tuple(str(at) for at in range(m)))
        found = shape_breaches(self) or breaches(self)
        if found:
            raise SitingError(found)

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def n_demand(self) -> int:
        return int(self.distance.shape[0])

    @property
    def n_candidates(self) -> int:
        return int(self.distance.shape[1])

    @property
    def is_sparse(self) -> bool:
        """Whether `distance` is a sparse matrix."""
        return bool(sp.issparse(self.distance))

    @property
    def counts_cover(self) -> bool:
        """Whether more is better: the objective is covered demand."""
        return self.model in COVER_MODELS

    @property
    def stays(self) -> Bools:
        """Which candidates are open today and stay."""
        return self.fixed & ~self.closed

    @property
    def selectable(self) -> Bools:
        """Which candidates may be opened anew."""
        return ~self.fixed & ~self.forbidden

    def standard_of(self) -> Floats:
        """The standard of each candidate, in the unit of `distance`; infinite where the model has none."""
        given = np.inf if self.standard is None else self.standard
        return np.broadcast_to(np.asarray(given, dtype=float), self.n_candidates)

    def but(self, **changes: Any) -> SitingProblem:
        """This problem with some fields changed."""
        return replace(self, **changes)


def names_of(names: Sequence[str], which: Iterable[int], at_most: int = 5) -> str:
    """The first few names, for a sentence."""
    numbers = list(which)
    shown = ", ".join(names[at] for at in numbers[:at_most])
    return shown if len(numbers) <= at_most else f"{shown}, … ({len(numbers)})"


def _floats(values: ArrayLike) -> Floats:
    return np.array(values, dtype=float).ravel()


def _matrix(values: Any) -> Floats | Sparse:
    if sp.issparse(values):
        matrix: Any = values
        return sp.csr_matrix(matrix, dtype=float)
    found: Floats = np.array(values, dtype=float)
    return found if found.ndim == 2 else found.reshape(len(found), -1)
