"""First paint, bytes on the wire and indicator switch of the county map, beside plain Plotly `choropleth_map`.

Both pages are opened in turn, each in a fresh headless Chromium with software drawing, in one run. *First paint*: from
navigation until all counties are coloured and the map rests. *Switch*: from the click on another indicator until its
values are painted and the map rests, clicks following each other as a person's do who looks through indicators.
*Rested switch*: the same after five seconds on one indicator, when ours has hatched what is uncertain and has to take
that away again. *Bytes*: all that came over the wire until the page had nothing left to fetch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from playwright.sync_api import Page

from bench.browser import Visit, find_browser, visiting
from bench.result import Result
from bench.servers import Server

START = "left_behind_children"
SWITCHES = ("migrant_children", "children", START)
YEAR = 2020
ROUNDS = 3
QUICK_SWITCHES = 1
REST_MS = 5_000
# How long after the click the last answer of a server was there; 0 when nothing was asked.
LAST_ANSWER_MS = """Math.max(0, ...performance.getEntriesByType("resource")
    .filter((one) => one.startTime >= bench.clicked).map((one) => one.responseEnd - bench.clicked))"""

Values = dict[str, float | None]


class Site(Protocol):
    """A page that shows the layer. Its `watch` calls `bench.note(indicator)` when an indicator was painted."""

    watch: str
    drawn: str  # JavaScript: how many counties the map has drawn

    def choose(self, page: Page, indicator: str) -> None:
        """Click on another indicator, as a person does."""

    def values(self, page: Page, indicator: str) -> Values:
        """Return what is shown for `indicator`, by county; None where no number is shown."""


class Atlas:
    """Ours: `python -m dashboard`."""

    watch = f"""
    new MutationObserver(() => {{
      const asked = new URLSearchParams(document.documentElement.dataset.painted);
      bench.note(asked.get("indicator") ?? "{START}");
    }}).observe(document, {{subtree: true, attributes: true, attributeFilter: ["data-painted"]}});
    """
    drawn = """new Set(atlas.map.queryRenderedFeatures({layers: ["county-fill"]}).map((one) => one.id)).size"""

    def choose(self, page: Page, indicator: str) -> None:
        page.locator("#indicator").click()
        page.locator(f"[role=option][value={indicator}]").click()

    def values(self, page: Page, indicator: str) -> Values:
        url = f"/api/v1/values?indicator={indicator}&year={YEAR}&level=county"
        pairs = """async (url) => {
          const answer = await (await fetch(url)).json();
          return answer.values.map((row) => [row.code, row.value]);
        }"""
        return dict(page.evaluate(pairs, url))


class PlainPlotly:
    """The peer: `python -m bench.peers.plotly_map`."""

    # The figure's `meta` names the indicator; painted is when Plotly has drawn it and its inner map rests.
    watch = """
    document.addEventListener("DOMContentLoaded", () => new MutationObserver((_, observer) => {
      const plot = document.querySelector("#map .js-plotly-plot");
      if (!plot?.on) return;
      observer.disconnect();
      plot.on("plotly_afterplot", () => {
        const indicator = plot.layout.meta, inner = plot._fullLayout.map._subplot.map;
        inner.once("idle", () => bench.note(indicator));
        inner.triggerRepaint();
      });
    }).observe(document.body, {childList: true, subtree: true}));
    """
    drawn = """(() => {
      const inner = document.querySelector("#map .js-plotly-plot")._fullLayout.map._subplot.map;
      const fills = inner.getStyle().layers.filter((one) => one.type === "fill").map((one) => one.id);
      return new Set(inner.queryRenderedFeatures({layers: fills}).map((one) => one.id)).size;
    })()"""

    def choose(self, page: Page, indicator: str) -> None:
        page.get_by_label(indicator, exact=True).click()

    def values(self, page: Page, indicator: str) -> Values:
        trace = """() => {
          const plot = document.querySelector("#map .js-plotly-plot"), shown = plot._fullData[0];
          return [plot.layout.meta, Array.from(shown.locations), Array.from(shown.z)];
        }"""
        shown, codes, numbers = page.evaluate(trace)
        assert shown == indicator, f"the peer shows {shown}, not {indicator}"  # noqa: S101  # the bench's own logic
        return {code: None if math.isnan(number) else number for code, number in zip(codes, numbers, strict=True)}


@dataclass(frozen=True)
class Round:
    """What one visit measured."""

    paint_ms: float
    paint_longest_task_ms: float
    paint_cpu_ms: float
    kilobytes: float
    requests: int
    drawn: int
    heap_mb: float
    renderer_mb: float
    switch_ms: list[float]
    rested_switch_ms: list[float]
    switch_answer_ms: list[float]
    switch_longest_task_ms: float
    switch_cpu_ms: float
    outside_requests: int
    shown: dict[str, Values]


def visit(browser: Path, site: Site, address: str, switches: tuple[str, ...], *, rests: bool) -> Round:
    """Open the page once, wait for its paint, then click through `switches`; once more from rest if it `rests`."""
    with visiting(browser, site.watch) as tab:
        page = tab.page
        page.goto(f"{address}/?lang=en", wait_until="commit")
        paint_ms = tab.painted(START)
        page.wait_for_load_state("networkidle")
        paint_longest_task_ms = tab.longest_task_ms()
        paint_cpu_ms = tab.cpu_ms()
        kilobytes, requests = tab.wire_bytes() / 1000, tab.requests()
        shown = {START: site.values(page, START)}
        settled_ms: float = page.evaluate("performance.now()")
        switch_ms, switch_answer_ms = [], []
        for indicator in switches:
            tab.forget_paints()
            site.choose(page, indicator)
            switch_ms.append(tab.painted(indicator) - float(page.evaluate("bench.clicked")))
            switch_answer_ms.append(page.evaluate(LAST_ANSWER_MS))
            shown[indicator] = site.values(page, indicator)
        page.wait_for_load_state("networkidle")
        switch_cpu_ms = (tab.cpu_ms() - paint_cpu_ms) / len(switches)
        rested_switch_ms = [rested_switch(tab, site)] if rests else []
        return Round(
            paint_ms=paint_ms,
            paint_longest_task_ms=paint_longest_task_ms,
            paint_cpu_ms=paint_cpu_ms,
            kilobytes=kilobytes,
            requests=requests,
            drawn=page.evaluate(site.drawn),
            switch_ms=switch_ms,
            rested_switch_ms=rested_switch_ms,
            switch_answer_ms=switch_answer_ms,
            switch_longest_task_ms=tab.longest_task_ms(since_ms=settled_ms),
            switch_cpu_ms=switch_cpu_ms,
            renderer_mb=tab.renderer_mb(),
            heap_mb=tab.heap_mb(),
            outside_requests=len(tab.outside_requests(address)),
            shown=shown,
        )


def rested_switch(tab: Visit, site: Site) -> float:
    """Rest on the indicator that is shown, then click on another, which was shown before; how long it took, ms."""
    tab.page.wait_for_timeout(REST_MS)
    tab.forget_paints()
    site.choose(tab.page, SWITCHES[0])
    return tab.painted(SWITCHES[0]) - float(tab.page.evaluate("bench.clicked"))


def run(*, quick: bool) -> Iterator[Result]:
    """Measure both pages in turn and compare what they show."""
    browser = find_browser()
    switches = SWITCHES[:QUICK_SWITCHES] if quick else SWITCHES
    ours: list[Round] = []
    peer: list[Round] = []
    while len(ours) < (1 if quick else ROUNDS):
        # Both start at once; the peer's does nothing until it is asked, and ours has ended when the peer is visited.
        with Server("bench.peers.plotly_map", ready="/") as plotly:
            with Server("dashboard", ready="/healthz") as atlas:
                plotly.wait()
                ours.append(visit(browser, Atlas(), atlas.wait(), switches, rests=not quick))
            peer.append(visit(browser, PlainPlotly(), plotly.wait(), switches, rests=not quick))
    yield from compare(ours, peer)


def compare(ours: list[Round], peer: list[Round]) -> Iterator[Result]:
    """Return the rows of the suite: medians over the rounds (of the switch: over all switches)."""
    agree = all(mine.shown == theirs.shown for mine, theirs in zip(ours, peer, strict=True))

    def row(name: str, unit: str, figure: str, *extras: str) -> Result:
        mine, theirs = _samples(ours, figure), _samples(peer, figure)
        told: dict[str, object] = {"ours_samples": mine, "peer_samples": theirs}
        for extra in extras:
            told |= {f"ours_{extra}": median(_samples(ours, extra)), f"peer_{extra}": median(_samples(peer, extra))}
        return Result(name, median(mine), median(theirs), unit, agree, told)

    yield row(
        "first_paint_vs_plotly",
        "ms",
        "paint_ms",
        "paint_longest_task_ms",
        "paint_cpu_ms",
        "drawn",
        "heap_mb",
        "renderer_mb",
    )
    yield row("first_bytes_vs_plotly", "kB", "kilobytes", "requests", "outside_requests")
    yield row("switch_vs_plotly", "ms", "switch_ms", "switch_answer_ms", "switch_longest_task_ms", "switch_cpu_ms")
    if ours[0].rested_switch_ms:
        yield row("rested_switch_vs_plotly", "ms", "rested_switch_ms")


def _samples(rounds: list[Round], name: str) -> list[float]:
    found: list[Any] = [getattr(one, name) for one in rounds]
    flat = [number for one in found for number in (one if isinstance(one, list) else [one])]
    return [round(number, 1) for number in flat]
