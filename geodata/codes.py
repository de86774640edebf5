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
# Lines on the map by what they part: the highest level whose units differ on either side; the dashed maritime line.
BORDER_IDS = {"maritime": 1, "province": 2, "prefecture": 3, "county": 4, "nation": 100_000}

# Hong Kong, Macao and Taiwan are drawn, always, and carry no data: the mainland censuses did not count them.
PROVINCES_WITHOUT_DATA = ("710000", "810000", "820000")

# How a division of an earlier year became one of today.
Kind = Literal["same", "renamed", "recoded", "upgraded", "enlarged", "merged", "folded", "adjusted", "split"]
# From the mildest to the gravest; the gravest step names the whole way.
# same       nothing changed
# renamed    another name, the same code
# recoded    another code, the same name
# upgraded   county, city and district changed into each other; the place is the same
# enlarged   the place is a part of today's, because others were added to it
# merged     it was added to another place
# folded     it has no outline of its own today and is counted in another place
# adjusted   a part whose size is not known went to another place; all of it is counted where the rest is
# split      it was divided; the weights are estimates
KINDS: tuple[Kind, ...] = get_args(Kind)
# A change of name or number, not of the border.
ONLY_CALLED_OTHERWISE: tuple[Kind, ...] = ("same", "renamed", "recoded", "upgraded")

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
