"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import PACKAGES, project_files, text_of

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50


def long_functions(source: str, where: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield f"{where}:{node.lineno} {node.name} has {lines} lines"


def test_the_ruler_measures() -> None:
    body = "    pass\n" * MAX_FUNCTION_LINES
    assert list(long_functions("def long():\n" + body, Path("a.py"))) == ["a.py:1 long has 51 lines"]
    assert not list(long_functions("def right():\n" + body.removesuffix("    pass\n"), Path("a.py")))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_too_long(package: str) -> None:
    lengths = {
        path: len(text_of(path).splitlines()) for path in project_files(".py", ".js", ".css", ".sql", below=package)
    }
    assert {str(path): lines for path, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_is_too_long(package: str) -> None:
    assert [long for path in project_files(".py", below=package) for long in long_functions(text_of(path), path)] == []
