"""Kinds of centres: name, meaning, colour and shape on the map, in menu order, from `service_types.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.catalogue.load import CATALOGUE_DIR, parse_entry, read_yaml
from geodata.text import Text


class ServiceType(BaseModel):
    """One kind of centre."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: Text
    meaning: Text
    colour: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    shape: Literal["circle", "square", "star", "triangle", "diamond"]


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
