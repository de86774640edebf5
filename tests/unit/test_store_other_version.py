"""A release that the software cannot read is said in one sentence, not in a traceback."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from geodata.errors import UserError
from geodata.store import Store, queries
from tests.support.toy_release import write_toy_release


def test_a_release_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    file = write_toy_release(tmp_path)
    with duckdb.connect(str(file)) as connection:
        connection.execute("ALTER TABLE sources RENAME COLUMN producer_zh TO producer")
    with pytest.raises(UserError, match="another version") as raised:
        queries.sources(Store(tmp_path).reading())
    assert raised.value.file == str(file)
    assert raised.value.expected == "`make build`"
