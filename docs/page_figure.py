"""Takes the screenshot of the page for the README.

    python docs/page_figure.py runs/demo

Needs Chromium, and the package's `dev` extra (Playwright).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tinyvae.page import page
from tinyvae.page.names import names_of
from tinyvae.runs.folder import load_run

FIGURE = Path(__file__).parent / "figures" / "page.png"
SHOWN = "#c=1&t=1&f=5_19_12"  # coloured by x, with the path of x, circle off the middle


def main() -> None:
    """Open the page of a run in headless Chromium and save a screenshot."""
    run = load_run(Path(sys.argv[1]))
    path = Path(sys.argv[1]) / "page.html"
    path.write_text(page([(names_of([run])[0], run)]), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        window = browser.new_page(
            viewport={"width": 1280, "height": 1500},
            color_scheme="light",
            device_scale_factor=0.75,
        )
        window.goto(path.absolute().as_uri() + SHOWN)
        window.wait_for_function("() => window.tinyvae !== undefined")
        window.screenshot(path=FIGURE)
        browser.close()


if __name__ == "__main__":
    main()
