"""Six-digit division codes (GB/T 2260): validity, province prefix, levels.

The parent of a county cannot be read off its digits: 441900 is county and prefecture at once, and 429004 hangs
directly below its province. The `units` table of the release knows parents; this module only knows digits.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Level = Literal["nation", "province", "prefecture", "county"]
LEVELS: tuple[Level, ...] = get_args(Level)
MAP_LEVELS: tuple[Level, ...] = ("county", "prefecture", "province")
NATION_CODE = "100000"

# Hong Kong, Macao and Taiwan are drawn, always, and carry no data: the mainland censuses did not count them.
PROVINCES_WITHOUT_DATA = ("710000", "810000", "820000")

_CODE = re.compile(r"[1-8]\d{5}")


def is_code(text: str) -> bool:
    """Whether `text` has the shape of a division code: six digits, the first from 1 to 8."""
    return _CODE.fullmatch(text) is not None


def province_of(code: str) -> str:
    """The code of the province that the digits name: 110101 -> 110000."""
    return code[:2] + "0000"


def is_development_zone(code: str) -> bool:
    """Whether the digits are a census pseudo-code xxxx71-xxxx79: a development zone without a boundary of its own."""
    return is_code(code) and "71" <= code[4:] <= "79"
