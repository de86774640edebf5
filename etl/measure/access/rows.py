"""Rows of the table `access`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


def access_rows(
    level: str, codes: npt.ArrayLike, figure: str, value: npt.ArrayLike, *, quality: str,
    bounds: tuple[npt.ArrayLike, npt.ArrayLike] = (np.nan, np.nan), withheld: npt.ArrayLike = False,
) -> pd.DataFrame:  # fmt: skip
    """One row a unit; a value that is not a number is no data, or withheld where `withheld` says so.

    `bounds` are low and high.
    """
    found = np.asarray(value, dtype=float)
    hidden = np.broadcast_to(np.asarray(withheld, dtype=bool), found.shape)
    state = np.select([hidden, np.isnan(found), found == 0], ["withheld", "no_data", "zero"], "value")
    shown = np.isin(state, ["value", "zero"])
    numbers = {
        name: np.where(shown, np.broadcast_to(np.asarray(bound, dtype=float), found.shape), np.nan)
        for name, bound in zip(("value", "low", "high"), (found, *bounds), strict=True)
    }
    return pd.DataFrame(
        {
            "level": level,
            "code": np.asarray(codes),
            "figure": figure,
            **numbers,
            "state": state,
            "quality": np.where(state == "no_data", "none", quality),
        }
    )
