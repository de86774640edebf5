"""Errors a user can act on. Anything else that is raised is a bug.

A `UserError` says what is wrong, where (file, row, column or key), which value was found and what would be right.
Command line, API and pages print it as it is and never show a traceback for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class UserError(Exception):
    """Something a person can put right: bad input, a missing file, an unknown name.

    Parameters
    ----------
    message
        One sentence that says what is wrong.
    file, row, column, key
        Where it is wrong, as far as known. Rows count as a spreadsheet does: the header is row 1.
    value
        What was found there.
    expected
        What would be right.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
        key: str | None = None,
        value: object = None,
        expected: str | None = None,
    ) -> None:
        self.message = message
        self.file = str(file) if file is not None else None
        self.row = row
        self.column = column
        self.key = key
        self.value = value
        self.expected = expected
        super().__init__(self.describe())

    def describe(self) -> str:
        """The whole error as one line: message, place, value, what would be right."""
        place = [
            f"{label} {found}"
            for label, found in (
                ("file", self.file),
                ("row", self.row),
                ("column", self.column),
                ("key", self.key),
            )
            if found is not None
        ]
        parts = [self.message.rstrip(".") + "."]
        if place:
            parts.append("At " + ", ".join(place) + ".")
        if self.value is not None:
            parts.append(f"Found {self.value!r}.")
        if self.expected:
            parts.append(f"Expected {self.expected.rstrip('.')}.")
        return " ".join(parts)


class ManyErrors(UserError):
    """All breaches of one input in one report, so that a person mends a file once, not forty times."""

    def __init__(self, message: str, errors: Iterable[UserError]) -> None:
        self.errors = tuple(errors)
        super().__init__(message)

    def describe(self) -> str:
        listed = getattr(self, "errors", ())
        return "\n".join([self.message, *(f"  - {error.describe()}" for error in listed)])
