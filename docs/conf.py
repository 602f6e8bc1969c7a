"""The documentation site, built by Sphinx from the Markdown of the repository.

    make docs      # build/docs/index.html

The source folder is the root of the repository, so that links are the same in the site
and in a viewer of the repository. A page in `docs` belongs to the guide unless it is in
a folder of a section; the lists of pages are made here, and no page has one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))

import tinyvae  # noqa: E402

project = "tinyvae"
author = "the authors of tinyvae"
version = release = tinyvae.__version__
root_doc = "docs/index"

extensions = ["myst_nb", "sphinx.ext.autodoc"]
include_patterns = ["docs/**", "benchmarks/**", "*.md"]
exclude_patterns = [".*", "build", "runs", "src", "tests", "**/.ipynb_checkpoints"]
nb_execution_mode = "off"  # `make notebooks` executes them
myst_heading_anchors = 4
highlight_language = "text"
smartquotes_action = "D"  # quotes in examples stay as they are
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 72
python_use_unqualified_type_names = True
# a name that is not public may be that of two classes; it is then no wrong link
suppress_warnings = ["ref.python"]
show_warning_types = True

html_theme = "pydata_sphinx_theme"
html_title = "tinyvae"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["site"]
html_css_files = ["site.css"]
# pages without others beside them
html_sidebars = {
    page: [] for page in ("docs/gallery", "README", "CHANGELOG", "CONTRIBUTING")
}
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "show_toc_level": 2,
    "navigation_with_keys": False,
}

# the sections of the site, in order: the page of each, and the folder of its pages
SECTIONS = {
    "docs/guide": "docs",
    "docs/objectives": "docs/objectives",
    "docs/worlds": "docs/worlds",
    "docs/scores/README": "docs/scores",
    "docs/notebooks/README": "docs/notebooks",
    "docs/gallery": "",
    "docs/api/index": "",
    "benchmarks/README": "benchmarks/results",
}
ABOUT = {"README": "About", "CHANGELOG": "Changes", "CONTRIBUTING": "Contributing"}
FIRST = {  # the pages that begin a section; the others follow by name
    "docs/guide": (
        "answer",
        "own_pictures",
        "tables",
        "sweeps",
        "compare",
        "own_objective",
        "networks",
    ),
    "docs/notebooks/README": (
        "which_latent_is_which_factor",
        "own_pictures",
        "own_codes",
        "many_seeds",
    ),
}


def pages_of(section: str) -> list[str]:
    """The pages below the page of a section, in order."""
    folder = SECTIONS[section]
    if not folder:
        return []
    found = [
        str(path.relative_to(ROOT).with_suffix(""))
        for path in sorted((ROOT / folder).iterdir())
        if path.suffix in (".md", ".ipynb")
    ]
    first = [f"{folder}/{name}" for name in FIRST.get(section, ())]
    found = [*first, *(page for page in found if page not in first)]
    return [page for page in found if page not in (*SECTIONS, root_doc)]


def list_of_pages(name: str) -> str:
    """The hidden list of the pages that belong to this page; empty for most."""
    if name == root_doc:
        entries = [f"/{section}" for section in SECTIONS]
        entries += [f"{title} </{page}>" for page, title in ABOUT.items()]
    else:
        entries = [f"/{page}" for page in pages_of(name)] if name in SECTIONS else []
    if not entries:
        return ""
    return "\n".join(["", "```{toctree}", ":hidden:", "", *entries, "```", ""])


def without_folders(text: str, page: str) -> str:
    """The text, with links to folders of the repository as plain text.

    The site has no page of a folder. Of a part of the package it has the API.
    """

    def unlink(match: re.Match[str]) -> str:
        place = (ROOT / page).parent / match[2]
        if not place.is_dir():
            return match[0]
        name = f"tinyvae.{place.name}"
        if (DOCS / "api" / f"{name}.rst").exists():
            return f"[{match[1]}](/docs/api/{name}.rst)"
        return match[1]

    return re.sub(r"\[([^\]]*)\]\(([\w./]+)\)", unlink, text)


def with_title(text: str, page: str) -> str:
    """The text, with a title of the file's name where it has none."""
    if re.search(r"^# ", text, flags=re.MULTILINE):
        return text
    return f"# {page.split('/')[-1].replace('_', ' ').capitalize()}\n\n{text}"


def read_source(app: Any, name: str, content: list[str]) -> None:
    """Add the list of pages, and take links to folders away."""
    if str(app.env.doc2path(name)).endswith(".md"):
        text = without_folders(content[0], f"{name}.md")
        content[0] = with_title(text, name) + list_of_pages(name)


def process_docstring(
    app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]
) -> None:
    """Give a docstring the markup that Sphinx reads."""
    from docstring_markup import to_rst

    lines[:] = to_rst(lines)


def process_signature(
    app: Any, what: str, name: str, value: Any, options: Any, *given: Any
) -> tuple[str, str] | None:
    """Show annotations as they stand in the source."""
    from docstring_markup import with_public_names, written_signature

    try:
        arguments, result = written_signature(value)
    except (TypeError, ValueError):
        return None
    return with_public_names(arguments, value), with_public_names(result, value)


def skip_member(
    app: Any, what: str, name: str, value: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out the fields of named tuples, which the signature shows."""
    return True if type(value).__name__ == "_tuplegetter" else None


def write_api(app: Any) -> None:
    """Write the pages of the API before Sphinx looks for pages."""
    import api_pages

    api_pages.main()


def write_start(app: Any, exception: Exception | None) -> None:
    """The first file of the site, which leads to its first page."""
    if exception is None and app.builder.format == "html":
        page = f"{root_doc}.html"
        Path(app.outdir, "index.html").write_text(
            f'<!doctype html><title>tinyvae</title><meta charset="utf-8">'
            f'<meta http-equiv="refresh" content="0; url={page}">'
            f'<a href="{page}">tinyvae</a>\n',
            encoding="utf-8",
        )


def setup(app: Any) -> None:
    """Connect what is above with Sphinx."""
    app.connect("config-inited", lambda app, config: write_api(app))
    app.connect("source-read", read_source)
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("autodoc-process-signature", process_signature)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("build-finished", write_start)
