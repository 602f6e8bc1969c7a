"""The beta-VAE: the ELBO with a weight on its KL."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
from jaxtyping import Array, Float

from tinyvae.objectives.objective import EncodedBatch, ObjectiveTerms, weighted_terms


@dataclass(frozen=True)
class BetaVAE:
    """Reconstruction minus beta times the KL to the prior, in nats.

    Pixels and latents are summed. Where others average over pixels, latents, or both,
    the same objective carries another number: see `per_pixel_beta`.

    Source: Higgins et al. (2017), eq. 4, ICLR (beta-VAE).
    Raises: ValueError if beta is negative or not finite.
    """

    beta: float = 4.0
    kind: Literal["beta-vae"] = "beta-vae"

    def __post_init__(self):
        check_weight("beta", self.beta)

    def terms(self, batch: EncodedBatch, progress: Float[Array, ""]) -> ObjectiveTerms:
        """Loss and terms of one minibatch."""
        beta = jnp.asarray(self.beta, jnp.float32)
        return weighted_terms(batch, beta, jnp.zeros(()), jnp.zeros(()))

    @property
    def selection_window(self) -> tuple[float, float]:
        """The tenth of training before its middle."""
        return (0.4, 0.5)

    def per_pixel_beta(self, num_pixels: int, num_latents: int) -> float:
        """Beta where reconstruction is averaged over pixels and KL over latents.

        This is beta-VAE's normalised beta = beta * latents / pixels.

        Source: Higgins et al. (2017), section 4.2, ICLR (beta-VAE).

        >>> round(BetaVAE(4.0).per_pixel_beta(32 * 32, 3), 4)
        0.0117
        """
        return self.beta * num_latents / num_pixels


def check_weight(name: str, value: float) -> None:
    """Refuse a weight of a term that is negative or not finite."""
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(
            f"expected a finite {name} of at least 0, got {value}. "
            f"{name} weighs a term in nats."
        )
