"""The committed further counts: parts of what they are parts of, and the nation as published."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
import yaml

from etl.measure.structure import STRUCTURE_MEASURES
from etl.pipeline.estimate import FURTHER_PAGE, OUT_DIR
from etl.publish.estimates import FURTHER
from etl.publish.further_page import with_further
from etl.read.estimates import read_estimates
from etl.read.facts import read_facts

YEARS = [2010, 2020]
AGED = [name for name in FURTHER if "_aged_" in name]
LIVING = [name for name in FURTHER if name.startswith("left_behind_rural_")]


@cache
def counts(year: int) -> pd.DataFrame:
    """Figures of a year by code and measure; withheld and unknown as zero."""
    figures = read_estimates().figures
    return figures[figures["year"] == year].pivot_table(index="code", columns="measure", values="value", fill_value=0)


def test_what_is_made_is_what_is_written() -> None:
    assert set(STRUCTURE_MEASURES) == set(FURTHER)


@pytest.mark.parametrize("year", YEARS)
def test_parts_keep_within_the_whole(year: int) -> None:
    table = counts(year)
    left = table["left_behind_children_rural"] + table["left_behind_children_urban"]
    assert (table["left_behind_registered"] <= table["left_behind_children_rural"]).all()
    assert (table["migrant_children_other_province"] <= table["migrant_children_other_county"]).all()
    assert (table["migrant_children_other_county"] <= table["migrant_children"]).all()
    for parts, whole in ((AGED, left), (LIVING, table["left_behind_children_rural"])):
        off = (table[parts].sum(axis=1) - whole).abs()
        assert off.max() <= 200
        assert (off == 0).mean() > 0.75


@pytest.mark.parametrize("year", YEARS)
def test_the_nation_adds_up_after_rounding(year: int) -> None:
    table, facts = counts(year), read_facts()
    assert table["migrant_children_other_province"].sum() == pytest.approx(
        facts.value(year, "migrant_children_inter"), rel=0.002
    )
    assert table[AGED].to_numpy().sum() == pytest.approx(facts.value(year, "left_behind_children"), rel=0.002)


def test_the_structure_of_2010_is_the_published_one() -> None:
    found = yaml.safe_load((OUT_DIR / "further.yaml").read_text(encoding="utf-8"))
    shares = found["percent_of_rural_left_behind_2010"]
    assert set(shares) == set(AGED) | set(LIVING)
    for entry in shares.values():
        assert entry["estimated"] == pytest.approx(entry["published"], abs=0.001)
    # ACWF 2013 prints 2.06 million living alone; the model gets there from 3.37 % of 61.0 million.
    assert counts(2010)["left_behind_rural_alone"].sum() == pytest.approx(2.06e6, rel=0.003)


def test_the_tables_on_the_method_page_are_the_computed_ones() -> None:
    page = FURTHER_PAGE.read_text(encoding="utf-8")
    assert page == with_further(page, yaml.safe_load((OUT_DIR / "further.yaml").read_text(encoding="utf-8")))
    assert "| 2010 农村留守儿童，% · 2010 rural LBC, % |" in page


def test_what_the_nation_divides_is_never_called_sure() -> None:
    figures = read_estimates().figures
    assert set(figures.loc[figures["measure"].isin(LIVING), "quality"]) == {"modelled_weak", "none"}
