"""The evidence lower bound: the plain VAE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
from jaxtyping import Array, Float

from tinyvae.objectives.objective import EncodedBatch, ObjectiveTerms, weighted_terms


@dataclass(frozen=True)
class ELBO:
    """Reconstruction minus KL to the prior, in nats.

    Source: Kingma & Welling (2014), eq. 3, arXiv:1312.6114.
    """

    kind: Literal["vae"] = "vae"

    def terms(self, batch: EncodedBatch, progress: Float[Array, ""]) -> ObjectiveTerms:
        """Loss and terms of one minibatch."""
        return weighted_terms(batch, jnp.ones(()), jnp.zeros(()), jnp.zeros(()))

    @property
    def selection_window(self) -> tuple[float, float]:
        """The tenth of training before its middle."""
        return (0.4, 0.5)
