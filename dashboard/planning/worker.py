"""The process of one job: `python -m dashboard.planning.worker JOB RELEASE LOCK`, started by `Jobs`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from dashboard.planning.jobs import a_place, write_state, write_whole
from dashboard.planning.make import Maker
from dashboard.planning.plan import PlanProgress
from dashboard.planning.request import PlanRequest
from geodata.analysis.siting import SitingError
from geodata.catalogue import load_catalogue
from geodata.errors import UserError
from geodata.store import Reading
from geodata.store.draws import draws_file, read_draws
from geodata.text import Text

# The state is written at most so often: a solver may tell a thousand times a second.
PAUSE_S = 0.25


class _Told:
    """Writes progress, not too often; a new phase at once."""

    def __init__(self, job: Path) -> None:
        self.job, self.phase, self.at = job, "", 0.0
        self.began = time.monotonic()

    def __call__(self, progress: PlanProgress) -> None:
        now = time.monotonic()
        if progress.phase == self.phase and now - self.at < PAUSE_S:
            return
        self.phase, self.at = progress.phase, now
        write_state(self.job, progress.model_copy(update={"seconds": round(now - self.began, 1)}))


def run(job: Path, release_file: Path) -> None:
    """Answer the request of a job. A question that cannot be answered is a refusal; anything else ends the process."""
    request = PlanRequest.model_validate_json((job / "request.json").read_text(encoding="utf-8"))
    cancel = job / "cancel"
    with a_place(job.parent):
        tell = _Told(job)
        try:
            draws = read_draws(2020) if draws_file(2020).exists() else None
            maker = Maker(Reading(release_file), load_catalogue(), request, tell=tell, stop=cancel.exists)
            plan = maker.whole(draws)
        except SitingError as error:
            refuse(job, Text(zh="".join(text.zh for text in error.texts), en=" ".join(text.en for text in error.texts)))
            return
        except UserError as error:
            refuse(job, Text(zh=str(error), en=str(error)))
            return
        write_whole(job / "plan.json", plan.model_dump_json())
        write_state(job, PlanProgress(phase="done", seconds=round(time.monotonic() - tell.began, 1)))


def refuse(job: Path, text: Text) -> None:
    """Leave the reason why there is no plan."""
    write_whole(job / "refused.json", text.model_dump_json())


if __name__ == "__main__":
    # The third argument is the number of the lock that this process holds by inheriting it.
    run(Path(sys.argv[1]), Path(sys.argv[2]))
