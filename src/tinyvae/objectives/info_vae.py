"""InfoVAE: the KL exchanged for the discrepancy of the aggregate posterior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.objectives.mean_discrepancy import Kernel, squared_discrepancy
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    before_the_middle,
    check_weight,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class InfoVAE:
    """Reconstruction, minus part of the KL, minus the MMD of q(z) from the prior.

    loss = -reconstruction + (1 - alpha) * KL
    + (alpha + divergence_weight - 1) * MMD^2(q(z), p(z))

    The mean KL is the mutual information of picture and latents, plus the KL of the
    aggregate posterior q(z) to the prior. So with alpha above 0, information costs less
    than in a plain VAE, and q(z) is held to the prior by the discrepancy instead. Each
    minibatch estimates it from one draw of each posterior and as many of the prior,
    without bias (so that it may fall below 0).

    Args:
        alpha: weight of the mutual information, at most 1; 1 is the MMD-VAE, which has
            no KL, and 0 keeps the KL whole.
        divergence_weight: lambda of the paper, where the MMD counts alpha + lambda - 1
            times.
        kernel: kernel of the MMD, rbf or inverse-multiquadratic.
        kernel_width: width of the kernel, in units of the root of the number of
            latents; with 1, twice its square is the mean squared distance of two draws
            of the prior.

    Expect: a higher KL than that of a plain VAE, and an aggregate posterior near the
    prior. Nothing asks for one factor in each latent.

    Source: Zhao et al. (2019), eq. 6, arXiv:1706.02262; kernel and estimate as in
    Tolstikhin et al. (2018), algorithm 2, arXiv:1711.01558.
    Raises: ValueError if a number is out of range, or if the kernel is unknown.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "InfoVAE"
    alpha: float = 0.5
    divergence_weight: float = 1000.0
    kernel: str = "rbf"
    kernel_width: float = 1.0
    kind: Literal["info-vae"] = "info-vae"

    def __post_init__(self):
        if not (math.isfinite(self.alpha) and self.alpha <= 1):
            raise ValueError(
                f"expected a finite alpha of at most 1, got {self.alpha}. The KL has "
                "the weight 1 - alpha."
            )
        check_weight("divergence_weight", self.divergence_weight)
        if self.alpha + self.divergence_weight < 1:
            raise ValueError(
                "expected alpha + divergence_weight of at least 1, the weight of the "
                f"MMD, got {self.alpha} + {self.divergence_weight}. Raise "
                "divergence_weight."
            )
        if self.kernel not in get_args(Kernel):
            raise ValueError(
                f"expected a kernel among {', '.join(get_args(Kernel))}, "
                f"got {self.kernel!r}."
            )
        if not (math.isfinite(self.kernel_width) and self.kernel_width > 0):
            raise ValueError(
                f"expected a finite kernel_width above 0, got {self.kernel_width}. "
                "1 is the default."
            )

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        noise, prior_key = jax.random.split(key)
        encoded = encode_batch(model.vae, batch.images, key=noise)
        latent = encoded.latent
        prior = jax.random.normal(prior_key, latent.shape, latent.dtype)
        width = self.kernel_width * jnp.sqrt(float(latent.shape[1]))
        discrepancy = squared_discrepancy(latent, prior, self.kernel, width)
        terms = weighted_terms(
            encoded,
            1 - self.alpha,
            penalty(
                "squared MMD of q(z) from the prior",
                discrepancy,
                self.alpha + self.divergence_weight - 1,
            ),
        )
        return terms.loss, terms

    selection_window = before_the_middle
