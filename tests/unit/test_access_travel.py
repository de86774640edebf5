"""Nearest of a kind, spread over bands, minutes in three ways: edges, unknowns and what cannot be reached."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from geodata.analysis.access.nearest import Centres, nearest_centres, spread
from geodata.analysis.access.roads import Roads, Snapped, own_matrix, snap
from geodata.analysis.access.travel import TravelTable, is_within, relief_class, straight_line_minutes
from geodata.errors import ManyErrors, UserError

NAN, INF = float("nan"), float("inf")


def register() -> Centres:
    return Centres(
        id=["z", "b", "a", "c", "d"],
        lon=np.array([110.0, 110.0, 110.0, 110.2, NAN]),
        lat=np.array([30.0, 30.1, 30.1, 30.1, NAN]),
        type=["place", "place", "place", "centre", "place"],
        services=[frozenset(offer.split()) for offer in ("health", "", "health", "school", "health")],
        open=np.array([False, True, True, True, True]),
    )  # fmt: skip


def test_the_nearest_is_open_known_and_of_the_kind_asked_for() -> None:
    def found(**asked: object) -> list[int]:
        return nearest_centres([110.0], [30.0], register(), **asked).centre[0].tolist()

    assert found() == [2]  # "a" before "b": equally far, told apart by id
    assert found(k=5) == [2, 1, 3, -1, -1]  # the closed one and the one nobody can place are not there
    assert found(types=frozenset({"centre"})) == [3]
    assert found(service="school") == [3]
    assert found(service="none such") == [-1]


def test_bands_quantiles_and_means_by_hand() -> None:
    unit = np.array([0, 0, 0, 0, 1, 1, 2, -1])
    people = np.array([10.0, 30.0, 50.0, 10.0, 5.0, 5.0, 0.0, 99.0])
    far = np.array([1.0, 2.0, 5.0, INF, 7.0, NAN, 1.0, 1.0])
    found = spread(unit, people, far, units=4, bands=(1, 2.5, 5))
    assert found.in_band.tolist() == [[10, 30, 50, 10], [0, 0, 0, 5], [0] * 4, [0] * 4]
    assert found.measured.tolist() == [100, 5, 0, 0]
    assert found.unreachable.tolist() == [10, 0, 0, 0]
    assert found.mean[:2].tolist() == pytest.approx([(10 + 60 + 250) / 90, 7])
    assert found.median[:2].tolist() == [5.0, 7.0]
    assert found.p90[:2].tolist() == [5.0, 7.0]
    assert np.isnan([*found.mean[2:], *found.median[2:], *found.p90[2:]]).all()
    assert found.share_in_band[0].tolist() == [0.1, 0.3, 0.5, 0.1]
    assert np.isnan(found.share_in_band[2]).all()


def test_a_tail_that_reaches_nothing_makes_the_percentile_infinite() -> None:
    found = spread(np.zeros(2, dtype=int), np.array([80.0, 20.0]), np.array([3.0, INF]), units=1, bands=(5,))
    assert (found.median[0], found.p90[0], found.mean[0]) == (3.0, INF, 3.0)


def slow_quantile(people: list[float], far: list[float], share: float) -> float:
    """Walk outwards until enough are within."""
    for limit in sorted(far):
        if sum(p for p, d in zip(people, far, strict=True) if d <= limit) >= share * sum(people) * (1 - 1e-12):
            return limit
    return NAN


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.floats(0.1, 100), st.sampled_from([0.0, 1.0, 2.0, 3.5, 8.0, INF])),
             min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_spread_against_walking_outwards_in_any_order(points: list[tuple[int, float, float]], dice: object) -> None:
    unit, people, far = (np.array(column) for column in zip(*points, strict=True))
    found = spread(unit, people, far, units=3, bands=(1, 2, 5))
    assert found.in_band.sum(axis=1) == pytest.approx(found.measured)
    order = np.arange(len(points))
    dice.shuffle(order)
    again = spread(unit[order], people[order], far[order], units=3, bands=(1, 2, 5))
    for name in ("measured", "unreachable", "mean", "median", "p90", "in_band"):
        np.testing.assert_allclose(getattr(again, name), getattr(found, name), rtol=1e-12)
    for place in range(3):
        own = [(p, d) for u, p, d in points if u == place]
        if own:
            assert found.median[place] == slow_quantile([p for p, _ in own], [d for _, d in own], 0.5)
            assert found.p90[place] == slow_quantile([p for p, _ in own], [d for _, d in own], 0.9)


def test_sixty_minutes_includes_sixty() -> None:
    minutes = straight_line_minutes([5_000.0 / 1.33, 5_001.0 / 1.33, INF, NAN], speed_km_h=5.0)
    assert is_within(minutes.central, 60.0).tolist() == [True, False, False, False]
    assert np.isposinf(minutes.central[2])
    assert np.isnan(minutes.central[3])


def test_minutes_by_relief_with_a_band_around_them() -> None:
    kinds = relief_class([10.0, 199.9, 200.0, 500.0, NAN])
    assert kinds.tolist() == ["flat", "flat", "hilly", "mountain", "unknown"]
    found = straight_line_minutes(np.full(5, 1_000.0), relief=kinds, speed_km_h=6.0)
    assert found.central == pytest.approx([12.5, 12.5, 13.5, 14.5, 13.3])
    assert (found.low < found.central).all()
    assert (found.central < found.high).all()
    # No road is shorter than the straight line.
    assert (found.low >= 10.0 / 1.2 - 1e-12).all()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"speed_km_h": 0.0}, "speed"), ({"relief": "swamp"}, "swamp"), ({"distance_m": [-1.0]}, "negative")],
)
def test_senseless_speed_relief_and_distance_are_refused(asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        straight_line_minutes(**({"distance_m": [1.0]} | asked))


def test_a_table_keeps_the_quicker_of_two_ways_and_drops_what_cannot_be_travelled() -> None:
    table = TravelTable.of([1, 0, 0, 0], [0, 1, 1, 0], [INF, 9.0, 60.0, 60.0], 3, 2)
    assert list(zip(table.origin, table.destination, table.minutes, strict=True)) == [(0, 0, 60.0), (0, 1, 9.0)]
    index, minutes = table.nearest()
    assert index.tolist() == [1, -1, -1]
    assert minutes.tolist() == [9.0, INF, INF]
    assert table.within(60.0).minutes.tolist() == [60.0, 9.0]
    assert table.within(8.9).minutes.tolist() == []
    for bad in (-1.0, NAN):
        with pytest.raises(ValueError, match="minutes"):
            TravelTable.of([0], [0], [bad], 1, 1)
    with pytest.raises(ValueError, match="range"):
        TravelTable.of([0], [2], [1.0], 1, 2)


def edges(*rows: tuple[int, int, float, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["start", "end", "minutes", "oneway"])


def test_one_way_streets_parallel_edges_and_the_last_stretch() -> None:
    # 0 -> 1 costs 5 (a parallel edge of 50 does not add up), 1 -> 2 is one way; 3 is an island.
    roads = Roads.of(np.arange(4.0), np.zeros(4), edges((0, 1, 50.0, False), (0, 1, 5.0, False), (1, 2, 2.0, True)))
    homes = Snapped(np.array([0, 2, 3, -1]), np.array([1.0, 0.0, 0.0, INF]))
    centres = Snapped(np.array([-1, 2]), np.array([INF, 3.0]))
    index, minutes = roads.nearest(homes, centres)
    assert index.tolist() == [1, 1, -1, -1]
    assert minutes.tolist() == [1 + 5 + 2 + 3, 3.0, INF, INF]
    back, minutes = roads.nearest(centres, homes)
    assert minutes[1] == 3.0  # the home at the same node; against the one way nobody drives
    assert back[1] == 1
    assert roads.nearest(homes, Snapped(np.array([-1]), np.array([INF])))[0].tolist() == [-1] * 4


def test_edges_of_no_minutes_connect() -> None:
    roads = Roads.of(np.arange(2.0), np.zeros(2), edges((0, 1, 0.0, False)))
    at = Snapped(np.array([1]), np.array([0.0]))
    index, minutes = roads.nearest(Snapped(np.array([0]), np.array([0.0])), at)
    assert (index[0], minutes[0]) == (0, 0.0)


def test_places_far_from_any_road_are_off_the_road() -> None:
    roads = Roads.of([110.0], [30.0], edges())
    found = snap([110.0, 110.001, 111.0], [30.0, 30.0, 30.0], roads, at_most_m=5_000, walk_km_h=5.0)
    assert found.node.tolist() == [0, 0, -1]
    assert found.minutes[:2].tolist() == pytest.approx([0.0, 96.5 / (5_000 / 60)], abs=0.01)
    assert found.minutes[2] == INF


@settings(max_examples=40)
@given(st.integers(2, 9), st.data())
def test_nearest_by_road_is_the_least_of_one_search_a_centre(count: int, data: st.DataObject) -> None:
    node = st.integers(0, count - 1)
    rows = data.draw(st.lists(st.tuples(node, node, st.floats(0.1, 9), st.booleans()), max_size=25))
    at = data.draw(st.lists(node, min_size=1, max_size=4))
    last = np.array(data.draw(st.lists(st.floats(0, 5), min_size=len(at), max_size=len(at))))
    roads = Roads.of(np.zeros(count), np.zeros(count), edges(*rows))
    _, minutes = roads.nearest(Snapped(np.arange(count), np.zeros(count)), Snapped(np.array(at), last))
    each = dijkstra(roads.minutes)[:, at] + last
    np.testing.assert_allclose(minutes, each.min(axis=1), rtol=1e-12)


def test_a_matrix_of_ones_own() -> None:
    rows = pd.DataFrame(
        {"origin": ["h1", "h1", "h2"], "destination": ["c1", "c2", "c1"], "minutes": ["12", "60", None]}
    )
    table = own_matrix(rows, ["h1", "h2"], ["c1", "c2"], file="od.csv")
    assert table.nearest()[0].tolist() == [0, -1]
    assert table.within(60).minutes.tolist() == [12.0, 60.0]


def test_all_faults_of_a_matrix_are_told_with_row_and_value() -> None:
    rows = pd.DataFrame(
        {"origin": ["h1", "h9", "h1", "h1"], "destination": ["c1", "c1", "c9", "c1"], "minutes": ["-3", "1", "x", "4"]}
    )
    with pytest.raises(ManyErrors) as caught:
        own_matrix(rows, ["h1"], ["c1"], file="od.csv")
    told = str(caught.value)
    for part in ("row 3, column origin", "'h9'", "row 4, column destination", "row 2, column minutes", "'x'", "twice"):
        assert part in told
    with pytest.raises(UserError, match="column is missing"):
        own_matrix(rows.drop(columns="minutes"), ["h1"], ["c1"], file="od.csv")
