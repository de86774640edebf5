"""`python -m dashboard`: serve the atlas with gunicorn, and say where; `python -m dashboard plan`: make a plan."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from threading import Thread
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from dashboard.app import AtlasDash, create_app, warm, warm_pages
from dashboard.plan_command import plan_command
from dashboard.serving import Rest
from dashboard.settings import Settings
from geodata.analysis.siting import warm as warm_solver
from geodata.catalogue import load_catalogue
from geodata.errors import UserError
from geodata.store import Store


class AtlasServer(BaseApplication):
    """gunicorn with our settings: threads for waiting, workers for cores, each warmed before it takes traffic."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            "keepalive": 30,
            "accesslog": None,
            "loglevel": "warning",
            "post_worker_init": lambda worker: announce(self.settings, worker.age),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app(self.settings)
        rest = Rest(app.server)
        warm(app)
        Thread(target=warm_behind, args=(app, rest), daemon=True).start()
        server: Flask = app.server
        return server


def warm_behind(app: AtlasDash, rest: Rest) -> None:
    """What may wait until nobody asks for anything: the other pages one by one, then the solver of the Plan page.

    Its kernels are compiled once a machine, which takes about half a minute, and read from a cache from then on.
    """
    rest.wait()
    for _ in warm_pages(app):
        rest.wait()
    warm_solver()


def announce(settings: Settings, worker_number: int) -> None:
    """The address, once the first worker answers: the last line that is printed at the start."""
    if worker_number > 1:
        return
    shown = "localhost" if settings.host in ("0.0.0.0", "127.0.0.1", "::") else settings.host  # noqa: S104 (compared, not bound)
    print(f"Child Space Atlas is ready: http://{shown}:{settings.port}", flush=True)


def main(arguments: Sequence[str] = ()) -> int:
    """Serve until stopped, or make a plan. What a person can put right is said in one sentence."""
    try:
        if arguments:
            return command(arguments)
        settings = Settings.from_env()
        # Said before a worker is made: gunicorn would start one after another that ends.
        Store(settings.data_dir).reading()
        load_catalogue()
        AtlasServer(settings).run()
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def command(arguments: Sequence[str]) -> int:
    """The commands beside serving: there is one."""
    name, *rest = arguments
    if name != "plan":
        raise UserError("There is no such command", value=name, expected="`plan`, or nothing to serve the atlas")
    return plan_command(rest, say=print, tell=lambda text: print(text, file=sys.stderr, flush=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
