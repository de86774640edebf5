"""Take the README's pictures from a running app: `python tools/screenshot.py http://localhost:8050`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = {
    "explore-en.png": ("?lang=en&indicator=left_behind_share", {"width": 1400, "height": 850}),
    "explore-zh-phone.png": ("?unit=522324&indicator=left_behind_share", {"width": 390, "height": 844}),
}
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def main(address: str) -> None:
    """Write each picture once its map has painted."""
    folder = Path(__file__).resolve().parent.parent / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["ATLAS_BROWSER"], args=FLAGS)
        for name, (query, size) in PICTURES.items():
            page = browser.new_page(viewport=size)
            page.goto(f"{address}/{query}")
            page.wait_for_selector("html[data-painted][data-centres='shown']", state="attached")
            page.wait_for_selector("#nation-value", state="attached")
            page.screenshot(path=folder / name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
