"""Pictures trained per second by the convolutional recipe, in one run.

All implementations train the same VAE on 64x64 pictures: convolutions 32-32-64-64 of
kernel 4 and stride 2, 256, 10 latents, the decoder mirrored, ReLU; cross entropy summed
over pixels, plus KL; Adam. Turns alternate, and ratios are taken within a round.

    python benchmarks/convolutional.py --rounds 3 --seconds 2 --out convolutional.md
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from convolutional_turns import (
    FORMS,
    PYTHAE,
    REFERENCE,
    pythae_turn,
    tinyvae_turn,
    torch_turn,
)
from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from rounds import median_ratio, rates_in_rounds

PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "torch", "pythae")
BATCH_SIZES = (64, 256)


def draw_discs(number: int) -> np.ndarray:
    """Pictures of white discs, (sample, 64, 64, 1), 0 or 1."""
    rng = np.random.default_rng(0)
    radius, x, y = rng.uniform((6, 20, 20), (16, 44, 44), (number, 3)).T[:, :, None]
    rows = (np.arange(64) - y)[:, :, None] ** 2
    columns = (np.arange(64) - x)[:, None, :] ** 2
    return (rows + columns < radius[..., None] ** 2)[..., None].astype(np.float32)


def rows_of(
    batch_size: int, rounds: int, seconds: float, forms: Sequence[str]
) -> list[list[str]]:
    """Rows of the table for one batch size."""
    pictures = draw_discs(2000)
    turns = [
        *(tinyvae_turn(form, pictures, batch_size) for form in forms),
        torch_turn(REFERENCE, pictures, batch_size),
        torch_turn("PyTorch compiled", pictures, batch_size, compiled=True),
        pythae_turn(pictures, batch_size),
    ]
    rates = rates_in_rounds(turns, rounds, seconds)
    references = (REFERENCE, PYTHAE)
    return [
        [
            name,
            str(batch_size),
            thousands(median(values)),
            *(f"{median_ratio(values, rates[other]):.2f}" for other in references),
        ]
        for name, values in rates.items()
    ]


def report(arguments: argparse.Namespace) -> str:
    """The whole table, in Markdown."""
    watch, rows = CoreWatch(), []
    for size in arguments.batch_size:
        rows += rows_of(size, arguments.rounds, arguments.seconds, arguments.forms)
    header = ("implementation", "batch", "pictures/s", "to PyTorch eager", "to pythae")
    return "\n\n".join(
        [
            "# Pictures trained per second, convolutional network",
            "64x64x1; convolutions 32-32-64-64 (kernel 4, stride 2), 256, 10 latents, "
            f"decoder mirrored, ReLU, Adam, f32; {arguments.rounds} rounds of about "
            f"{arguments.seconds:g} s per turn, medians. Ratios are taken within a "
            "round and at the same batch size. pythae: its model and loss in the same "
            "loop as PyTorch.",
            markdown_table(header, rows),
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Convolutional pictures per second.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="length of a turn")
    parser.add_argument("--batch-size", type=int, nargs="+", default=BATCH_SIZES)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    publish(report(arguments), arguments.out)


if __name__ == "__main__":
    main()
