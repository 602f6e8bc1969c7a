"""Many VAEs of annealed-tc on a GPU: groups, a thousand VAEs, and PyTorch beside them.

The recipe is that of `many_members.py`. PyTorch has TF32 products, as JAX by default.
Turns alternate within a round, and ratios are taken within a round.

    python benchmarks/gpu.py --out benchmarks/results/gpu.md
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import jax
import jax.numpy as jnp
import torch  # pyright: ignore[reportMissingImports]

from machine import describe_machine, markdown_table, publish, thousands
from many_members import (
    BATCH,
    ONE,
    PACKAGES,
    PICTURE_GIGAFLOP,
    PICTURES_OF_RUN,
    STEPS,
    group_turn,
    introduction,
    of_peak,
)
from pytorch_members import finish, recipe_turns, use_gpu, vmapped_turns
from rounds import median_ratio, rates_in_rounds
from turns import Turn

GROUPS = (4, 16, 64, 256, 1000)
VMAPPED = (16, 256)
THOUSAND = 1000
SIZE = 8192  # of the products that measure the peak


def peak_turns() -> list[Turn]:
    """Large products of f32 matrices by XLA and PyTorch; work in GFLOP."""
    gigaflop = 2 * SIZE**3 / 1e9
    matrix = jax.random.normal(jax.random.key(0), (SIZE, SIZE))
    of_torch = torch.randn(SIZE, SIZE)

    def by_xla(precision: str) -> Callable[[int], None]:
        product = jax.jit(partial(jnp.matmul, precision=precision))

        def multiply(steps: int) -> None:
            jax.block_until_ready([product(matrix, matrix) for _ in range(steps)][-1])

        return multiply

    def by_pytorch(steps: int) -> None:
        for _ in range(steps):
            torch.matmul(of_torch, of_torch)
        finish()

    return [
        Turn("XLA, f32", by_xla("highest"), gigaflop),
        Turn("XLA, TF32", by_xla("default"), gigaflop),
        Turn("PyTorch, TF32", by_pytorch, gigaflop),
    ]


def thousand() -> str:
    """The time in which a thousand VAEs of the recipe are trained, in words."""
    turn = group_turn("", THOUSAND)
    started = time.perf_counter()
    turn.train(1)
    compiled = time.perf_counter()
    turn.train(STEPS)
    seconds = time.perf_counter() - compiled
    return (
        f"{THOUSAND} VAEs of {STEPS} steps, in one group: trained in {seconds:.0f} s, "
        f"and {compiled - started:.0f} s to compile."
    )


def report(rounds: int, seconds: float) -> str:
    """The whole text, in Markdown."""
    use_gpu()
    long = thousand()
    peaks = peak_turns()
    turns = [
        *peaks,
        group_turn(ONE, 1),
        *(group_turn(f"tinyvae, {n} VAEs together", n) for n in GROUPS),
        *recipe_turns(BATCH),
        *vmapped_turns(BATCH, VMAPPED),
    ]
    rates = rates_in_rounds(turns, rounds, seconds)
    of_peaks = {turn.name: rates.pop(turn.name) for turn in peaks}
    fast = [max(pair) for pair in zip(*list(of_peaks.values())[1:], strict=True)]
    rows = [
        [
            name,
            thousands(median(values)),
            thousands(3600 * median(values) / PICTURES_OF_RUN),
            f"{median_ratio(values, rates[ONE]):.2f}",
            f"{of_peak(values, fast):.1f} %",
        ]
        for name, values in rates.items()
    ]
    header = (
        "implementation",
        "pictures/s",
        "runs of annealed-tc an hour",
        "to one after another",
        "of TF32 peak",
    )
    device = jax.devices()[0]
    return "\n\n".join(
        [
            "# Many VAEs of annealed-tc on a GPU",
            introduction(rounds, seconds),
            long,
            markdown_table(header, rows),
            "Peaks of large products, in TFLOP/s, medians: "
            + ", ".join(f"{n} {median(v) / 1e3:.0f}" for n, v in of_peaks.items())
            + f". A picture's step is {1e3 * PICTURE_GIGAFLOP:.2f} MFLOP of matrix "
            "products; the total correlation, drawing and all else are not counted.",
            f"GPU: {device.device_kind}. " + describe_machine(PACKAGES),
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Many VAEs of annealed-tc on a GPU.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a turn")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    if jax.default_backend() != "gpu":
        parser.error("no GPU that JAX can use; see `tinyvae doctor`.")
    publish(report(chosen.rounds, chosen.seconds), chosen.out)


if __name__ == "__main__":
    main()
