"""Pages of runs in files."""

from pathlib import Path

from tinyvae.page import page as page_of


def written(runs, tmp_path_factory) -> Path:
    """The page of some runs, in a file."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(runs), encoding="utf-8")
    return path
