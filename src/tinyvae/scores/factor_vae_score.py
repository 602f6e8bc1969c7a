"""The FactorVAE score: which latent varies least while a factor is held."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from tinyvae.representation import Representation
from tinyvae.scores.held_factor import (
    HeldFactor,
    held_factors,
    moving_latents,
)
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    score_of_parts,
    scored,
)

FACTOR_VAE = Properties(
    "FactorVAE score", chance=lambda num_factors: 1 / num_factors, samples=True
)
BATCH_ROWS = 64
VOTES = 400  # per factor; one half assigns latents to factors, the other is judged


@scored(FACTOR_VAE)
def factor_vae_score(representation: Representation, *, seed: int = 0) -> Score:
    """Accuracy of predicting the held factor from the latent of least variance.

    Batches of 64 rows that agree in one factor are drawn; the latent of least variance
    (standardised over all rows) gets a vote. Votes from one half of the rows assign
    each latent to the factor with most of them; the score is the accuracy of this
    assignment in the other half. 1: always right; 1 / K: chance, with K factors.

    Blind to rotation, unless latents move alike (45 degrees), and to further factors
    in a latent: only the latent of least variance counts. Most codes score near 1.

    Source: Kim & Mnih (2018), section 4, arXiv:1802.05983. Differs from published
    code, in which leaving a latent out shifts the numbers of the others, and a latent
    is active above a standard deviation of 0.05, whatever its scale; here every latent
    that moves takes part.
    """
    held, reasons = held_factors(representation, factor_reasons(representation))
    votes = np.zeros((2, representation.num_latents, len(reasons)))
    rng = np.random.default_rng(seed)
    for factor, one in held.items():
        for half in (0, 1):
            count = _votes(one, half, rng)
            votes[half, moving_latents(representation), factor] = count
    owner = votes[0].argmax(axis=1)
    right = votes[1] * (owner[:, None] == np.arange(len(reasons)))
    return score_of_parts(
        FACTOR_VAE,
        representation.table.names,
        right.sum(axis=0) / (VOTES // 2),
        reasons,
        matrix=votes.sum(axis=0) / VOTES,
        matrix_name="votes",
    )


def _votes(held: HeldFactor, half: int, rng) -> Int[np.ndarray, " moving"]:
    """How often each moving latent is the one of least variance."""
    quietest = np.concatenate(
        [
            pair.reshape(len(pair), -1, pair.shape[-1]).var(axis=1).argmin(axis=1)
            for pair in held.pairs(half, (VOTES // 2, BATCH_ROWS // 2), rng)
        ]
    )
    return np.bincount(quietest, minlength=held.codes.shape[1])
