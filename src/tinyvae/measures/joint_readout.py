"""Joint readout: how well a factor can be read from all latents together."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.folds import combination_folds, combination_of_rows, held_out_r2
from tinyvae.measures.readout import spline_basis
from tinyvae.measures.share import covariance, is_constant

NUM_LANDMARKS = 128
# Length scale of the kernel over whitened codes, in units of sqrt(latents). A third of
# a standard deviation fits the curvature of trained codes, but not a packed 16x + y.
LENGTH_SCALE = 0.5
RIDGE = 1e-5
JITTER = 1e-4  # ridge on every coefficient, as the splines of each latent sum to 1
# Whitened directions with less variance, relative to the largest, are rounding errors.
SMALLEST_VARIANCE = 1e-6
SEED = 0


def joint_readout(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
    probability: Float[np.ndarray, " sample"],
    *,
    fold: Int[np.ndarray, " sample"] | None = None,
) -> Float[np.ndarray, " factor"]:
    """R2 with which each factor is read from all latents together, 0 to 1.

    Held-out ridge regression on the spline of each latent (as in `readout`) and on a
    Gaussian kernel over the whitened codes, with 128 landmarks. 1: the codes
    determine the factor smoothly, even if rotated, bent or entangled; 0: they do not
    predict it. NaN (undefined) where the factor, or every latent, is constant.

    Source: the subset of regressors, Quinonero-Candela & Rasmussen (2005), section 3.
    """
    if fold is None:
        fold = combination_folds(factors)
    moving = codes[:, ~is_constant(codes)]
    if moving.shape[1] == 0:
        return np.full(factors.shape[1], np.nan)
    splines = [spline_basis(latent, probability) for latent in moving.T]
    components = whiten(moving, probability)
    landmarks = _landmarks(components, combination_of_rows(factors))
    features = np.hstack([*splines, _gaussian_kernel(components, landmarks)])
    penalty = JITTER * np.eye(features.shape[1])
    # squared norm of a function in the kernel's space: coefficients' K coefficients
    penalty[-len(landmarks) :, -len(landmarks) :] += _gaussian_kernel(
        landmarks, landmarks
    )
    return _ridge_r2(features, factors, probability, fold, RIDGE * penalty)


def linear_readout(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
    probability: Float[np.ndarray, " sample"],
    *,
    fold: Int[np.ndarray, " sample"] | None = None,
) -> Float[np.ndarray, " factor"]:
    """Held-out R2 of each factor as a linear function of all latents, 0 to 1.

    Blind to rotation: its difference to the readout from one latent shows the effect of
    rotation. NaN (undefined) where the factor, or every latent, is constant.
    """
    if fold is None:
        fold = combination_folds(factors)
    moving = codes[:, ~is_constant(codes)]
    if moving.shape[1] == 0:
        return np.full(factors.shape[1], np.nan)
    features = np.hstack([np.ones((len(codes), 1)), whiten(moving, probability)])
    penalty = 1e-12 * np.eye(features.shape[1])
    return _ridge_r2(features, factors, probability, fold, penalty)


def whiten(
    codes: Float[np.ndarray, "sample latent"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, "sample component"]:
    """Uncorrelated components of mean 0 and variance 1 that span the codes.

    Redundant latents make the components fewer than the latents.
    """
    centred = codes - probability @ codes
    centred = centred / np.sqrt(probability @ centred**2)
    variance, direction = np.linalg.eigh(covariance(centred, probability))
    kept = variance > SMALLEST_VARIANCE * variance.max()
    return centred @ (direction[:, kept] / np.sqrt(variance[kept]))


def _landmarks(components, combination):
    """Components of distinct combinations, chosen at random with a fixed seed."""
    _, first_rows = np.unique(combination, return_index=True)
    chosen = np.random.default_rng(SEED).permutation(len(first_rows))[:NUM_LANDMARKS]
    return components[first_rows[chosen]]


def _gaussian_kernel(left, right):
    squares = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T
    width = LENGTH_SCALE**2 * left.shape[1]
    return np.exp(-0.5 * np.maximum(squares, 0) / width)


def _ridge_r2(features, targets, probability, fold, penalty):
    centred = targets - probability @ targets
    predicted = np.zeros_like(centred)
    weighted = features * probability[:, None]
    whole_normal, whole_moment = weighted.T @ features, weighted.T @ centred
    for left_out in np.unique(fold):
        test = fold == left_out
        normal = whole_normal - weighted[test].T @ features[test]
        moment = whole_moment - weighted[test].T @ centred[test]
        coefficients = np.linalg.solve(normal + penalty, moment)
        predicted[test] = features[test] @ coefficients
    if fold.max(initial=0) == 0:  # a single combination: nothing can be held out
        return np.full(targets.shape[1], np.nan)
    return held_out_r2(predicted, centred, probability)
