"""Total correlation of the aggregate posterior: a training estimate and the exact one.

TC = KL(q(z) || prod_j q(z_j)), where q(z) is the mixture of the posteriors of all
pictures. In nats; 0 if the latents are independent, without upper bound.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.gaussian import DiagonalGaussian

TOTAL_CORRELATION = "total correlation"  # name of the penalty, in every objective
MOST_UNROLLED = 16  # latents; with more, compiling takes long


def batch_total_correlation(
    posterior: DiagonalGaussian, latent: Float[Array, "batch latent"]
) -> Float[Array, ""]:
    """Total correlation of the mixture of one batch's posteriors, in nats.

    A training surrogate: each draw is scored against the batch that contains its own
    posterior, which biases the value upwards by up to ln(batch) for each latent but
    one. Compare `total_correlation`.

    Source: Chen et al. (2018), section 3 and appendix C.1 (minibatch-weighted
    estimate, without the constant of the data set's size), arXiv:1802.04942.
    """
    batch, num_latents = latent.shape
    joint, marginals = log_mixtures(posterior, latent)
    return jnp.mean(joint - marginals) + (num_latents - 1) * jnp.log(batch)


def stratified_total_correlation(
    posterior: DiagonalGaussian,
    latent: Float[Array, "batch latent"],
    num_pictures: int,
) -> Float[Array, ""]:
    """Total correlation of all posteriors of a data set, from one batch, in nats.

    Each draw's own posterior has weight 1 / num_pictures, as in the whole data set, and
    the other pictures of the batch stand for the rest. For a batch of different
    pictures, each density is estimated without bias; its logarithm is not.

    Source: Chen et al. (2018), appendix C.2 (minibatch stratified sampling),
    arXiv:1802.04942. There one picture of the batch carries the weight that makes the
    sum 1; here all others share it, which has the same mean and less variance.
    """
    log_weight = jnp.log(stratified_weights(len(latent), num_pictures))
    joint, marginals = log_mixtures(posterior, latent, log_weight)
    return jnp.mean(joint - marginals)


def log_mixtures(
    posterior: DiagonalGaussian,
    latent: Float[Array, "batch latent"],
    log_weight: Float[Array, "batch batch"] | float = 0.0,
) -> tuple[Float[Array, " batch"], Float[Array, " batch"]]:
    """Log density of each draw in the mixture of the batch's posteriors.

    First of the whole draw, then the sum over its latents of the log density of each
    latent alone. `log_weight[i, m]` is the log weight of picture m for draw i.

    One latent at a time: on a CPU, XLA vectorises over the last axis, which is then
    that of the pictures. With the latents on it, this takes more than twice as long.
    """

    def add(sums: Any, one: tuple[DiagonalGaussian, Array]) -> tuple[Any, None]:
        density, marginals = sums
        component, draw = one
        # log_density[i, m] = ln q(z_ij | x_m)
        points = jnp.broadcast_to(draw[:, None], (len(draw), len(draw)))
        log_density = jax.vmap(component.log_density)(points)
        marginal = logsumexp(log_weight + log_density, axis=1)
        return (density + log_density, marginals + marginal), None

    sums = (jnp.zeros((len(latent),) * 2), jnp.zeros(len(latent)))
    each = jax.tree.map(jnp.transpose, (posterior, latent))
    if latent.shape[1] > MOST_UNROLLED:
        sums, _ = jax.lax.scan(add, sums, each)
    else:
        for place in range(latent.shape[1]):
            sums, _ = add(sums, jax.tree.map(lambda leaf, j=place: leaf[j], each))
    density, marginals = sums
    return logsumexp(log_weight + density, axis=1), marginals


def stratified_weights(batch: int, num_pictures: int) -> Float[Array, "batch batch"]:
    """Weight of the posterior of picture m in the density of a draw of picture i.

    Each row has the sum 1.
    """
    other = (1 - 1 / num_pictures) / max(1, batch - 1)
    return (
        jnp.full((batch, batch), other)
        .at[jnp.diag_indices(batch)]
        .set(1 / num_pictures)
    )


def total_correlation(
    posterior: DiagonalGaussian,
    probability: Float[Array, " sample"],
    *,
    num_draws: int = 1,
    key: PRNGKeyArray,
) -> Float[Array, ""]:
    """Total correlation of the exact mixture of all posteriors, in nats.

    `posterior` holds mean and log variance of shape (sample, latent), and row i has
    weight `probability[i]`. The mixture is exact; only its expectation is estimated,
    with `num_draws` from each posterior.

    Source: Watanabe (1960); Chen et al. (2018), eq. 2, arXiv:1802.04942.
    """
    log_weight = jnp.log(probability)

    def log_ratio(latent: Float[Array, " latent"]) -> Float[Array, ""]:
        log_density = jax.vmap(DiagonalGaussian.log_density, (0, None))(
            posterior, latent
        )
        joint = logsumexp(log_weight + log_density.sum(-1))
        marginals = logsumexp(log_weight[:, None] + log_density, axis=0)
        return joint - marginals.sum()

    def one_posterior(row: tuple[DiagonalGaussian, PRNGKeyArray]) -> Float[Array, ""]:
        component, row_key = row
        keys = jax.random.split(row_key, num_draws)
        draws = jax.vmap(lambda k: component.sample(key=k))(keys)
        return jax.vmap(log_ratio)(draws).mean()

    keys = jax.random.split(key, len(probability))
    # one row at a time: all densities together would be (sample, sample, latent)
    ratios = jax.lax.map(one_posterior, (posterior, keys), batch_size=16)
    return jnp.sum(probability * ratios)
