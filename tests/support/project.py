"""The project's own files, for tests that read them as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("geodata", "etl", "dashboard", "bench", "tests")
# Installed, downloaded or made: not the project's own.
NOT_OURS = {".git", ".venv", ".tools", "data", "test-results", ".hypothesis"}


def project_files(*endings: str, below: str = ".") -> Iterator[Path]:
    """Yield the files under `below` that end in one of `endings` (without: all), as paths relative to the project."""
    for path in sorted((PROJECT_DIR / below).rglob("*")):
        parts = path.relative_to(PROJECT_DIR).parts
        ours = not NOT_OURS & set(parts) and not any(part.endswith("_cache") or part == "__pycache__" for part in parts)
        if ours and path.is_file() and (not endings or path.suffix in endings):
            yield path.relative_to(PROJECT_DIR)


def text_of(path: Path) -> str:
    """Return the text of a file of the project; "" for one that is no text."""
    try:
        return (PROJECT_DIR / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
