"""One HTML file: template, style, modules and models, inlined."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files

from tinyvae.page.model import model_data
from tinyvae.page.pictures import PICTURES_BYTES
from tinyvae.runs.run import Run

ASSETS = files("tinyvae.page") / "assets"
# in the order in which they build on one another; each has one job
MODULES = (
    "numbers.js",
    "colours.js",
    "likelihood.js",
    "network.js",
    "convolution.js",
    "model.js",
    "pictures.js",
    "worlds/own.js",
    "worlds/circles.js",
    "worlds.js",
    "state.js",
    "words.js",
    "hand.js",
    "sliders.js",
    "labels.js",
    "filmstrip.js",
    "matrix.js",
    "walks.js",
    "guess.js",
    "cloud.js",
    "legend.js",
    "curves.js",
    "gif.js",
    "worlds/circle_lessons.js",
    "exports.js",
    "player.js",
    "view.js",
    "demonstrations.js",
    "app.js",
)


class Page(str):
    """The text of a page; a notebook shows it in a frame."""

    def _repr_html_(self) -> str:
        return (
            '<iframe title="Which latent is which factor?" '
            'style="width: 100%; height: 900px; border: 0" '
            f'srcdoc="{html.escape(self, quote=True)}"></iframe>'
        )


def page(runs: Sequence[tuple[str, Run]]) -> Page:
    """The page of some runs, each with the name it is shown under.

    Nothing is fetched, and nothing can be: the policy in the page forbids every
    request. Every text that comes from a run is data, never markup.
    """
    each = PICTURES_BYTES // max(1, len(runs))
    models = [model_data(run, name, picture_bytes=each) for name, run in runs]
    # "<" as an escape, so that no name can end the element that holds the data
    data = json.dumps(models, allow_nan=False, separators=(",", ":"))
    data = data.replace("<", "\\u003c")
    script, style = joined_modules(), _read("page.css")
    policy = (
        "default-src 'none'; img-src data: blob:; connect-src 'none'; "
        f"script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "form-action 'none'; base-uri 'none'"
    )
    parts = {
        "policy": html.escape(policy, quote=True),
        "style": style,
        "script": script,
        "data": data,
    }
    template = _read("page.html")
    return Page(re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template))


def joined_modules() -> str:
    """The modules as one: without the lines that only join them."""
    text = "\n".join(_read(name) for name in MODULES)
    text = re.sub(r"^import .*?;\n", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def _read(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
