"""Results of evaluating a trained VAE; reading them back needs no JAX."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class ModelFit:
    """How well a VAE fits its pictures, averaged over the population."""

    elbo: float  # nats, to be maximised
    reconstruction: float  # E_q[ln p(x|z)], nats
    kl: float  # nats, summed over latents
    total_correlation: float  # nats, of the aggregate posterior
    intersection_over_union: float  # of thresholded reconstructions, 0 to 1


@dataclass(frozen=True, eq=False)
class DecoderResponse:
    """How far each factor moves in decoded pictures while a latent is walked.

    In the factor's unit; NaN if it cannot be measured in the pictures.
    """

    factors: tuple[str, ...]
    response: Float[np.ndarray, "latent factor"]


@dataclass(frozen=True, eq=False)
class Movement:
    """Which pixels change in decoded pictures while a latent is walked.

    The change of a pixel is the range of its values along the walk. `x`, `y` and
    `spread` are NaN if nothing changes, and for vectors, which have no positions.
    """

    change: Float[np.ndarray, " latent"]  # mean over pixels, in units of a pixel
    pixels: Float[np.ndarray, " latent"]  # share that changes by over 0.1 of its range
    x: Float[np.ndarray, " latent"]  # centre of the change, px from the left
    y: Float[np.ndarray, " latent"]  # px from the top
    spread: Float[np.ndarray, " latent"]  # root mean square distance from there, px
