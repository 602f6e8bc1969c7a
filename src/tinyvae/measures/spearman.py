"""Spearman: whether a latent grows or falls with a factor."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tinyvae.measures.share import is_constant


def spearman_matrix(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "latent factor"]:
    """Signed rank correlation of each latent with each factor, -1 to 1.

    1: the latent increases with the factor; -1: it decreases; 0: neither, as for a
    latent that is folded in the middle. Ties share their middle rank, and rows are
    weighted by their probability. NaN (undefined) where either is constant.

    >>> codes = np.array([[1.0], [10.0], [100.0]])
    >>> spearman_matrix(codes, np.array([[3.0], [2.0], [1.0]]), np.full(3, 1 / 3))
    array([[-1.]])

    Source: Spearman (1904); with equal probabilities, `scipy.stats.spearmanr`.
    """
    latent_ranks = standardised(middle_ranks(codes, probability), probability)
    factor_ranks = standardised(middle_ranks(factors, probability), probability)
    correlation = (probability[:, None] * latent_ranks).T @ factor_ranks
    undefined = is_constant(codes)[:, None] | is_constant(factors)[None, :]
    return np.where(undefined, np.nan, np.clip(correlation, -1, 1))


def middle_ranks(
    values: Float[np.ndarray, "sample column"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "sample column"]:
    """Rank of each value on a scale of 0 to 1: P(less) + P(equal) / 2."""
    ranks = np.empty_like(values, dtype=float)
    for column, rank in zip(values.T, ranks.T, strict=True):
        _, position = np.unique(column, return_inverse=True)
        weight = np.bincount(position, probability)
        rank[:] = (np.cumsum(weight) - weight / 2)[position]
    return ranks


def standardised(
    values: Float[np.ndarray, "sample column"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "sample column"]:
    """Columns of mean 0 and standard deviation 1; constant ones become 0."""
    centred = values - probability @ values
    deviation = np.sqrt(probability @ centred**2)
    return centred / np.where(deviation > 0, deviation, 1.0)
