"""Bad input is answered by a sentence that names what conflicts and what would be feasible; in both languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from geodata.analysis.siting import MODELS, SitingError, SitingProblem, solve

WAYS = np.array([[0.0, 4.0, 9.0], [4.0, 0.0, 3.0], [9.0, 3.0, 0.0]])


def problem(**changes: Any) -> SitingProblem:
    given: dict[str, Any] = {
        "model": "max_cover",
        "demand": np.array([5.0, 7.0, 2.0]),
        "distance": WAYS,
        "standard": 3.0,
        "sites": 1,
        "candidate_names": ("A", "B", "C"),
    }
    return SitingProblem(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"demand": np.array([]), "distance": np.zeros((0, 3))}, ["no demand point"]),
        ({"distance": np.zeros((3, 0)), "candidate_names": ()}, ["no candidate"]),
        ({"demand": np.array([1.0, 2.0])}, ["demand has 2 entries", "3 × 3", "3 are expected"]),
        ({"demand": np.array([1.0, -2.0, 3.0])}, ["1 entries of demand are negative", "at least 0"]),
        ({"demand": np.array([1.0, np.nan, 3.0])}, ["demand", "not a finite number"]),
        ({"demand": np.zeros(3)}, ["nobody to serve"]),
        ({"distance": np.where(WAYS == 4, np.nan, WAYS)}, ["2 entries of distance", "not a finite number"]),
        ({"distance": -WAYS}, ["6 entries of distance are negative"]),
        ({"standard": 0.0}, ["standard must be greater than 0"]),
        ({"standard": None}, ["max_cover needs a standard"]),
        ({"sites": None}, ["needs a number of sites or a budget"]),
        ({"sites": 4}, ["4 new sites", "only 3 candidates", "at most 3 sites"]),
        ({"sites": 3, "forbidden": [True, False, False]}, ["1 are forbidden", "at most 2 sites"]),
        ({"sites": -1}, ["at least 0"]),
        ({"sites": 1, "forced": [True, True, False]}, ["2 candidates are forced", "at least 2 sites"]),
        ({"sites": None, "budget": 2.0, "cost": [3, 1, 1], "forced": [True, False, False]}, ["cost 3", "at least 3"]),
        (
            {"forced": [True, False, False], "forbidden": [True, False, False]},
            ["A are forced and forbidden", "drop one"],
        ),
        ({"fixed": [True, False, False], "forbidden": [True, False, False]}, ["existing", "closed"]),
        ({"closed": [True, False, False]}, ["closed but not existing"]),
        ({"candidate_names": ("A", "B", "A")}, ["candidates are listed twice: A"]),
        ({"distance": WAYS + np.eye(3)[::-1], "symmetric": True, "standard": 9.0}, []),
        ({"distance": np.triu(WAYS), "symmetric": True}, ["not symmetric", "A to B is 4, back it is 0"]),
        ({"distance": sp.csr_matrix(np.triu(WAYS)), "symmetric": True}, ["not symmetric"]),
        ({"distance": WAYS[:, :2], "candidate_names": ("A", "B"), "symmetric": True}, ["square matrix", "3 × 2"]),
        (
            {"model": "set_cover", "sites": None, "forbidden": [True, False, False]},
            ["1 demand points (0)", "at least 4"],
        ),
        ({"model": "p_median", "standard": None, "sites": 0}, ["no existing centre", "at least 1 site"]),
        (
            {"model": "p_median", "standard": None, "distance": sp.csr_matrix(([1.0], ([0], [0])), shape=(3, 3))},
            ["2 demand points (1, 2)", "a way leads"],
        ),
        ({"model": "p_centre", "standard": None, "budget": 3.0}, ["not by a budget"]),
        ({"model": "capacitated_cover"}, ["needs capacities"]),
        (
            {"model": "capacitated_median", "standard": None, "capacity": np.array([6.0, 6, 6]), "sites": 2},
            ["Demand of 14 exceeds capacity", "hold 12", "at least 3 sites", "2 more capacity"],
        ),
        (
            {"model": "capacitated_median", "standard": None, "capacity": np.array([1.0, 1, 1]), "sites": 2},
            ["more candidates", "12 more capacity"],
        ),
        ({"forced": [True, True, False], "sites": 2, "action_of": [4, 4, -1]}, ["A, B are alternatives", "keep one"]),
        ({"model": "gradual_cover", "full_within": 4.0}, ["full_within", "at most the standard"]),
        ({"model": "backup_cover", "backup_share": 0.7}, ["0.7", "between 0 and 0.5"]),
        ({"model": "nearest"}, ["no model 'nearest'", "max_cover"]),
    ],
)
def test_each_breach_is_said(changes: dict[str, Any], words: list[str]) -> None:
    if not words:
        problem(**changes)
        return
    with pytest.raises(SitingError) as caught:
        problem(**changes)
    for word in words:
        assert word in str(caught.value)
    assert all(text.zh and text.zh != text.en for text in caught.value.texts)


def test_all_breaches_of_the_numbers_come_at_once() -> None:
    with pytest.raises(SitingError) as caught:
        problem(demand=np.array([1.0, -2.0, np.nan]), cost=np.array([1.0, -1.0, 1.0]))
    assert len(caught.value.texts) == 3


def test_limits_that_only_together_cannot_be_kept_are_said() -> None:
    asked = problem(
        model="set_cover", standard=3.0, sites=1, demand=np.ones(3), candidate_names=("A", "B", "C")
    )  # A needs itself, C needs B or C: two sites
    with pytest.raises(SitingError, match="No plan meets the number of sites"):
        solve(asked)


@pytest.mark.parametrize("model", MODELS)
def test_a_plan_knows_its_names_and_speaks_plainly(model: str) -> None:
    extra: dict[str, Any] = {}
    if model.startswith("capacitated"):
        extra["capacity"] = np.array([20.0, 20.0, 20.0])
    if model in {"p_median", "p_centre", "capacitated_median"}:
        extra["standard"] = None
    if model == "gradual_cover":
        extra["full_within"] = 1.0
    found = solve(problem(model=model, sites=2, fixed=[True, False, False], **extra))
    assert found.status == "optimal"
    assert found.gap == 0
    assert 0 not in found.chosen
    assert 0 in found.open_sites
    assert found.names == tuple("ABC"[site] for site in found.chosen)
    record = found.to_record()
    assert record["model"] == model
    assert record["chosen"] == list(found.chosen)
