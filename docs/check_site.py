"""Checks the built site: links within it, what it loads, and the public names.

    python docs/check_site.py build/docs

Every link to a file of the site must lead to one, and to a place in it where it names
one. Nothing may be loaded from elsewhere; links to other sites are not followed.
"""

from __future__ import annotations

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("source", "src")}
NOT_LOADED = ("canonical", "alternate", "author", "search", "index", "next", "prev")


class Reference(NamedTuple):
    """A link, or a file that the page loads."""

    url: str
    loaded: bool


class _Reader(HTMLParser):
    """Collects the references and the anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[Reference] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the tag refers to, and its anchor."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[one] for one in ("id", "name") if one in values}
        for name in ("href", "src"):
            if name in values:
                loaded = (tag, name) in LOADED and not (
                    tag == "link" and values.get("rel", "") in NOT_LOADED
                )
                self.references.append(Reference(values[name], loaded))


@cache
def read(path: Path) -> _Reader:
    """The references and anchors of a page."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def faults(site: Path) -> list[str]:
    """What is wrong with the site, a line for each fault."""
    found = []
    for page in sorted(site.rglob("*.html")):
        if "_static" in page.parts:  # a template of the theme
            continue
        for reference in read(page).references:
            fault = fault_of(page, reference)
            if fault:
                found.append(f"{page.relative_to(site)}: {fault}")
    return found


def fault_of(page: Path, reference: Reference) -> str | None:
    """What is wrong with one reference of a page; None if nothing is."""
    url = urlsplit(reference.url)
    if url.scheme == "data":
        return None
    if url.scheme or url.netloc:
        if reference.loaded:
            return f"expected a file of the site, got {reference.url}"
        return None
    target = page.parent / unquote(url.path) if url.path else page
    if not target.is_file():
        return f"no such file: {reference.url}"
    anchor = unquote(url.fragment)
    if not anchor or target.suffix != ".html" or anchor in read(target).anchors:
        return None
    return f"no such place: {reference.url}"


def missing_names(site: Path) -> list[str]:
    """Public names of tinyvae that the API of the site does not describe."""
    import api_pages

    described: set[str] = set()
    for page in (site / "docs" / "api").glob("*.html"):
        described |= read(page).anchors | {page.stem}  # a page is of a module
    missing = []
    for module, names in api_pages.public_modules().items():
        for name in names:
            if not {f"{module}.{name}", f"tinyvae.{name}"} & described:
                missing.append(f"{module}.{name}")
    return missing


def main() -> None:
    """Print what is wrong, and fail if anything is."""
    site = Path(sys.argv[1])
    found = faults(site)
    found += [f"not in the API: {name}" for name in missing_names(site)]
    print("\n".join(found) if found else f"{site}: every link leads somewhere.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
