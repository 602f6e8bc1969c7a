"""Modularity: whether each latent is informative about one factor only."""

from __future__ import annotations

import numpy as np

from tinyvae.measures.information import affordable_bins, binned_information
from tinyvae.representation import Representation
from tinyvae.scores.score import (
    Properties,
    Score,
    latent_reasons,
    score_of_parts,
    scored,
)

MODULARITY = Properties("modularity", chance=None, monotone=True)
UNINFORMED = "uninformed: it shares no more with any factor than chance"


@scored(MODULARITY)
def modularity(representation: Representation) -> Score:
    """Whether each latent is informative about one factor only, 0 to 1.

    For each latent, 1 - sum of I^2 over all factors but its best, over (K - 1) times
    the best I^2; the mean over latents. 1: each latent is informative about one factor;
    0: equally about all. Latents that share no more with any factor than chance are
    left out; modularity is undefined if none remains.

    Blind to factors that no latent holds, to factors that several latents share (it
    does not measure completeness), and nearly to rotation below 30 degrees.

    Source: Ridgeway & Mozer (2018), section 3, arXiv:1802.05312. Differs from
    published code, which uses bins of equal width and counts a noise latent too.
    """
    found = binned_information(
        representation, affordable_bins(len(representation.codes))
    )
    squares = found.information**2
    num_factors = np.count_nonzero(found.entropy > 0)
    best = squares.max(axis=1)
    rest = squares.sum(axis=1) - best
    parts = 1 - rest / np.maximum(best * max(1, num_factors - 1), 1e-300)
    reasons = latent_reasons(representation)
    for latent, informed in enumerate(found.informed):
        if num_factors < 2:
            reasons[latent] = "needs at least two factors that vary"
        elif reasons[latent] is None and not (informed and best[latent] > 0):
            reasons[latent] = UNINFORMED
    return score_of_parts(
        MODULARITY,
        representation.latent_names,
        parts,
        reasons,
        matrix=found.information,
        matrix_name="mutual information, nats",
    )
