"""What pythae and disent define otherwise, as objectives of tinyvae.

With them, `elbo_terms.py` tells apart a difference of definition from one of the
computation. Each follows the code of that library, not the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.objectives import FactorVAE
from tinyvae.objectives.discriminator import (
    classification_loss,
    density_ratio_estimate,
    permute_latents,
)
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    before_the_middle,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.objectives.total_correlation import (
    TOTAL_CORRELATION,
    batch_total_correlation,
    log_mixtures,
)
from tinyvae.worlds.world import Batch

Loss = tuple[Float[Array, ""], Terms]


@traceable
@dataclass(frozen=True)
class DisentBetaTCVAE:
    """disent's BetaTcVae: beta also weighs the whole KL, which already holds the TC.

    loss = -reconstruction + beta * KL + (beta - 1) * TC

    The estimate of the total correlation lacks a constant, (latents - 1) ln(batch).
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "beta-TCVAE of disent"
    beta: float = 4.0
    kind: Literal["disent-beta-tcvae"] = "disent-beta-tcvae"

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> Loss:
        """Loss and terms of one minibatch."""
        encoded = encode_batch(model.vae, batch.images, key=key)
        num, latents = encoded.latent.shape
        constant = (latents - 1) * jnp.log(num)
        estimate = batch_total_correlation(encoded.posterior, encoded.latent)
        added = penalty(TOTAL_CORRELATION, estimate - constant, self.beta - 1)
        terms = weighted_terms(encoded, self.beta, added)
        return terms.loss, terms

    selection_window = before_the_middle


@traceable
@dataclass(frozen=True)
class PythaeBetaTCVAE:
    """pythae's BetaTCVAE: the KL is that of the draws, not the closed form.

    loss = -reconstruction + (ln q(z|x) - ln p(z)) + (beta - 1) * TC

    Weighted, the total correlation differs by a constant, (latents - 1) ln(pictures).
    Stratified (pythae's default), the weight of a draw's own posterior stands in the
    first column of the matrix of weights instead of on its diagonal, and another weight
    in the second column: it strides by the batch size instead of by one more.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "beta-TCVAE of pythae"
    num_pictures: int
    stratified: bool = False
    beta: float = 4.0
    kind: Literal["pythae-beta-tcvae"] = "pythae-beta-tcvae"

    def log_weight(self, num: int) -> Float[np.ndarray, "batch batch"]:
        """Log weight of the posterior of picture m for draw i."""
        if not self.stratified:
            return np.full((num, num), -np.log(num * self.num_pictures))
        weight = np.full((num, num), 1 / (num - 1))
        rest = (self.num_pictures - num + 1) / (self.num_pictures * (num - 1))
        weight[:, 0], weight[:, 1] = 1 / self.num_pictures, rest
        weight[num - 2, 0] = rest
        return np.log(weight)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> Loss:
        """Loss and terms of one minibatch."""
        encoded = encode_batch(model.vae, batch.images, key=key)
        posterior, latent = encoded.posterior, encoded.latent
        prior = jax.tree.map(jnp.zeros_like, posterior)  # mean 0 and log variance 0
        drawn = posterior.log_density(latent) - prior.log_density(latent)
        log_weight = jnp.asarray(self.log_weight(len(latent)), jnp.float32)
        joint, marginals = log_mixtures(posterior, latent, log_weight)
        terms = weighted_terms(
            encoded,
            0.0,
            penalty("KL of the draws", drawn.sum(-1).mean(), 1.0),
            penalty(TOTAL_CORRELATION, jnp.mean(joint - marginals), self.beta - 1),
        )
        return terms.loss, terms

    selection_window = before_the_middle


@traceable
@dataclass(frozen=True)
class PythaeFactorVAE:
    """pythae's FactorVAE: the encoder also descends the discriminator's loss.

    The latents of the discriminator's loss keep their gradient, so that the encoder
    helps the discriminator, with weight 1 beside gamma.
    """

    needs: ClassVar[Needs] = FactorVAE.needs
    title: ClassVar[str] = "FactorVAE of pythae"
    gamma: float = 30.0
    kind: Literal["pythae-factor-vae"] = "pythae-factor-vae"

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> Loss:
        """Loss of both networks, and the VAE's terms, on two minibatches."""
        noise, other_noise, order = jax.random.split(key, 3)
        encoded = encode_batch(model.vae, batch.images, key=noise)
        held = jax.tree.map(stop_gradient, model.auxiliary)
        correlation = density_ratio_estimate(held, encoded.latent)
        terms = weighted_terms(
            encoded, 1.0, penalty(TOTAL_CORRELATION, correlation, self.gamma)
        )
        others = batch.images if batch.other is None else batch.other
        other = jax.vmap(model.vae.encode)(others).sample(key=other_noise)
        permuted = permute_latents(stop_gradient(other), key=order)
        critic = classification_loss(model.auxiliary, encoded.latent, permuted)
        return terms.loss + critic, terms

    selection_window = before_the_middle
