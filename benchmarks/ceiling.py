"""The ceiling: the same encoder, trained on the factors themselves.

Nothing without labels can do better with this network, optimiser and number of steps.

    python benchmarks/ceiling.py --seeds 20 --out benchmarks/results/ceiling.md
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import tinyvae as tv
from answers import least, on_target, span
from machine import describe_machine, markdown_table, publish
from tinyvae.answer import build_answer
from tinyvae.evaluation.encode import encode_rows
from tinyvae.objectives.by_settings import optimizer_for
from tinyvae.representation import Representation
from tinyvae.runs.opened import open_world, vae_of


def supervised(seed: int) -> tv.Answer:
    """The answer of an encoder that was trained on standardised factors."""
    config, population = open_world(tv.RunConfig())
    training = config.training
    table, rows = population.table(10_000)
    target = (table.values - table.values.mean(0)) / table.values.std(0)
    rows, target = jnp.asarray(rows), jnp.asarray(target, jnp.float32)
    key = jax.random.key(seed)
    vae: Any = vae_of(config, key=key)
    optimizer = optimizer_for(config.objective, training.schedule())

    @jax.jit
    def train(vae):
        def step(i, carry):
            vae, state = carry
            index = jax.random.randint(
                jax.random.fold_in(key, i), (training.batch_size,), 0, len(rows)
            )
            images = population.images(rows[index])

            def loss(vae):
                codes = jax.vmap(vae.encode)(images).code
                return jnp.mean((codes - target[index]) ** 2)

            updates, state = optimizer.update(jax.grad(loss)(vae), state)
            return optax.apply_updates(vae, updates), state

        carry = (vae, optimizer.init(vae))
        return jax.lax.fori_loop(0, training.steps, step, carry)[0]

    codes = encode_rows(train(vae), population, rows).mean
    active = np.ones(codes.shape[1], bool)
    return build_answer(Representation(codes, table, active))


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="The supervised ceiling.")
    parser.add_argument("--seeds", type=int, default=20, help="seeds from 0 on")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    answers = [supervised(seed) for seed in range(chosen.seeds)]
    shares, readouts = zip(*(least(a.matches) for a in answers), strict=True)
    header = (
        "",
        "seeds on target (95 % interval)",
        "worst share of a seed: median (min to max)",
        "worst readout",
    )
    line = ["supervised ceiling", on_target(shares, readouts), span(shares)]
    text = markdown_table(header, [[*line, span(readouts)]])
    publish(f"{text}\n\n{describe_machine()}", chosen.out)


if __name__ == "__main__":
    main()
