"""The floor plan of docs and pyproject.toml holds: who may import whom."""

from __future__ import annotations

import subprocess
import sys

from importlinter.api import read_configuration

from tests.support.project import PROJECT_DIR

PROMISED = {
    "Dashboard and ETL meet only in the data file",
    "geodata never looks up",
    "The floors of geodata",
    "The floors of dashboard",
    "ETL steps do not call each other",
    "Analysis is arithmetic",
    "Views know the question, not the picture",
    "Only the store speaks SQL to the dashboard",
}
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_imports_keep_to_the_floors() -> None:
    # In a process of its own: building the import graph puts the project's packages on this process's path.
    command = [sys.executable, "-c", LINT, "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_promise_was_dropped() -> None:
    configuration = read_configuration(str(PROJECT_DIR / "pyproject.toml"))
    assert {contract["name"] for contract in configuration["contracts_options"]} >= PROMISED
