"""DIP-VAE I and II: the ELBO and a penalty on the covariance of the latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.objectives.objective import (
    EncodedBatch,
    Model,
    Needs,
    Penalty,
    Terms,
    before_the_middle,
    check_weight,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.worlds.world import Batch


def code_covariance(
    mean: Float[Array, "batch latent"],
) -> Float[Array, "latent latent"]:
    """Covariance of the codes of one batch, Cov[E[z|x]]; divides by the batch size."""
    centred = mean - mean.mean(0)
    return centred.T @ centred / len(mean)


def aggregate_covariance(posterior: DiagonalGaussian) -> Float[Array, "latent latent"]:
    """Covariance of draws from the posteriors of one batch, by the total variance.

    Cov[z] = Cov[E[z|x]] + E[Var[z|x]].
    """
    variance = jnp.exp(posterior.log_variance).mean(0)
    return code_covariance(posterior.mean) + jnp.diag(variance)


def distance_to_identity(
    covariance: Float[Array, "latent latent"],
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Sums of squared entries off the diagonal and of (entry - 1)^2 on it; no unit."""
    diagonal = jnp.diag(covariance)
    off_diagonal = covariance - jnp.diag(diagonal)
    return jnp.sum(off_diagonal**2), jnp.sum((diagonal - 1) ** 2)


@traceable
@dataclass(frozen=True)
class DIPVAEI:
    """The ELBO, minus a penalty on the covariance of the codes.

    loss = -ELBO + off_diagonal * sum_{i != j} C_ij^2 + diagonal * sum_i (C_ii - 1)^2,
    where C = Cov[E[z|x]] is estimated from each minibatch.

    Args:
        off_diagonal: weight of the covariances. The study of Locatello et al. (2019)
            takes 1, 2, 5, 10, 20 and 50, and `diagonal` ten times as large.
        diagonal: weight of the variances' distance from 1.

    Expect: codes that are uncorrelated, which need not be independent. Every latent is
    asked for a variance of 1, also those that the pictures do not need: with more
    latents than factors, take DIP-VAE II.

    Source: Kumar et al. (2018), eq. 6, arXiv:1711.00848.
    Raises: ValueError if a weight is negative or not finite.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "DIP-VAE I"
    off_diagonal: float = 10.0
    diagonal: float = 100.0
    kind: Literal["dip-vae-i"] = "dip-vae-i"

    def __post_init__(self):
        check_weight("off_diagonal", self.off_diagonal)
        check_weight("diagonal", self.diagonal)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        encoded = encode_batch(model.vae, batch.images, key=key)
        covariance = code_covariance(encoded.posterior.mean)
        return _penalised(encoded, covariance, self.off_diagonal, self.diagonal)

    selection_window = before_the_middle


@traceable
@dataclass(frozen=True)
class DIPVAEII:
    """The ELBO, minus a penalty on the covariance of draws from the posterior.

    loss = -ELBO + off_diagonal * sum_{i != j} C_ij^2 + diagonal * sum_i (C_ii - 1)^2,
    where C = Cov[E[z|x]] + E[Var[z|x]]: as DIP-VAE I, but wide posteriors count.

    Args:
        off_diagonal: weight of the covariances. The study of Locatello et al. (2019)
            takes 1, 2, 5, 10, 20 and 50, and `diagonal` the same.
        diagonal: weight of the variances' distance from 1.

    Expect: draws that are uncorrelated, which need not be independent. A latent that
    the pictures do not need may stay at the prior, whose variance is 1.

    Source: Kumar et al. (2018), eq. 7, arXiv:1711.00848.
    Raises: ValueError if a weight is negative or not finite.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "DIP-VAE II"
    off_diagonal: float = 10.0
    diagonal: float = 10.0
    kind: Literal["dip-vae-ii"] = "dip-vae-ii"

    def __post_init__(self):
        check_weight("off_diagonal", self.off_diagonal)
        check_weight("diagonal", self.diagonal)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        encoded = encode_batch(model.vae, batch.images, key=key)
        covariance = aggregate_covariance(encoded.posterior)
        return _penalised(encoded, covariance, self.off_diagonal, self.diagonal)

    selection_window = before_the_middle


def _penalised(
    encoded: EncodedBatch,
    covariance: Float[Array, "latent latent"],
    off_diagonal: Float[Array, ""] | float,
    diagonal: Float[Array, ""] | float,
) -> tuple[Float[Array, ""], Terms]:
    covariances, variances = distance_to_identity(covariance)
    penalties: tuple[Penalty, ...] = (
        penalty("covariance off the diagonal", covariances, off_diagonal),
        penalty("variance away from 1", variances, diagonal),
    )
    terms = weighted_terms(encoded, 1.0, *penalties)
    return terms.loss, terms
