"""Interventional robustness: what a latent does when only other factors change."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from tinyvae.scores.locatello2019.checks import check_sample
from tinyvae.scores.locatello2019.information import equal_width_bins

# Quantile of the deviations at one level; the paper takes their maximum.
QUANTILE = 0.99


def irs(
    codes: Float[np.ndarray, "sample latent"], factors: Int[np.ndarray, "sample factor"]
) -> float:
    """Interventional robustness score, 0 to 1.

    How little each latent moves while its own factor (the one that the latent holds
    best) is held and the others change. 1: it does not move; 0: it moves as far as
    ever. Constant latents are left out; 0 if all are constant.

    Known faults: each latent is weighted by its largest deviation, so that rescaling
    one latent changes the score; factors of more than 20 levels are binned; a
    percentile is always below the maximum, so noise scores 0.36 and not 0 on the
    reference codes. (What dlib reports with it as the number of active latents is the
    sum of the latents' values; that is not reproduced.)

    Raises: DataError for codes that are not finite or arrays that do not fit.
    Source: Suter et al. (2019), arXiv:1811.00007; the 99th percentile in place of
    the maximum, as in dlib.
    """
    check_sample(codes, factors)
    moving = codes[:, codes.var(axis=0) > 0]
    if moving.shape[1] == 0:
        return 0.0
    largest = np.abs(moving - moving.mean(axis=0)).max(axis=0)
    levels = equal_width_bins(factors)
    spread = np.stack([_spread_at_levels(moving, k) for k in levels.T], axis=1)
    # IRS_j = max_k 1 - mean_l q99|z_j - E[z_j | f_k = l]| / max|z_j - E[z_j]|
    robustness = (1 - spread / largest[:, None]).max(axis=1)
    return float(np.average(robustness, weights=largest))


def _spread_at_levels(codes, level):
    """99th percentile of the distance to the level's mean, averaged over levels."""
    spreads = []
    for one in np.unique(level):
        held = codes[level == one]
        deviation = np.abs(held - held.mean(axis=0))
        spreads.append(np.quantile(deviation, QUANTILE, axis=0))
    return np.mean(spreads, axis=0)
