"""Scores from batches in which one factor is held fixed, drawn from the whole grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tinyvae.scores.locatello2019.checks import check_grid

BATCH = 64
TRAIN_POINTS = 3000
EVALUATION_POINTS = 1500
VARIANCE_ROWS = 5000
# Latents that move less are left out, as in dlib's study (dlib itself: 0).
LEAST_STANDARD_DEVIATION = 0.05


def factor_vae(
    grid_codes: Float[np.ndarray, "combination latent"],
    factor_sizes: Sequence[int],
    *,
    seed: int = 0,
) -> float:
    """FactorVAE score: accuracy on the evaluation points, 0 to 1.

    In each batch one factor is held, and the latent whose variance falls most gets a
    vote for that factor. 1: all of a latent's votes go to one factor; 1 / factors:
    chance; 0: no latent moves. `grid_codes` has the code of every combination of the
    factors in C order, the first factor slowest. The score ignores what else a latent
    holds: two latents turned by 30 degrees still score 1.

    Known faults: dlib numbers the latents after leaving out those that hardly move,
    so its votes stand in the wrong columns and its number of active latents counts
    them all. The accuracy is the same; here every vote keeps its latent's number.

    Raises: DataError for fewer than 2 factors, or sizes that do not fit the codes.
    Source: Kim & Mnih (2018), section 4, arXiv:1802.05983; 3000 training and 1500
    evaluation points, batches of 64, 5000 rows for the variances, and a least
    deviation of 0.05.
    """
    check_grid(grid_codes, factor_sizes)
    rng = np.random.default_rng(seed)
    sample = grid_codes[rng.integers(len(grid_codes), size=VARIANCE_ROWS)]
    variance = sample.var(axis=0, ddof=1)
    active = np.flatnonzero(np.sqrt(variance) >= LEAST_STANDARD_DEVIATION)
    if active.size == 0:
        return 0.0
    fixed, batch = _drawn_batches(rng, factor_sizes)
    _set_value_of(batch, fixed, _value_of(batch, fixed)[:, :1])
    local = _codes_of(batch, grid_codes[:, active], factor_sizes).var(axis=1, ddof=1)
    # vote = argmin_j var(z_j | f_k held) / var(z_j)
    latent = active[(local / variance[active]).argmin(axis=1)]
    return _majority_accuracy(latent, fixed, grid_codes.shape[1], len(factor_sizes))


def beta_vae(
    grid_codes: Float[np.ndarray, "combination latent"],
    factor_sizes: Sequence[int],
    *,
    seed: int = 0,
) -> float:
    """Beta-VAE score: accuracy on the evaluation points, 0 to 1.

    The two codes of a pair share one factor; a logistic regression predicts which,
    from the mean absolute difference of 64 such pairs. 1: always right; 1 / factors:
    chance. `grid_codes` has the code of every combination of the factors in C order,
    the first factor slowest.

    Known faults: the regression weighs all latents at once, so the score is 1 for
    codes that are not disentangled (two latents turned by 30 degrees: 1), and its
    penalty depends on the latents' scale.

    Raises: DataError for fewer than 2 factors, or sizes that do not fit the codes.
    Source: Higgins et al. (2017), section 3; 3000 training and 1500 evaluation points
    of 64 pairs each.
    """
    from sklearn.linear_model import LogisticRegression

    check_grid(grid_codes, factor_sizes)
    rng = np.random.default_rng(seed)
    fixed, first = _drawn_batches(rng, factor_sizes)
    second = rng.integers(factor_sizes, size=first.shape)
    _set_value_of(second, fixed, _value_of(first, fixed))
    # d_j = mean over the pairs of |z_j - z'_j|
    codes = _codes_of(first, grid_codes, factor_sizes)
    distance = np.abs(codes - _codes_of(second, grid_codes, factor_sizes)).mean(axis=1)
    model = LogisticRegression().fit(distance[:TRAIN_POINTS], fixed[:TRAIN_POINTS])
    predicted = model.predict(distance[TRAIN_POINTS:])
    return float(np.mean(predicted == fixed[TRAIN_POINTS:]))


def _drawn_batches(rng, factor_sizes):
    """Factor of each point, and factors (point, batch, factor), all uniform."""
    num_factors, num_points = len(factor_sizes), TRAIN_POINTS + EVALUATION_POINTS
    fixed = rng.integers(num_factors, size=num_points)
    return fixed, rng.integers(factor_sizes, size=(num_points, BATCH, num_factors))


def _value_of(batch, fixed):
    """Values of each point's own factor; shape (point, batch)."""
    return np.take_along_axis(batch, fixed[:, None, None], axis=2)[..., 0]


def _set_value_of(batch, fixed, values):
    np.put_along_axis(batch, fixed[:, None, None], values[..., None], axis=2)


def _codes_of(batch, grid_codes, factor_sizes):
    """Codes (point, batch, latent) of the factors (point, batch, factor)."""
    return grid_codes[np.ravel_multi_index(np.moveaxis(batch, -1, 0), factor_sizes)]


def _majority_accuracy(latent, fixed, num_latents, num_factors):
    """Accuracy in evaluation of the factor with most of a latent's training votes."""
    votes = np.zeros((num_latents, num_factors))
    np.add.at(votes, (latent[:TRAIN_POINTS], fixed[:TRAIN_POINTS]), 1)
    predicted = votes.argmax(axis=1)[latent[TRAIN_POINTS:]]
    return float(np.mean(predicted == fixed[TRAIN_POINTS:]))
