"""The command line: exit codes, one clear error without a traceback, results on standard output."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.__main__ import main
from geodata.catalogue import load_catalogue
from tests.support.drawn_counties import drawn_boundaries
from tests.support.toy_release import RELEASE_ID, write_toy_release


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder of the test's own."""
    monkeypatch.setenv("GEODATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("CENTRES", raising=False)
    return tmp_path / "data"


@pytest.mark.parametrize("command", [[], ["build"], ["fetch"], ["check"], ["estimate"], ["explain"], ["list"]])
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main([*command, "--help"])
    assert done.value.code == 0
    assert "usage: python -m etl" in capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["bild"], ["estimate"], ["fetch", "atlas"], ["build", "--centers", "x.csv"]])
def test_a_wrong_command_line_is_refused_with_usage(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(command)
    assert done.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_missing_register_stops_the_build_before_anything_is_written(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--centres", str(data_dir / "mine.csv")]) == 1
    said = capsys.readouterr()
    assert "mine.csv" in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert not data_dir.exists()


def test_the_register_may_come_from_the_environment(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CENTRES", str(data_dir / "from_environment.csv"))
    assert main(["build"]) == 1
    assert "from_environment.csv" in capsys.readouterr().err


def test_ctrl_c_is_no_fault(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("etl.pipeline.build.read_inputs", interrupted)
    assert main(["build"]) == 130
    assert "untouched" in capsys.readouterr().err
    assert not data_dir.exists()


def test_a_register_is_checked_without_a_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.pipeline.inspect.read_boundaries", drawn_boundaries)
    file = tmp_path / "centres.csv"
    file.write_text("centre_id,name,type,lon,lat,status\nc1,甲,childrens_place,116.3,40.3,open\n", encoding="utf-8")
    assert main(["check", str(file)]) == 0
    assert "1 centres" in capsys.readouterr().out
    file.write_text(file.read_text(encoding="utf-8").replace("open", "maybe"), encoding="utf-8")
    assert main(["check", str(file)]) == 1
    said = capsys.readouterr()
    assert "row 2" in said.err
    assert "'maybe'" in said.err


@pytest.mark.usefixtures("data_dir")
def test_what_is_committed_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert f"{len(load_catalogue().indicators)} indicators" in said
    assert "2875 counties" in said
    assert "none built yet" in said


def test_an_altered_release_is_found_out(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_toy_release(data_dir)  # whose hash is made of zeros
    assert main(["check"]) == 1
    assert "altered" in capsys.readouterr().err


def test_a_release_that_is_no_database_is_reported(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_toy_release(data_dir).write_bytes(b"torn")
    for command in ("check", "explain"):
        assert main([command]) == 1
        assert f"{RELEASE_ID}.duckdb" in capsys.readouterr().err


@pytest.mark.usefixtures("data_dir")
def test_without_a_release_there_is_nothing_to_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 1
    assert "etl build" in capsys.readouterr().err


def test_explain_prints_the_report_of_the_current_release(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_toy_release(data_dir)
    assert main(["explain"]) == 0
    said = capsys.readouterr().out
    assert RELEASE_ID in said
    assert "children 2020" in said
    assert "636,000" in said


def test_list_names_sources_indicators_and_releases(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_toy_release(data_dir)
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    for name in ("geonames", "left_behind_share", f"{RELEASE_ID}  (current)"):
        assert name in said
