"""The pages of the scores are what their sources say."""

import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
sys.path.insert(0, str(DOCS))

import score_pages  # noqa: E402  # pyright: ignore[reportMissingImports]

AGAIN = "write them again with `make score-pages`"


def test_every_page_is_what_its_docstring_says():
    for name in score_pages.ORDER:
        written = (score_pages.FOLDER / f"{name}.md").read_text()
        assert written == score_pages.page(name), AGAIN
        assert (score_pages.FOLDER / "figures" / f"{name}.png").exists()
    assert (score_pages.FOLDER / "udr.md").read_text() == score_pages.udr_page(), AGAIN
    assert (score_pages.FOLDER / "README.md").read_text() == score_pages.index(), AGAIN


def test_every_page_says_what_the_score_is_blind_to_and_where_it_comes_from():
    for name in [*score_pages.ORDER, "udr"]:
        text = (score_pages.FOLDER / f"{name}.md").read_text()
        assert "lind" in text, name
        assert "Source: " in text, name
