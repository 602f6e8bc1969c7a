"""One HTML file for comparing the members of a sweep."""

from __future__ import annotations

from importlib.resources import files

from tinyvae.files.html_page import SHARED, Page, inlined, joined_texts, text_of
from tinyvae.sweeps.report.compared import Compared
from tinyvae.sweeps.report.data import page_data

ASSETS = files("tinyvae") / "sweeps" / "report" / "assets"
# in the order in which they build on one another; each has one job
MODULES = (
    "elements.js",
    "svg.js",
    "texts.js",
    "marks.js",
    "card.js",
    "points.js",
    "strips.js",
    "scatter.js",
    "settings.js",
    "correlations.js",
    "members.js",
    "report.js",
)


def sweep_page(sweep: Compared) -> Page:
    """The page of a sweep.

    It makes no request, and every text that comes from a member is data, never markup.
    """
    style = text_of(SHARED, "base.css") + text_of(ASSETS, "report.css")
    script = joined_texts([text_of(ASSETS, name) for name in MODULES])
    template = text_of(ASSETS, "report.html")
    return inlined(template, style=style, script=script, data=page_data(sweep))
