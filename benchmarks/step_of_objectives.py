"""What a step takes under each objective, beside a plain VAE.

    python benchmarks/step_of_objectives.py --out step_of_objectives.md

One VAE, the default network (1024-256-128-3, SiLU) and batch (256 pictures of 32x32,
drawn at each step). Turns alternate within a round, and ratios are taken within a
round. Schedules are at their beginning, where the recipe blurs its pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import Any

from machine import CoreWatch, describe_machine, markdown_table, publish
from rounds import median_ratio, rates_in_rounds
from step_of_recipe import BATCH, step_turn
from tinyvae.objectives import OBJECTIVES
from tinyvae.objectives.naming import seen_of
from turns import Turn

PLAIN = "vae"
PACKAGES = ("tinyvae", "jax", "jaxlib")


def turn_of(kind: str, **settings: Any) -> Turn:
    """One VAE under an objective, with default settings but for those given."""
    given = "".join(f", {name} {value}" for name, value in settings.items())
    name = f"{kind}{seen_of(OBJECTIVES[kind])}{given}"
    return step_turn(name, OBJECTIVES[kind](**settings), rate=1e-3)


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="What a step of each objective takes.")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.3, help="of a turn")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    turns = [turn_of(PLAIN)]
    turns += [turn_of(kind) for kind in OBJECTIVES if kind != PLAIN]
    turns += [turn_of("beta-tcvae", num_pictures=1536)]
    watch = CoreWatch()
    rates = rates_in_rounds(turns, chosen.rounds, chosen.seconds)
    rows = [
        [
            name,
            f"{1000 * BATCH / median(found):.2f}",
            f"{1 / median_ratio(found, rates[PLAIN]):.2f}",
        ]
        for name, found in rates.items()
    ]
    header = ("one VAE's step of 256 pictures", "ms", "to a plain VAE")
    text = (
        f"{markdown_table(header, rows)}\n\n{watch.sentence()}\n\n"
        f"{describe_machine(PACKAGES)}"
    )
    publish(text, chosen.out)


if __name__ == "__main__":
    main()
