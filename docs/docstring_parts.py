"""A docstring of settings, taken apart for the pages of the documentation."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from typing import NamedTuple

LABELS = ("Args", "Expect", "Source", "Raises")
VALUE = r"(?:\d[\w.-]*|random)"  # such as 1e-4


class Parts(NamedTuple):
    """The parts of a docstring; a part that is missing is empty."""

    line: str  # the first line
    formula: str  # what follows "loss = ", with it
    body: str  # the paragraphs before the arguments
    arguments: dict[str, str]
    expect: str
    source: str
    raises: str


def parts_of(settings: type) -> Parts:
    """The parts of the docstring of a class of settings."""
    line, _, rest = str(inspect.getdoc(settings)).partition("\n")
    split = re.split(rf"^({'|'.join(LABELS)}):[ \n]", rest, flags=re.MULTILINE)
    found: dict[str, str] = {}
    prose = [split[0]]
    for label, text in zip(split[1::2], split[2::2], strict=True):
        if label == "Args":  # prose may follow the arguments
            block = re.match(r"(?: {4}.*\n?|\n(?= {4}))*", text)
            cut = block.end() if block else 0
            found[label], after = text[:cut], text[cut:]
            prose.append(after)
        else:
            found[label] = " ".join(text.split())
    formula, body = _formula("\n".join(prose).strip())
    items = re.findall(
        r"^    (\w+): (.*(?:\n {8}.*)*)", found.get("Args", ""), flags=re.MULTILINE
    )
    arguments = {name: " ".join(text.split()) for name, text in items}
    return Parts(
        line,
        formula,
        re.sub(r"\n{3,}", "\n\n", body),
        arguments,
        *(found.get(label, "") for label in LABELS[1:]),
    )


def _formula(prose: str) -> tuple[str, str]:
    """The formula of the loss, and the prose without it; what explains it is first."""
    paragraphs = prose.split("\n\n")
    for place, paragraph in enumerate(paragraphs):
        if paragraph.startswith("loss = "):
            formula, *rest = re.split(
                r",\s+(?=[a-z]+ )|\.\s+(?=[A-Z])", paragraph, maxsplit=1
            )
            explained = [re.sub("^where ", "Here ", one) for one in rest]
            others = paragraphs[:place] + paragraphs[place + 1 :]
            return formula.rstrip("."), "\n\n".join(explained + others)
    return "", prose


def signature(settings: type) -> str:
    """The call that makes the settings, with their defaults."""
    shown = []
    for entry in fields(settings):
        if entry.name == "kind" or not entry.repr or entry.metadata.get("found"):
            continue
        default = "" if entry.default is MISSING else f"={entry.default!r}"
        shown.append(f"{entry.name}{default}")
    return f"tinyvae.{settings.__name__}({', '.join(shown)})"


def call(settings: type) -> list[str]:
    """The signature, a line for each setting where it is long."""
    text = signature(settings)
    if len(text) <= 88:
        return [text]
    start, _, inside = text[:-1].partition("(")
    arguments = re.split(r", (?=\w+=)", inside)
    return [f"{start}(", *(f"    {one}," for one in arguments), ")"]


def presets(arguments: dict[str, str]) -> dict[str, tuple[list[str], bool]]:
    """Values of each setting that a publication takes, where the docstring says so.

    Beside them, whether they are a sweep of their own: whether they are several, and no
    other setting changes with them.
    """
    found = {}
    for name, text in arguments.items():
        match = re.search(rf"takes ({VALUE}(?:, {VALUE})*(?: and {VALUE})?)(.*)", text)
        if match:
            values = re.split(r", | and ", match[1].rstrip("."))
            found[name] = (values, len(values) > 1 and "`" not in match[2])
    return found
