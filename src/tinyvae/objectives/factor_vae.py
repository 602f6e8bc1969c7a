"""FactorVAE: total correlation, estimated by a discriminator trained with the VAE."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import jax
import optax
from jax.lax import stop_gradient
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.objectives.discriminator import (
    classification_loss,
    density_ratio_estimate,
    make_discriminator,
    permute_latents,
)
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    adam,
    before_the_middle,
    check_weight,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.objectives.total_correlation import TOTAL_CORRELATION
from tinyvae.worlds.draws import draw_two
from tinyvae.worlds.world import Batch

DISCRIMINATOR_RATE = 1e-4  # of Adam, with b1 0.5 and b2 0.9 (Kim & Mnih, appendix A)


def two_optimizers(learning_rate: Any) -> optax.GradientTransformation:
    """Adam for the VAE, and the discriminator's own Adam."""

    def groups(model: Model) -> Model:
        return Model(
            jax.tree.map(lambda _: "vae", model.vae),
            jax.tree.map(lambda _: "discriminator", model.auxiliary),
        )

    optimizers: dict[Hashable, optax.GradientTransformation] = {
        "vae": adam(learning_rate),
        "discriminator": optax.adam(DISCRIMINATOR_RATE, b1=0.5, b2=0.9),
    }
    return optax.partition(optimizers, groups)


@traceable
@dataclass(frozen=True)
class FactorVAE:
    """The ELBO minus gamma times the total correlation of the aggregate posterior.

    loss = -ELBO + gamma * TC

    A discriminator learns to tell draws of q(z) from draws whose latents are permuted
    over a second batch; its mean logit estimates the total correlation.

    Args:
        gamma: weight of the total correlation. The study of Locatello et al. (2019)
            takes 10, 20, 30, 40, 50 and 100.

    Expect: what a beta-TCVAE gives, by another estimate: gamma stands where beta - 1
    does. The estimate is too low while the discriminator learns. A step costs two
    batches and a second network.

    Source: Kim & Mnih (2018), algorithm 2, arXiv:1802.05983. There the two networks
    take turns; here both take their gradient at the same point, in one step.
    Raises: ValueError if gamma is negative or not finite.
    """

    needs: ClassVar[Needs] = Needs(
        draw=draw_two, auxiliary=make_discriminator, optimizer=two_optimizers
    )
    title: ClassVar[str] = "FactorVAE"
    gamma: float = 30.0
    kind: Literal["factor-vae"] = "factor-vae"

    def __post_init__(self):
        check_weight("gamma", self.gamma)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss of both networks, and the VAE's terms, on two minibatches.

        Each network's loss is constant for the other network, so the gradient of the
        sum holds the two gradients.
        """
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
        critic = classification_loss(
            model.auxiliary, stop_gradient(encoded.latent), permuted
        )
        return terms.loss + critic, terms

    selection_window = before_the_middle
