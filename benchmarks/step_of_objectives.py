"""What a step takes under each objective, beside a plain VAE.

    python benchmarks/step_of_objectives.py --out step_of_objectives.md

One VAE, the default network (1024-256-128-3, SiLU) and batch (256 pictures of 32x32,
drawn at each step). Turns alternate within a round, and ratios are taken within a
round. Schedules are at their beginning, where the recipe blurs its pictures.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import jax

from machine import CoreWatch, describe_machine, markdown_table, publish
from rounds import median_ratio, rates_in_rounds
from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.objectives import OBJECTIVES
from tinyvae.objectives.by_settings import head_for, labelled_for
from tinyvae.objectives.naming import seen_of
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles
from turns import Turn

STEPS, BATCH, RATE, LATENTS = 10**6, 256, 1e-3, 3
PLAIN = "vae"
PACKAGES = ("tinyvae", "jax", "jaxlib")


def step_turn(kind: str, **settings: Any) -> Turn:
    """One VAE under an objective with its default settings; work in pictures."""
    objective = OBJECTIVES[kind](**settings)
    population = labelled_for(objective, Circles().population())
    config = TrainingConfig(STEPS, BATCH, RATE)
    head = head_for(objective, LATENTS)
    build = partial(FullyConnected().build, (32, 32, 1), head, Bernoulli())
    keys = Member(0).key()[None]
    state = initial_state(keys, lambda k: build(key=k), objective, population, config)

    def train(steps: int) -> None:
        nonlocal state
        after = advance(objective, population, keys, state, steps, config=config)
        state = jax.block_until_ready(after)

    given = "".join(f", {name} {value}" for name, value in settings.items())
    return Turn(f"{kind}{seen_of(OBJECTIVES[kind])}{given}", train, BATCH)


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="What a step of each objective takes.")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.3, help="of a turn")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    turns = [step_turn(PLAIN)]
    turns += [step_turn(kind) for kind in OBJECTIVES if kind != PLAIN]
    turns += [step_turn("beta-tcvae", num_pictures=1536)]
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
