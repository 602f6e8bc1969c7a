"""The docstrings of tinyvae as reStructuredText, and its signatures as written.

Docstrings are plain text for the terminal: backticks mark code, and a label such as
`Source:` begins a paragraph. Here they get the markup that Sphinx reads.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, ForwardRef

LABEL = re.compile(r"^(Returns|Raises|Source|Expect|Yields): (?=\S)")
# sections whose items are indented, and the field that Sphinx has for an item
SECTIONS = {"Args:": "param", "Attributes:": "ivar"}
CODE = re.compile(r"`+([^`]+)`+")


def to_rst(lines: list[str]) -> list[str]:
    """The lines of a docstring as reStructuredText."""
    found: list[str] = []
    for block in _blocks(lines):
        found += [*_block(block), ""]
    return found


def _blocks(lines: list[str]) -> list[list[str]]:
    """Runs of lines without an empty one; a label begins another."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            blocks.append([])
        else:
            if LABEL.match(line) or line in SECTIONS:
                blocks.append([])
            blocks[-1].append(line)
    return [block for block in blocks if block]


def _block(lines: list[str]) -> list[str]:
    if lines[0].lstrip().startswith(">>>"):
        return lines
    if lines[0] in SECTIONS:
        return _items(SECTIONS[lines[0]], lines[1:])
    if all(line.startswith("    ") for line in lines):
        return ["::", "", *lines]
    text = escaped("\n".join(lines))
    return LABEL.sub(r"**\1:** ", text).split("\n")


def _items(field: str, lines: list[str]) -> list[str]:
    """The items of a section as a list of fields."""
    text = escaped("\n".join(lines))
    item = r"^ {4}((?:\\\*){0,2}[\w\\]+): "
    return re.sub(item, rf":{field} \1: ", text, flags=re.MULTILINE).split("\n")


def escaped(text: str) -> str:
    """Plain text with code marked, and nothing else taken for markup."""
    parts = CODE.split(text)
    for place, part in enumerate(parts):
        if place % 2:
            parts[place] = rf"\ ``{part}``\ "
        else:
            part = part.replace("\\", r"\\").replace("*", r"\*").replace("|", r"\|")
            parts[place] = re.sub(r"(?<=\w)_(?!\w)", r"\_", part)
    return "".join(parts)


def written_signature(function: Callable[..., Any]) -> tuple[str, str]:
    """Arguments and result with the annotations that stand in the source.

    Evaluated annotations of shapes are long, and name modules that nobody writes.

    Raises: ValueError or TypeError if there is no signature.
    """
    signature = inspect.signature(function)
    shown, star = [], False
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            shown.append("*")
        star = star or one.kind in (one.KEYWORD_ONLY, one.VAR_POSITIONAL)
        shown.append(_parameter(one))
    shown = [one for one in shown if one not in ("self", "cls")]
    result = _annotation(signature.return_annotation)
    return f"({', '.join(shown)})", "" if inspect.isclass(function) else result


def _parameter(one: inspect.Parameter) -> str:
    stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    text, annotation = f"{stars}{one.name}", _annotation(one.annotation)
    if annotation:
        text += f": {annotation}"
    if one.default is one.empty:
        return text
    default = repr(one.default)
    if default.startswith("<"):  # a factory, a function or a sentinel
        default = "..."
    return f"{text} = {default}" if annotation else f"{text}={default}"


def _annotation(annotation: Any) -> str:
    if annotation is inspect.Signature.empty:
        return ""
    if isinstance(annotation, ForwardRef):  # of a field of a named tuple
        return annotation.__forward_arg__
    if isinstance(annotation, str):
        return annotation
    return inspect.formatannotation(annotation)


def with_public_names(signature: str, value: Any) -> str:
    """The signature, with the classes of tinyvae by their public names in full.

    Sphinx shows their last part and links them. `value` is what has the signature.
    """
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    known = vars(module) if module else {}

    def full(match: re.Match[str]) -> str:
        return public_classes().get(id(known.get(match[0])), match[0])

    return re.sub(r"(?<![\w.'\"])[A-Z]\w*(?![\w.])", full, signature)


@cache
def public_classes() -> dict[int, str]:
    """The full name of each public class, by its identity."""
    import api_pages

    found: dict[int, str] = {}
    for module, names in api_pages.public_modules().items():
        for name in names:
            value = getattr(import_module(module), name)
            if inspect.isclass(value):
                found.setdefault(id(value), f"{module}.{name}")
    return found
