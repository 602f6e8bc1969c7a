"""The main question: is each latent one factor, for every seed?

Trains every arm on the same seeds, with the same network, optimiser, steps and number
of members, and logs every run. Only the supervised ceiling sees factors in training or
selection. The recipe's constants were chosen by looking at the factors of this world,
on seeds of 10 000 and above.

    python benchmarks/question.py                     # seeds 0 to 19
    python benchmarks/question.py --table             # only print the table again
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import tinyvae as tv
from machine import describe_machine
from study import (
    RESULTS,
    Row,
    answer_row,
    of_arm,
    run_all,
    run_row,
    seeds_on_target,
    span,
)
from tinyvae.answer import build_answer
from tinyvae.evaluation.encode import encode_rows
from tinyvae.representation import Representation
from tinyvae.runs.opened import open_world, vae_of

LOG = RESULTS / "question.jsonl"
DEFAULT = tv.RunConfig()
ALIGNED = 0.95  # least share of an aligned member at the selection


def config(objective, seed: int) -> tv.RunConfig:
    """The default run with another objective and seed."""
    return replace(DEFAULT, objective=objective, seed=seed)


def supervised(seed: int) -> Row:
    """Scores of the same encoder trained on the factors themselves (the ceiling)."""
    config, population = open_world(DEFAULT)
    training = config.training
    table, rows = population.table(10_000)
    target = (table.values - table.values.mean(0)) / table.values.std(0)
    rows, target = jnp.asarray(rows), jnp.asarray(target, jnp.float32)
    key = jax.random.key(seed)
    vae: Any = vae_of(config, key=key)
    optimizer = config.objective.needs.optimizer(training.schedule())

    @jax.jit
    def train(vae):
        def step(i, carry):
            vae, state = carry
            index = jax.random.randint(
                jax.random.fold_in(key, i), (training.batch_size,), 0, len(rows)
            )
            images = population.images(rows[index])

            def loss(vae):
                codes = jax.vmap(vae.encode)(images).mean
                return jnp.mean((codes - target[index]) ** 2)

            updates, state = optimizer.update(jax.grad(loss)(vae), state)
            return optax.apply_updates(vae, updates), state

        carry = (vae, optimizer.init(vae))
        return jax.lax.fori_loop(0, training.steps, step, carry)[0]

    codes = encode_rows(train(vae), population, rows).mean
    active = np.ones(codes.shape[1], bool)
    return answer_row(build_answer(Representation(codes, table, active)))


ARMS = {
    "default recipe": lambda seed: run_row(config(tv.AnnealedTC(), seed)),
    "supervised ceiling": supervised,
    "plain VAE": lambda seed: run_row(config(tv.ELBO(), seed)),
    "beta-VAE, beta 4": lambda seed: run_row(config(tv.BetaVAE(4.0), seed)),
}


def table(rows: list[Row]) -> str:
    """The table of the study, in markdown."""
    lines = [
        "| arm | seeds with share >= 0.99 and readout >= 0.97 for radius, x and y "
        "(95 % interval) | worst share of a seed: median (min to max) "
        "| worst readout of a seed | ELBO, nats | intersection over union |",
        "|---|---|---|---|---|---|",
    ]
    for arm in ARMS:
        found = of_arm(rows, arm)
        if not found:
            continue
        lines.append(line(arm, found, "share", "readout"))
        if arm == "plain VAE":
            lines.append(line("plain VAE + ICA", found, "ica_share", "ica_readout"))
    return "\n".join(lines)


def selection_line(rows: list[Row]) -> str:
    """How often the selection, which sees no factor, chooses an aligned member."""
    runs = [row["members"] for row in rows if row.get("members")]
    aligned = [[m["worst_share"] >= ALIGNED for m in members] for members in runs]
    total, good = sum(map(len, aligned)), sum(map(sum, aligned))
    right = sum(
        any(m["chosen"] and m["worst_share"] >= ALIGNED for m in members)
        for members in runs
    )
    return (
        f"Selection of the default recipe: at its step, {good} of {total} members had "
        f"every share at {ALIGNED} or above, and the member of lowest loss was one of "
        f"them in {right} of {len(runs)} runs."
    )


def line(name: str, rows: list[Row], share: str, readout: str) -> str:
    """One arm of the table."""
    fit = ["-", "-"]
    if "elbo" in rows[0]:
        fit = [
            span((row["elbo"] for row in rows), 2),
            span(row["intersection_over_union"] for row in rows),
        ]
    cells = [
        name,
        seeds_on_target(rows, share, readout),
        span(min(row[share]) for row in rows),
        span(min(row[readout]) for row in rows),
        *fit,
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run what is missing in the log; print the table, and write it next to it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 20))
    parser.add_argument("--table", action="store_true", help="only print the table")
    arguments = parser.parse_args()
    rows = run_all(LOG, {} if arguments.table else ARMS, range(*arguments.seeds))
    text = f"{table(rows)}\n\n{selection_line(of_arm(rows, 'default recipe'))}"
    print(text)
    LOG.with_suffix(".md").write_text(f"{text}\n\n{describe_machine()}\n")


if __name__ == "__main__":
    main()
