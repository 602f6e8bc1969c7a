"""The beta-TCVAE: the ELBO with a weight on the total correlation within its KL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from jaxtyping import Array, Float, PRNGKeyArray

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
from tinyvae.objectives.total_correlation import (
    TOTAL_CORRELATION,
    batch_total_correlation,
    stratified_total_correlation,
)
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class BetaTCVAE:
    """The ELBO minus beta - 1 times the total correlation of the aggregate posterior.

    loss = -ELBO + (beta - 1) * TC

    The mean KL to the prior is the sum of three terms: the mutual information of
    picture and latents, the total correlation of the latents, and the KL of each
    latent's own distribution to the prior. Here the total correlation counts beta times
    instead of once.

    Args:
        beta: weight of the total correlation; 1 is the plain VAE. The study of
            Locatello et al. (2019) takes 1, 2, 4, 6, 8 and 10.
        num_pictures: number of pictures of the data set, for the stratified estimate of
            the total correlation. None takes the weighted estimate, which needs none.

    Expect: latents that are more independent than those of a beta-VAE with the same
    reconstruction, since the information of the latents costs no more than in a plain
    VAE. The weight stays until the end, so the ELBO stays below that of a plain VAE.

    Source: Chen et al. (2018), eq. 4, with alpha = gamma = 1, arXiv:1802.04942.
    Raises: ValueError if beta is negative or not finite, or if num_pictures is not
    positive.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "beta-TCVAE"
    beta: float = 6.0
    num_pictures: int | None = None
    kind: Literal["beta-tcvae"] = "beta-tcvae"

    def __post_init__(self):
        check_weight("beta", self.beta)
        if self.num_pictures is not None and self.num_pictures < 1:
            raise ValueError(
                f"expected num_pictures of at least 1, got {self.num_pictures}. It is "
                "the number of pictures of the data set."
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
        encoded = encode_batch(model.vae, batch.images, key=key)
        drawn = encoded.posterior, encoded.latent
        if self.num_pictures is None:
            correlation = batch_total_correlation(*drawn)
        else:
            correlation = stratified_total_correlation(*drawn, self.num_pictures)
        terms = weighted_terms(
            encoded, 1.0, penalty(TOTAL_CORRELATION, correlation, self.beta - 1)
        )
        return terms.loss, terms

    selection_window = before_the_middle
