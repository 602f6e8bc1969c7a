"""What a step of the recipe takes: beside a plain VAE, in bf16, and of the f32 peak.

    python benchmarks/step_of_recipe.py --out benchmarks/results/step_of_recipe.md

The default network (1024-256-128-3, SiLU) and batch (256 pictures of 32x32, drawn at
each step). Turns alternate within a round, and ratios are taken within a round. The
peak is a product of 2048 x 2048 matrices in the same round.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import jax
import jax.numpy as jnp

from half_products import with_half_products
from machine import CoreWatch, describe_machine, markdown_table, publish
from rounds import median_ratio, rates_in_rounds
from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.objectives import ELBO, CoarseToFine
from tinyvae.objectives.by_settings import head_for, labelled_for
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles
from turns import Turn, floating_operations

STEPS = 10**6  # so many that the first phase never ends
BATCH, LATENTS, SIDE = 256, 3, 2048
GIGAFLOP = floating_operations(32 * 32, (256, 128)) / 1e9  # of a picture's step
PLAIN, PEAK = "plain VAE", "peak"
SHARP = CoarseToFine(blur=0.0)
PACKAGES = ("tinyvae", "jax", "jaxlib")


def step_turn(
    name: str, objective: Any, members: int = 1, *, rate: float, half: bool = False
) -> Turn:
    """So many VAEs at once; work in pictures of all of them.

    Each turn has a learning rate of its own, for which its loop is compiled.
    """
    population = labelled_for(objective, Circles().population())
    config, head = TrainingConfig(STEPS, BATCH, rate), head_for(objective, LATENTS)
    build = partial(FullyConnected().build, (32, 32, 1), head, Bernoulli())
    keys = jnp.stack([Member(0, number).key() for number in range(members)])
    state = initial_state(keys, lambda k: build(key=k), objective, population, config)
    plain_grad = jax.grad

    def half_grad(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        return with_half_products(plain_grad(function, **options))

    def train(steps: int) -> None:
        nonlocal state
        with patch.object(jax, "grad", half_grad if half else plain_grad):
            after = advance(objective, population, keys, state, steps, config=config)
        state = jax.block_until_ready(after)

    return Turn(name, train, members * BATCH)


def peak_turn() -> Turn:
    """Products of large f32 matrices; work in GFLOP."""
    matrix = jnp.ones((SIDE, SIDE))
    product = jax.jit(lambda a: a @ a)

    def train(steps: int) -> None:
        for _ in range(steps):
            product(matrix).block_until_ready()

    return Turn(PEAK, train, 2 * SIDE**3 / 1e9)


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="What a step of the recipe takes.")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.3, help="of a turn")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    turns = [
        peak_turn(),
        step_turn(PLAIN, ELBO(), rate=1e-3),
        step_turn("recipe, blurred pictures", CoarseToFine(), rate=1.1e-3),
        step_turn("recipe, sharp pictures", SHARP, rate=1.2e-3),
        step_turn("the same, products in bf16", SHARP, rate=1.3e-3, half=True),
        step_turn("recipe, four VAEs, blurred", CoarseToFine(), 4, rate=1.4e-3),
    ]
    watch = CoreWatch()
    rates = rates_in_rounds(turns, chosen.rounds, chosen.seconds)
    peak = rates.pop(PEAK)
    rows = [
        [
            name,
            f"{1000 * BATCH / median(found):.2f}",
            f"{1 / median_ratio(found, rates[PLAIN]):.2f}",
            f"{100 * median_ratio([rate * GIGAFLOP for rate in found], peak):.0f} %",
        ]
        for name, found in rates.items()
    ]
    header = ("one VAE's step of 256 pictures", "ms", "to a plain VAE", "of the peak")
    text = (
        f"{markdown_table(header, rows)}\n\nPeak: {median(peak):.0f} GFLOP/s. "
        f"{watch.sentence()}\n\n{describe_machine(PACKAGES)}"
    )
    publish(text, chosen.out)


if __name__ == "__main__":
    main()
