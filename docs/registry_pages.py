"""Writes docs/worlds.md, docs/objectives.md and docs/networks.md.

Each page is made from the registry and the docstrings:

    make registry-pages
"""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from pathlib import Path

from tinyvae.models import NETWORKS
from tinyvae.objectives import OBJECTIVES
from tinyvae.worlds import WORLDS

FOLDER = Path(__file__).parent
INTRODUCTIONS = {
    "worlds": "A world draws pictures whose factors are known, or reads your own. "
    "Choose one with `tinyvae train --world KIND`, or pass it to `tinyvae.train`.",
    "objectives": "An objective is what training maximises. Choose one with "
    "`tinyvae train --objective KIND`, or pass it to `tinyvae.train`; or [write your "
    "own](own_objective.md). Terms are summed over pixels and latents, and are in "
    "nats.",
    "networks": "A network is an encoder and the decoder that mirrors it. Choose one "
    "with `tinyvae train --network KIND`. By default the size of the pictures decides: "
    "fully connected up to 32x32 pixels and for tables of numbers, convolutional "
    "above.",
}
REGISTRIES = {"worlds": WORLDS, "objectives": OBJECTIVES, "networks": NETWORKS}


def page(name: str) -> str:
    """The page of one registry: introduction, table, and one section per entry."""
    registry = REGISTRIES[name]
    lines = [f"# {name.capitalize()}", "", INTRODUCTIONS[name], ""]
    lines += ["| kind | in Python | in one line |", "|---|---|---|"]
    for kind, settings in registry.items():
        line = str(inspect.getdoc(settings)).split("\n")[0]
        link = f"[{kind}](#{kind})"
        lines.append(f"| {link} | `tinyvae.{settings.__name__}` | {line} |")
    for kind, settings in registry.items():
        lines += ["", f"## {kind}", "", f"`{signature(settings)}`", ""]
        lines += [as_markdown(str(inspect.getdoc(settings)))]
        if name == "objectives":
            lines += ["", f"Supervision: {settings.needs.supervision}."]
    return "\n".join(lines) + "\n"


def signature(settings: type) -> str:
    """The call that makes the settings, with their defaults."""
    shown = []
    for entry in fields(settings):
        if entry.name == "kind" or not entry.repr or entry.metadata.get("found"):
            continue
        default = "" if entry.default is MISSING else f"={entry.default!r}"
        shown.append(f"{entry.name}{default}")
    return f"tinyvae.{settings.__name__}({', '.join(shown)})"


def as_markdown(docstring: str) -> str:
    """A docstring as Markdown: arguments become a list."""
    text = docstring.replace("Args:\n", "\n")
    text = re.sub(r"^    (\w+): (.*(?:\n {8}.*)*)", _item, text, flags=re.MULTILINE)
    text = re.sub(r"^(Raises|Source): ", r"*\1*: ", text, flags=re.MULTILINE)
    text = re.sub(r"\n(\*Source\*|\*Raises\*)", r"\n\n\1", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _item(match: re.Match[str]) -> str:
    return f"- `{match[1]}`: {' '.join(match[2].split())}"


def main() -> None:
    """Write the three pages."""
    for name in REGISTRIES:
        (FOLDER / f"{name}.md").write_text(page(name), encoding="utf-8")


if __name__ == "__main__":
    main()
