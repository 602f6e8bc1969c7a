"""Held-out ELBO with a Gaussian likelihood at several learning rates.

    python benchmarks/gaussian_rate.py --out benchmarks/results/gaussian_rate.md

Digits and patches of photographs (docs/examples/own_pictures.py), the plain VAE and the
default recipe, one member, seed 10 000. Training in steps that are too large loses what
it had: the default rate of a Gaussian follows from this table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tinyvae as tv
from machine import markdown_table
from tinyvae.files.whole import write_whole

RATES = 0.004, 0.002, 0.001, 0.0005
EXAMPLES = Path(__file__).parent.parent / "docs" / "examples" / "own_pictures.py"
SEED = 10_000
OBJECTIVES = {"plain VAE": tv.ELBO(), "recipe": tv.AnnealedTC()}


def elbo(images: str, objective: tv.ELBO | tv.AnnealedTC, rate: float, steps: int):
    """ELBO of the held-out pictures after training, in nats."""
    training = tv.TrainingConfig(steps=steps, learning_rate=rate)
    run = tv.train(
        tv.Pictures(images), objective, training=training, seed=SEED, members=1
    )
    assert run.test is not None
    return run.test["elbo"]


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = None if options.out is None else options.out.absolute()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for sort in ("digits", "patches"):
            subprocess.run([sys.executable, EXAMPLES, sort], check=True)
        for images in ("digits.npz", "patches"):
            for name, objective in OBJECTIVES.items():
                found = [elbo(images, objective, r, options.steps) for r in RATES]
                rows.append([f"{images}, {name}", *(f"{value:.0f}" for value in found)])
                print(*rows[-1], flush=True)
    table = markdown_table(["pictures and objective", *map(str, RATES)], rows)
    text = (
        "# Learning rate with a Gaussian likelihood\n\n"
        f"Held-out ELBO in nats after {options.steps} steps, by learning rate; one "
        f"member, seed {SEED}.\n\n{table}\n"
    )
    if out is not None:
        write_whole(out, text.encode())


if __name__ == "__main__":
    main()
