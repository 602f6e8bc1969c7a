"""IRS: whether a latent stays where it is while other factors change."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.information import affordable_bins, levels_of_factors
from tinyvae.representation import Representation
from tinyvae.scores.score import (
    Properties,
    Score,
    latent_reasons,
    score_of_parts,
    scored,
)

IRS = Properties("IRS")
QUANTILE = 0.99
ROWS_PER_BIN, MOST_BINS = 50, 60
NUM_SHUFFLES = 3
SEED = 0


@scored(IRS)
def irs(representation: Representation) -> Score:
    """Interventional robustness, 0 to 1.

    One factor is held and all others change. A latent's deviation is the 99th
    percentile of its distance from its mean, averaged over the held factor's values.
    The score is 1 minus the ratio of this deviation to that over all rows, at the
    latent's best factor, averaged over latents. 1: each latent stands still while one
    factor is held; 0: it moves as far as ever. In a sample, the score of shuffled codes
    counts as 0.

    Blind to factors that no latent holds and to several latents for one factor. It
    depends on extreme rows, so that a few outliers lower it.

    Source: Suter et al. (2019), section 4, arXiv:1811.00007. Differs from published
    code, which bins factors a second time, weights latents by their scale, and does
    not correct for values that only few rows show.
    """
    codes, table = representation.codes, representation.table
    # bins are as fine as the rows allow; movement within a bin is subtracted
    fewest = affordable_bins(len(codes))
    num_bins = int(np.clip(len(codes) // ROWS_PER_BIN, fewest, MOST_BINS))
    levels = levels_of_factors(table, num_bins)
    robust = _robustness(codes, levels, table.values)
    if not table.complete:
        rng = np.random.default_rng(SEED)
        chance = np.mean(
            [
                _robustness(rng.permutation(codes), levels, table.values)
                for _ in range(NUM_SHUFFLES)
            ],
            axis=0,
        )
        # by chance, the maximum over several factors is above 0, too
        robust = (robust - chance) / np.maximum(1 - chance, 1e-12)
    robust = np.clip(robust, 0, 1)
    varying = levels.max(axis=0) > 0
    reasons = latent_reasons(representation)
    if not varying.any():
        reasons = ["needs a factor that varies"] * len(reasons)
    return score_of_parts(
        IRS,
        representation.latent_names,
        robust.max(axis=1),
        reasons,
        matrix=robust,
        matrix_name="robustness",
    )


def _robustness(
    codes: Float[np.ndarray, "sample latent"],
    levels: Int[np.ndarray, "sample factor"],
    factors: Float[np.ndarray, "sample factor"],
) -> Float[np.ndarray, "latent factor"]:
    """1 - (a latent's deviation with a factor held) / (its deviation over all rows)."""
    far = np.quantile(np.abs(codes - codes.mean(axis=0)), QUANTILE, axis=0)
    result = np.zeros((codes.shape[1], levels.shape[1]))
    for factor, level in enumerate(levels.T):
        order = np.argsort(level, kind="stable")
        starts = np.flatnonzero(np.diff(level[order], prepend=-1))
        groups = np.split(codes[order], starts[1:])
        held_at = np.split(factors[order, factor], starts[1:])
        strays = [
            len(group) * np.quantile(np.abs(_residual(group, at)), QUANTILE, axis=0)
            for group, at in zip(groups, held_at, strict=True)
        ]
        held = np.sum(strays, axis=0) / len(codes)
        if len(groups) > 1:
            result[:, factor] = 1 - held / np.where(far > 0, far, 1.0)
    return result


def _residual(
    codes: Float[np.ndarray, "row latent"], factor: Float[np.ndarray, " row"]
) -> Float[np.ndarray, "row latent"]:
    """Centred codes, without the line along which the factor moves them.

    A continuous factor still varies a little within a bin, and so moves the codes.
    Where the factor is held exactly, there is no such line.
    """
    offset = factor - factor.mean()
    centred = codes - codes.mean(axis=0)
    spread = offset @ offset
    if spread <= 0 or len(codes) < 3:
        return centred
    return centred - np.outer(offset, offset @ centred / spread)
