"""What one more site would gain, and what one site fewer would lose, all else as in the plan."""

from __future__ import annotations

import numpy as np

from geodata.analysis.siting.evaluate import cover_share, objective_of, within_standard
from geodata.analysis.siting.median_search import ways_of
from geodata.analysis.siting.problem import Bools, Floats, SitingError, SitingProblem
from geodata.text import Text

ADDITIVE = ("max_cover", "backup_cover", "gradual_cover", "p_median")
_CHUNK = 256


class Margins:
    """Gains and losses of single sites, for the models in which a child's service depends on open sites alone.

    All numbers are in the unit of the objective, positive when the plan gets better (more covered, less distance).
    """

    def __init__(self, problem: SitingProblem) -> None:
        if problem.model not in ADDITIVE:
            shown = ", ".join(ADDITIVE)
            text = Text(
                zh=f"模型 {problem.model} 不支持逐点比较；支持：{shown}。",
                en=f"Model {problem.model} cannot be compared site by site; these can: {shown}.",
            )
            raise SitingError([text])
        self.problem = problem
        self._counts = problem.model in {"max_cover", "backup_cover"}
        if self._counts:
            self._reach = within_standard(problem)
            self._by_site = self._reach.T.tocsr()
            share = problem.backup_share if problem.model == "backup_cover" else 0.0
            self._worth = np.array([1.0 - share, share, 0.0])
        else:
            table = ways_of(problem)
            self._ways, self._outside = table.ways * table.scale, table.outside * table.scale

    def gains(self, is_open: Bools) -> Floats:
        """What opening each candidate besides `is_open` would gain."""
        if self._counts:
            times = np.asarray(self._reach @ is_open.astype(float)).ravel().astype(int)
            return np.asarray(self._by_site @ (self.problem.demand * self._worth[np.minimum(times, 2)])).ravel()
        now = self._ways[is_open].min(axis=0) if is_open.any() else self._outside
        now = np.minimum(now, self._outside)
        found = np.empty(len(self._ways))
        for begin in range(0, len(found), _CHUNK):
            found[begin : begin + _CHUNK] = np.maximum(now - self._ways[begin : begin + _CHUNK], 0.0).sum(axis=1)
        return found

    def objective(self, is_open: Bools) -> float:
        """The objective; finite even when nothing is open (a median then pays each point's dearest way)."""
        if self._counts:
            return objective_of(self.problem, is_open)
        now = np.minimum(self._ways[is_open].min(axis=0), self._outside) if is_open.any() else self._outside
        lost = float(now.sum())
        return float(self.problem.demand.sum()) - lost if self.problem.counts_cover else lost

    def loss(self, is_open: Bools, site: int) -> float:
        """What closing `site` would lose."""
        without = is_open.copy()
        without[site] = False
        return float(self.gains(without)[site])

    def reached(self, site: int) -> Floats:
        """How much of each demand point `site` alone covers, in children (medians: all it is a way for)."""
        if self._counts:
            return np.asarray(self._by_site[site].toarray()).ravel() * self.problem.demand
        if self.problem.model == "gradual_cover":
            return np.asarray(cover_share(self.problem)[:, site].toarray()).ravel() * self.problem.demand
        return self.problem.demand.copy()


def better(problem: SitingProblem, one: float, other: float) -> float:
    """By how much `one` is better than `other` as an objective: positive for more cover or less distance."""
    return one - other if problem.counts_cover else other - one


def mask_of(problem: SitingProblem, sites: tuple[int, ...]) -> Bools:
    """Open or not, by candidate."""
    found = np.zeros(problem.n_candidates, dtype=bool)
    found[list(sites)] = True
    return found


def value_of(problem: SitingProblem, sites: tuple[int, ...]) -> float:
    """The objective with these sites open."""
    return objective_of(problem, mask_of(problem, sites))
