"""Draws every figure of the gallery, and writes docs/gallery.md.

    make gallery

The line of code under a figure in the gallery is what draws it here. `run` and `plain`
are the runs of `make gallery`, under runs/.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from tinyvae.worlds import WORLDS

FOLDER = Path(__file__).parent
FIGURES = FOLDER / "figures" / "gallery"
DPI = 72
BEFORE = """\
import tinyvae as tv
from tinyvae.plots import data_sheet, draw_figures, score_matrices

run = tv.load_run("runs/demo")  # tinyvae train --out runs/demo
plain = tv.load_run("runs/plain")  # the same with --objective vae --members 1
figures, plain_figures = draw_figures(run), draw_figures(plain)
"""


class Entry(NamedTuple):
    """A figure: its file, the line that draws it, and what it shows."""

    name: str
    code: str
    text: str


def of_worlds() -> list[Entry]:
    """A sheet of pictures of every world that needs no files."""
    return [
        Entry(
            f"world_{kind}",
            f"data_sheet(tv.{settings.__name__}())",
            f"The world `{kind}`: random pictures, a line for each value of the first "
            "factor.",
        )
        for kind, settings in WORLDS.items()
        if kind != "pictures"
    ]


ENTRIES = {
    "The answer": [
        Entry(
            "traversals",
            'figures["traversals"]',
            "The recipe: a walk along each latent, with its answer as the title.",
        ),
        Entry(
            "plain_traversals",
            'plain_figures["traversals"]',
            "A plain VAE: each latent is a mixture.",
        ),
        Entry(
            "answer",
            'figures["answer"]',
            "Share of each latent, and how far the decoded picture moves.",
        ),
        Entry("plain_answer", 'plain_figures["answer"]', "The same for the plain VAE."),
        Entry(
            "latent_against_factor",
            'figures["latent_against_factor"]',
            "Every latent against every factor, all pictures.",
        ),
        Entry(
            "score_matrices",
            "score_matrices(run.answer, tuple(tv.score(run).values()))",
            "The matrices behind the scores; framed: the latent of each factor.",
        ),
    ],
    "The latent space": [
        Entry("latent_cloud", 'figures["latent_cloud"]', "The codes of all pictures."),
        Entry(
            "plain_latent_cloud",
            'plain_figures["latent_cloud"]',
            "The codes of the plain VAE: the same cloud, turned.",
        ),
        Entry(
            "latent_space",
            'figures["latent_space"]',
            "From a posterior to a code: mean, spread and draw.",
        ),
        Entry(
            "movement", 'figures["movement"]', "What moves in the picture, and where."
        ),
        Entry("encoder", 'figures["encoder"]', "The encoder, layer by layer."),
        Entry("decoder", 'figures["decoder"]', "The decoder, layer by layer."),
    ],
    "Training": [
        Entry(
            "training",
            'figures["training"]',
            "The terms of the objective, the members, and the selection.",
        ),
        Entry(
            "reconstructions",
            'figures["reconstructions"]',
            "Pictures, reconstructions and their differences.",
        ),
    ],
    "Worlds": [
        *of_worlds(),
        Entry(
            "shapes_in_colour",
            "data_sheet(tv.Shapes(hues=12))",
            "Twelve hues of every shape.",
        ),
    ],
}


def page() -> str:
    """The page of the gallery."""
    lines = ["# Gallery", ""]
    lines += ["`make gallery` draws every figure of this page, after these lines:", ""]
    lines += ["```python", *BEFORE.splitlines(), "```", ""]
    lines += [
        "`tinyvae plot RUN` draws the figures of a run into its folder, and `tinyvae "
        "data --world KIND --out FILE` the sheet of a world.",
    ]
    for title, entries in ENTRIES.items():
        lines += ["", f"## {title}"]
        for entry in entries:
            lines += ["", f"![{entry.text}](figures/gallery/{entry.name}.png)", ""]
            lines += [f"{entry.text} `{entry.code}`"]
    return "\n".join(lines) + "\n"


def draw(names: set[str]) -> None:
    """Draw the figures of these names, or all if there are none."""
    wanted = [
        entry
        for entries in ENTRIES.values()
        for entry in entries
        if not names or entry.name in names
    ]
    FIGURES.mkdir(parents=True, exist_ok=True)
    known: dict[str, Any] = {}
    needs_runs = not all(e.code.startswith("data_sheet") for e in wanted)
    exec(BEFORE if needs_runs else BEFORE.partition("\n\n")[0], known)
    for entry in wanted:
        figure = eval(entry.code, known)
        path = FIGURES / f"{entry.name}.png"
        figure.savefig(path, dpi=DPI, metadata={"Software": None})


def main() -> None:
    """Draw the figures that are named, or all, and write the page."""
    draw(set(sys.argv[1:]))
    (FOLDER / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
