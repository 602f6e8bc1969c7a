"""One HTML file that needs nothing else: template, style, modules and data, inlined."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

SHARED = files("tinyvae") / "page" / "assets"  # style and modules of every page


class Page(str):
    """The text of a page; a notebook shows it in a frame."""

    def _repr_html_(self) -> str:
        title = re.search(r"<title>(.*?)</title>", self)
        return (
            f'<iframe title="{title[1] if title else "page"}" '
            'style="width: 100%; height: 900px; border: 0" '
            f'srcdoc="{html.escape(self, quote=True)}"></iframe>'
        )


def inlined(template: str, *, style: str, script: str, data: Any) -> Page:
    """The page: a template with its {{style}}, {{script}}, {{data}} and {{policy}}.

    Nothing is fetched, and nothing can be: the policy in the page forbids every
    request. Every text within the data (JSON values) is data, never markup.
    """
    # "<" as an escape, so that no name can end the element that holds the data
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    policy = (
        "default-src 'none'; img-src data: blob:; connect-src 'none'; "
        f"script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "form-action 'none'; base-uri 'none'"
    )
    parts = {
        "policy": html.escape(policy, quote=True),
        "style": style,
        "script": script,
        "data": text.replace("<", "\\u003c"),
    }
    return Page(re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template))


def joined_texts(texts: Sequence[str]) -> str:
    """The texts of modules as one: without the lines that only join them."""
    text = "\n".join(texts)
    text = re.sub(r"^import .*?;\n", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def text_of(folder: Traversable, name: str) -> str:
    """The text of a file that belongs to the package."""
    return (folder / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
