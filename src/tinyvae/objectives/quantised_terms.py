"""Terms that objectives with quantised latents share. No KL is in their loss."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.lax import stop_gradient
from jax.scipy.special import xlogy
from jaxtyping import Array, Float, Shaped

from tinyvae.errors import ConfigError
from tinyvae.models.quantised import QuantisedPosterior
from tinyvae.models.vae import VAE
from tinyvae.objectives.objective import Penalty, Terms


class QuantisedBatch(NamedTuple):
    """A minibatch after encoder, quantisation and decoder."""

    posterior: QuantisedPosterior  # arrays of shape (batch, latent)
    latent: Float[Array, "batch latent"]  # the codes, with straight-through gradient
    log_likelihood: Float[Array, " batch"]  # ln p(image | latent), in nats


def encode_quantised(
    vae: VAE, images: Shaped[Array, "batch height width channel"]
) -> QuantisedBatch:
    """Encode, quantise, decode and score a minibatch.

    Raises: ConfigError if the latents are not quantised.
    """
    posterior = jax.vmap(vae.encode)(images)
    if not isinstance(posterior, QuantisedPosterior):
        raise ConfigError(
            f"expected quantised latents, got a {type(posterior).__name__}. The "
            "objective's method `head` gives a head of tinyvae.models.quantised."
        )
    latent = posterior.straight_through()
    log_likelihood = jax.vmap(vae.log_likelihood)(images, latent)
    return QuantisedBatch(posterior, latent, log_likelihood)


def batch_entropies(posterior: QuantisedPosterior) -> Float[Array, " latent"]:
    """Entropy of the levels of each latent in a minibatch, in nats.

    0: all pictures have the same level; ln(levels): all levels are equally frequent.
    Few pictures make it too small, by about (levels - 1) / (2 batch).
    """
    frequency = jax.nn.one_hot(posterior.level, posterior.num_levels).mean(axis=0)
    return jnp.abs(xlogy(frequency, frequency).sum(axis=-1))


def quantised_terms(batch: QuantisedBatch, *penalties: Penalty) -> Terms:
    """Reconstruction and penalties; the entropies of the latents have no weight.

    The entropy of a latent is its KL to the frequencies of its levels.
    """
    reconstruction = batch.log_likelihood.mean()
    loss = -reconstruction
    for penalty in penalties:
        loss = loss + penalty.weight * penalty.value
    kl = stop_gradient(batch_entropies(batch.posterior))
    return Terms(loss, reconstruction, kl, jnp.zeros_like(loss), penalties)


def numbers_of(images: Shaped[Array, "batch height width channel"]) -> int:
    """Numbers of one picture: by these, weights for a mean over pixels are too small.

    >>> numbers_of(jnp.zeros((5, 32, 32, 3)))
    3072
    """
    return math.prod(images.shape[1:])
