"""Speed of the scores, against scikit-learn and against the number of rows.

Codes of 10 latents (5 hold a factor each, with noise; 5 are noise), and 5 factors of 10
values each. The published definitions are those of `tinyvae.scores.locatello2019`,
which reproduces disentanglement_lib with the same scikit-learn calls, and
scikit-learn's mutual information by nearest neighbours.

    python benchmarks/scores.py                 # prints the table, draws the plot
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.feature_selection import mutual_info_classif

import tinyvae.scores as scores
from machine import describe_machine
from tinyvae.plots import save_figure
from tinyvae.plots.style import COLOURS, new_figure
from tinyvae.scores import locatello2019
from tinyvae.scores.suite import ORDER

NUM_LATENTS, NUM_FACTORS, NUM_VALUES = 10, 5, 10
SIZES = (300, 1000, 3000, 10_000, 30_000)
FIGURE = Path(__file__).parent.parent / "docs" / "figures" / "score_seconds.png"


def example(num_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes and factors (integers)."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, NUM_VALUES, (num_rows, NUM_FACTORS))
    known = factors / NUM_VALUES + 0.05 * rng.normal(size=factors.shape)
    noise = rng.normal(size=(num_rows, NUM_LATENTS - NUM_FACTORS))
    return np.hstack([known, noise]), factors


def continuous_example(num_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes and factors, where factors take any value from 0 to 1."""
    codes, factors = example(num_rows)
    smooth = (factors + np.random.default_rng(1).uniform(size=factors.shape)) / 10
    return np.hstack([smooth, codes[:, NUM_FACTORS:]]), smooth


def seconds(function: Callable[[], object], rounds: int = 1) -> float:
    """The median time of a call."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def published(num_rows: int) -> dict[str, tuple[str, Callable[[], object]]]:
    """The published definition of each score, by the name of our function."""
    codes, factors = example(num_rows)
    half = num_rows // 2
    split = (codes[:half], factors[:half], codes[half:], factors[half:])

    def neighbours() -> None:
        for factor in factors.T:
            mutual_info_classif(codes, factor, n_neighbors=5, random_state=0)

    def infomec_information() -> None:
        for factor in factors.T:
            mutual_info_classif(codes, factor, n_neighbors=3, random_state=0)

    return {
        "mig": ("20 bins of equal width", lambda: locatello2019.mig(codes, factors)),
        "mig_nearest": ("scikit-learn's mutual_info_classif", neighbours),
        "modularity": (
            "20 bins of equal width",
            lambda: locatello2019.modularity(codes, factors),
        ),
        "sap": ("linear SVM of each latent", lambda: locatello2019.sap(*split)),
        "explicitness": (
            "logistic regression",
            lambda: locatello2019.explicitness(*split),
        ),
        "infomec": ("mutual_info_classif alone", infomec_information),
        "irs": ("99th percentile", lambda: locatello2019.irs(codes, factors)),
        "dci": ("gradient boosting", lambda: locatello2019.dci(*split)),
    }


def table(num_rows: int) -> str:
    """Seconds of each score and its published definition, and of the whole suite."""
    codes, factors = example(num_rows)
    scores.all(codes[:500], factors[:500])  # imports, once
    suite = seconds(lambda: scores.all(codes, factors), rounds=3)
    lines = [
        "| score | seconds | published definition | its seconds | ratio |",
        "|---|---|---|---|---|",
    ]
    theirs = published(num_rows)
    for name in ORDER:
        ours = seconds(lambda name=name: getattr(scores, name)(codes, factors), 3)
        cells = [name, f"{ours:.2f}", "-", "-", "-"]
        if name in theirs:
            what, function = theirs[name]
            other = seconds(function)
            cells[2:] = [what, f"{other:.2f}", f"{other / ours:.1f}x"]
        print(" ".join(cells), flush=True)
        lines.append(f"| {' | '.join(cells)} |")
    lines.append(f"| **the whole suite** | **{suite:.2f}** | | | |")
    smooth = seconds(lambda: scores.all(*continuous_example(num_rows)), rounds=3)
    lines.append(f"| the whole suite, continuous factors | {smooth:.2f} | | | |")
    return "\n".join(lines)


def draw() -> None:
    """Seconds of each score against the number of rows."""
    found = {name: [] for name in ORDER}
    for size in SIZES:
        suite = scores.all(*example(size))
        for name, spent in zip(ORDER, suite.seconds, strict=True):
            found[name].append(spent)
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    slowest = sorted(found, key=lambda name: -found[name][-1])
    for place, name in enumerate(slowest):
        colour = COLOURS[place] if place < len(COLOURS) - 1 else "0.7"
        axes.loglog(SIZES, found[name], "o-", color=colour, markersize=3)
        if place < len(COLOURS) - 1:
            axes.plot([], [], "o-", color=colour, label=name, markersize=3)
    axes.plot([], [], "o-", color="0.7", label="all others", markersize=3)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.set_xlabel(f"rows ({NUM_LATENTS} latents, {NUM_FACTORS} factors)")
    axes.set_ylabel("seconds on 2 cores")
    save_figure(figure, FIGURE)


def main() -> None:
    """Print the table and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    text = table(arguments.rows)
    draw()
    title = f"{arguments.rows} rows, {NUM_LATENTS} latents, {NUM_FACTORS} factors"
    report = f"{title}\n\n{text}\n\n{describe_machine()}\n"
    print(report)
    if arguments.out is not None:
        arguments.out.write_text(report)


if __name__ == "__main__":
    main()
