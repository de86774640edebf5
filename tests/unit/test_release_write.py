"""Writing a release: checked, swapped in whole, old ones kept, killed builds without effect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from etl.publish import release
from geodata.contracts.release import TABLES
from geodata.errors import UserError
from geodata.store import Store
from tests.support.project import PROJECT_DIR
from tests.support.toy_release import tables as toy_tables

NOW = datetime(2026, 5, 2, 8, 0, 0, tzinfo=UTC)
CROSSWALK = {
    "year": 2020, "census_code": None, "census_name": "开发区", "code": "510104", "action": "folded", "reason": "x",
}  # fmt: skip


def content() -> dict[str, pd.DataFrame]:
    """Every table a build hands over, `release` left out."""
    made = toy_tables() | {"crosswalk": pd.DataFrame([CROSSWALK])}
    del made["release"]
    return made


def write(folder: Path, tables: dict[str, pd.DataFrame] | None = None, minutes: int = 0) -> release.Written:
    return release.write_release(
        content() if tables is None else tables, folder, now=NOW + timedelta(minutes=minutes), version="0.1.0",
        method_version="1.0", centres_kind="demonstration",
    )  # fmt: skip


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_what_the_store_reads(tmp_path: Path) -> None:
    written = write(tmp_path)
    found = Store(tmp_path).release
    assert found.release_id == written.release_id == f"20260502T080000-{found.content_sha256[:8]}"
    assert (found.built_at, found.centres_kind) == ("2026-05-02T08:00:00+00:00", "demonstration")
    with duckdb.connect(str(written.file), read_only=True) as connection:
        for name, model in TABLES.items():
            back = connection.execute(f'FROM "{name}"').df()
            assert list(back.columns) == list(model.to_schema().columns)
            if name != "release":
                assert len(back) == len(content()[name])


def test_types_and_not_null_come_from_the_contract() -> None:
    statement = release.ddl("figures", TABLES["figures"])
    assert '"value" DOUBLE,' in statement
    assert '"year" INTEGER NOT NULL' in statement
    assert '"data" BLOB NOT NULL' in release.ddl("tiles", TABLES["tiles"])
    assert '"counted" BOOLEAN NOT NULL' in release.ddl("units", TABLES["units"])


def test_missing_stays_missing(tmp_path: Path) -> None:
    with duckdb.connect(str(write(tmp_path).file), read_only=True) as connection:
        assert connection.execute("SELECT census_code FROM crosswalk").fetchall() == [(None,)]
        unknown = "SELECT count(*) FROM figures WHERE value IS NULL AND state IN ('no_data', 'withheld')"
        states = connection.execute("SELECT count(*) FROM figures WHERE state IN ('no_data', 'withheld')").fetchone()
        assert connection.execute(unknown).fetchone() == states
        assert connection.execute("SELECT count(*) FROM figures WHERE isnan(value)").fetchone() == (0,)


def test_equal_content_has_an_equal_hash_whenever_and_in_whatever_order(tmp_path: Path) -> None:
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in content().items()}
    first, later = write(tmp_path / "a"), write(tmp_path / "b", shuffled, minutes=5)
    assert first.release_id.split("-")[1] == later.release_id.split("-")[1]
    assert first.release_id != later.release_id


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("figures", "value", 41.0), ("units", "name_zh", "改"), ("crosswalk", "census_code", "510104"),
     ("tiles", "data", b"other")],
)  # fmt: skip
def test_any_change_changes_the_hash(tmp_path: Path, table: str, column: str, value: object) -> None:
    changed = content()
    rows = changed[table].reset_index(drop=True).astype({column: object})
    at = rows.index[rows["state"] == "value"][0] if table == "figures" else 0
    rows.at[at, column] = value  # noqa: PD008 - bytes are no sequence of cells
    changed[table] = rows
    first, second = write(tmp_path / "a"), write(tmp_path / "b", changed)
    assert first.release_id != second.release_id


def test_two_releases_are_kept(tmp_path: Path) -> None:
    ids = [write(tmp_path, minutes=minute).release_id for minute in range(3)]
    assert (tmp_path / "CURRENT").read_text(encoding="utf-8").strip() == ids[2]
    assert files(tmp_path) == ["CURRENT", f"releases/{ids[1]}.duckdb", f"releases/{ids[2]}.duckdb"]


def test_building_the_same_twice_in_a_second_is_no_error(tmp_path: Path) -> None:
    assert write(tmp_path) == write(tmp_path)


@pytest.mark.parametrize(
    ("table", "column", "value", "named"),
    [("figures", "state", "perhaps", "figures.state"), ("units", "area_km2", -1.0, "units.area_km2"),
     ("settlements", "code", "51", "settlements.code"), ("figures", "value", -3.0, "figures.value")],
)  # fmt: skip
def test_a_breach_of_the_contract_is_named_and_the_old_release_stays(
    tmp_path: Path, table: str, column: str, value: object, named: str
) -> None:
    old, before = write(tmp_path), files(tmp_path)
    broken = content()
    broken[table] = broken[table].assign(**{column: value})
    with pytest.raises(UserError, match=named):
        write(tmp_path, broken, minutes=1)
    assert files(tmp_path) == before
    assert Store(tmp_path).release.release_id == old.release_id


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tiles"):
        write(tmp_path, {name: table for name, table in content().items() if name != "tiles"})
    assert files(tmp_path) == []


@pytest.mark.parametrize("step", ["_write_file", "_verify_file", "_flush", "make_current"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_whatever_step_fails_readers_see_the_old_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: Any
) -> None:
    old = write(tmp_path)

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(release, step, fail)
    with pytest.raises((KeyboardInterrupt, UserError)):
        write(tmp_path, minutes=1)
    monkeypatch.undo()
    assert Store(tmp_path).release.release_id == old.release_id
    assert not [name for name in files(tmp_path) if "building" in name]
    assert write(tmp_path, minutes=2).file.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "{project}")
from etl.publish import release
import tests.unit.test_release_write as spec
release._verify_file = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
spec.write(Path(sys.argv[1]), minutes=1)
"""


def test_a_killed_build_leaves_the_old_release_and_the_next_build_clears_up(tmp_path: Path) -> None:
    old = write(tmp_path)
    script = KILLED.format(project=PROJECT_DIR)
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=PROJECT_DIR, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [name for name in files(tmp_path) if ".building-" in name], "it was killed while it wrote"
    assert Store(tmp_path).release.release_id == old.release_id
    new = write(tmp_path, minutes=2)
    assert files(tmp_path) == ["CURRENT", *sorted(f"releases/{r.release_id}.duckdb" for r in (old, new))]


def test_the_work_of_a_build_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path)
    neighbour = tmp_path / "releases" / f".building-{os.getppid()}.duckdb"
    neighbour.write_bytes(b"in the making")
    write(tmp_path, minutes=1)
    assert neighbour.exists()


def test_a_reader_notices_the_new_release(tmp_path: Path) -> None:
    write(tmp_path)
    store = Store(tmp_path)
    before = store.release.release_id
    changed = content()
    changed["figures"] = changed["figures"].assign(value=lambda t: np.where(t["state"] == "value", 50.0, t["value"]))
    new = write(tmp_path, changed, minutes=1)
    assert before != store.release.release_id == new.release_id
