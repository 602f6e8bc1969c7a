"""Many VAEs of annealed-tc: an hour's worth, in groups, one by one, and in PyTorch.

Every implementation trains `annealed-tc` (total correlation, 1024-256-128-3,
SiLU, Adam, batch 256, 32x32 circles). Turns alternate within a round, and ratios are
taken within a round. `--groups` measures tinyvae alone, for groups of more and more
VAEs of several networks, and draws a plot.

    python benchmarks/many_members.py --out benchmarks/results/many_members.md
    python benchmarks/many_members.py --groups --out benchmarks/results/group_size.md
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

import jax
import jax.numpy as jnp

from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from rounds import median_ratio, rates_in_rounds
from side_by_side import side_by_side_turn
from tinyvae.machine import cores
from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import AnnealedTC
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles
from turns import Turn, floating_operations

STEPS, BATCH, LEARNING_RATE = 2000, 256, 4e-3
# pictures of a run of annealed-tc: four VAEs to the middle, then one
PICTURES_OF_RUN = (4 + 1) * STEPS // 2 * BATCH
NETWORKS = {  # size of the pictures, hidden layers, batch
    "1024-256-128-3, batch 256": (32, (256, 128), 256),
    "256-64-32-3, batch 64": (16, (64, 32), 64),
    "64-16-8-3, batch 32": (8, (16, 8), 32),
}
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
MOST_PICTURES = 64 * 256  # of a step of a group that is measured
ONE = "tinyvae, one VAE after another"
PICTURE_GIGAFLOP = floating_operations(32 * 32, (256, 128)) / 1e9  # of a step
PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "torch")


def group_turn(
    name: str,
    members: int,
    *,
    size: int = 32,
    hidden: tuple[int, ...] = (256, 128),
    batch: int = BATCH,
) -> Turn:
    """So many VAEs of annealed-tc in one group; work in pictures of all of them."""
    population = Circles(size).population()
    config = TrainingConfig(steps=10**6, batch_size=batch, learning_rate=LEARNING_RATE)
    objective = jax.tree.map(jnp.float32, AnnealedTC())
    build = partial(
        FullyConnected(hidden).build, (size, size, 1), GaussianHead(3), Bernoulli()
    )
    keys = jnp.stack([Member(seed=seed).key() for seed in range(members)])
    state = initial_state(
        keys, lambda key: build(key=key), objective, population, config
    )

    def train(steps: int) -> None:
        nonlocal state
        after = advance(objective, population, keys, state, steps, config=config)
        state = jax.block_until_ready(after)

    return Turn(name, train, members * batch)


def introduction(rounds: int, seconds: float) -> str:
    """What is measured, and how."""
    return (
        f"1024-256-128-3, SiLU, batch {BATCH}; {rounds} rounds of {seconds:g} s "
        "per turn, medians; ratios are taken within a round. A run of annealed-tc "
        "trains four VAEs to its middle, then one. Training only."
    )


def of_peak(rates: Sequence[float], peaks: Sequence[float]) -> float:
    """Share of the peak product, in percent; pictures per second, and GFLOP/s."""
    return 100 * PICTURE_GIGAFLOP * median_ratio(rates, peaks)


def compared(rounds: int, seconds: float) -> str:
    """annealed-tc in groups, one by one, and in PyTorch."""
    from pytorch_members import recipe_turns, vmapped_turns
    from pytorch_turns import peak_turns

    watch, peaks = CoreWatch(), peak_turns()
    name = f"tinyvae, {cores()} processes of one thread, as a sweep"
    with side_by_side_turn(name, cores(), BATCH) as side_by_side:
        turns = [
            *peaks,
            group_turn(ONE, 1),
            *(group_turn(f"tinyvae, {n} VAEs together", n) for n in (4, 16)),
            side_by_side,
            *recipe_turns(BATCH),
            *vmapped_turns(BATCH, (4, 16)),
        ]
        rates = rates_in_rounds(turns, rounds, seconds)
    of_peaks = [rates.pop(turn.name) for turn in peaks]
    peak = [max(pair) for pair in zip(*of_peaks, strict=True)]
    rows = [
        [
            name,
            thousands(3600 * median(values) / (STEPS * BATCH)),
            thousands(3600 * median(values) / PICTURES_OF_RUN),
            f"{median_ratio(values, rates[ONE]):.2f}",
            f"{of_peak(values, peak):.0f} %",
        ]
        for name, values in rates.items()
    ]
    header = (
        "implementation",
        "VAEs of 2000 steps an hour",
        "runs of annealed-tc an hour",
        "to one after another",
        "of f32 peak",
    )
    return "\n\n".join(
        [
            "# Many VAEs of annealed-tc",
            introduction(rounds, seconds),
            markdown_table(header, rows),
            f"Peak f32 product: median {median(peak):.0f} GFLOP/s, the best of XLA and "
            "PyTorch in each round. A picture's step is "
            f"{1e3 * PICTURE_GIGAFLOP:.2f} MFLOP of matrix products; the total "
            "correlation and all else are not counted.",
            "On a GPU: gpu.md.",
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def groups(rounds: int, seconds: float, plot: Path | None) -> str:
    """Speed against the number of VAEs that train together."""
    watch, rows = CoreWatch(), []
    lines: dict[str, list[tuple[int, float]]] = {}
    for name, (size, hidden, batch) in NETWORKS.items():
        sizes = [n for n in SIZES if n * batch <= MOST_PICTURES]
        turns = [
            group_turn(str(n), n, size=size, hidden=hidden, batch=batch) for n in sizes
        ]
        rates = rates_in_rounds(turns, rounds, seconds)
        lines[name] = [
            (n, median_ratio(rates[str(n)], rates[str(sizes[0])])) for n in sizes
        ]
        rows += [
            [name, str(n), thousands(median(rates[str(n)]) / batch), f"{ratio:.2f}"]
            for n, ratio in lines[name]
        ]
    if plot is not None:
        draw(lines, plot)
    header = ("network", "VAEs together", "steps of a VAE per second", "to one VAE")
    return "\n\n".join(
        [
            "# Speed against the size of a group",
            f"annealed-tc; {rounds} rounds of {seconds:g} s per turn, medians; ratios "
            "are taken within a round.",
            markdown_table(header, rows),
            watch.sentence(),
            describe_machine(),
        ]
    )


def draw(lines: dict[str, list[tuple[int, float]]], path: Path) -> None:
    """The plot of the ratios."""
    from matplotlib.figure import Figure

    figure = Figure((6, 3.6), layout="constrained")
    axes = figure.subplots()
    for (name, points), marker in zip(lines.items(), "os^", strict=True):
        axes.plot(*zip(*points, strict=True), marker=marker, label=name)
    axes.set_xscale("log", base=2)
    ticks = [n for n in SIZES if n <= max(p[0] for ps in lines.values() for p in ps)]
    axes.set_xticks(ticks, [str(n) for n in ticks])
    axes.set_ylim(bottom=0)
    axes.axhline(1, color="0.7", linewidth=1, zorder=0)
    axes.set_xlabel("VAEs that train together")
    axes.set_ylabel("speed, relative to one VAE")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Many VAEs of annealed-tc.")
    parser.add_argument("--groups", action="store_true", help="sizes of groups")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a turn")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    if chosen.groups:
        plot = None if chosen.out is None else chosen.out.with_suffix(".png")
        publish(groups(chosen.rounds, chosen.seconds, plot), chosen.out)
    else:
        publish(compared(chosen.rounds, chosen.seconds), chosen.out)


if __name__ == "__main__":
    main()
