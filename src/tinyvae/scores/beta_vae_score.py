"""The BetaVAE score: whether pairs reveal the factor in which they agree."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tinyvae.representation import Representation
from tinyvae.scores.held_factor import HeldFactor, held_factors
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    score_of_parts,
    scored,
)

BETA_VAE = Properties(
    "BetaVAE score", chance=lambda num_factors: 1 / num_factors, samples=True
)
NUM_PAIRS = 64
POINTS = 200  # per factor; half train the classifier, half test it


@scored(BETA_VAE)
def beta_vae_score(representation: Representation, *, seed: int = 0) -> Score:
    """Accuracy of predicting the held factor from differences in pairs, 1 / K to 1.

    Pairs of rows that agree in one factor are drawn. Each point is the mean of |z - z'|
    over 64 pairs, and a linear classifier predicts the factor from it. The score is its
    accuracy on points from rows that it was not trained on. 1: always right; 1 / K:
    chance, with K factors.

    Blind to rotation: the factors of a rotated code remain linearly separable, unless
    all latents move alike (45 degrees). Most codes score near 1.

    Source: Higgins et al. (2017), section 3. Differs from published code, which draws
    new pictures from a simulator (here pairs are drawn from the given rows) and does
    not standardise the latents.
    """
    from sklearn.linear_model import LogisticRegression

    held, reasons = held_factors(representation, factor_reasons(representation))
    parts = np.zeros(len(reasons))
    if held:
        rng = np.random.default_rng(seed)
        train, test = (
            np.concatenate([_points(one, half, rng) for one in held.values()])
            for half in (0, 1)
        )
        label = np.repeat(list(held), POINTS // 2)
        classifier = LogisticRegression(max_iter=1000, C=10.0).fit(train, label)
        right = np.equal(classifier.predict(test), label)
        parts[list(held)] = right.reshape(len(held), -1).mean(axis=1)
    return score_of_parts(BETA_VAE, representation.table.names, parts, reasons)


def _points(held: HeldFactor, half: int, rng) -> Float[np.ndarray, "point latent"]:
    """Mean |z - z'| over pairs of rows in which the factor is held."""
    batches = held.pairs(half, (POINTS // 2, NUM_PAIRS), rng)
    return np.concatenate(
        [np.abs(pair[:, :, 0] - pair[:, :, 1]).mean(axis=1) for pair in batches]
    )
