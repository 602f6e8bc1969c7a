"""Pages in files, and how tests open them."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tinyvae.page import page as page_of


def written(runs, tmp_path_factory) -> Path:
    """The page of some runs, in a file."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(runs), encoding="utf-8")
    return path


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
