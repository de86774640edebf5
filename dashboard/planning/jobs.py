"""Long runs beside the pages: one spawned process a job, its state in a folder, nothing shared but files.

A job is `$GEODATA_DIR/jobs/<id>/`: `request.json`, `state.json` (replaced whole), `plan.json` once there is an answer,
`cancel` once somebody asked to stop, `lock` held by the process for as long as it lives. Whoever looks takes the lock
for a moment: if that works and no answer is there, the process is dead and the job has failed. The lock goes with the
process, however it ends, and no process number is ever compared.

Places to run are locks too (`place-0`, ...): a job waits for a free one. Equal questions are different jobs.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dashboard.planning.plan import Plan, PlanProgress
from dashboard.planning.request import PlanRequest
from geodata.errors import UserError
from geodata.settings import PROJECT_DIR
from geodata.text import Text

State = Literal["running", "done", "refused", "failed"]

JOBS = "jobs"
# At most so many solve at a time, so many exist before new ones are refused, and answers are kept so long.
PLACES, MOST_ALIVE, KEPT_SECONDS = 2, 12, 7 * 24 * 3600
_ID_BYTES = 12
_ID_LETTERS = frozenset("0123456789abcdef")


class TooManyJobs(UserError):
    """The queue is full."""


@dataclass(frozen=True)
class JobView:
    """What can be said about a job: its state, progress, and the refusal in both languages if there is one."""

    id: str
    state: State
    progress: PlanProgress
    refusal: Text | None = None


class Jobs:
    """The jobs of one data folder. Any number of server processes may look at the same folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / JOBS

    def start(self, request: PlanRequest, release_file: Path) -> str:
        """Start a run on a release and say its id.

        Raises
        ------
        TooManyJobs
            If too many runs are alive.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with _held(self.folder / "starting"):
            self._tidy()
            alive = sum(self._lives(job) for job in self._all())
            if alive >= MOST_ALIVE:
                raise TooManyJobs("Too many plans are waiting", value=alive, expected=f"fewer than {MOST_ALIVE}")
            job = self.folder / secrets.token_hex(_ID_BYTES)
            job.mkdir()
            write_whole(job / "request.json", request.model_dump_json())
            write_state(job, PlanProgress(phase="waiting"))
            with (job / "lock").open("w") as lock:
                # Taken here and inherited: there is no moment in which the job looks dead.
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._spawn(job, release_file, lock.fileno())
        return job.name

    def _spawn(self, job: Path, release_file: Path, lock: int) -> None:
        command = [sys.executable, "-m", "dashboard.planning.worker", str(job), str(release_file), str(lock)]
        environment = os.environ | {"GEODATA_DIR": str(self.data_dir.resolve())}
        with (job / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own module and paths we made
                command, cwd=PROJECT_DIR, env=environment, pass_fds=(lock,), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        # Somebody has to take the exit code, or a dead child stays in the process table.
        threading.Thread(target=process.wait, daemon=True).start()

    def view(self, job_id: str) -> JobView | None:
        """How a job stands; None if there is none of this id."""
        job = self._job(job_id)
        if job is None:
            return None
        # First whether it lives, then what it wrote: one that ends in between is not taken for dead.
        lives = self._lives(job)
        progress = read_state(job)
        if (job / "plan.json").exists():
            return JobView(job_id, "done", progress)
        if (job / "refused.json").exists():
            refusal = Text.model_validate_json((job / "refused.json").read_text(encoding="utf-8"))
            return JobView(job_id, "refused", progress, refusal)
        return JobView(job_id, "running" if lives else "failed", progress)

    def plan(self, job_id: str) -> Plan | None:
        """The answer of a job, once it has one."""
        job = self._job(job_id)
        if job is None or not (job / "plan.json").exists():
            return None
        return Plan.model_validate_json((job / "plan.json").read_text(encoding="utf-8"))

    def request(self, job_id: str) -> PlanRequest | None:
        """What a job was asked."""
        job = self._job(job_id)
        return PlanRequest.model_validate_json((job / "request.json").read_text(encoding="utf-8")) if job else None

    def cancel(self, job_id: str) -> bool:
        """Ask a job to stop and keep the best so far; whether there is such a job."""
        job = self._job(job_id)
        if job is None:
            return False
        (job / "cancel").touch()
        return True

    def running(self) -> int:
        """How many jobs are alive."""
        return sum(self._lives(job) for job in self._all())

    def _job(self, job_id: str) -> Path | None:
        # The id comes from an address: nothing but the letters that ids are made of ever reaches the file system.
        if len(job_id) != 2 * _ID_BYTES or not set(job_id) <= _ID_LETTERS:
            return None
        job = self.folder / job_id
        return job if (job / "request.json").exists() else None

    def _all(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.is_dir()] if self.folder.is_dir() else []

    def _lives(self, job: Path) -> bool:
        try:
            with (job / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def _tidy(self) -> None:
        for job in self._all():
            if time.time() - job.stat().st_mtime > KEPT_SECONDS and not self._lives(job):
                shutil.rmtree(job, ignore_errors=True)


@contextmanager
def a_place(folder: Path) -> Iterator[None]:
    """Wait for one of the places to run, and hold it."""
    files = [(folder / f"place-{number}").open("w") for number in range(PLACES)]
    try:
        while not any(_takes(file.fileno()) for file in files):
            time.sleep(0.2)
        yield
    finally:
        for file in files:
            file.close()


def _takes(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _held(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_state(job: Path, progress: PlanProgress) -> None:
    """Replace what the job says of itself."""
    write_whole(job / "state.json", progress.model_dump_json())


def read_state(job: Path) -> PlanProgress:
    """What the job last said of itself."""
    return PlanProgress.model_validate(json.loads((job / "state.json").read_text(encoding="utf-8")))


def write_whole(file: Path, text: str) -> None:
    """Write a file that nobody ever sees half written."""
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
