"""Difference between scores of 1000 rows and of 20 000 rows of the same codes.

    python benchmarks/bias.py --out benchmarks/results/bias.md

Continuous kinds: rotated by 20 degrees with noise, with more noise, from a small
network, from a network on whole-number factors, two factors rotated by 17 degrees.
Discrete: labels of four levels of which a tenth is redrawn in the codes; three bits, a
tenth flipped. Mixed: a label, a number and a number with many zeros, in codes of the
same sorts. Rare: a label of one row in fifty, 4 sigma away. Scores of 1000 rows are
means over eight samples.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from machine import markdown_table
from tinyvae.files.whole import write_whole
from tinyvae.scores import SCORES
from tinyvae.scores.suite import ORDER

LARGE, SMALL, SAMPLES = 20_000, 1000, 8
Sample = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]
RARE_PART = 0.02


def turned(codes: np.ndarray, degrees: float) -> np.ndarray:
    """Codes whose last two latents are rotated into each other."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    found = codes.copy()
    found[:, -2:] = codes[:, -2:] @ np.array([[cosine, -sine], [sine, cosine]])
    return found


def turned_codes(num_factors: int, degrees: float, noise: float, extra: int) -> Sample:
    """Uniform factors, rotated, with noise, and latents of noise alone."""

    def sample(num_rows, rng):
        factors = rng.uniform(size=(num_rows, num_factors))
        codes = turned((factors - 0.5) * np.sqrt(12), degrees)
        codes = codes + noise * rng.normal(size=codes.shape)
        return np.hstack([codes, rng.normal(size=(num_rows, extra))]), factors

    return sample


def network_codes(noise: float, *, whole: bool) -> Sample:
    """Three factors through a network of 16 hidden units to six latents."""
    rng = np.random.default_rng(7)
    first, second = rng.normal(size=(3, 16)), rng.normal(size=(16, 6))

    def sample(num_rows, rng):
        factors = rng.uniform(-1, 1, size=(num_rows, 3))
        if whole:
            factors = np.floor(8 * factors) / 8
        codes = np.tanh(factors @ first) @ second
        return codes + noise * rng.normal(size=codes.shape), factors

    return sample


def quantised_codes(levels: int, redrawn: float) -> Sample:
    """Labels of a few levels, and codes in which a part of them is drawn anew."""

    def sample(num_rows, rng):
        factors = rng.integers(0, levels, (num_rows, 3)).astype(float)
        anew = rng.integers(0, levels, factors.shape)
        return np.where(rng.random(factors.shape) < redrawn, anew, factors), factors

    return sample


def mixed_codes(num_rows: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """A label, a number, a number with many zeros; each latent is one, with noise."""
    label = rng.integers(0, 3, num_rows)
    number, amount = rng.uniform(size=num_rows), rng.exponential(size=num_rows)
    amount = np.where(rng.random(num_rows) < 0.5, 0.0, amount)
    codes = np.column_stack(
        [
            np.where(rng.random(num_rows) < 0.1, 0, label),
            number + 0.1 * rng.normal(size=num_rows) + 0.2 * label,
            np.where(amount > 0, amount + 0.3 * rng.normal(size=num_rows), 0.0),
        ]
    )
    return codes, np.column_stack([label, number, amount])


def rare_codes(num_rows: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """A label of one row in fifty, 4 sigma away, and another of three levels."""
    rare = (np.arange(num_rows) < RARE_PART * num_rows).astype(float)
    shape = rng.integers(0, 3, num_rows)
    noise = rng.normal(size=(num_rows, 2))
    codes = np.column_stack([4 * rare + noise[:, 0], shape + 0.2 * noise[:, 1]])
    return codes, np.column_stack([rare, shape])


KINDS: dict[str, Sample] = {
    "turned 20, noise .2": turned_codes(3, 20, 0.2, 1),
    "turned 20, noise .5": turned_codes(3, 20, 0.5, 1),
    "network": network_codes(0.1, whole=False),
    "network, whole": network_codes(0.05, whole=True),
    "turned 17, noise .05": turned_codes(2, 17, 0.05, 0),
    "4 levels, a tenth redrawn": quantised_codes(4, 0.1),
    "bits, a tenth flipped": quantised_codes(2, 0.2),
    "mixed": mixed_codes,
    "rare": rare_codes,
}


def bias(name: str, sample: Sample) -> np.ndarray:
    """Mean score of 1000 rows minus that of 20 000, for each value of a function."""

    def value(num_rows: int, seed: int):
        rng = np.random.default_rng(seed)
        return [s.value for s in SCORES[name].scores(*sample(num_rows, rng))]

    small = np.mean([value(SMALL, seed) for seed in range(SAMPLES)], axis=0)
    return small - np.mean([value(LARGE, seed) for seed in (100, 101)], axis=0)


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    rows = []
    for name in ORDER:
        biases = np.transpose([bias(name, sample) for sample in KINDS.values()])
        for facts, row in zip(SCORES[name].facts, biases, strict=True):
            rows.append([facts.title, *(f"{value:+.3f}" for value in row)])
            print(*rows[-1], flush=True)
    largest = max(abs(float(cell)) for row in rows for cell in row[1:])
    within = sum(abs(float(cell)) <= 0.02 for row in rows for cell in row[1:])
    text = (
        "# Bias of the scores at 1000 rows\n\n"
        + markdown_table(["score of 1000 rows less that of 20 000", *KINDS], rows)
        + f"\n\n{within} of {len(rows) * len(KINDS)} are within 0.02; the largest is "
        f"{largest:.3f}. Total correlation is in nats.\n"
    )
    if out is not None:
        write_whole(out, text.encode())


if __name__ == "__main__":
    main()
