"""The pages of worlds, objectives and networks are what is registered."""

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
sys.path.insert(0, str(DOCS))

import registry_pages  # noqa: E402  # pyright: ignore[reportMissingImports]


@pytest.mark.parametrize("name", registry_pages.REGISTRIES)
def test_every_page_is_what_the_docstrings_say(name):
    written = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    again = "write it again with `make registry-pages`"
    assert written == registry_pages.page(name), again


def test_every_objective_says_its_supervision_and_its_source():
    text = registry_pages.page("objectives")
    sections = text.split("\n## ")[1:]
    assert len(sections) == len(registry_pages.OBJECTIVES)
    for section in sections:
        assert "Supervision: " in section
        assert "*Source*: " in section
