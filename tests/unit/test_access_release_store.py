"""The questions about access that the store answers."""

from __future__ import annotations

from pathlib import Path

from geodata.store import Store, queries
from tests.support.toy_release import write_toy_release


def test_access_and_equity_come_in_the_order_of_their_keys(tmp_path: Path) -> None:
    write_toy_release(tmp_path)
    store = Store(tmp_path)
    access, equity = queries.access(store), queries.equity(store)
    assert list(access.columns) == ["level", "code", "figure", "value", "low", "high", "state", "quality"]
    assert access["figure"].is_monotonic_increasing
    rank = access.set_index(["figure", "code"]).loc[("priority_rank", "510121")]
    assert (rank["value"], rank["low"], rank["high"]) == (2, 1, 4)
    lorenz = equity[(equity["curve"] == "lorenz") & (equity["level"] == "nation")]
    assert lorenz["step"].tolist() == [0, 1, 2]
    assert lorenz["access"].tolist() == [0, 0, 1]
