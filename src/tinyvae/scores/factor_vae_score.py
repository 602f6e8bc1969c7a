"""The FactorVAE score: which latent stands still while a factor is held."""

from __future__ import annotations

import numpy as np

from tinyvae.representation import Representation
from tinyvae.scores.held_factor import batches_with_factor_held, moving_latents
from tinyvae.scores.score import Facts, Score, factor_reasons, score_of_parts, scored

FACTOR_VAE = Facts(
    "FactorVAE score", chance=lambda num_factors: 1 / num_factors, samples=True
)
BATCH_ROWS = 64
VOTES = 400  # of each factor; half decide whose a latent is, half are judged


@scored(FACTOR_VAE)
def factor_vae_score(representation: Representation, *, seed: int = 0) -> Score:
    """How often the quietest latent tells which factor was held, 1 / K to 1.

    Rows that agree in one factor are drawn, 64 at a time; the latent of least variance
    (standardised over all rows) is a vote. Each latent belongs to the factor that most
    votes for it in one half of the draws; the score is how often that is right in the
    other half. 1: always; 1 / K: by chance, with K factors.

    Blind to rotation, unless latents move alike (45 degrees), and to factors that a
    latent holds beside its own: only the quietest latent counts. Most codes score
    near 1.

    Source: Kim & Mnih (2018), section 4, arXiv:1802.05983. Differs from published
    code, in which leaving a latent out shifts the numbers of the others, and 0.05 is
    the least standard deviation of an active latent whatever its scale; here every
    latent that moves takes part.
    """
    reasons = factor_reasons(representation)
    factors = [factor for factor, reason in enumerate(reasons) if reason is None]
    latents = moving_latents(representation)
    votes = np.zeros((2, representation.num_latents, len(reasons)))
    if len(latents) == 0 or len(factors) < 2:
        why = "needs a latent that moves and at least two factors that vary"
        reasons = [reason or why for reason in reasons]
    else:
        rng = np.random.default_rng(seed)
        for factor in factors:
            votes[:, latents, factor] = _votes(representation, factor, rng)
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


def _votes(representation: Representation, factor: int, rng):
    """How often each moving latent is the quietest, in either half; (2, latent)."""
    shape = (VOTES, BATCH_ROWS)
    quietest = np.concatenate(
        [
            batch.var(axis=1).argmin(axis=1)
            for batch in batches_with_factor_held(representation, factor, shape, rng)
        ]
    )
    size = len(moving_latents(representation))
    return [np.bincount(half, minlength=size) for half in np.split(quietest, 2)]
