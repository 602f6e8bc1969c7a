"""Held-out ELBO of `tinyvae.sklearn.VAE` after different numbers of steps.

    python benchmarks/sklearn_steps.py --out benchmarks/results/sklearn_steps.md

Data sets that scikit-learn ships, three folds, otherwise default settings. Small tables
are overfitted by more steps: the default number of steps follows from this table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.model_selection import KFold, cross_val_score

from machine import describe_machine, markdown_table
from tinyvae.files.whole import write_whole
from tinyvae.sklearn import VAE

STEPS = None, 300, 1000, 2000
DATA = {"iris": (load_iris, 2), "wine": (load_wine, 3), "digits": (load_digits, 8)}
SEED = 10_000


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    folds = KFold(3, shuffle=True, random_state=SEED)
    rows = []
    for name, (load, latents) in DATA.items():
        X = load().data
        shape = f"{name}, {len(X)} rows of {X.shape[1]}, {latents} latents"
        means = [
            cross_val_score(
                VAE(latents, steps=steps, random_state=SEED), X, cv=folds
            ).mean()
            for steps in STEPS
        ]
        rows.append([shape, *(f"{mean:.1f}" for mean in means)])
        print(*rows[-1], flush=True)
    columns = ["data", *("default" if s is None else f"{s} steps" for s in STEPS)]
    text = (
        "# Steps of the estimator\n\n"
        "ELBO of held-out rows in nats a row, the mean of three folds, seed "
        f"{SEED}.\n\n{markdown_table(columns, rows)}\n\n{describe_machine()}\n"
    )
    if options.out is not None:
        write_whole(options.out, text.encode())


if __name__ == "__main__":
    main()
