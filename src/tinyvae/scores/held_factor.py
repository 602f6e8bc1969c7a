"""Batches of rows that agree in one factor: what BetaVAE and FactorVAE scores see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

from tinyvae.representation import Representation
from tinyvae.scores.information import levels_of_factors
from tinyvae.scores.share import is_constant

CHUNK = 200  # batches drawn at once, to keep memory small


def batches_with_factor_held(
    representation: Representation,
    factor: int,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> Iterator[Float[np.ndarray, "batch row latent"]]:
    """Standardised codes of `shape` = (batches, rows), each batch of one level.

    The level is that of a row drawn at random; the rows are drawn from all that show
    it, with replacement. Latents that do not move are left out.
    """
    codes = standardised_codes(representation)
    level = levels_of_factors(representation.table)[:, factor]
    order = np.argsort(level, kind="stable")
    count = np.bincount(level)
    start = np.cumsum(count) - count
    num_batches, num_rows = shape
    for first in range(0, num_batches, CHUNK):
        size = min(CHUNK, num_batches - first)
        held = level[rng.integers(len(level), size=size)]
        within = rng.random((size, num_rows)) * count[held, None]
        yield codes[order[start[held, None] + within.astype(int)]]


def standardised_codes(
    representation: Representation,
) -> Float[np.ndarray, "sample latent"]:
    """Codes of the latents that move, each of mean 0 and standard deviation 1."""
    codes = representation.codes[:, moving_latents(representation)]
    return (codes - codes.mean(axis=0)) / codes.std(axis=0)


def moving_latents(representation: Representation) -> Int[np.ndarray, " moving"]:
    """Numbers of the latents that move and are active."""
    return np.flatnonzero(representation.active & ~is_constant(representation.codes))
