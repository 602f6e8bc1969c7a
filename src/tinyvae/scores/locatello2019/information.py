"""Scores from the mutual information of binned latents and factors."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, Num

from tinyvae.scores.locatello2019.checks import (
    check_at_least_two,
    check_factors_vary,
    check_sample,
)

NUM_BINS = 20


def mig(
    codes: Float[np.ndarray, "sample latent"], factors: Int[np.ndarray, "sample factor"]
) -> float:
    """Mutual information gap: lead of each factor's best latent, 0 to 1.

    The gap is relative to the factor's entropy and averaged over factors. 1: for each
    factor one latent determines it and no other is informative about it; 0: ties.

    Known fault: 20 bins of equal width put several levels in one bin as soon as the
    levels are uneven or more than 20, so a perfect code scores 0.896 on dSprites.
    And in N rows, independent variables of A and B bins seem to share about
    (A - 1)(B - 1) / 2N nats.

    Raises: DataError for fewer than 2 latents, a constant factor, or arrays that do
    not fit.
    Source: Chen et al. (2018), section 4, arXiv:1802.04942; bins as in dlib.
    """
    check_sample(codes, factors)
    check_at_least_two(codes.shape[1], "latents")
    check_factors_vary(factors)
    runner_up, best = np.sort(mutual_information(codes, factors), axis=0)[-2:]
    # MIG = mean_k (I_(1)k - I_(2)k) / H(f_k), and H(f) = I(f; f)
    entropy = [_information(factor, factor) for factor in factors.T]
    return float(np.mean((best - runner_up) / entropy))


def modularity(
    codes: Float[np.ndarray, "sample latent"], factors: Int[np.ndarray, "sample factor"]
) -> float:
    """Modularity: how far each latent is informative about a single factor, 0 to 1.

    Mean over the latents. 1: each latent has information about one factor only; 0:
    each has the same about every factor. It ignores whether every factor is held by a
    latent, and how well.

    Known fault: a latent of pure noise counts as much as the others, since the chance
    information in its 20 bins of equal width is scored like any other; a latent
    without any information at all counts as 0.

    Raises: DataError for fewer than 2 factors, or arrays that do not fit.
    Source: Ridgeway & Mozer (2018), section 3, arXiv:1802.05312; bins as in dlib.
    """
    check_sample(codes, factors)
    check_at_least_two(factors.shape[1], "factors")
    squared = mutual_information(codes, factors) ** 2
    best = squared.max(axis=1)
    informed = best > 0
    # modularity_j = 1 - sum_{k not best} I_jk^2 / (I_j,best^2 (factors - 1))
    others = squared.sum(axis=1) - best
    template = np.where(informed, best, 1.0) * (factors.shape[1] - 1)
    return float(np.mean(np.where(informed, 1 - others / template, 0.0)))


def mutual_information(
    codes: Float[np.ndarray, "sample latent"], factors: Int[np.ndarray, "sample factor"]
) -> Float[np.ndarray, "latent factor"]:
    """Mutual information of each binned latent and each factor, in nats.

    0: independent in these rows; the factor's entropy: the latent's bins determine the
    factor. Frequencies serve as probabilities, which overestimates (see `mig`).

    >>> factors = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> mutual_information(1.0 * factors, factors).round(3)
    array([[0.693, 0.   ],
           [0.   , 0.693]])

    Raises: DataError for codes that are not finite or arrays that do not fit.
    Source: dlib; latents in 20 bins of equal width, factors as they are.
    """
    check_sample(codes, factors)
    latent_bins = equal_width_bins(codes)
    return np.array(
        [[_information(bins, factor) for factor in factors.T] for bins in latent_bins.T]
    )


def equal_width_bins(
    values: Num[np.ndarray, "sample column"],
) -> Int[np.ndarray, "sample column"]:
    """Bin of each value, 1 to 20, of equal width between a column's extremes."""
    edges = [np.histogram_bin_edges(column, NUM_BINS) for column in values.T]
    # without its last edge, so that the maximum falls into the last bin
    columns = [np.digitize(v, e[:-1]) for v, e in zip(values.T, edges, strict=True)]
    return np.stack(columns, axis=1)


def _information(first, second):
    """Mutual information of two labellings of the same rows, in nats."""
    _, row = np.unique(first, return_inverse=True)
    _, column = np.unique(second, return_inverse=True)
    counts = np.zeros((row.max() + 1, column.max() + 1))
    np.add.at(counts, (row, column), 1)
    # n n_ab / (n_a n_b) of whole numbers is exactly 1 where a labelling is constant
    independent = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    seen = counts > 0
    ratio = counts[seen] * len(first) / independent[seen]
    # I = sum_ab p_ab log(p_ab / (p_a p_b))
    return max(float(counts[seen] @ np.log(ratio)) / len(first), 0.0)
