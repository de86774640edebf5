"""Three counties drawn as squares, as the boundaries package would give them, for tests that need no country."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.read.boundaries import RawBoundaries
from geodata import crs

WEST, SOUTH, SIDE = 116.0, 40.0, 0.4
COUNTIES = {"110114": "昌平区", "110116": "怀柔区", "130730": "怀来县"}


def drawn_boundaries() -> RawBoundaries:
    """Changping, Huairou and Huailai side by side, west to east, each 0.4 degrees wide and high."""
    boxes = [
        shapely.segmentize(shapely.box(WEST + SIDE * at, SOUTH, WEST + SIDE * (at + 1), SOUTH + SIDE), 0.02)
        for at in range(len(COUNTIES))
    ]
    codes = list(COUNTIES)
    counties = pd.DataFrame(
        {
            "code": codes,
            "name_zh": list(COUNTIES.values()),
            "prefecture_code": ["110100", "110100", "130700"],
            "province_code": ["110000", "110000", "130000"],
            "area_km2": 1_500.0,
        }
    )
    above = pd.DataFrame(
        {
            "level": ["prefecture", "prefecture", "province", "province"],
            "code": ["110100", "130700", "110000", "130000"],
            "name_zh": ["北京市", "张家口市", "北京市", "河北省"],
        }
    )
    outlines = crs.geometries_to_equal_area(np.array(boxes, dtype=object))
    return RawBoundaries(counties, outlines, above, shapely.MultiLineString(), "0" * 64)
