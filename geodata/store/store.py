"""Opening the current release, noticing that it was replaced, and remembering answers for as long as it is served."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from functools import update_wrapper
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import duckdb

from geodata.contracts.fingerprint import contract_fingerprint
from geodata.errors import UserError

P = ParamSpec("P")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

CURRENT = "CURRENT"
RELEASES = "releases"


@dataclass(frozen=True)
class ReleaseRow:
    """Which release is open: the row of its table `release`."""

    release_id: str
    built_at: str
    version: str
    method_version: str
    content_sha256: str
    centres_kind: str
    contract: str


class Reading:
    """One release, open for reading. Everything a request says comes from one reading, even while a new one arrives.

    DuckDB gives wrong rows when threads share a connection, so each thread has a cursor of its own. The connection
    closes when the last request that holds the reading lets go of it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connection = _open(file)
        self._cursors = threading.local()
        self._lock = threading.Lock()
        self._answers: dict[str, OrderedDict[Hashable, Any]] = {}
        self.release = self._release()

    def reading(self) -> Reading:
        """Itself: whoever asks a store may ask a reading too, and then hears from that very release."""
        return self

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's cursor on the release."""
        cursor = getattr(self._cursors, "cursor", None)
        if cursor is None:
            with self._lock:
                cursor = self._connection.cursor()
            self._cursors.cursor = cursor
        return cast("duckdb.DuckDBPyConnection", cursor)

    def remember(self, question: str, key: Hashable, find: Callable[[], Answer], at_most: int) -> Answer:
        """The answer to `question` about `key`, found once and kept until `at_most` later ones pushed it out.

        Two threads may find the same answer at the same time; answers are immutable, so either will do.
        """
        with self._lock:
            kept = self._answers.setdefault(question, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return cast("Answer", kept[key])
        answer = find()
        with self._lock:
            kept[key] = answer
            while len(kept) > at_most:
                kept.popitem(last=False)
        return answer

    def _release(self) -> ReleaseRow:
        columns = ", ".join(field.name for field in fields(ReleaseRow))
        try:
            rows = self.cursor().sql(f"SELECT {columns} FROM release").fetchall()  # noqa: S608  # names of our own
        except duckdb.BinderException as error:
            raise self._of_another_version() from error
        except duckdb.Error as error:
            raise UserError(f"This file is no release: {error}", file=self.file, expected="`make build`") from error
        if len(rows) != 1:
            raise UserError("This release does not say which it is", file=self.file, value=f"{len(rows)} rows")
        row = ReleaseRow(*rows[0])
        if row.contract != contract_fingerprint():
            raise self._of_another_version()
        return row

    def _of_another_version(self) -> UserError:
        return UserError(
            "This release was built by another version of the software", file=self.file, expected="`make build`"
        )


class Store:
    """The releases in a data folder, of which `CURRENT` names the one that is served.

    Raises
    ------
    UserError
        When asked while there is no release, or one that cannot be read.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._reading: Reading | None = None

    @property
    def release(self) -> ReleaseRow:
        """The release that is served now."""
        return self.reading().release

    def reading(self) -> Reading:
        """The current release. Costs one `stat` unless `CURRENT` was replaced since the last call."""
        seen = self._look()
        with self._lock:
            if self._reading is None or seen != self._seen:
                self._reading = self._open_current(self._reading)
                self._seen = seen
            return self._reading

    def _look(self) -> tuple[int, int, int]:
        pointer = self.data_dir / CURRENT
        try:
            found = pointer.stat()
        except FileNotFoundError:
            raise UserError(
                "There is no data release yet", file=pointer, expected="a release built by `make build`"
            ) from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _open_current(self, before: Reading | None) -> Reading:
        """The reading that `CURRENT` names; the one before is kept if it is that one, or if the new one is broken."""
        release_id = (self.data_dir / CURRENT).read_text(encoding="utf-8").strip()
        if before is not None and before.release.release_id == release_id:
            return before
        try:
            return Reading(self.data_dir / RELEASES / f"{release_id}.duckdb")
        except UserError as error:
            if before is None:
                raise
            log.warning("The old release %s is still served. %s", before.release.release_id, error)
            return before


def remembered(
    at_most: int,
) -> Callable[[Callable[Concatenate[Reading, P], Answer]], Callable[Concatenate[Store | Reading, P], Answer]]:
    """Make a question about a release answered once per release: the cache needs no invalidation, ever.

    The question takes a reading; it may then be asked of a store too, which means its current release.
    """

    def decorate(
        question: Callable[Concatenate[Reading, P], Answer],
    ) -> Callable[Concatenate[Store | Reading, P], Answer]:
        name = f"{question.__module__}.{question.__qualname__}"

        def answer(source: Store | Reading, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
            reading = source.reading()
            key = (args, tuple(sorted(kwargs.items())))
            return reading.remember(name, key, lambda: question(reading, *args, **kwargs), at_most)

        update_wrapper(answer, question)
        return answer

    return decorate


def _open(file: Path) -> duckdb.DuckDBPyConnection:
    if not file.is_file():
        raise UserError("The release that CURRENT names is missing", file=file, expected="a file built by `make build`")
    try:
        connection = duckdb.connect(str(file), read_only=True, config={"enable_external_access": "false"})
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        raise UserError(
            f"This release cannot be opened: {str(error).splitlines()[0]}", file=file, expected="`make build`"
        ) from error
    return connection
