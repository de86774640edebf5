"""A headless browser under measurement: when it painted, what came over the wire, what it cost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request, ViewportSize, sync_playwright

from geodata.errors import UserError
from geodata.settings import PROJECT_DIR

# Software drawing, so that every machine draws alike, and no traffic of the browser's own.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
VIEWPORT: ViewportSize = {"width": 1400, "height": 900}
TIMEOUT_MS = 90_000
# Kept in the page from its first moment: long tasks (over 50 ms), the last click, when what was painted. The wait is a
# promise of the page's own: a content security policy forbids the evaluated conditions of `wait_for_function`.
WATCH = """
window.bench = {
  longTasks: [], clicked: 0, painted: {}, waiting: {},
  note(what) { bench.painted[what] ??= performance.now(); bench.waiting[what]?.(bench.painted[what]); },
  when(what, limit_ms) {
    return new Promise((done, fail) => {
      bench.waiting[what] = done;
      if (what in bench.painted) done(bench.painted[what]);
      setTimeout(() => fail(new Error(`${what} was not painted within ${limit_ms} ms`)), limit_ms);
    });
  },
};
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) bench.longTasks.push([task.startTime, task.duration]);
}).observe({type: "longtask", buffered: true});
addEventListener("click", (event) => { bench.clicked = event.timeStamp; }, {capture: true});
"""


def find_browser() -> Path:
    """Return Chromium or Chrome: `$ATLAS_BROWSER`, else what the project's own finder says.

    Raises
    ------
    UserError
        If there is none.
    """
    found = os.environ.get("ATLAS_BROWSER")
    if not found:
        finder = PROJECT_DIR / "tools" / "browser.sh"
        found = subprocess.run([finder], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  # ours
    if not found:
        raise UserError("The bench needs Chromium or Chrome", expected="one installed, or ATLAS_BROWSER=/path/to/it")
    return Path(found)


class Visit:
    """One page in a browser of its own, with empty caches, and what it fetched so far."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._finished: list[Request] = []
        page.on("requestfinished", self._note)

    def _note(self, request: Request) -> None:
        self._finished.append(request)

    def painted(self, what: str) -> float:
        """Wait until `what` is painted; return when that was, in ms since navigation."""
        moment: float = self.page.evaluate("([what, limit]) => bench.when(what, limit)", [what, TIMEOUT_MS])
        return moment

    def forget_paints(self) -> None:
        """Forget what was painted so far, so that the next paint of the same thing counts."""
        self.page.evaluate("bench.painted = {}")

    def wire_bytes(self) -> int:
        """Return the bytes that came over the wire, heads and bodies as they were sent, workers' requests included."""
        sizes = [request.sizes() for request in self._from_servers()]
        return sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)

    def requests(self) -> int:
        """Return how many answers came over the wire."""
        return len(self._from_servers())

    def outside_requests(self, address: str) -> list[str]:
        """Return what was asked of any host but `address`."""
        return [request.url for request in self._from_servers() if not request.url.startswith(address)]

    def _from_servers(self) -> list[Request]:
        return [request for request in self._finished if not request.url.startswith(("blob:", "data:"))]

    def longest_task_ms(self, since_ms: float = 0.0) -> float:
        """Return the longest task that blocked the page and ended after `since_ms`; 0 when none passed 50 ms."""
        tasks: list[tuple[float, float]] = self.page.evaluate("bench.longTasks")
        return max((duration for start, duration in tasks if start + duration > since_ms), default=0.0)

    def cpu_ms(self) -> float:
        """Return the processor time of renderers and GPU process so far: it depends less on neighbours than a clock."""
        return 1000 * sum(float(one["cpuTime"]) for one in self._processes() if one["type"] in ("renderer", "GPU"))

    def _processes(self) -> list[dict[str, Any]]:
        browser = self.page.context.browser
        assert browser is not None  # noqa: S101  # a page that was opened has one
        found: list[dict[str, Any]] = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        return found

    def heap_mb(self) -> float:
        """Return the JavaScript heap in use, after a collection."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        used: float = session.send("Runtime.getHeapUsage")["usedSize"]
        return used / 1e6

    def renderer_mb(self) -> float:
        """Return the resident memory of the process that draws the page (the largest of the renderers)."""
        pids = [str(process["id"]) for process in self._processes() if process["type"] == "renderer"]
        command = ["ps", "-o", "rss=", "-p", ",".join(pids)]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  # our own pids
        return max(int(kilobytes) for kilobytes in listed.split()) * 1024 / 1e6


@contextmanager
def visiting(browser_path: Path, watch: str = "") -> Iterator[Visit]:
    """Open an empty page in a fresh browser; `watch` is JavaScript that runs in it before any of the page's own."""
    with sync_playwright() as playwright:
        # Playwright's own switches would add their headless mode; the flags above name it.
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS), headless=True)
        page = browser.new_page(viewport=VIEWPORT, locale="en-GB", color_scheme="light")
        page.set_default_timeout(TIMEOUT_MS)
        page.add_init_script(WATCH + watch)
        try:
            yield Visit(page)
        finally:
            browser.close()
