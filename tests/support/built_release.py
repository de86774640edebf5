"""The release that `make test` builds from the installed packages, for tests of what is really published."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geodata.settings import data_dir


def built_release() -> Path:
    """Return the file of the release in `$GEODATA_DIR`; skip the test where none was built, never in CI."""
    pointer = data_dir() / "CURRENT"
    if not pointer.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no release in {data_dir()}: CI builds one first")
        pytest.skip(f"no release in {data_dir()}: `make test` builds one first")
    return data_dir() / "releases" / f"{pointer.read_text(encoding='utf-8').strip()}.duckdb"
