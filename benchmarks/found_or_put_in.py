"""Is it found, or put in? The frozen recipe on worlds that did not set its constants.

Other worlds (another size, dependent factors, cut circles, centres on a diamond, in a
disc, Gaussian), ten seeds each, without any tuning, against a plain VAE (one member)
with ICA on its codes. Also stability: a trained recipe trains for the same number of
steps under the plain ELBO; does its answer change?

    python benchmarks/found_or_put_in.py              # seeds 0 to 9
    python benchmarks/found_or_put_in.py --table      # only print the tables again
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import equinox as eqx
import jax

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
from tinyvae.runs.members import prepare
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import open_world
from tinyvae.training.state import member_vae

LOG = RESULTS / "found_or_put_in.jsonl"
WORLDS = {
    "size 48, radius 4 to 12": tv.Circles(48, (4, 12)),
    "inside": tv.Circles(layout="inside"),
    "clipped": tv.Circles(layout="clipped"),
    "diamond": tv.Circles(layout="diamond"),
    "disc": tv.Circles(layout="disc"),
    "gaussian": tv.Circles(layout="gaussian"),
}


def stability(seed: int) -> Row:
    """Answer of the recipe before and after equally long training on the plain ELBO."""
    recipe = tv.RunConfig(seed=seed)
    run = tv.run_experiment(recipe)
    opened = open_world(replace(recipe, objective=tv.ELBO(), members=1))
    group = prepare(opened)
    start = eqx.tree_at(lambda s: s.model.vae, group.start, expanded(run.vae))
    state = group.advance(group.keys, start, recipe.training.steps)
    after = answer_of(member_vae(state, 0), opened)
    before = {f"before_{key}": value for key, value in answer_row(run.answer).items()}
    return answer_row(after) | before


def expanded(vae: tv.VAE) -> tv.VAE:
    """A VAE as a group of one member."""
    return jax.tree.map(lambda leaf: leaf[None], vae)


def arms() -> dict:
    """Every world under the recipe; stability; every world under a plain VAE."""
    recipe = {f"{name} / recipe": _run(name, tv.AnnealedTC(), 4) for name in WORLDS}
    # one member: choosing among four by their loss made no difference (question.md)
    plain = {f"{name} / VAE": _run(name, tv.ELBO(), 1) for name in WORLDS}
    return recipe | {"stability": stability} | plain


def _run(name: str, objective, members: int):
    world = WORLDS[name]
    return lambda seed: run_row(
        tv.RunConfig(world, objective, seed=seed, members=members)
    )


def world_table(rows: list[Row]) -> str:
    """One row per world and arm: by radius, x, y and by the independent coordinates."""
    lines = [
        "| world | arm | seeds on target (95 % interval) | worst share of a seed: "
        "median (min to max) | worst readout | in independent coordinates: worst share "
        "| ELBO, nats |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in WORLDS:
        for label, share, readout in (
            ("recipe", "share", "readout"),
            ("VAE", "share", "readout"),
            ("VAE", "ica_share", "ica_readout"),
        ):
            found = of_arm(rows, f"{name} / {label}")
            if not found:
                continue
            arm = "plain VAE + ICA" if share == "ica_share" else label
            coordinates = "-"
            if share == "share" and "coordinates_share" in found[0]:
                coordinates = span(min(row["coordinates_share"]) for row in found)
            cells = [
                name,
                arm.replace("VAE", "plain VAE") if arm == "VAE" else arm,
                seeds_on_target(found, share, readout),
                span(min(row[share]) for row in found),
                span(min(row[readout]) for row in found),
                coordinates,
                span((row["elbo"] for row in found), 2),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def stability_table(rows: list[Row]) -> str:
    """The recipe's answer before and after equally long training on the plain ELBO."""
    found = of_arm(rows, "stability")
    if not found:
        return ""
    lines = [
        "| | seeds on target (95 % interval) | worst share of a seed: median "
        "(min to max) | worst readout | ELBO, nats |",
        "|---|---|---|---|---|",
    ]
    for name, prefix in (("recipe", "before_"), ("then the plain ELBO", "")):
        share, readout = f"{prefix}share", f"{prefix}readout"
        cells = [
            name,
            seeds_on_target(found, share, readout),
            span(min(row[share]) for row in found),
            span(min(row[readout]) for row in found),
            span((row[f"{prefix}elbo"] for row in found), 2),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing in the log; print the tables, and write them next to it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 10))
    parser.add_argument("--table", action="store_true", help="only print the tables")
    arguments = parser.parse_args()
    rows = run_all(LOG, {} if arguments.table else arms(), range(*arguments.seeds))
    text = f"{world_table(rows)}\n\n{stability_table(rows)}"
    print(text)
    LOG.with_suffix(".md").write_text(f"{text}\n\n{describe_machine()}\n")


if __name__ == "__main__":
    main()
