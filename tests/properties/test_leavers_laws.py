"""People away by province: what is known is met, units of a province move alike, and those at home stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.analysis.estimate import Counts, Parameters, Signals
from geodata.analysis.estimate.absence import absent_share
from geodata.analysis.estimate.leavers import Leavers, leavers, met, people_away
from geodata.analysis.estimate.migrants import Movers, movers
from geodata.analysis.estimate.validate import away_errors, weighted_rms
from tests.support.census_files import toy_counts

UNITS = 60


def country(seed: int, listed: int) -> tuple[Counts, Movers, dict[str, float], Leavers]:
    """A census, and the people who left its first `listed` provinces."""
    counts = toy_counts(UNITS, year=2020, seed=seed)
    moved = movers(counts, 1e6)
    parts = dict(zip(("110000", "120000", "130000")[:listed], (0.2, 0.5, 0.3), strict=False))
    left = {code: part * float(moved.inter.sum()) for code, part in parts.items()}
    known = leavers(counts, moved, left)
    assert known is not None
    return counts, moved, left, known


def slow_met(absent: list[float], counts: Counts, moved: Movers, left: dict[str, float]) -> list[float]:
    """One province after the other, in plain Python."""
    found = list(absent)
    everywhere = sum(moved.inter)
    for province in [*left, None]:
        units = [i for i, code in enumerate(counts.province) if code == province or (not province and code not in left)]
        if not units:
            continue
        inside = {i: counts.moved_within_province[i] - moved.between_districts[i] for i in units}
        home = {i: counts.population[i] - inside[i] - moved.inter[i] for i in units}
        known = left[province] if province else everywhere - sum(left.values())
        known += sum(inside.values())
        away = sum(home[i] * absent[i] / (1 - absent[i]) for i in units)
        for i in units:
            people = home[i] * absent[i] / (1 - absent[i]) * known / away
            found[i] = people / (people + home[i])
    return found


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), listed=st.integers(1, 3))
def test_fast_and_slow_agree_and_what_is_known_is_met(seed: int, listed: int) -> None:
    counts, moved, left, known = country(seed, listed)
    absent = np.random.default_rng(seed).uniform(0.01, 0.6, UNITS)
    found = met(absent, known)
    assert found == pytest.approx(slow_met(absent.tolist(), counts, moved, left))
    assert people_away(found, known) == pytest.approx(known.away)
    assert ((found > 0) & (found < 1)).all()
    # The order within a province stays, and what is met stays as it is.
    for code in np.unique(counts.province):
        inside = (counts.province == code) if code in left else ~np.isin(counts.province, list(left))
        assert (np.argsort(found[inside]) == np.argsort(absent[inside])).all()
    assert met(found, known) == pytest.approx(found)


def test_draws_are_met_one_by_one() -> None:
    *_, known = country(3, 2)
    absent = np.random.default_rng(3).uniform(0.01, 0.6, (4, UNITS))
    together = met(absent, known)
    for i in range(4):
        assert together[i] == pytest.approx(met(absent[i], known), rel=1e-12)


def test_all_who_moved_left_some_province() -> None:
    counts, moved, _, known = country(4, 1)
    intra = counts.moved_within_province - moved.between_districts
    assert known.names.tolist() == ["", "110000"]
    assert known.away.sum() == pytest.approx(moved.inter.sum() + intra.sum())
    with pytest.raises(ValueError, match="more people left"):
        leavers(counts, moved, {"110000": 2 * float(moved.inter.sum())})
    assert leavers(counts, moved, {}) is None


def test_noise_and_factor_come_after() -> None:
    *_, known = country(5, 3)
    share = np.random.default_rng(5).uniform(0.05, 0.4, UNITS)
    signals = Signals(share, share[::-1], np.ones(UNITS, dtype=bool), known)
    plain = absent_share(signals, Parameters())
    shaken = absent_share(signals, Parameters(province_factor=1.2, absence_noise=0.02))
    assert shaken == pytest.approx(1.2 * plain + 0.02)


def test_errors_are_of_the_shares_of_provinces() -> None:
    counts, moved, left, known = country(6, 3)
    share = np.random.default_rng(6).uniform(0.05, 0.4, UNITS)
    signals = Signals(share, share, np.ones(UNITS, dtype=bool), known)
    errors = away_errors(counts, moved, signals, left)
    found = people_away(share, known)
    expected = np.log((known.away / known.away.sum()) / (found / found.sum()))
    assert list(errors.values()) == pytest.approx(expected)
    assert away_errors(counts, moved, signals, {}) == {}
    assert weighted_rms({"a": 0.3, "b": -0.1}, {"a": 1.0, "b": 3.0}) == pytest.approx(np.sqrt((0.09 + 0.03) / 4))
