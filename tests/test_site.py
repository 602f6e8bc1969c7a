"""The site has every page, every public name, and links that lead somewhere.

`make docs` builds the site, with warnings as errors, and checks all of its links; here
is what can be checked without building it.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Float

import tinyvae

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import api_pages  # noqa: E402  # pyright: ignore[reportMissingImports]
import check_site  # noqa: E402  # pyright: ignore[reportMissingImports]
import conf  # noqa: E402  # pyright: ignore[reportMissingImports]
import docstring_markup  # noqa: E402  # pyright: ignore[reportMissingImports]
import gallery  # noqa: E402  # pyright: ignore[reportMissingImports]


def test_every_page_of_the_documents_is_in_one_section():
    written = {
        str(path.relative_to(ROOT).with_suffix(""))
        for ending in ("md", "ipynb")
        for path in DOCS.rglob(f"*.{ending}")
    }
    listed = [page for section in conf.SECTIONS for page in conf.pages_of(section)]
    assert len(listed) == len(set(listed))
    known = {*listed, *conf.SECTIONS, conf.root_doc}
    assert written - known == set(), "put them into a folder of conf.SECTIONS"


def test_a_page_with_a_section_lists_its_pages():
    assert "/docs/scores/mig\n" in conf.list_of_pages("docs/scores/README")
    assert "/docs/guide\n" in conf.list_of_pages(conf.root_doc)
    assert conf.list_of_pages("docs/answer") == ""


def test_a_link_to_a_folder_becomes_text_and_other_links_stay():
    text = "[tests](../tests) and [this](tables.md) and [page](../src/tinyvae/cli)"
    shown = conf.without_folders(text, "docs/answer.md")
    assert shown == "tests and [this](tables.md) and page"


def test_every_public_name_is_in_the_api():
    pages = api_pages.pages()
    for module, names in api_pages.public_modules().items():
        for name in names:
            here = f":: {module}.{name}\n" in pages[module]
            above = f"~tinyvae.{name}`" in pages[module] and (
                f":: tinyvae.{name}\n" in pages["tinyvae"]
            )
            part = f"tinyvae.{name}" in pages  # a public module
            assert here or above or part, f"{module}.{name}"


def test_the_api_has_every_package_that_says_what_is_public():
    found = api_pages.public_modules()
    for name in ("tinyvae", "tinyvae.scores", "tinyvae.worlds", "tinyvae.objectives"):
        assert name in found
    assert "tinyvae.cli" not in found


def test_a_docstring_becomes_restructuredtext():
    lines = """One `code` line, a * b_ and |x|.

Args:
    first: a number
        of things.
    second: another.

Source: Somebody (2020),
equation 3.
Raises: ValueError if not.

    tv.train()

>>> a_ * 2
4""".split("\n")
    assert docstring_markup.to_rst(lines) == [
        r"One \ ``code``\  line, a \* b\_ and \|x\|.",
        "",
        ":param first: a number",
        "        of things.",
        ":param second: another.",
        "",
        "**Source:** Somebody (2020),",
        "equation 3.",
        "",
        "**Raises:** ValueError if not.",
        "",
        "::",
        "",
        "    tv.train()",
        "",
        ">>> a_ * 2",
        "4",
        "",
    ]


def test_a_signature_shows_shapes_as_they_are_written():
    def gap(codes: "Float[np.ndarray, 'sample latent']", *, bins: int = 20): ...

    gap.__annotations__["return"] = "Float[np.ndarray, ' factor']"
    assert docstring_markup.written_signature(gap) == (
        "(codes: Float[np.ndarray, 'sample latent'], *, bins: int = 20)",
        "Float[np.ndarray, ' factor']",
    )


def test_a_signature_of_the_library_shows_its_shapes():
    arguments, result = docstring_markup.written_signature(tinyvae.Run.encode)
    assert 'images: Shaped[Array | np.ndarray, "sample *image"]' in arguments.replace(
        "'", '"'
    )
    assert "sample latent" in result


def test_a_signature_links_public_classes():
    written = docstring_markup.with_public_names("(a: Run, b: Other)", tinyvae.Run)
    assert written == "(a: tinyvae.Run, b: Other)"


def write(folder: Path, body: str) -> Path:
    (folder / "here.html").write_text(body, encoding="utf-8")
    (folder / "there.html").write_text('<h1 id="top">There</h1>', encoding="utf-8")
    check_site.read.cache_clear()
    return folder


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "here.html: no such file: gone.html"),
        ('<img src="gone.png">', "here.html: no such file: gone.png"),
        ('<a href="there.html#x">x</a>', "here.html: no such place: there.html#x"),
        (
            '<script src="https://example.org/a.js"></script>',
            "here.html: expected a file of the site, got https://example.org/a.js",
        ),
    ],
)
def test_a_fault_of_the_site_is_found(tmp_path, body, fault):
    assert check_site.faults(write(tmp_path, body)) == [fault]


def test_links_that_lead_somewhere_are_no_fault(tmp_path):
    body = (
        '<p id="a"><a href="#a">a</a><a href="there.html#top">b</a>'
        '<a href="https://example.org">c</a><img src="data:image/png;base64,AA==">'
    )
    assert check_site.faults(write(tmp_path, body)) == []


def test_the_page_of_the_gallery_has_every_figure():
    written = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert written == gallery.page(), "draw it again with `make gallery`"
    names = [entry.name for entries in gallery.ENTRIES.values() for entry in entries]
    assert len(names) == len(set(names))
    drawn = {path.stem: path.stat().st_size for path in gallery.FIGURES.glob("*.png")}
    assert set(drawn) == set(names)
    assert sum(drawn.values()) < 1.5e6
