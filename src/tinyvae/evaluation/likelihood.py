"""The log likelihood of pictures under a trained VAE, by the importance-weighted bound.

It judges the decoder and the prior: a better encoder only makes the bound tighter. So
models that were trained with other weights on the KL can be compared by it.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float, Int, Key, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.evaluation.encode import chunk
from tinyvae.evaluation.fit import Evaluated
from tinyvae.models.quantised import QuantisedHead
from tinyvae.models.vae import VAE, gaussian
from tinyvae.worlds.world import Population


class LikelihoodBound(NamedTuple):
    """A lower bound of the mean log likelihood E[ln p(x)] of some pictures, in nats."""

    value: float
    standard_error: float  # NaN where it is not known: one draw of all pictures
    num_draws: int  # from the posterior of each picture
    num_pictures: int

    def __str__(self) -> str:
        return (
            f"log likelihood at least {self.value:.2f} nats (standard error "
            f"{self.standard_error:.2g}), {self.num_draws} draws for each of "
            f"{self.num_pictures} pictures"
        )


def log_weights(
    vae: VAE,
    image: Shaped[Array, "height width channel"],
    keys: Key[Array, " draw"],
) -> Float[Array, " draw"]:
    """Ln p(image, z) - ln q(z | image) of one draw z from the posterior for each key.

    One draw after another, since decoded pictures take memory.
    """
    posterior = gaussian(vae.encode(image), "a bound from several draws")
    prior = jax.tree.map(jnp.zeros_like, posterior)  # mean 0 and log variance 0

    def one_draw(key: PRNGKeyArray) -> Float[Array, ""]:
        latent = posterior.sample(key=key)
        odds = prior.log_density(latent) - posterior.log_density(latent)
        return vae.log_likelihood(image, latent) + odds.sum()

    return jax.lax.map(one_draw, keys)


@eqx.filter_jit
def _bounds(
    vae: VAE,
    population: Population,
    rows: Int[Array, " sample"],
    num_draws: int,
    key: PRNGKeyArray,
) -> tuple[Float[Array, " sample"], Float[Array, " sample"]]:
    """Ln of the mean weight of each picture, and the mean square over its square."""

    def one_picture(row_and_key):
        row, row_key = row_and_key
        keys = jax.random.split(row_key, num_draws)
        weights = log_weights(vae, population.images(row), keys)
        bound = logsumexp(weights) - jnp.log(num_draws)
        squares = logsumexp(2 * weights) - jnp.log(num_draws)
        return bound, jnp.exp(squares - 2 * bound)

    keys = jax.random.split(key, len(rows))
    at_once = chunk(population.image_shape)
    return jax.lax.map(one_picture, (rows, keys), batch_size=at_once)


def importance_weighted_bound(
    vae: VAE,
    population: Population,
    evaluated: Evaluated,
    *,
    num_draws: int,
    key: PRNGKeyArray,
) -> LikelihoodBound:
    """Mean over pictures of ln (1/K sum_k p(x, z_k) / q(z_k | x)), in nats.

    With one draw, K = 1, its expectation is the ELBO. It grows with K, and reaches
    ln p(x) as K goes to infinity.

    The standard error is that of the mean over a population from which the pictures are
    a random sample. Where they are the whole population, it is that of the draws alone,
    to first order.

    Args:
        vae: the trained VAE.
        population: source of the pictures.
        evaluated: rows of the pictures, with their probabilities.
        num_draws: K, draws from the posterior of each picture.
        key: of the draws.

    Source: Burda et al. (2016), eq. 8, arXiv:1509.00519.
    Raises: ConfigError if there is no draw, or if the latents are quantised.
    """
    if isinstance(vae.head, QuantisedHead):
        raise ConfigError(
            "expected Gaussian latents for a bound from several draws, got quantised "
            "ones: each posterior is a single point, so that all draws are equal. The "
            "answer has their ELBO."
        )
    if num_draws < 1:
        raise ConfigError(
            f"expected at least 1 draw of each picture, got {num_draws}. "
            "100 is a usual number."
        )
    table, rows = evaluated
    bounds, ratios = (
        np.asarray(part, np.float64)
        for part in _bounds(vae, population, jnp.asarray(rows), num_draws, key)
    )
    probability, num = table.probability, len(rows)
    value = float(probability @ bounds)
    if not table.complete:
        error = np.std(bounds, ddof=1) / np.sqrt(num) if num > 1 else np.nan
    elif num_draws > 1:
        # variance of a logarithm: that of the mean weight, over its square
        variance = np.maximum(ratios - 1, 0) / (num_draws - 1)
        error = np.sqrt(probability**2 @ variance)
    else:
        error = np.nan
    return LikelihoodBound(value, float(error), num_draws, num)
