"""Kinds of centres: name, meaning, colour and shape on the map, in menu order, from `service_types.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from geodata.catalogue.load import CATALOGUE_DIR, parse_entry, read_yaml
from geodata.text import Text

# What a centre can do for children, as registers say it; a register may name others besides.
SERVICES = (
    "healthcare", "education_support", "family_education", "life_skills", "psychosocial_support", "registration_help",
    "orientation",
)  # fmt: skip
# Facts at hand: 1 km in towns and 2.5 km in the country on foot, further bands beyond.
BANDS_KM = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
# Within reach on foot, of a short ride, the usual standard of one hour, and two.
BANDS_MIN = (15.0, 30.0, 60.0, 120.0)


class ServiceType(BaseModel):
    """One kind of centre. `bands_km` are the upper edges of its distance bands; exactly at an edge is within it.

    `standard_min`, if any, says that children at most so many minutes away are in reach of such a centre: the gap in
    three parts is then found by minutes too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: Text
    meaning: Text
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    shape: Literal["circle", "square", "star", "triangle", "diamond"]
    bands_km: tuple[float, ...] = BANDS_KM
    standard_min: float | None = Field(default=None, gt=0, le=600)

    @field_validator("bands_km")
    @classmethod
    def _ascend(cls, bands: tuple[float, ...]) -> tuple[float, ...]:
        if not bands or bands[0] <= 0 or list(bands) != sorted(set(bands)):
            raise ValueError("bands must be kilometres above 0, ascending, none twice")
        return bands


@cache
def load_service_types(file: Path = CATALOGUE_DIR / "service_types.yaml") -> dict[str, ServiceType]:
    """All kinds of centres by id, in menu order.

    Raises
    ------
    UserError
        If the file cannot be read, or an entry misses a key or has one too many.
    """
    return {
        type_id: parse_entry(ServiceType, {"id": type_id, **entry}, file) for type_id, entry in read_yaml(file).items()
    }


def standards_min() -> dict[str, float]:
    """Minutes within which children are in reach of a centre, by the types that say so, in menu order."""
    return {kind.id: kind.standard_min for kind in load_service_types().values() if kind.standard_min is not None}
