"""The four states of a figure and its quality flags. They are never folded into one another.

`value`     a number, not zero
`zero`      a true zero: counted or modelled as none at all
`no_data`   nobody knows: not counted, outside the census, no settlement to measure from
`withheld`  known and not shown: so few children that they could be recognised
"""

from __future__ import annotations

from typing import Literal, get_args

State = Literal["value", "zero", "no_data", "withheld"]
STATES: tuple[State, ...] = get_args(State)

Quality = Literal["official", "modelled", "modelled_weak", "demonstration", "none"]
# From best to worst: the flag of a sum is the worst flag among its parts.
QUALITIES: tuple[Quality, ...] = get_args(Quality)


def worst(qualities: list[Quality]) -> Quality:
    """The weakest flag among `qualities`, which is the flag of their sum; `none` when there is nothing to sum."""
    return max(qualities, key=QUALITIES.index, default="none")
