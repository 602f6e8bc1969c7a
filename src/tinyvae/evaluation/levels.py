"""Entropies of quantised codes, in nats."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


def level_entropies(
    codes: Float[np.ndarray, "sample latent"], probability: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " latent"]:
    """Entropy of the levels of each latent over the pictures, in nats.

    0: all pictures have the same level; ln(levels): all levels are equally frequent.
    """
    positions = [np.unique(column, return_inverse=True)[1] for column in codes.T]
    return np.array([_entropy(position, probability) for position in positions])


def level_total_correlation(
    codes: Float[np.ndarray, "sample latent"], probability: Float[np.ndarray, " sample"]
) -> float:
    """Total correlation of quantised codes over the pictures, in nats; exact.

    The sum of the entropies of the latents, minus the entropy of the whole codes.

    Source: Watanabe (1960).
    """
    _, position = np.unique(codes, axis=0, return_inverse=True)
    joint = _entropy(position.reshape(-1), probability)
    return float(level_entropies(codes, probability).sum() - joint)


def nearest_levels(
    values: Float[np.ndarray, " step"], column: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " step"]:
    """For each value, the nearest of the levels that occur in a column of codes."""
    levels = np.unique(column)
    return levels[np.abs(values[:, None] - levels).argmin(axis=1)]


def _entropy(
    position: Int[np.ndarray, " sample"], probability: Float[np.ndarray, " sample"]
) -> float:
    frequency = np.bincount(position, weights=probability)
    frequency = frequency[frequency > 0]
    return max(0.0, float(-(frequency * np.log(frequency)).sum()))
