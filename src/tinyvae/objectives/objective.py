"""What every objective is given, and what it reports."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Array, Float

from tinyvae.models.gaussian import DiagonalGaussian


class EncodedBatch(NamedTuple):
    """A minibatch after encoder, posterior sample and decoder."""

    posterior: DiagonalGaussian  # mean and log variance of shape (batch, latent)
    latent: Float[Array, "batch latent"]  # one draw from each posterior
    log_likelihood: Float[Array, " batch"]  # ln p(image | latent), in nats


class ObjectiveTerms(NamedTuple):
    """The terms of an objective on one minibatch, in nats (weights have no unit).

    loss = -reconstruction + kl_weight * kl.sum() + tc_weight * total_correlation
    """

    loss: Float[Array, "*member"]
    reconstruction: Float[Array, "*member"]  # E_q[ln p(x|z)], at most 0
    kl: Float[Array, "*member latent"]  # KL(q(z_j|x) || N(0, 1)) of each latent j
    total_correlation: Float[Array, "*member"]  # batch estimate; 0 where it is not used
    kl_weight: Float[Array, "*member"]
    tc_weight: Float[Array, "*member"]

    @property
    def elbo(self) -> Float[Array | np.ndarray, "*member"]:
        """Evidence lower bound, to be maximised: reconstruction - sum of kl."""
        return self.reconstruction - self.kl.sum(-1)


@runtime_checkable
class Objective(Protocol):
    """What training maximises, as a loss to be minimised.

    `progress` runs from 0 at the first step of training to 1 after the last.
    """

    @property
    def kind(self) -> str:
        """Name in configurations and on the command line."""
        ...

    def terms(self, batch: EncodedBatch, progress: Float[Array, ""]) -> ObjectiveTerms:
        """Loss and terms of one minibatch."""
        ...

    @property
    def selection_window(self) -> tuple[float, float]:
        """Stretch of progress whose mean loss tells good members from bad ones."""
        ...


def weighted_terms(
    batch: EncodedBatch,
    kl_weight: Float[Array, ""],
    tc_weight: Float[Array, ""],
    total_correlation: Float[Array, ""],
) -> ObjectiveTerms:
    """Terms of the loss that every objective of the ELBO family minimises."""
    reconstruction = batch.log_likelihood.mean()
    kl = batch.posterior.kl_to_prior().mean(0)
    loss = -reconstruction + kl_weight * kl.sum() + tc_weight * total_correlation
    return ObjectiveTerms(
        loss, reconstruction, kl, total_correlation, kl_weight, tc_weight
    )
