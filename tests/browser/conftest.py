"""The real app on the real release, driven by an installed Chromium. Nothing here may reach beyond this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from bench.browser import FLAGS
from geodata.settings import PROJECT_DIR, data_dir

# Software rendering on a shared machine is slow; a wait ends as soon as its condition holds.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
SCREENS = {"desktop": {"width": 1400, "height": 850}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """An installed Chromium or Chrome; `make test` names it in ATLAS_BROWSER."""
    executable = os.environ.get("ATLAS_BROWSER")
    if not executable:
        if os.environ.get("CI"):
            pytest.fail("CI must have a browser: ATLAS_BROWSER names none")
        pytest.skip("no browser: ATLAS_BROWSER names none (`make test` finds or installs one)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of a served app, up once it says so itself."""
    if not (data_dir() / "CURRENT").exists():
        pytest.fail("There is no release to look at: run `make test`, which builds one")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "WORKERS": "1", "GEODATA_DIR": str(data_dir())}
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboard"], cwd=PROJECT_DIR, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        last = server.stdout.readline()
        assert f":{port}" in last, f"the app did not start: {last!r}"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        if server.stdout is not None:
            server.stdout.close()


@dataclass
class Visit:
    """A page with what it did behind the user's back: console errors and requests to elsewhere."""

    page: Page
    address: str
    is_phone: bool
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note every console error, script error and request that leaves this machine."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def open(self, query: str = "") -> None:
        """Open the page and wait until the map has painted what the address asks for."""
        self.page.goto(f"{self.address}/{query}")
        self.painted()
        self.page.wait_for_selector("#nation-value", state="attached")

    def painted(self, **expected: str) -> None:
        """Wait until the map has painted, with `expected` among the parameters it painted.

        By selectors alone: the page's own security policy forbids the evaluation that `wait_for_function` needs.
        """
        parts = "".join(f'[data-painted*="{name}={value}"]' for name, value in expected.items())
        self.page.wait_for_selector(f"html[data-painted]{parts}", state="attached")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", f"blob:{self.address}")):
            self.outside.append(request.url)


@pytest.fixture(params=SCREENS)
def visit(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visit]:
    """A fresh visitor on a desktop screen and on a phone. Whatever a test does, no errors and nothing from outside."""
    context = browser.new_context(
        viewport=SCREENS[request.param],
        has_touch=request.param == "phone",
        is_mobile=request.param == "phone",
        device_scale_factor=1,
        locale="zh-CN",
        accept_downloads=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    found = Visit(context.new_page(), address, is_phone=request.param == "phone")
    found.watch()
    yield found
    context.close()
    assert found.errors == []
    assert found.outside == []
