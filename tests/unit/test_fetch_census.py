"""The workbooks are downloaded whole and right, or not at all."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl import fetch
from etl.census_source import CensusSource, load_source
from geodata.errors import UserError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder served on this machine, and its address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def source_at(monkeypatch: pytest.MonkeyPatch, address: str, contents: dict[int, bytes]) -> None:
    def load(year: int) -> CensusSource:
        source = load_source(year)
        digest = hashlib.sha256(contents[year]).hexdigest()
        return source.model_copy(update={"url": f"{address}/{source.read.file}", "sha256": digest})

    monkeypatch.setattr(fetch, "load_source", load)


def test_both_workbooks_arrive_and_are_kept(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = server
    contents = {2010: b"six", 2020: b"seven"}
    for year, data in contents.items():
        (folder / load_source(year).read.file).write_bytes(data)
    source_at(monkeypatch, address, contents)
    target = tmp_path / "census"
    found = fetch.fetch_census(target, progress=False)
    assert [path.read_bytes() for path in found] == [b"six", b"seven"]
    # A second time nothing is asked for: the server may be gone.
    source_at(monkeypatch, "http://127.0.0.1:9", contents)
    assert fetch.fetch_census(target, progress=False) == found


def test_a_changed_file_is_refused_and_not_kept(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = server
    (folder / load_source(2010).read.file).write_bytes(b"not six")
    source_at(monkeypatch, address, {2010: b"six", 2020: b"seven"})
    with pytest.raises(UserError, match="not the file that was pinned"):
        fetch.fetch_census(tmp_path / "census", progress=False)
    assert not list((tmp_path / "census").glob("*"))


@pytest.mark.parametrize("path", ["", "/nowhere"])
def test_without_network_or_file_it_says_what_to_do(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    address = "http://127.0.0.1:9" if not path else server[1] + path
    source_at(monkeypatch, address, {2010: b"six", 2020: b"seven"})
    with pytest.raises(UserError, match=r"could not be downloaded.*by hand.*--census DIR"):
        fetch.fetch_census(tmp_path / "census", progress=False)


def test_commits_and_hashes_are_pinned() -> None:
    for year in (2010, 2020):
        source = load_source(year)
        *_, commit, data, census, name = source.url.split("/")
        assert (len(commit), data, census, name) == (40, "data", "census", source.read.file)
        assert int(commit, 16)
