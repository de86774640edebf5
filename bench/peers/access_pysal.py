"""Enhanced two-step floating catchments by PySAL's `access`, from the same table of pairs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

with warnings.catch_warnings():
    # What its imports say about themselves is not ours to mend.
    warnings.simplefilter("ignore")
    from access import fca, weights

Column = npt.NDArray[Any]


def table(point: Column, centre: Column, metres: Column) -> pd.DataFrame:
    """Lay the pairs out as `access` wants them."""
    return pd.DataFrame({"origin": point, "dest": centre, "cost": metres})


def e2sfca(
    costs: pd.DataFrame, children: Column, places: Column, zones: tuple[tuple[float, float], ...]
) -> npt.NDArray[np.float64]:
    """Return places for each child at every point; 0 where `access` lists no point, as nothing is in its reach."""
    found = fca.two_stage_fca(
        demand_df=pd.DataFrame({"demand": children}),
        supply_df=pd.DataFrame({"supply": places}),
        cost_df=costs,
        demand_index=True,
        max_cost=max(edge for edge, _ in zones),
        weight_fn=weights.step_fn(dict(zones)),
    )
    return found.reindex(range(len(children)), fill_value=0.0).to_numpy(float)
