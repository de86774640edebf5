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

# `official_total`: what is official is the total it is a part of; the part is divided as the model does.
Quality = Literal["official", "official_total", "modelled", "modelled_weak", "demonstration", "none"]
# From best to worst.
QUALITIES: tuple[Quality, ...] = get_args(Quality)


def flag_of_sum(parts: list[tuple[float, Quality]]) -> Quality:
    """The flag of a sum, from the value and the flag of each known part.

    A demonstration stays one whatever is added to it, and a sum is official only if all its parts are. A sum is weak
    when weak parts make up more than half of it: nearly every prefecture holds some urban district, and a flag that
    all of them carry would tell a reader nothing.
    """
    if not parts:
        return "none"
    strongest = max(("modelled" if flag == "modelled_weak" else flag for _, flag in parts), key=QUALITIES.index)
    weak = sum(value for value, flag in parts if flag == "modelled_weak")
    total = sum(value for value, _ in parts)
    all_weak = all(flag == "modelled_weak" for _, flag in parts)
    return "modelled_weak" if strongest == "modelled" and (2 * weak > total or all_weak) else strongest
