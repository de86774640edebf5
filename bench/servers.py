"""Servers under measurement: each in a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from threading import Thread
from typing import Self

from geodata.errors import UserError
from geodata.settings import PROJECT_DIR

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 10
HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


class Server:
    """`python -m module` with HOST and PORT set, from `with` to its end; two of them start side by side."""

    def __init__(self, module: str, ready: str) -> None:
        port = free_port()
        self.address = f"http://{HOST}:{port}"
        self._module = module
        self._ready = ready
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by __exit__
        self._process = subprocess.Popen(  # noqa: S603  # our own module, no input from outside
            [sys.executable, "-m", module],
            cwd=PROJECT_DIR,
            env={**os.environ, "HOST": HOST, "PORT": str(port)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # gunicorn stops at once; asked to terminate it would wait for connections kept open. Nobody waits for its last
        # second, in which the next browser starts.
        self._process.send_signal(signal.SIGINT)
        Thread(target=self._end, daemon=True).start()

    def _end(self) -> None:
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def wait(self) -> str:
        """Return the address once the path `ready` answers.

        Raises
        ------
        UserError
            If the server ends, or does not answer within 90 s; with the last lines it printed.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.address + self._ready, timeout=START_TIMEOUT_S).close()  # noqa: S310  # http
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
            else:
                return self.address
        self._log.seek(0)
        raise UserError(f"`python -m {self._module}` did not start: {''.join(self._log.readlines()[-5:])}")
