"""Readout: how well a factor can be read back from one latent."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.folds import combination_folds, held_out_r2
from tinyvae.measures.share import is_constant
from tinyvae.measures.spearman import middle_ranks, standardised
from tinyvae.measures.splines import DEGREE, cubic_splines

# One inner knot, at the median, and 4 for the cubic. More would be too flexible: a
# radius latent that leans towards x by half a degree orders x between its 6 steps, and
# a spline of 10 degrees of freedom reads x there with R2 0.25, one of 5 with 0.01.
DEGREES_OF_FREEDOM = 5
# How far the latent's scale is moved towards its ranks before the spline. A spline of 5
# degrees of freedom fits a strong warp only after most of the warp is undone; ranks
# alone would widen the small differences within the 6 steps again.
RANK_PART = 1 / 3
# Relative to the mean diagonal of the normal equations: only makes ties solvable.
RIDGE = 1e-9


def readout_matrix(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
    probability: Float[np.ndarray, " sample"],
    *,
    fold: Int[np.ndarray, " sample"] | None = None,
) -> Float[np.ndarray, "latent factor"]:
    """R2 with which each factor is read from each latent alone, 0 to 1.

    A least-squares cubic B-spline of 5 degrees of freedom on the `reading_scale` of
    the latent predicts the factor of held-out rows; `fold` says which rows are left
    out together (by default, whole combinations of the factors). 1: the factor is a
    smooth function of the latent; 0: the latent does not predict it. NaN (undefined)
    where the latent or the factor is constant. Factors are numbers here; give a
    circular one as two columns, cosine and sine.

    It does not say whether the latent holds other factors too: see `share`.

    Raises: ValueError if the arrays do not have one row for each sample.
    Source: Eilers & Marx (1996) for the basis; R2 of a latent as in SAP, Kumar et al.
    (2018), arXiv:1711.00848, but nonlinear and held out.
    """
    if not len(codes) == len(factors) == len(probability):
        raise ValueError(
            "expected codes, factors and probability with one row for each sample, "
            f"got {len(codes)}, {len(factors)} and {len(probability)} rows."
        )
    if fold is None:
        fold = combination_folds(factors)
    scores = np.full((codes.shape[1], factors.shape[1]), np.nan)
    if fold.max(initial=0) == 0:  # a single combination: nothing can be held out
        return scores
    for latent in np.flatnonzero(~is_constant(codes)):
        scale = reading_scale(codes[:, latent], probability)
        predicted = _held_out_predictions(scale, factors, probability, fold)
        scores[latent] = held_out_r2(predicted, factors, probability)
    return scores


def reading_scale(
    latent: Float[np.ndarray, " sample"], probability: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " sample"]:
    """The latent moved by a third of the way towards its ranks, both standardised.

    An increasing function of the latent: it keeps order and ties, and does not depend
    on the latent's scale.
    """
    column = latent[:, None]
    values = standardised(column, probability)
    ranks = standardised(middle_ranks(column, probability), probability)
    return ((1 - RANK_PART) * values + RANK_PART * ranks)[:, 0]


def spline_predictions(
    latent: Float[np.ndarray, " train"],
    targets: Float[np.ndarray, "train column"],
    weight: Float[np.ndarray, " train"],
    held_out: Float[np.ndarray, " test"],
) -> Float[np.ndarray, "test column"]:
    """Targets that a spline fitted to (latent, targets) predicts for `held_out`.

    Values outside the training range are moved to its nearest end, so that the cubic
    never extrapolates.
    """
    knots = _knots(latent, weight)
    mean = weight @ targets / weight.sum()
    basis = cubic_splines(latent, knots)
    weighted = basis * weight[:, None]
    normal = weighted.T @ basis
    normal[np.diag_indices_from(normal)] += RIDGE * np.trace(normal) / len(normal)
    coefficients = np.linalg.solve(normal, weighted.T @ (targets - mean))
    clamped = np.clip(held_out, knots[0], knots[-1])
    return mean + cubic_splines(clamped, knots) @ coefficients


def spline_basis(
    latent: Float[np.ndarray, " sample"], probability: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, "sample basis"]:
    """The cubic B-splines (at most 5) on a latent's reading scale, at its values."""
    scale = reading_scale(latent, probability)
    return cubic_splines(scale, _knots(scale, probability))


def _held_out_predictions(latent, targets, probability, fold):
    # sorted once: finding the knots sorts every training set, and sorting what is
    # sorted takes no time
    order = np.argsort(latent, kind="stable")
    latent, targets, probability = latent[order], targets[order], probability[order]
    fold = fold[order]
    predicted = np.empty_like(targets, dtype=float)
    for left_out in np.unique(fold):
        test, train = fold == left_out, fold != left_out
        predicted[test] = spline_predictions(
            latent[train], targets[train], probability[train], latent[test]
        )
    in_their_order = np.empty_like(predicted)
    in_their_order[order] = predicted
    return in_their_order


def _knots(latent, weight):
    """Inner knots at weighted quantiles, each value once, between repeated ends."""
    num_inner = DEGREES_OF_FREEDOM - DEGREE - 1
    order = np.argsort(latent, kind="stable")
    cumulative = np.cumsum(weight[order])
    levels = np.arange(1, num_inner + 1) / (num_inner + 1) * cumulative[-1]
    # slightly below each level, so that rounding cannot move a knot to another value
    inner = latent[order][np.searchsorted(cumulative, levels * (1 - 1e-9))]
    first, last = latent.min(), latent.max()
    if first == last:  # only the held-out rows move this latent
        last = first + max(1.0, abs(first))
    inner = np.unique(inner[(inner > first) & (inner < last)])
    ends = DEGREE + 1
    return np.concatenate([np.repeat(first, ends), inner, np.repeat(last, ends)])
