"""What norms ask for and what the register holds: child welfare directors and Children's Places, by county."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.measure.access.figures import YEAR
from geodata.analysis.access.norms import DIRECTORS_A_COMMUNITY, PLACES_A_COMMUNITY, norm_gap

# Name of the norm in its measures: the type of centre that meets it, and how many a community needs.
NORMS = {"directors": ("child_director_post", DIRECTORS_A_COMMUNITY), "places": ("childrens_place", PLACES_A_COMMUNITY)}


def norm_figures(communities: pd.DataFrame, centres: pd.DataFrame, *, demonstration: bool) -> pd.DataFrame:
    """Needed, present and missing of each norm as figures: code, year, measure, value, state, quality.

    A register without a single row of a type does not know that type: present and missing are then no data, not zero.
    Open centres count for their county whether their place is known or not.

    communities
        code, communities: how many villages and neighbourhoods a county has.
    """
    codes = communities["code"].to_numpy(str)
    parts = []
    for norm, (kind, per_body) in NORMS.items():
        own = centres[centres["type"] == kind]
        there = own.loc[own["status"] == "open", "code"].value_counts().reindex(codes).fillna(0.0).to_numpy(float)
        known = there if len(own) else np.full(len(codes), np.nan)
        gap = norm_gap(communities["communities"], known, per_body=per_body)
        counted = "demonstration" if demonstration else "official"
        for part, quality in (("needed", "official"), ("present", counted), ("missing", counted)):
            value = np.round(getattr(gap, part), 1)
            state = np.select([np.isnan(value), value == 0], ["no_data", "zero"], "value")
            parts.append(
                pd.DataFrame(
                    {
                        "code": codes,
                        "year": YEAR,
                        "measure": f"{norm}_{part}",
                        "value": value,
                        "state": state,
                        "quality": np.where(state == "no_data", "none", quality),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)
