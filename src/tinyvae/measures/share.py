"""Share: how much of a latent's variance is a factor's. No fit, no bins, no labels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

# A latent (or a factor) whose range is less than this part of its largest value counts
# as constant: only rounding errors of 32-bit networks are left.
CONSTANT = 1e-7


def share_matrix(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "latent factor"]:
    """Share of each latent's variance that each factor explains, 0 to 1.

    Var(E[z_j | f_k]) / Var(z_j), where the rows are the whole population, weighted by
    probability. 1: the latent is a function of that factor alone; 0: its mean does not
    depend on the factor; cos^2 of the angle where the latents of two factors are
    rotated into each other. NaN (undefined) where the latent or the factor is
    constant. Factors count as labels, so their kind has no effect. For independent
    factors the shares of a latent add up to at most 1.

    It does not say whether the factor can be read back: see `readout`.

    >>> factors = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> codes = factors @ np.array([[1.0, 3.0], [0.0, 4.0]])
    >>> share_matrix(codes, factors, np.full(4, 1 / 4))
    array([[1.  , 0.  ],
           [0.36, 0.64]])

    Source: the correlation ratio, Pearson (1905); the first-order Sobol index of a
    latent, Sobol' (1993).
    """
    variance = np.diag(covariance(codes, probability))
    explained = np.zeros((codes.shape[1], factors.shape[1]))
    for column, factor in enumerate(factors.T):
        explained[:, column] = np.diag(between_covariance(codes, factor, probability))
    return _undefined_where_constant(explained, variance, codes, factors)


def share_of_sample(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
) -> Float[np.ndarray, "latent factor"]:
    """Estimate of the share from equally probable rows drawn at random, 0 to 1.

    The share of a sample is too high by about (levels - 1) / samples, since the mean
    of every level is noisy. This noise is subtracted (epsilon squared), and negative
    results become 0.

    Source: Kelley (1935), "An unbiased correlation ratio measure".
    """
    num_samples = len(codes)
    probability = np.full(num_samples, 1 / num_samples)
    plain = share_matrix(codes, factors, probability)
    levels = np.array([len(np.unique(column)) for column in factors.T])
    freedom = num_samples - levels
    noise = (1 - plain) * (num_samples - 1) / np.maximum(freedom, 1)
    # where every row has its own level, noise cannot be estimated
    return np.where(freedom > 0, np.maximum(1 - noise, 0), 0.0 * plain)


def covariance(
    codes: Float[np.ndarray, "sample latent"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "latent latent"]:
    """Covariance of the codes over the population."""
    centred = codes - probability @ codes
    return (probability[:, None] * centred).T @ centred


def between_covariance(
    codes: Float[np.ndarray, "sample latent"],
    factor: Float[np.ndarray, " sample"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "latent latent"]:
    """Covariance of E[z | f]: of the codes' means at each level of one factor."""
    _, level = np.unique(factor, return_inverse=True)
    weight = np.bincount(level, probability)
    centred = codes - probability @ codes
    sums = np.zeros((level.max() + 1, centred.shape[1]))
    np.add.at(sums, level, probability[:, None] * centred)
    means = sums / np.maximum(weight, np.finfo(float).tiny)[:, None]
    return (weight[:, None] * means).T @ means


def is_constant(
    values: Float[np.ndarray, "sample column"],
) -> np.ndarray:
    """Whether each column moves less than rounding errors; shape (column,)."""
    return np.ptp(values, axis=0) <= CONSTANT * np.abs(values).max(axis=0)


def equal_probability_bins(
    values: Float[np.ndarray, " sample"],
    probability: Float[np.ndarray, " sample"],
    num_bins: int,
) -> Float[np.ndarray, " sample"]:
    """Each value's bin, 0 to num_bins - 1, all (nearly) equally probable.

    Ties always share a bin, so that the order of rows has no effect.

    >>> equal_probability_bins(np.array([1.0, 4.0, 2.0, 1.0]), np.full(4, 0.25), 2)
    array([0., 1., 1., 0.])
    """
    distinct, position = np.unique(values, return_inverse=True)
    weight = np.bincount(position, probability, minlength=len(distinct))
    middle = np.cumsum(weight) - weight / 2
    return np.floor(np.clip(middle, 0, 1 - 1e-9) * num_bins)[position]


def _undefined_where_constant(explained, variance, codes, factors):
    undefined = is_constant(codes)[:, None] | is_constant(factors)[None, :]
    scale = np.where(is_constant(codes), 1.0, variance)
    return np.where(undefined, np.nan, np.clip(explained / scale[:, None], 0, 1))
