"""README, change log, licence and settings say what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.project import PROJECT_DIR, project_files, text_of

MAKEFILE = text_of(Path("Makefile"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
DOCUMENTED = set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE))
SETTINGS = tomllib.loads(text_of(Path("pyproject.toml")))


def make_commands(text: str) -> set[str]:
    """Return the targets that a page tells its reader to type: `make x`, alone, after settings or after a prompt."""
    return set(re.findall(r"(?:^|`|\$ |&& |[A-Z]=\S+ )make ([a-z][a-z-]*)", text, re.MULTILINE))


def test_commands_are_recognised() -> None:
    assert make_commands("Type `make run`, or\n    PORT=80 make build\nThese make sense.") == {"run", "build"}


@pytest.mark.parametrize("page", list(project_files(".md")), ids=str)
def test_every_command_in_the_papers_exists(page: Path) -> None:
    assert make_commands(text_of(page)) <= TARGETS


def test_the_readme_names_the_two_commands() -> None:
    assert {"run", "test"} <= make_commands(text_of(Path("README.md")))


def test_help_lists_every_public_target() -> None:
    hidden = TARGETS - DOCUMENTED
    assert hidden == {"test-release"}


def test_ci_runs_the_command_of_the_readme() -> None:
    assert "exec make test" in text_of(Path(".ci/run"))
    assert (PROJECT_DIR / ".ci/run").stat().st_mode & 0o111


def test_the_change_log_tells_which_numbers_changed() -> None:
    assert re.search(r"^#+ Numbers that changed$", text_of(Path("CHANGELOG.md")), re.MULTILINE)


def test_no_test_folder_is_left_out() -> None:
    folders = {str(path.parent) for path in project_files(".py", below="tests") if path.name.startswith("test_")}
    listed = SETTINGS["tool"]["pytest"]["ini_options"]["testpaths"]
    assert {folder for folder in folders if not any(Path(folder).is_relative_to(known) for known in listed)} == set()


def test_exceptions_from_the_rules_are_explained() -> None:
    """A silenced checker says why: behind it, or on the line before."""
    silenced = re.compile(r"#\s*(?:noqa(?::[\w, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?|pragma:[\w ]+)$")
    found = []
    for path in project_files(".py"):
        lines = text_of(path).splitlines()
        for before, line in zip(["", *lines], lines, strict=False):
            if silenced.search(line.rstrip()) and not before.strip().startswith("#"):
                found.append(f"{path}: {line.strip()}")
    assert found == []
