"""The siting engine beside spopt, and the OR-Library's 40 p-median optima.

Both get the same matrix and are measured from there to the answer, building of the model included. `mclp_*` and
`pmedian_*` are sums over the instances that the peer ends with a proof within its limit; on each, both optima are
compared. `pmed_optimal` counts optima found and proven: `ours` is the reciprocal, so that `ratio` is how many of 40.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist

from bench.peers import siting_spopt
from bench.result import Result
from geodata.analysis.siting import SitingProblem, SitingResult, solve, warm
from geodata.crs import ecef_from_wgs84
from geodata.errors import UserError
from geodata.settings import PROJECT_DIR, data_dir
from geodata.store import Store, queries

Floats = NDArray[np.float64]

LAST_RUN = PROJECT_DIR / "bench" / "results" / "siting.json"
ORLIB = PROJECT_DIR.parent / "shared" / "data" / "orlib"
PMED_LIMIT_S = 60.0
# Random counties (all of them: 0), radius in km, number of sites. The peers build their model pair by pair, some 20 s
# for a million pairs: the quick subset is one instance each that they end in seconds.
MCLP = ((400, 100.0, 18),)
MCLP_FULL = (*MCLP, (1000, 50.0, 50), (0, 50.0, 18), (0, 50.0, 50))
PMEDIAN = ((120, 10),)
PMEDIAN_FULL = (*PMEDIAN, (200, 20), (300, 30))
PEER_LIMIT_S, PEER_LIMIT_FULL_S = 15.0, 150.0


def run(*, quick: bool) -> Iterator[Result]:
    """Yield the rows; a full run solves all `pmed` instances and keeps what it found for quick ones."""
    warm()
    yield pmed_row(read_last_run() if quick else solve_all_pmed())
    distance, demand = counties()
    limit = PEER_LIMIT_S if quick else PEER_LIMIT_FULL_S
    for highs, name in ((False, "mclp_vs_spopt"), (True, "mclp_vs_spopt_highs")):
        runs = []
        for places, radius, sites in MCLP if quick else MCLP_FULL:
            near, children = some_of(distance, demand, places)
            problem = SitingProblem(model="max_cover", demand=children, distance=near, standard=radius, sites=sites)
            peer = partial(siting_spopt.max_cover, near, children, radius, sites, highs=highs, time_limit_s=limit)
            runs.append(compare(problem, peer, f"n = {len(near)}, {radius:g} km, p = {sites}"))
        yield summed(name, runs)
    runs = []
    for places, sites in PMEDIAN if quick else PMEDIAN_FULL:
        near, children = some_of(distance, demand, places)
        problem = SitingProblem(model="p_median", demand=children, distance=near, sites=sites)
        peer = partial(siting_spopt.p_median, near, children, sites, highs=True, time_limit_s=limit)
        runs.append(compare(problem, peer, f"n = {places}, p = {sites}"))
    yield summed("pmedian_vs_spopt_highs", runs)


def counties() -> tuple[Floats, Floats]:
    """Straight kilometres between the points of all counties with figures, and their left-behind children of 2020."""
    reading = Store(data_dir()).reading()
    units = queries.units(reading, "county")
    units = units[units["counted"]]
    figures = queries.figures(reading)
    left = figures[(figures["year"] == 2020) & figures["measure"].str.startswith("left_behind_children_")]
    children = units["code"].map(left.groupby("code")["value"].sum()).fillna(0.0).to_numpy(dtype=float)
    places = ecef_from_wgs84(units["lon"].to_numpy(), units["lat"].to_numpy())
    return np.asarray(cdist(places, places) / 1000.0, dtype=float), children


def some_of(distance: Floats, demand: Floats, places: int) -> tuple[Floats, Floats]:
    """Take so many random counties, always the same; 0: all."""
    if places == 0:
        return distance, demand
    some = np.sort(np.random.default_rng(1).choice(len(demand), places, replace=False))
    return np.ascontiguousarray(distance[np.ix_(some, some)]), demand[some]


def compare(
    problem: SitingProblem, ask_peer: Callable[[], siting_spopt.Answer], what: str
) -> tuple[str, SitingResult, siting_spopt.Answer, bool]:
    """Solve one instance with both; they agree if their optima are equal and no plan passes the other's bound."""
    peer = ask_peer()
    ours = solve(problem, time_limit_s=60.0)
    tolerance = 1e-6 * max(1.0, abs(ours.objective))
    sign = 1.0 if problem.counts_cover else -1.0
    ahead = np.inf if peer.objective is None else sign * (ours.objective - peer.objective)
    past_bound = peer.objective is not None and sign * (peer.objective - ours.bound) > tolerance
    agree = not past_bound and not (peer.proven and ahead > tolerance)
    return what, ours, peer, agree


def summed(name: str, runs: list[tuple[str, SitingResult, siting_spopt.Answer, bool]]) -> Result:
    """One row: seconds of both over the instances that the peer ended; the others are listed, with our gap."""
    ended = [(ours, peer) for _, ours, peer, _ in runs if peer.proven]
    extras: dict[str, object] = {"instances_ended_by_peer": f"{len(ended)} of {len(runs)}"}
    for what, ours, peer, _ in runs:
        said = f"{peer.seconds:.1f} s" if peer.proven else f"no proof in {peer.seconds:.0f} s"
        extras[what] = f"ours {ours.seconds:.2f} s, gap {ours.gap:.4%}; peer {said}"
    used = ended or [(ours, peer) for _, ours, peer, _ in runs]
    return Result(
        name=name,
        ours=1000 * sum(ours.seconds for ours, _ in used),
        peer=1000 * sum(peer.seconds for _, peer in used),
        unit="ms",
        agree=all(agree for *_, agree in runs),
        extras=extras,
    )


def read_pmed(number: int) -> tuple[Floats, int]:
    """Read one OR-Library instance: shortest distances and p. Of parallel edges the last counts."""
    words = (ORLIB / f"pmed{number}.txt").read_text(encoding="ascii").split()
    n, edges, sites = (int(word) for word in words[:3])
    length = np.zeros((n, n))
    for one, other, cost in np.array(words[3 : 3 + 3 * edges], dtype=float).reshape(-1, 3):
        length[int(one) - 1, int(other) - 1] = length[int(other) - 1, int(one) - 1] = cost
    return np.asarray(shortest_path(sp.csr_matrix(length), directed=False), dtype=float), sites


def known_optima() -> dict[int, float]:
    """Read the published optima, by instance number."""
    rows = (line.split() for line in (ORLIB / "pmedopt.txt").read_text(encoding="ascii").splitlines())
    return {int(row[0].removeprefix("pmed")): float(row[1]) for row in rows if len(row) == 2 and row[0] != "Data"}


def solve_all_pmed() -> dict[str, Any]:
    """Solve all 40 and keep the result, with date and commit, for quick runs."""
    if not ORLIB.is_dir():
        raise UserError("The OR-Library instances are not there", file=ORLIB, expected="pmed1.txt to pmed40.txt")
    optima, found = known_optima(), []
    for number in range(1, 41):
        distance, sites = read_pmed(number)
        problem = SitingProblem(model="p_median", demand=np.ones(len(distance)), distance=distance, sites=sites)
        result = solve(problem, time_limit_s=PMED_LIMIT_S)
        found.append(
            {
                "instance": number,
                "objective": result.objective,
                "bound": result.bound,
                "known": optima[number],
                "seconds": round(result.seconds, 2),
            }
        )
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)  # noqa: S603  # our own question
    kept = {"date": datetime.now(UTC).date().isoformat(), "commit": commit.stdout.strip(), "pmed": found}
    LAST_RUN.parent.mkdir(exist_ok=True)
    LAST_RUN.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return kept


def read_last_run(file: Path = LAST_RUN) -> dict[str, Any]:
    """Read what the last full run found."""
    if not file.exists():
        raise UserError("There is no full run yet", file=file, expected="a run of `python -m bench siting` first")
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return kept


def pmed_row(kept: dict[str, Any]) -> Result:
    """How many of 40 were solved to the known optimum, with proof."""
    rows = kept["pmed"]
    right = [row for row in rows if row["objective"] == row["known"]]
    proven = [row for row in right if row["bound"] > row["objective"] - 1]
    wrong = [row for row in rows if row["objective"] < row["known"] or row["bound"] > row["known"]]
    return Result(
        name="pmed_optimal",
        ours=1.0,
        peer=float(len(proven)),
        unit="of 40",
        agree=not wrong,
        extras={
            "optimum_found": len(right),
            "proven": len(proven),
            "not_proven": [row["instance"] for row in rows if row not in proven],
            "seconds": round(sum(row["seconds"] for row in rows), 1),
            "limit_s_each": PMED_LIMIT_S,
            "date": kept["date"],
            "commit": kept["commit"],
        },
    )
