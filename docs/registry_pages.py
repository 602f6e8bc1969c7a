"""Writes the pages of worlds, objectives and networks.

A table of all of them, and a page for each world and objective, from the registry and
the docstrings:

    make registry-pages

`Expect:` in a docstring becomes "What to expect", and the paragraph that begins with
`loss = ` the formula.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from docstring_parts import Parts, call, parts_of, presets

from tinyvae.models import NETWORKS
from tinyvae.objectives import OBJECTIVES
from tinyvae.worlds import WORLDS

FOLDER = Path(__file__).parent
INTRODUCTIONS = {
    "worlds": "A world draws pictures whose factors are known, or reads your own. "
    "Choose one with `tinyvae train --world KIND`, or pass it to `tinyvae.train`; or "
    "[write your own](own_objective.md).",
    "objectives": "An objective is the loss that training minimises: minus the ELBO, "
    "and what is added to it. Choose one with "
    "`tinyvae train --objective KIND`, or pass it to `tinyvae.train`; or [write your "
    "own](own_objective.md). Terms are summed over pixels and latents, and are in "
    "nats.",
    "networks": "A network is an encoder and the decoder that mirrors it. Choose one "
    "with `tinyvae train --network KIND`. By default the pictures decide: fully "
    "connected for worlds that are drawn, and for own pictures up to 32x32 pixels and "
    "tables of numbers; convolutional for larger ones.",
}
REGISTRIES = {"worlds": WORLDS, "objectives": OBJECTIVES, "networks": NETWORKS}
TERMS = (
    "Training lowers this loss. *reconstruction* is E_q[ln p(x|z)], and KL is "
    "KL(q(z|x) ‖ N(0, I)), each summed over pixels or latents and averaged over "
    "pictures; ELBO = reconstruction - KL. All are in nats "
    "([notation](../notation.md))."
)
TERMS_WITHOUT_KL = (  # of a formula that has neither KL nor ELBO, nor those of a base
    "Training lowers this loss. *reconstruction* is ln p(x|z) at the picture's own "
    "latents, summed over pixels and averaged over pictures, in nats "
    "([notation](../notation.md))."
)
WITH_KL = re.compile(r"\bKL\b|\bELBO\b|loss of the base")
SUPERVISION = {
    "none": "None: training sees pictures alone.",
    "pairs": "Pairs: training sees which pictures differ in few factors. Every result "
    "says so.",
    "labels": "Labels: training sees factors of some pictures. Every result says so.",
}


def index(name: str) -> str:
    """The page of one registry: introduction and table; networks follow in full."""
    registry = REGISTRIES[name]
    lines = [f"# {name.capitalize()}", "", INTRODUCTIONS[name], ""]
    lines += ["| kind | in Python | in one line |", "|---|---|---|"]
    for kind, settings in registry.items():
        line = str(inspect.getdoc(settings)).split("\n")[0]
        place = f"#{kind}" if name == "networks" else f"{name}/{kind}.md"
        lines.append(f"| [{kind}]({place}) | `tinyvae.{settings.__name__}` | {line} |")
    if name == "networks":
        for kind, settings in registry.items():
            parts = parts_of(settings)
            lines += ["", f"## {kind}", "", parts.line, *_body(parts)]
            lines += _settings(settings, parts, heading=None) + _ending(parts)
    return "\n".join(lines) + "\n"


def objective_page(kind: str) -> str:
    """The page of one objective."""
    settings = OBJECTIVES[kind]
    parts = parts_of(settings)
    name = settings.__name__
    lines = [f"# {kind}", "", parts.line]
    lines += ["", "## What it minimises", "", "```text", parts.formula, "```"]
    terms = TERMS if WITH_KL.search(parts.formula) else TERMS_WITHOUT_KL
    lines += [*_body(parts), "", terms]
    lines += _settings(settings, parts)
    lines += ["", "## Supervision", "", SUPERVISION[settings.needs.supervision]]
    lines += _expect(parts)
    lines += ["", "## Example", "", *_training_example(name)]
    lines += ["", "At full length, on any world:", ""]
    lines += [f"    tinyvae train --objective {kind}"]
    found = presets(parts.arguments)
    swept = [setting for setting, (_, alone) in found.items() if alone]
    for setting in swept:
        name = setting.replace("_", "-")
        out = f"sweeps/{kind}" if len(swept) == 1 else f"sweeps/{kind}-{name}"
        values = ",".join(found[setting][0])
        sweep = f"tinyvae sweep --objective {kind} --{name} {values}"
        lines += [f"    {sweep} --seeds 0:20 --out {out}"]
    lines += _ending(parts)
    lines += ["", "[All objectives](../objectives.md)"]
    return linked("\n".join(lines)) + "\n"


def world_page(kind: str) -> str:
    """The page of one world."""
    settings = WORLDS[kind]
    parts = parts_of(settings)
    lines = [f"# {kind}", "", parts.line, *_body(parts)]
    if kind != "pictures":  # the gallery draws every world but one's own
        picture = f"../figures/gallery/world_{kind}.png"
        lines += ["", f"![Random pictures of the world {kind}]({picture})"]
    lines += _settings(settings, parts)
    lines += _expect(parts)
    lines += ["", "## Example", "", *_world_example(settings)]
    lines += ["", *_world_commands(kind)]
    lines += _ending(parts)
    lines += ["", "[All worlds](../worlds.md)"]
    return linked("\n".join(lines)) + "\n"


def linked(text: str) -> str:
    """A text of a page in a folder, with links to the pages that it names.

    >>> linked("see docs/quantised_latents.md.")
    'see [quantised latents](../quantised_latents.md).'
    """

    def link(found: re.Match[str]) -> str:
        return f"[{found[1].replace('_', ' ')}](../{found[1]}.md)"

    return re.sub(r"\bdocs/(\w+)\.md\b", link, text)


def _body(parts: Parts) -> list[str]:
    return ["", parts.body] if parts.body else []


def _settings(
    settings: type, parts: Parts, heading: str | None = "## Settings"
) -> list[str]:
    """The call, its arguments, and published values of them."""
    lines = ["", heading] if heading else []
    lines += ["", "```text", *call(settings), "```"]
    if parts.arguments:
        lines.append("")
    lines += [f"- `{name}`: {text}" for name, text in parts.arguments.items()]
    found = presets(parts.arguments)
    if found:
        lines += ["", "Published values, to be swept:", ""]
        lines += ["| setting | values |", "|---|---|"]
        for name, (values, _) in found.items():
            lines.append(f"| `{name}` | {', '.join(values)} |")
    return lines


def _expect(parts: Parts) -> list[str]:
    if not parts.expect:
        return []
    return ["", "## What to expect", "", parts.expect[:1].upper() + parts.expect[1:]]


def _ending(parts: Parts) -> list[str]:
    lines = []
    for label, text in (("Source", parts.source), ("Raises", parts.raises)):
        if text:
            lines += ["", f"*{label}*: {text}"]
    return lines


# where the defaults need more pictures than the example has
EXAMPLE_SETTINGS = {"SemiSupervised": "labelled=5"}


def _training_example(name: str) -> list[str]:
    """A training of seconds, and the terms of its loss."""
    return [
        "Small and short, so that it takes seconds:",
        "",
        "```pycon",
        ">>> import math",
        ">>> import tinyvae as tv",
        ">>> run = tv.train(",
        "...     tv.Circles(12),",
        f"...     tv.{name}({EXAMPLE_SETTINGS.get(name, '')}),",
        "...     network=tv.FullyConnected((16,)),",
        "...     training=tv.TrainingConfig(steps=10, batch_size=32),",
        "...     members=1,",
        "... )",
        ">>> last = run.history[-1]  # the terms of the last step",
        ">>> parts = [-last.reconstruction, last.kl_weight * sum(last.kl)]",
        ">>> parts += [p.weight * p.value for p in last.penalties]",
        ">>> math.isclose(last.loss, sum(parts), rel_tol=1e-3)",
        "True",
        "",
        "```",
    ]


def _world_example(settings: type) -> list[str]:
    """What a world holds, as Python shows it."""
    lines = ["import tinyvae as tv"]
    if settings.__name__ == "Pictures":
        lines += [
            "import numpy as np",
            "images = np.random.default_rng(0).uniform(size=(50, 16, 16))",
            'world = tv.Pictures(images, {"brightness": images.mean((1, 2))})',
        ]
    else:
        lines += [f"world = tv.{settings.__name__}()"]
    lines += [
        "population = world.population()",
        "[factor.name for factor in population.factors]",
        "table, rows = population.table(10_000)  # all pictures, or a sample",
        "len(table), table.complete, table.independent",
        "population.images(rows[:5]).shape",
    ]
    return ["```pycon", *transcript(lines), "", "```"]


def _world_commands(kind: str) -> list[str]:
    if kind == "pictures":
        return [
            "    tinyvae train --images photos --labels labels.csv --key file",
            "",
            "[The rules](../own_pictures.md) say what is read, and how it decides.",
        ]
    return [
        f"    tinyvae data --world {kind} --out {kind}.png  # a sheet of pictures",
        f"    tinyvae train --world {kind}",
    ]


def transcript(lines: list[str]) -> list[str]:
    """The lines at Python's prompt, each with what Python answers."""
    names: dict[str, object] = {}
    shown = []
    for line in lines:
        shown.append(f">>> {line}")
        try:
            code = compile(line, "<example>", "eval")
        except SyntaxError:
            exec(line, names)
        else:
            shown.append(repr(eval(code, names)))
    return shown


def all_pages() -> dict[Path, str]:
    """Every page by its place, below the folder of the documents."""
    pages = {Path(f"{name}.md"): index(name) for name in REGISTRIES}
    for kind in OBJECTIVES:
        pages[Path("objectives", f"{kind}.md")] = objective_page(kind)
    for kind in WORLDS:
        pages[Path("worlds", f"{kind}.md")] = world_page(kind)
    return pages


def main() -> None:
    """Write all pages, and remove those of what is no longer registered."""
    pages = all_pages()
    for folder in ("objectives", "worlds"):
        (FOLDER / folder).mkdir(exist_ok=True)
        for path in (FOLDER / folder).glob("*.md"):
            if path.relative_to(FOLDER) not in pages:
                path.unlink()
    for place, text in pages.items():
        (FOLDER / place).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
