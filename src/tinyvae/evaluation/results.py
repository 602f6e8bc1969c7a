"""What the evaluation of a trained VAE finds, read back without JAX."""

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
    """How far each factor moves in decoded pictures while a latent is walked."""

    factors: tuple[str, ...]
    response: Float[np.ndarray, "latent factor"]
