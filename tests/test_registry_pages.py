"""The pages of worlds, objectives and networks are what is registered."""

import re
import sys
from pathlib import Path

import pytest

from tinyvae.objectives import OBJECTIVES
from tinyvae.worlds import WORLDS

DOCS = Path(__file__).parent.parent / "docs"
sys.path.insert(0, str(DOCS))

import docstring_parts  # noqa: E402  # pyright: ignore[reportMissingImports]
import registry_pages  # noqa: E402  # pyright: ignore[reportMissingImports]

AGAIN = "write it again with `make registry-pages`"


def test_every_page_is_what_the_docstrings_say():
    for place, text in registry_pages.all_pages().items():
        assert (DOCS / place).exists(), AGAIN
        assert (DOCS / place).read_text(encoding="utf-8") == text, AGAIN


@pytest.mark.parametrize(
    ("folder", "registry"), [("objectives", OBJECTIVES), ("worlds", WORLDS)]
)
def test_what_is_registered_has_a_page_and_nothing_else(folder, registry):
    written = {path.stem for path in (DOCS / folder).glob("*.md")}
    assert written == set(registry), AGAIN


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_objective_says_what_it_minimises_and_what_to_expect(kind):
    parts = docstring_parts.parts_of(OBJECTIVES[kind])
    name = OBJECTIVES[kind].__name__
    formula = f"write a paragraph `loss = ...` in the docstring of {name}"
    assert parts.formula.startswith("loss = "), formula
    assert parts.expect, f"write a line `Expect: ...` in the docstring of {name}"
    assert parts.source, f"write a line `Source: ...` in the docstring of {name}"


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_a_page_explains_the_kl_where_the_loss_has_one(kind):
    page = registry_pages.objective_page(kind)
    assert ("There is no KL" in page) != ("KL(q(z|x)" in page)
    assert not re.search(r"[^(]docs/\w+\.md", page)  # a link, or nothing


def test_a_docstring_is_taken_apart():
    class Settings:
        """The first line.

        loss = a * b, where b is
        the second term.

        Prose.

        Args:
            first: a number. The paper takes 1, 2 and 4.
            second: another
                one.
            third: small. The published code takes 1e-4 and 1e-10: each for a data set.
            fourth: takes 10.

        Expect: much.
        Source: Somebody
        (2020).
        Raises: ValueError.
        """

    parts = docstring_parts.parts_of(Settings)
    assert parts.line == "The first line."
    assert parts.formula == "loss = a * b"
    assert parts.body == "Here b is\nthe second term.\n\nProse."
    assert parts.arguments["second"] == "another one."
    assert (parts.expect, parts.source) == ("much.", "Somebody (2020).")
    assert parts.raises == "ValueError."
    assert docstring_parts.presets(parts.arguments) == {
        "first": (["1", "2", "4"], True),
        "third": (["1e-4", "1e-10"], True),
        "fourth": (["10"], False),
    }
