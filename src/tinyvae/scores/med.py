"""MED: the entropy of a latent's mutual information over the factors."""

from __future__ import annotations

import numpy as np

from tinyvae.measures.importance import one_minus_entropy
from tinyvae.measures.information import affordable_bins, binned_information
from tinyvae.representation import Representation
from tinyvae.scores.modularity import UNINFORMED
from tinyvae.scores.score import (
    Properties,
    Score,
    latent_reasons,
    score_of_parts,
    scored,
)

# Entropy sums many small, noisy terms: half the bins of MIG halve the noise.
NUM_BINS = 10
MED = Properties("MED", chance=None, monotone=True)


@scored(MED)
def med(representation: Representation) -> Score:
    """Mutual-information-based entropy disentanglement, 0 to 1.

    DCI's disentanglement, with mutual information as importance: for each latent,
    1 - H over factors of I(z; f) / sum over latents of I(.; f), weighted by the
    latent's share of all importance. 1: each latent is informative about one factor; 0:
    each is equally informative about all. No probe is trained. Latents that share no
    more with any factor than chance are left out; undefined if none remains.

    Like DCI's disentanglement, blind to several latents for one factor, and to how
    much of a factor the latents hold.

    Source: Cao et al. (2022), section 4, arXiv:2205.10866. Differs from the published
    code, which uses 20 bins of equal width (10 here, equally probable) and does not
    correct the bias of bins.
    """
    num_bins = affordable_bins(len(representation.codes), NUM_BINS)
    found = binned_information(representation, num_bins)
    information = found.information * found.informed[:, None] * found.read
    total = information.sum(axis=0)
    importance = information / np.where(total > 0, total, 1.0)
    importance = importance[:, found.entropy > 0]
    reasons = latent_reasons(representation)
    for latent, informed in enumerate(found.informed):
        if importance.shape[1] < 2:
            reasons[latent] = "needs at least two factors that vary"
        elif reasons[latent] is None and not informed:
            reasons[latent] = UNINFORMED
    return score_of_parts(
        MED,
        representation.latent_names,
        one_minus_entropy(importance),
        reasons,
        matrix=found.information,
        matrix_name="mutual information, nats",
        weights=importance.sum(axis=1),
    )
