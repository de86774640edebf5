"""What minutes assume where no file says how long journeys take, from `travel.yaml`; a build may say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.catalogue.load import CATALOGUE_DIR, parse_entry, read_yaml


class Detour(BaseModel):
    """How many times longer the way is than the straight line, by relief."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flat: float = Field(ge=1, le=5)
    hilly: float = Field(ge=1, le=5)
    mountain: float = Field(ge=1, le=5)
    unknown: float = Field(ge=1, le=5)


class TravelAssumptions(BaseModel):
    """Way of going and its speed in km/h, detour by relief, how many metres a place may be moved off a barrier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = "travel"
    mode: Literal["walk", "bicycle", "bus", "car"]
    speed_km_h: float = Field(gt=0, le=300)
    detour: Detour
    snap_within_m: float = Field(ge=0, le=50_000)


@cache
def load_travel(file: Path = CATALOGUE_DIR / "travel.yaml") -> TravelAssumptions:
    """The assumptions of the file.

    Raises
    ------
    UserError
        If the file cannot be read, or a key is missing, unknown, or out of range.
    """
    return parse_entry(TravelAssumptions, read_yaml(file), file)


def travel_with(stated: Mapping[str, Any], assumed: TravelAssumptions) -> TravelAssumptions:
    """`assumed` with what a build states instead: keys of the file, detours as a mapping of the reliefs that change.

    Raises
    ------
    UserError
        If a key is unknown or a number out of range.
    """
    whole = assumed.model_dump()
    detour = whole["detour"] | dict(stated.get("detour", {}))
    return parse_entry(TravelAssumptions, whole | dict(stated) | {"detour": detour}, Path("build options"))
