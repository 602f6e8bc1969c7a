"""How tests open pages, and what every page has to fulfil."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page


def opening(context: BrowserContext, file: Path):
    """Opens the page; whatever it complains of or asks for fails the test."""
    complaints: list[str] = []

    def note(bad: bool, text: str) -> None:
        if bad:
            complaints.append(text)

    def is_foreign(url: str) -> bool:
        return not url.startswith((file.as_uri(), "data:", "blob:"))

    def open_at(fragment: str = "") -> Page:
        page = context.new_page()
        page.on("console", lambda message: note(message.type == "error", message.text))
        page.on("pageerror", lambda error: note(True, str(error)))
        page.on("request", lambda request: note(is_foreign(request.url), request.url))
        page.goto(file.as_uri() + fragment)
        page.wait_for_function("() => window.tinyvae !== undefined")
        return page

    yield open_at
    assert complaints == []


def overflow_of(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def hindrances(page: Page) -> list[tuple[str, str]]:
    """What keeps some people from using the page: the rule, and where it is broken."""
    return [
        (violation["id"], violation["nodes"][0]["html"])
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
