"""The BetaVAE score: whether pairs that agree in a factor can be told by it."""

from __future__ import annotations

import numpy as np

from tinyvae.representation import Representation
from tinyvae.scores.held_factor import batches_with_factor_held, moving_latents
from tinyvae.scores.score import Facts, Score, factor_reasons, score_of_parts, scored

BETA_VAE = Facts(
    "BetaVAE score", chance=lambda num_factors: 1 / num_factors, samples=True
)
NUM_PAIRS = 64
POINTS = 200  # of each factor; half train the classifier, half judge it


@scored(BETA_VAE)
def beta_vae_score(representation: Representation, *, seed: int = 0) -> Score:
    """How well mean differences within pairs tell which factor was held, 1 / K to 1.

    Pairs of rows that agree in one factor are drawn; the mean of |z - z'| over 64
    pairs is a point, and a linear classifier says which factor it was. The score is
    its accuracy on points that it was not trained on. 1: always right; 1 / K: by
    chance, with K factors.

    Blind to rotation: a turned code still tells its factors apart in a straight line,
    unless all latents move alike (45 degrees). Most codes score near 1.

    Source: Higgins et al. (2017), section 3. Differs from published code, which draws
    new pictures from a simulator (these are rows that are there) and does not
    standardise the latents.
    """
    from sklearn.linear_model import LogisticRegression

    reasons = factor_reasons(representation)
    factors = [factor for factor, reason in enumerate(reasons) if reason is None]
    parts = np.zeros(len(reasons))
    if len(moving_latents(representation)) == 0 or len(factors) < 2:
        why = "needs a latent that moves and at least two factors that vary"
        reasons = [reason or why for reason in reasons]
    else:
        rng = np.random.default_rng(seed)
        points = np.stack([_points(representation, f, rng) for f in factors])
        train, test = np.split(points, 2, axis=1)
        label = np.repeat(factors, POINTS // 2)
        classifier = LogisticRegression(max_iter=1000, C=10.0)
        classifier.fit(train.reshape(len(label), -1), label)
        right = np.equal(classifier.predict(test.reshape(len(label), -1)), label)
        parts[factors] = right.reshape(len(factors), -1).mean(axis=1)
    return score_of_parts(BETA_VAE, representation.table.names, parts, reasons)


def _points(representation: Representation, factor: int, rng):
    """Mean |z - z'| over pairs with the factor held, (point, latent)."""
    shape = (POINTS, 2 * NUM_PAIRS)
    return np.concatenate(
        [
            np.abs(batch[:, ::2] - batch[:, 1::2]).mean(axis=1)
            for batch in batches_with_factor_held(representation, factor, shape, rng)
        ]
    )
