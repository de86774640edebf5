"""Norms by hand; the counts of communities that the product ships."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from geodata.analysis.access.norms import DIRECTORS_A_COMMUNITY, PLACES_A_COMMUNITY, norm_gap
from tests.support.project import PROJECT_DIR

REFERENCE_DIR = PROJECT_DIR / "geodata" / "reference"
counts = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=9)


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE_DIR / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nine_places_for_ten_communities() -> None:
    gap = norm_gap([10, 7, 100, 0], [3, 8, np.nan, 0], per_body=PLACES_A_COMMUNITY)
    assert gap.needed.tolist() == pytest.approx([9.0, 6.3, 90.0, 0.0])
    assert gap.missing[[0, 1, 3]].tolist() == pytest.approx([6.0, 0.0, 0.0])
    assert gap.surplus[[0, 1, 3]].tolist() == pytest.approx([0.0, 1.7, 0.0])
    assert np.isnan([gap.missing[2], gap.surplus[2]]).all()  # nobody knows: no gap is claimed


@given(counts, st.floats(0.1, 3))
def test_needed_and_surplus_make_present_and_missing(pairs: list[tuple[int, int]], per_body: float) -> None:
    bodies, present = np.array(pairs, dtype=float).T
    gap = norm_gap(bodies, present, per_body=per_body)
    np.testing.assert_allclose(gap.needed + gap.surplus, gap.present + gap.missing)
    assert (gap.missing * gap.surplus == 0).all()
    # What counties have too much of fills no gap elsewhere.
    assert gap.missing.sum() >= max(gap.needed.sum() - gap.present.sum(), 0) - 1e-9


@pytest.mark.parametrize(("bodies", "present", "per_body"), [([-1], [0], 1.0), ([1], [-1], 1.0), ([1], [1], 0.0)])
def test_senseless_norms_are_refused(bodies: list[float], present: list[float], per_body: float) -> None:
    with pytest.raises(ValueError, match="must"):
        norm_gap(bodies, present, per_body=per_body)


def test_every_county_of_the_census_has_its_communities() -> None:
    table = {row["code"]: row for row in rows("communities.csv")}
    counted = {row["code"] for row in rows("estimates/estimates_2020.csv") if row["code"][:2] not in {"71", "81", "82"}}
    assert set(table) == counted
    assert list(table) == sorted(table)


def test_communities_add_up_to_what_the_report_says_and_to_about_what_is_published() -> None:
    table, report = rows("communities.csv"), yaml.safe_load((REFERENCE_DIR / "communities.yaml").read_text("utf-8"))
    for what, published in (("communities", 615_000), ("townships", 38_700)):
        total = sum(int(row[what]) for row in table)
        assert total == report["placed"][what]
        lost = sum(row[what] for row in report["unresolved"])
        assert total + lost + report["left_out_only_like_one"][what] == report["read"][what]
        assert lost < 0.001 * total
        assert total == pytest.approx(published, rel=0.01)
    needed = norm_gap([int(row["communities"]) for row in table], np.zeros(len(table)), per_body=DIRECTORS_A_COMMUNITY)
    assert needed.missing.sum() == report["placed"]["communities"]
