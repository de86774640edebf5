"""The reading room: what it opens, what it refuses, what it notices and remembers."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from geodata.errors import UserError
from geodata.store import Reading, Store, queries, remembered
from geodata.store.__main__ import main
from tests.support.toy_release import RELEASE_ID, county_rows, write_toy_release

OTHER_ID = "20260601T090000-ffffffff"


def test_it_opens_the_release_that_current_names(store: Store) -> None:
    assert store.release.release_id == RELEASE_ID
    assert store.release.centres_kind == "demonstration"


def test_without_a_release_it_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="make build"):
        Store(tmp_path).reading()


def test_a_release_that_is_named_but_missing_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("20200101T000000-00000000")
    with pytest.raises(UserError, match=r"20200101T000000-00000000\.duckdb"):
        Store(tmp_path).reading()


def test_a_release_of_another_contract_is_refused(tmp_path: Path) -> None:
    file = write_toy_release(tmp_path)
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE release SET contract = '0000000000000000'")
    with pytest.raises(UserError, match=r"another version.*make build"):
        Store(tmp_path).reading()


def test_the_command_says_which_release_would_be_served_or_why_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEODATA_DIR", str(tmp_path))
    assert main() == 1
    assert "make build" in capsys.readouterr().err
    write_toy_release(tmp_path)
    assert main() == 0
    assert capsys.readouterr().out.strip() == RELEASE_ID


def test_a_file_that_is_no_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "x.duckdb").write_bytes(b"not a database")
    (tmp_path / "CURRENT").write_text("x")
    with pytest.raises(UserError, match="cannot be opened"):
        Store(tmp_path).reading()


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    duckdb.connect(str(tmp_path / "releases" / "x.duckdb")).close()
    (tmp_path / "CURRENT").write_text("x")
    with pytest.raises(UserError, match="no release"):
        Store(tmp_path).reading()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a INTEGER)",
        "DELETE FROM units",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SET enable_external_access = true",
        "SET threads = 3",
        "ATTACH ':memory:' AS other; COPY units TO '/tmp/units.csv'",
    ],
)
def test_it_neither_writes_nor_looks_outside(store: Store, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        store.reading().cursor().execute(statement)


def test_a_new_release_is_noticed_and_the_old_one_let_go(tmp_path: Path) -> None:
    write_toy_release(tmp_path)
    store = Store(tmp_path)
    old = store.reading()
    assert store.reading() is old
    write_toy_release(tmp_path, OTHER_ID, centres_kind="register")
    assert store.release.release_id == OTHER_ID
    assert store.release.centres_kind == "register"
    # Who still holds the old reading goes on reading the old release; afterwards its connection goes.
    assert old.release.release_id == RELEASE_ID
    assert len(queries.units(old, "county")) == len(county_rows())
    gone = weakref.ref(old)
    del old
    gc.collect()
    assert gone() is None


def test_a_broken_new_release_leaves_the_old_one_served(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_toy_release(tmp_path)
    store = Store(tmp_path)
    old = store.reading()
    (tmp_path / "releases" / "broken.duckdb").write_bytes(b"half a file")
    (tmp_path / "CURRENT").write_text("broken")
    assert store.reading() is old
    assert "still served" in caplog.text
    write_toy_release(tmp_path, OTHER_ID)
    assert store.release.release_id == OTHER_ID


def test_writing_the_same_name_again_opens_nothing_anew(tmp_path: Path) -> None:
    write_toy_release(tmp_path)
    store = Store(tmp_path)
    first = store.reading()
    (tmp_path / "CURRENT").write_text(RELEASE_ID + "\n")
    assert store.reading() is first


def test_threads_do_not_get_each_others_rows(tmp_path: Path) -> None:
    write_toy_release(tmp_path)
    reading = Store(tmp_path).reading()
    codes = [row["code"] for row in county_rows()]
    ready = threading.Barrier(4)

    def ask(worker: int) -> bool:
        ready.wait()
        right = True
        for turn in range(60):
            code = codes[(worker * 7 + turn) % len(codes)]
            rows = reading.cursor().execute("SELECT code FROM units WHERE level = 'county' AND code = ?", [code])
            right &= rows.fetchall() == [(code,)]
        return right

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))


def test_an_answer_is_found_once_a_release(tmp_path: Path) -> None:
    write_toy_release(tmp_path)
    store = Store(tmp_path)
    asked: list[tuple[str, str]] = []

    @remembered(at_most=2)
    def question(reading: Reading, word: str) -> str:
        asked.append((reading.release.release_id, word))
        return word.upper()

    assert [question(store, word) for word in ("a", "a", "b", "a")] == ["A", "A", "B", "A"]
    assert len(asked) == 2
    question(store, "c")  # pushes out b, which was asked for longest ago
    question(store, "a")
    question(store, "b")
    assert [word for _, word in asked] == ["a", "b", "c", "b"]
    write_toy_release(tmp_path, OTHER_ID)
    question(store, "b")
    assert asked[-1] == (OTHER_ID, "b")


def test_tiles_are_found_by_layer_and_place(store: Store) -> None:
    assert queries.tile(store, "county", 4, 12, 6) is not None
    assert queries.tile(store, "province", 4, 12, 6) is None
    assert queries.tile_layers(store) == {"county", "prefecture", "province", "borders"}


def test_nearest_centres_weigh_distance_by_children(store: Store) -> None:
    # Jinjiang: 30 children at 1 km and 10 at 9 km from c01: (30·1 + 10·9) / 40 = 3 km.
    found = queries.nearest_centres(store, ("510104",), 5)
    assert found.to_dict("records") == [{"centre_id": "c01", "distance_m": 3_000.0, "settlements": 2}]
    # Jintang: its second settlement is nearer to another centre.
    assert queries.nearest_centres(store, ("510121",), 5)["centre_id"].tolist() == ["c02", "c01"]
    assert queries.nearest_centres(store, ("510121",), 1)["centre_id"].tolist() == ["c02"]
    assert queries.nearest_centres(store, (), 5).empty
