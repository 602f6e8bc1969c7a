"""How much latents depend on one another: no factors needed."""

from __future__ import annotations

import numpy as np

from tinyvae.from_arrays import every_row_of
from tinyvae.measures.information import affordable_bins, binned_information
from tinyvae.measures.neighbours import normal_ranks
from tinyvae.measures.share import is_constant
from tinyvae.representation import Representation
from tinyvae.scores.score import (
    Properties,
    Score,
    latent_reasons,
    score_of_parts,
    scored,
)

TOTAL_CORRELATION = Properties("total correlation of codes", best=0.0, monotone=True)
PAIRWISE = Properties("mean pairwise mutual information", best=0.0, monotone=True)
SMALLEST_EIGENVALUE = 1e-9
FEW_LATENTS = "needs at least two latents that move"


@scored(TOTAL_CORRELATION, needs_factors=False)
def total_correlation(representation: Representation) -> Score:
    """Total correlation of the codes, in nats, 0 or more; from codes alone.

    -ln det(R) / 2, where R is the correlation matrix of the latents after each is
    mapped through its ranks to a standard normal (a Gaussian copula). The mean of
    ln det R over independent samples is subtracted. 0: the latents are independent.
    Undefined (infinite) where a latent is a function of the others.

    A lower bound: blind to dependence without correlation of the ranks, such as a ring.
    Blind to factors: a rotated code of Gaussian factors has 0.

    Source: Watanabe (1960); with the Gaussian copula of Liu, Lafferty & Wasserman
    (2009), arXiv:0903.0649. Published code (disentanglement_lib) takes the correlation
    of the codes as they are, which changes when a latent is warped.
    """
    moving = representation.codes[:, ~is_constant(representation.codes)]
    num_rows, num_latents = moving.shape
    if num_latents < 2:
        return Score(TOTAL_CORRELATION.title, np.nan, undefined=FEW_LATENTS)
    if num_rows <= 2 * num_latents:
        why = f"needs more than {2 * num_latents} rows for {num_latents} latents"
        return Score(TOTAL_CORRELATION.title, np.nan, undefined=why)
    ranks = np.stack([normal_ranks(latent) for latent in moving.T])
    spectrum = np.linalg.eigvalsh(np.corrcoef(ranks))
    if spectrum[0] < SMALLEST_EIGENVALUE:
        why = "infinite: a latent is a function of the others"
        return Score(TOTAL_CORRELATION.title, np.nan, undefined=why)
    chance = num_latents * (num_latents - 1) / (4 * num_rows)
    nats = -0.5 * np.log(spectrum).sum() - chance
    return Score(TOTAL_CORRELATION.title, max(0.0, float(nats)))


@scored(PAIRWISE, needs_factors=False)
def pairwise_information(representation: Representation) -> Score:
    """Mean mutual information of two latents, in nats, 0 or more; from codes alone.

    Each latent against every other in 20 equally probable bins, corrected for chance
    (`binned_information`). 0: no latent is informative about another. A part is the
    mean of one latent over the others.

    Blind to dependence that appears only among three or more latents, and to factors.

    Source: Locatello et al. (2019), section 5.4, arXiv:1811.12359, where bins are of
    equal width and their bias is not corrected.
    """
    codes = representation.codes
    reasons = latent_reasons(representation)
    moving = np.array([reason is None for reason in reasons])
    if np.count_nonzero(moving) < 2:
        return Score(PAIRWISE.title, np.nan, undefined=FEW_LATENTS)
    kept = codes[:, moving]
    pairs = every_row_of(kept, kept)
    shared = binned_information(pairs, affordable_bins(len(kept))).information
    np.fill_diagonal(shared, 0.0)
    parts = np.zeros(len(reasons))
    parts[moving] = (shared + shared.T).sum(axis=1) / 2 / (len(kept.T) - 1)
    return score_of_parts(PAIRWISE, representation.latent_names, parts, reasons)
