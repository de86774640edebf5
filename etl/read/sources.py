"""What is known about each source: one YAML file a source in `etl/sources/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from geodata.catalogue.load import parse_entry, read_yaml
from geodata.errors import UserError
from geodata.text import LANGUAGES, Text

SOURCES_DIR = Path(__file__).resolve().parent.parent / "sources"


class SourceEntry(BaseModel):
    """One file in `etl/sources/`. How to read a source (`read`) concerns its reader alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_id: str
    role: str
    title: Text
    producer: Text
    year: str
    licence: Text
    citation: str
    url: str | None = None
    sha256: str | None = None
    read: dict[str, Any] | None = None


def read_sources(folder: Path = SOURCES_DIR) -> pd.DataFrame:
    """All sources as in the release contract, and `file` (the stem of the file that describes them), by source_id.

    Raises
    ------
    UserError
        If a file cannot be read, misses a key or has one too many.
    """
    entries = [(file.stem, parse_entry(SourceEntry, read_yaml(file), file)) for file in sorted(folder.glob("*.yaml"))]
    if not entries:
        raise UserError("No source is described", file=folder, expected="one YAML file a source")
    return pd.DataFrame(
        [
            {
                "file": stem,
                "source_id": entry.source_id,
                "role": entry.role,
                **{
                    f"{name}_{language}": getattr(entry, name).to(language)
                    for name in ("title", "producer", "licence")
                    for language in LANGUAGES
                },
                **entry.model_dump(include={"year", "citation", "url", "sha256"}),
            }
            for stem, entry in entries
        ]
    )
