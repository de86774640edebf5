"""Servers under measurement: each in a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def serving(module: str, ready: str) -> Iterator[str]:
    """Run `python -m module` with HOST and PORT set, and yield its address once the path `ready` answers.

    Raises
    ------
    UserError
        If the server ends, or does not answer within 90 s; with the last lines it printed.
    """
    port = free_port()
    address = f"http://{HOST}:{port}"
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(  # noqa: S603  # our own module, no input from outside
            [sys.executable, "-m", module],
            cwd=PROJECT_DIR,
            env={**os.environ, "HOST": HOST, "PORT": str(port)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _answers(server, address + ready):
                log.seek(0)
                raise UserError(f"`python -m {module}` did not start: {''.join(log.readlines()[-5:])}")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                server.kill()


def _answers(server: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=START_TIMEOUT_S).close()  # noqa: S310  # our own http address
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return True
    return False
