"""Does the answer of the recipe stay under the plain ELBO?

Each run of the recipe whose weights a sweep has kept trains for the same number of
steps again, now under the plain ELBO and from the highest learning rate.

    python benchmarks/stability.py sweeps/circles --runs 10 --out stability.md
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import equinox as eqx
import jax

import tinyvae as tv
from answers import least, on_target, span
from machine import describe_machine, markdown_table, publish
from tinyvae.runs.members import prepare
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import open_world
from tinyvae.training.state import member_vae


def continued(run: tv.Run) -> tv.Answer:
    """The answer after as many steps of the plain ELBO."""
    config = replace(run.config, objective=tv.ELBO(), members=1)
    opened = open_world(config)
    group = prepare(opened)
    expanded = jax.tree.map(lambda leaf: leaf[None], run.vae)
    start = eqx.tree_at(lambda state: state.model.vae, group.start, expanded)
    state = group.advance(group.keys, start, config.training.steps)
    return answer_of(member_vae(state, 0), opened)


def row(name: str, answers: list[tv.Answer]) -> list[str]:
    """A row of the table."""
    shares, readouts = zip(*(least(a.matches) for a in answers), strict=True)
    elbo = span((a.fit.elbo if a.fit else None for a in answers), 2)
    return [name, on_target(shares, readouts), span(shares), span(readouts), elbo]


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Stability under the plain ELBO.")
    parser.add_argument("sweep", type=Path, help="folder of a sweep with weights")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    table = tv.load_sweep(chosen.sweep)
    places = [
        place
        for place, each in enumerate(table)
        if each["objective"] == "coarse-to-fine" and each["kept"] is not None
    ][: chosen.runs]
    runs = [table.run(place) for place in places]
    header = (
        "",
        "seeds on target (95 % interval)",
        "worst share of a seed: median (min to max)",
        "worst readout",
        "ELBO, nats",
    )
    rows = [
        row("recipe", [run.answer for run in runs]),
        row("then the plain ELBO", [continued(run) for run in runs]),
    ]
    publish(f"{markdown_table(header, rows)}\n\n{describe_machine()}", chosen.out)


if __name__ == "__main__":
    main()
