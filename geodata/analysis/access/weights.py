"""A user's own weights for an index, as people write them: `share:40,distance:60`. Only proportions count."""

from __future__ import annotations

import re
from collections.abc import Sequence

LARGEST = 100
_PART = re.compile(r"([a-z_]+):([0-9]{1,3}(?:\.[0-9]{1,2})?)")


def read_weights(text: str, names: Sequence[str]) -> tuple[float, ...]:
    """A weight for each of `names`, in their order, as shares that add up to 1; what is not named weighs nothing.

    Raises
    ------
    ValueError
        If a part is not `name:number`, a name is unknown or stands twice, a number is above 100, or all are 0.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None or match[1] not in names or match[1] in found or float(match[2]) > LARGEST:
            raise ValueError(f"{part!r} is no weight")
        found[match[1]] = float(match[2])
    total = sum(found.values())
    if not total > 0:
        raise ValueError("one weight at least must be above 0")
    return tuple(found.get(name, 0.0) / total for name in names)


def written_weights(text: str, names: Sequence[str]) -> str:
    """`text` in its one form: the order of `names`, none that weigh nothing, no idle digits.

    Raises
    ------
    ValueError
        As `read_weights`.
    """
    read_weights(text, names)
    parts = (_PART.fullmatch(part.strip()) for part in text.split(","))
    given = {match[1]: float(match[2]) for match in parts if match}
    return ",".join(f"{name}:{given[name]:g}" for name in names if given.get(name))
