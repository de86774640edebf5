"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from geodata.catalogue import Catalogue, load_catalogue
from geodata.store import Store
from tests.support.toy_release import write_toy_release

# A law is about what, not how fast: on a loaded machine the default deadline of 0.2 s fails by chance.
settings.register_profile("atlas", deadline=None)
settings.load_profile("atlas")


class BrowserApart(LoadScopeScheduling):
    """With two workers one drives the browser, from the beginning, and the other does the rest: half the time."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserApart:
    """Of the scopes the largest, the browser's, comes first."""
    return BrowserApart(config, log)


@pytest.fixture(scope="session")
def toy_release_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the toy release. Do not write into it: make your own with `write_toy_release`."""
    folder = tmp_path_factory.mktemp("data")
    write_toy_release(folder)
    return folder


@pytest.fixture(scope="session")
def store(toy_release_dir: Path) -> Store:
    """The reading room on the toy release."""
    return Store(toy_release_dir)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The real catalogue: what can be shown is declared there and nowhere else."""
    return load_catalogue()
