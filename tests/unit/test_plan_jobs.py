"""Long runs: real processes, killed and cancelled; over HTTP as a visitor would."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from dashboard.api_plan import MOST_BYTES, make_plan_api
from dashboard.pages import plan as plan_page
from dashboard.planning import jobs as module
from dashboard.planning.jobs import PLACES, Jobs, TooManyJobs
from dashboard.planning.request import PlanRequest
from dashboard.serving import StaticFiles
from geodata.catalogue import Catalogue
from geodata.settings import PROJECT_DIR
from geodata.store import Store
from tests.support.plan_release import write_plan_release

ASKED = PlanRequest(budget=1, standard_km=20.0)
QUESTION = "region=100000&budget=1&standard_km=20"
PATIENCE_S = 300


class Room:
    """A data folder with its jobs and the processes that were started for them."""

    def __init__(self, data_dir: Path) -> None:
        self.file = write_plan_release(data_dir)
        self.store = Store(data_dir)
        self.jobs = Jobs(data_dir)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, asked: PlanRequest = ASKED) -> str:
        return self.jobs.start(asked, self.file)

    def wait(self) -> None:
        for process in self.processes:
            process.wait(PATIENCE_S)

    @contextmanager
    def full(self) -> Iterator[None]:
        """All places to run are taken: whatever is started waits."""
        self.jobs.folder.mkdir(exist_ok=True)
        with ExitStack() as held:
            for number in range(PLACES):
                file = held.enter_context((self.jobs.folder / f"place-{number}").open("w"))
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    found = Room(tmp_path)
    popen = subprocess.Popen

    def remembered(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        found.processes.append(popen(*args, **options))
        return found.processes[-1]

    monkeypatch.setattr(module.subprocess, "Popen", remembered)
    yield found
    for process in found.processes:
        process.kill()
        process.wait()


@pytest.fixture
def client(room: Room, catalogue: Catalogue) -> FlaskClient:
    server = flask.Flask(__name__, template_folder=str(PROJECT_DIR / "dashboard" / "pages"))
    server.register_blueprint(make_plan_api(room.store, catalogue))
    server.register_blueprint(plan_page.blueprint(room.store, StaticFiles()))
    return server.test_client()


def test_a_run_ends_with_a_plan_and_equal_questions_are_two_runs(room: Room) -> None:
    first, second = room.start(), room.start()
    assert first != second
    room.wait()
    for job in (first, second):
        view = room.jobs.view(job)
        assert view is not None
        assert (view.state, view.progress.phase) == ("done", "done")
        plan = room.jobs.plan(job)
        assert plan is not None
        assert plan.certificate.status == "optimal"
        assert plan.request == ASKED


def test_a_killed_run_is_told_as_failed(room: Room) -> None:
    with room.full():
        job = room.start()
        view = room.jobs.view(job)
        assert view is not None
        assert view.state == "running"
        room.processes[0].kill()
        room.wait()
        view = room.jobs.view(job)
    assert view is not None
    assert view.state == "failed"
    assert room.jobs.running() == 0


def test_a_cancelled_run_keeps_what_it_has(room: Room) -> None:
    with room.full():
        job = room.start()
        assert room.jobs.cancel(job)
    room.wait()
    plan = room.jobs.plan(job)
    assert plan is not None
    assert plan.certificate.status in ("cancelled", "optimal")
    assert plan.robust is None


def test_a_question_without_answer_is_refused_with_its_reason(room: Room) -> None:
    job = room.start(PlanRequest(region="810000"))
    room.wait()
    view = room.jobs.view(job)
    assert view is not None
    assert view.state == "refused"
    assert view.refusal is not None
    assert "810000" in view.refusal.en


def test_a_full_queue_refuses(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIVE", 1)
    with room.full():
        room.start()
        with pytest.raises(TooManyJobs):
            room.start()


def test_an_address_never_leaves_the_folder(room: Room) -> None:
    (room.jobs.folder.parent / "request.json").write_text("{}", encoding="utf-8")
    for name in ("..", "../jobs", "", "x" * 24, "%2e%2e", "0" * 24):
        assert room.jobs.view(name) is None
        assert room.jobs.plan(name) is None
        assert not room.jobs.cancel(name)


def test_over_http_from_question_to_files(room: Room, client: FlaskClient) -> None:
    answer = client.post(f"/api/v1/plans?{QUESTION}&lang=en", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 202
    job = answer.get_json()["id"]
    room.wait()
    found = client.get(f"/api/v1/plans/{job}?lang=en").get_json()
    assert found["state"] == "done"
    assert "Proven best" in found["result"]["html"]
    assert "demonstration" in found["result"]["html"]
    assert len(found["result"]["sites"]["features"]) == 1
    for kind, start in (("xlsx", b"PK"), ("geojson", b"{"), ("pdf", b"%PDF"), ("json", b"{")):
        file = client.get(f"/api/v1/plans/{job}/{kind}?lang=zh")
        assert file.data.startswith(start)
        assert f".{kind}" in file.headers["Content-Disposition"]
    assert client.get(f"/api/v1/plans/{job}/exe").status_code == 404


def test_the_quick_answer_and_its_refusals(client: FlaskClient) -> None:
    found = client.get(f"/api/v1/plans/live?{QUESTION}&lang=zh").get_json()
    assert found["state"] == "live"
    assert "快速答案" in found["result"]["html"]
    for query, said in (("budget=0", "budget"), ("model=magic", "model"), ("region=999999", "999999")):
        refused = client.get(f"/api/v1/plans/live?{query}&lang=en")
        assert refused.status_code == 400
        assert said in refused.get_json()["error"]["message"]
    impossible = client.get("/api/v1/plans/live?region=510700&budget=99&lang=zh")
    assert impossible.status_code == 400
    assert "99" in impossible.get_json()["error"]["message"]


def test_no_other_site_starts_a_run_and_no_list_is_endless(room: Room, client: FlaskClient) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"/api/v1/plans?{QUESTION}", headers=foreign).status_code == 403
    assert client.post(f"/api/v1/plans?{QUESTION}", data=b"x" * (MOST_BYTES + 1)).status_code == 413
    assert client.post("/api/v1/plans?candidates=own", data=b"id,name\n").status_code == 400
    assert client.get("/api/v1/plans/" + "0" * 24).status_code == 404
    assert room.processes == []


def test_the_page_offers_every_counted_region(client: FlaskClient) -> None:
    for lang, words in (("zh", "四川省"), ("en", "Sichuan")):
        page = client.get(f"/plan?lang={lang}").get_data(as_text=True)
        assert words in page
        assert 'value="510700"' in page
        assert 'value="810000"' not in page
