"""Batches of rows that agree in one factor, for the BetaVAE and FactorVAE scores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.folds import label_folds
from tinyvae.measures.information import NUM_BINS, levels_of_factors
from tinyvae.measures.share import is_constant
from tinyvae.representation import Representation

CHUNK = 200  # batches drawn at once, to keep memory small
ROWS_PER_LEVEL = 64  # of a continuous factor, so that a batch has many different rows
FEWEST_ROWS = 16  # of a level in each half, for the same reason
TOO_FEW_ROWS = f"few rows: needs {2 * FEWEST_ROWS} of one value"


class HeldFactor:
    """Rows by their level of one factor, in two halves: one to fit, one to test.

    The halves share no rows, so that memorised rows do not help. Levels of fewer than
    16 rows in either half are left out; `levels` are the others.
    """

    def __init__(self, representation: Representation, factor: int):
        num_rows = len(representation.codes)
        num_bins = int(np.clip(num_rows // ROWS_PER_LEVEL, 2, NUM_BINS))
        level = levels_of_factors(representation.table, num_bins)[:, factor]
        # the same halves for all factors: no row serves both to fit and to test
        half = label_folds(representation.codes, np.zeros(num_rows, int), 2)
        group = 2 * level + half
        self.codes = standardised_codes(representation)
        self.order = np.argsort(group, kind="stable")
        self.count = np.bincount(group, minlength=2 * (level.max() + 1))
        self.start = np.cumsum(self.count) - self.count
        smaller = self.count.reshape(-1, 2).min(axis=1)
        self.levels = np.flatnonzero(smaller >= FEWEST_ROWS)

    def pairs(
        self, half: int, shape: tuple[int, int], rng: np.random.Generator
    ) -> Iterator[Float[np.ndarray, "batch pair 2 latent"]]:
        """Standardised codes of `shape` = (batches, pairs), each batch of one level.

        The level is that of a row drawn at random; a pair is two rows of that level.
        """
        num_batches, num_pairs = shape
        probability = self.count.reshape(-1, 2)[self.levels].sum(axis=1)
        probability = probability / probability.sum()
        for first in range(0, num_batches, CHUNK):
            size = min(CHUNK, num_batches - first)
            held = 2 * rng.choice(self.levels, size, p=probability) + half
            count = self.count[held, None]
            one = (rng.random((size, num_pairs)) * count).astype(int)
            step = 1 + (rng.random((size, num_pairs)) * (count - 1)).astype(int)
            pair = np.stack([one, (one + step) % count], axis=-1)
            yield self.codes[self.order[self.start[held, None, None] + pair]]


def standardised_codes(
    representation: Representation,
) -> Float[np.ndarray, "sample latent"]:
    """Codes of the latents that move, each of mean 0 and standard deviation 1."""
    codes = representation.codes[:, moving_latents(representation)]
    return (codes - codes.mean(axis=0)) / codes.std(axis=0)


def moving_latents(representation: Representation) -> Int[np.ndarray, " moving"]:
    """Numbers of the latents that move and are active."""
    return np.flatnonzero(representation.active & ~is_constant(representation.codes))


def held_factors(
    representation: Representation, reasons: list[str | None]
) -> tuple[dict[int, HeldFactor], list[str | None]]:
    """The factors that can be held, and why the others cannot."""
    found, reasons = {}, list(reasons)
    for factor, reason in enumerate(reasons):
        if reason is None and len(moving_latents(representation)) > 0:
            held = HeldFactor(representation, factor)
            if len(held.levels) > 0:
                found[factor] = held
            else:
                reasons[factor] = TOO_FEW_ROWS
    if len(found) < 2:
        why = "needs a latent that moves and at least two factors that vary"
        return {}, [reason or why for reason in reasons]
    return found, reasons
