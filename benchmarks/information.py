"""Estimates of mutual information beside known values, for all kinds of columns.

    python benchmarks/information.py --out benchmarks/results/information.md

Each cell is the mean error in nats and, after the sign, the spread of single estimates,
over 20 samples (8 of 5000 rows). Beside ours: Kraskov et al. (2004) on ranks with ties
broken at random, Gao et al. (2017), which is made for mixtures, and scikit-learn's
`mutual_info_regression` or, where one column has labels, `mutual_info_classif` (Ross
2014).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree
from scipy.special import digamma
from scipy.stats import norm
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from machine import markdown_table
from tinyvae.files.whole import write_whole
from tinyvae.measures.mutual_information import mutual_information, split_column
from tinyvae.measures.neighbours import information_of_numbers, normal_ranks

SIZES = {300: 20, 1000: 20, 5000: 8}  # rows: samples
NEIGHBOURS = 3
Columns = tuple[np.ndarray, np.ndarray]
Draw = Callable[[int, np.random.Generator], Columns]


class Pair(NamedTuple):
    """Two columns whose information is known, in nats."""

    draw: Draw
    nats: float
    labels: bool = False  # whether the second column has labels


def gao(x: np.ndarray, y: np.ndarray) -> float:
    """The estimator of Gao et al. (2017), algorithm 1, on normal ranks."""
    x, y = normal_ranks(x), normal_ranks(y)
    points = np.column_stack([x, y])
    tree = KDTree(points)
    radius = tree.query(points, NEIGHBOURS + 1, p=np.inf)[0][:, -1]
    near = np.full(len(x), NEIGHBOURS)
    tied = radius == 0
    if tied.any():
        found = tree.query_ball_point(points[tied], 1e-15, p=np.inf, return_length=True)
        near[tied] = found - 1

    def within(values):
        ordered = np.sort(values)
        above = np.searchsorted(ordered, values + radius + 1e-15, "right")
        return above - np.searchsorted(ordered, values - radius - 1e-15, "left")

    counts = np.log(within(x)) + np.log(within(y))
    return float(np.mean(digamma(near) + np.log(len(x)) - counts))


def ours(x: np.ndarray, y: np.ndarray) -> float:
    """The estimator of tinyvae."""
    return mutual_information(split_column(x), split_column(y), NEIGHBOURS)


def kraskov(x: np.ndarray, y: np.ndarray) -> float:
    """Kraskov et al. (2004) on ranks, ties broken at random."""
    return information_of_numbers(x, y, NEIGHBOURS)


def scikit_learn(x: np.ndarray, y: np.ndarray, labels: bool) -> float:
    """What scikit-learn says of a number and a number, or a label."""
    if labels:
        return float(mutual_info_classif(x[:, None], y.astype(int), random_state=0)[0])
    return float(mutual_info_regression(x[:, None], y, random_state=0)[0])


def information(joint: np.ndarray) -> float:
    """Information of a table of probabilities."""

    def entropy(probability):
        positive = probability[probability > 0]
        return -(positive * np.log(positive)).sum()

    return entropy(joint.sum(0)) + entropy(joint.sum(1)) - entropy(joint)


def gaussian(correlation: float) -> Pair:
    """Two correlated normals."""

    def draw(num_rows, rng):
        x, noise = rng.normal(size=(2, num_rows))
        return x, correlation * x + np.sqrt(1 - correlation**2) * noise

    return Pair(draw, -0.5 * np.log(1 - correlation**2))


def discrete(levels: int, redrawn: float) -> Pair:
    """A label, and the same label, a part of whose rows is drawn anew."""
    joint = (1 - redrawn) * np.eye(levels) / levels + redrawn / levels**2

    def draw(num_rows, rng):
        cell = rng.choice(levels**2, num_rows, p=joint.ravel())
        return (cell // levels).astype(float), (cell % levels).astype(float)

    return Pair(draw, information(joint), labels=True)


def with_levels(correlation: float, levels: int) -> Pair:
    """A normal, and the bin of equal probability of a correlated one."""
    edges = norm.ppf(np.arange(1, levels) / levels)
    grid = np.linspace(-8, 8, 20_001)
    ends = np.concatenate([[-np.inf], edges, [np.inf]])
    spread = np.sqrt(1 - correlation**2)
    bins = np.diff(norm.cdf((ends - correlation * grid[:, None]) / spread), axis=1)
    weight = norm.pdf(grid) * (grid[1] - grid[0])
    left_over = weight @ (bins * np.log(np.maximum(bins, 1e-300))).sum(axis=1)

    def draw(num_rows, rng):
        x, y = gaussian(correlation).draw(num_rows, rng)
        return x, np.digitize(y, edges).astype(float)

    return Pair(draw, float(np.log(levels) + left_over), labels=True)


def with_zeros(zeros: float, together: float, correlation: float) -> Pair:
    """Correlated normals, each 0 in some rows; a part of the zeros comes together."""
    both = zeros * (together + (1 - together) * zeros)
    gates = np.array([[both, zeros - both], [zeros - both, 1 - 2 * zeros + both]])
    # the chain rule: the gates, and the numbers where both are there
    nats = information(gates) - gates[1, 1] * 0.5 * np.log(1 - correlation**2)

    def draw(num_rows, rng):
        x, y = gaussian(correlation).draw(num_rows, rng)
        one, other = rng.random((2, num_rows)) < zeros
        other = np.where(rng.random(num_rows) < together, one, other)
        return np.where(one, 0, x), np.where(other, 0, y)

    return Pair(draw, float(nats))


PAIRS = {
    "normal, independent": gaussian(0.0),
    "normal, .6": gaussian(0.6),
    "normal, .95": gaussian(0.95),
    "2 levels, exact": discrete(2, 0.0),
    "2 levels, 20 % redrawn": discrete(2, 0.2),
    "2 levels, independent": discrete(2, 1.0),
    "8 levels, exact": discrete(8, 0.0),
    "8 levels, 10 % redrawn": discrete(8, 0.1),
    "8 levels, independent": discrete(8, 1.0),
    "40 levels, exact": discrete(40, 0.0),
    "40 levels, 50 % redrawn": discrete(40, 0.5),
    "40 levels, independent": discrete(40, 1.0),
    "normal, 4 levels": with_levels(0.8, 4),
    "normal, 16 levels": with_levels(0.8, 16),
    "normal, 16 independent levels": with_levels(0.0, 16),
    "half zeros": with_zeros(0.5, 0.8, 0.8),
    "nine tenths zeros": with_zeros(0.9, 0.5, 0.8),
    "zeros, independent": with_zeros(0.5, 0.0, 0.0),
}
ESTIMATORS = ("tinyvae", "Kraskov, ranks", "Gao", "scikit-learn")


def errors(pair: Pair, num_rows: int, samples: int) -> np.ndarray:
    """Error of each estimator in each sample, in nats."""
    found = []
    for seed in range(samples):
        x, y = pair.draw(num_rows, np.random.default_rng(seed))
        row = ours(x, y), kraskov(x, y), gao(x, y), scikit_learn(x, y, pair.labels)
        found.append(row)
    return np.array(found) - pair.nats


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    text = "# Estimates of mutual information beside known values\n"
    for num_rows, samples in SIZES.items():
        rows, sizes = [], []
        for name, pair in PAIRS.items():
            error = errors(pair, num_rows, samples)
            mean, spread = error.mean(axis=0), error.std(axis=0)
            sizes.append(np.abs(mean))
            cells = [f"{m:+.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)]
            rows.append([name, f"{pair.nats:.3f}", *cells])
            print(num_rows, *rows[-1], flush=True)
        average = [f"**{value:.3f}**" for value in np.mean(sizes, axis=0)]
        rows.append(["mean of the sizes of the errors", "", *average])
        head = ["columns", "nats", *ESTIMATORS]
        text += f"\n## {num_rows} rows\n\n{markdown_table(head, rows)}\n"
    if out is not None:
        write_whole(out, text.encode())


if __name__ == "__main__":
    main()
