"""Where things lie: the one place that reads the environment for `geodata` and `etl`."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
REFERENCE_DIR = Path(__file__).resolve().parent / "reference"


def data_dir() -> Path:
    """The folder for releases and downloads: `$GEODATA_DIR`, else `data/` in the project."""
    return Path(os.environ.get("GEODATA_DIR") or PROJECT_DIR / "data")
