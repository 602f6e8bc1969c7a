"""Pictures trained per second: tinyvae, PyTorch and pythae, in one run.

All implementations train the same VAE (1024-512-256-3, the decoder mirrored, ReLU), on
the same loss (cross entropy summed over pixels, plus KL), with Adam, on 32x32 circles.
Turns of a few seconds alternate: in each round every implementation has one turn.
Ratios are taken within a round, so that a slow period of the machine affects all.

    python benchmarks/throughput.py --rounds 5 --seconds 1.5 --out throughput.md
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from pythae_turns import PYTHAE, pythae_step_turn, pythae_trainer_turn
from pytorch_turns import REFERENCE, peak_turns, torch_turns
from rounds import median_ratio, rates_in_rounds
from tinyvae.worlds import Circles
from turns import floating_operations, tinyvae_turns

PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "torch", "pythae")
BATCH_SIZES = (128, 512)


def rows_of(
    batch_size: int, rates: dict[str, list[float]], peak: Sequence[float]
) -> list[list[str]]:
    """Rows of the table for one batch size; `peak` in GFLOP/s, one per round."""
    gigaflop = floating_operations(32 * 32) / 1e9
    rows = []
    for name, values in rates.items():
        share = median_ratio([value * gigaflop for value in values], peak)
        rows.append(
            [
                name,
                str(batch_size),
                thousands(median(values)),
                f"{median_ratio(values, rates[REFERENCE]):.2f}",
                f"{median_ratio(values, rates[PYTHAE]):.2f}",
                f"{100 * share:.0f} %",
            ]
        )
    return rows


def measure(batch_size: int, rounds: int, seconds: float) -> tuple[list, str]:
    """Rows of one batch size, and a sentence on the peak measured with them."""
    world = Circles()
    pictures = np.asarray(world.draw(world.table.values), np.float32)
    without_channel = pictures[..., 0]
    of_torch = torch.from_numpy(without_channel)[:, None]
    with tempfile.TemporaryDirectory() as output_folder:
        peaks = peak_turns()
        turns = [
            *peaks,
            *tinyvae_turns(world, pictures, batch_size),
            *torch_turns(without_channel, batch_size),
            pythae_step_turn(of_torch, batch_size),
            pythae_trainer_turn(of_torch, batch_size, output_folder),
        ]
        rates = rates_in_rounds(turns, rounds, seconds)
    peak_rates = [rates.pop(turn.name) for turn in peaks]
    peak = [max(pair) for pair in zip(*peak_rates, strict=True)]
    xla, pytorch = (median(values) for values in peak_rates)
    sentence = (
        f"Peak f32 product at batch {batch_size}: XLA {xla:.0f}, "
        f"PyTorch {pytorch:.0f} GFLOP/s; "
        f"best of both in each round, median {median(peak):.0f}."
    )
    return rows_of(batch_size, rates, peak), sentence


def report(rounds: int, seconds: float, batch_sizes: Sequence[int]) -> str:
    """The whole table, in Markdown."""
    rows, sentences, watch = [], [], CoreWatch()
    for batch_size in batch_sizes:
        some, sentence = measure(batch_size, rounds, seconds)
        rows.extend(some)
        sentences.append(sentence)
    header = (
        "implementation",
        "batch",
        "pictures/s",
        "to PyTorch eager f32",
        "to pythae's model",
        "of f32 peak",
    )
    megaflop = floating_operations(32 * 32) / 1e6
    return "\n\n".join(
        [
            "# Pictures trained per second",
            "VAE 1024-512-256-3, ReLU, decoder mirrored, Adam; "
            f"{rounds} rounds of {seconds:g} s per turn, medians. Ratios are taken "
            "within a round and at the same batch size.",
            markdown_table(header, rows),
            " ".join(sentences) + f" A picture's step is {megaflop:.2f} MFLOP of "
            "matrix products (forward and backward, no input gradient in the first "
            "layer); nothing else is counted. bf16 can exceed the f32 peak.",
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Pictures trained per second.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a turn")
    parser.add_argument("--batch-size", type=int, nargs="+", default=BATCH_SIZES)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    publish(
        report(arguments.rounds, arguments.seconds, arguments.batch_size),
        arguments.out,
    )


if __name__ == "__main__":
    main()
