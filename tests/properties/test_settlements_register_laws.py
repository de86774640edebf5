"""Laws of the demonstration register: as many as asked, where need is, spread out, the same every time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from etl.register.demonstration import KINDS, demonstration_register, systematic_sample

sizes = st.lists(st.one_of(st.just(0.0), st.floats(0.1, 1e4)), min_size=1, max_size=60)


@given(sizes, st.integers(0, 20), st.floats(0, 0.999))
def test_a_sample_holds_different_items_that_have_a_size(size: list[float], count: int, start: float) -> None:
    weights = np.array(size)
    chosen = systematic_sample(weights, count, start)
    assert len(set(chosen)) == len(chosen) == min(count, int((weights > 0).sum()))
    assert (weights[chosen] > 0).all()


@given(sizes, st.integers(1, 20), st.floats(0, 0.999))
def test_no_stretch_gets_more_than_its_share_but_one(size: list[float], count: int, start: float) -> None:
    weights = np.array(size)
    chosen = systematic_sample(weights, count, start)
    half = len(weights) // 2
    if weights.sum() == 0 or (weights * count >= weights.sum()).any():
        return  # items larger than the interval are taken for certain
    expected = weights[:half].sum() / weights.sum() * count
    assert abs((chosen < half).sum() - expected) <= 1 + 1e-9


def test_the_register_is_the_same_every_time_and_stands_at_settlements() -> None:
    dice = np.random.default_rng(5)
    count = 3_000
    codes = np.sort(dice.choice([f"{province}0101" for province in range(11, 43)], count))
    settlements = pd.DataFrame(
        {"settlement_id": [f"s{n}" for n in range(count)], "name_zh": "村", "name_en": "Cun", "code": codes,
         "lon": dice.uniform(100, 120, count), "lat": dice.uniform(25, 40, count),
         "kind": np.where(dice.random(count) < 0.2, "county_point", "rural"), "children": dice.uniform(1, 99, count)}
    )  # fmt: skip
    units = pd.DataFrame({"level": "county", "code": np.unique(codes), "name_zh": "县"})
    left_behind = pd.Series(1_000.0, index=np.unique(codes)).drop("110101")
    register = demonstration_register(settlements, left_behind, units)
    pd.testing.assert_frame_equal(register, demonstration_register(settlements, left_behind, units))
    assert register["type"].value_counts().to_dict() == {kind.type: kind.count for kind in KINDS}
    assert register["centre_id"].is_unique
    real = settlements[settlements["kind"] == "rural"]
    assert set(zip(register["lon"], register["lat"], strict=True)) <= set(zip(real["lon"], real["lat"], strict=True))
    assert "110101" not in set(register["code"]), "no centre where no child is left behind"
    assert register["code"].nunique() == len(left_behind), "spread over all others"
    assert register["name_zh"].str.contains("演示").all()
    assert register["name_en"].str.contains("demonstration").all()
