"""Latent traversals: decoded pictures along a latent, and what changes in them.

This is the answer seen from the decoder: not which factor the encoder puts into a
latent, but what a picture does when the latent is moved.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from tinyvae.evaluation.fit import Posteriors
from tinyvae.evaluation.results import DecoderResponse
from tinyvae.factors import FactorTable
from tinyvae.models.vae import VAE
from tinyvae.worlds import Circles

# A walk covers the middle of the codes: from this quantile to its mirror image.
OUTER_QUANTILE = 0.025
NUM_BASES = 64  # codes from which each latent is walked, for the response


class Traversal(NamedTuple):
    """Pictures along one latent, the others held."""

    latent: int
    values: Float[np.ndarray, " step"]  # of the latent
    images: Float[np.ndarray, "step height width"]  # probability of white, [0, 1]


def walk(
    codes: Float[np.ndarray, "sample latent"],
    probability: Float[np.ndarray, " sample"],
    latent: int,
    num_steps: int,
) -> Float[np.ndarray, " step"]:
    """Evenly spaced values of a latent over the middle 95 % of its codes."""
    order = np.argsort(codes[:, latent], kind="stable")
    cumulative = np.cumsum(probability[order])
    ends = np.searchsorted(cumulative, [OUTER_QUANTILE, 1 - OUTER_QUANTILE])
    first, last = codes[order[np.minimum(ends, len(order) - 1)], latent]
    return np.linspace(first, last, num_steps)


def traverse(
    vae: VAE,
    base: Float[np.ndarray, " latent"],
    latent: int,
    values: Float[np.ndarray, " step"],
) -> Traversal:
    """Decode `base` with one latent replaced by each of the values."""
    codes = np.tile(base, (len(values), 1))
    codes[:, latent] = values
    logits = jax.vmap(vae.decode)(jnp.asarray(codes, jnp.float32))
    return Traversal(latent, values, np.asarray(jax.nn.sigmoid(logits)))


def central_code(
    codes: Float[np.ndarray, "sample latent"], probability: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " latent"]:
    """The code nearest to the mean code: a base at which a real picture lies."""
    distance = np.linalg.norm(codes - probability @ codes, axis=1)
    return codes[np.argmin(distance)]


def decoder_response(
    vae: VAE,
    world: Circles,
    posteriors: Posteriors,
    table: FactorTable,
    *,
    num_steps: int = 11,
) -> DecoderResponse:
    """Range of each measured factor while each latent is walked, mean over 64 bases.

    The factors are measured in the decoded pictures themselves (`Circles.measure`), in
    pixels. 0: the latent does not move the factor; about the whole range of the factor
    where the latent alone controls it.
    """
    rng = np.random.default_rng(0)
    rows = rng.choice(len(table), size=NUM_BASES, p=table.probability)
    bases = posteriors.mean[rows]

    @jax.jit
    def decoded(codes):
        return jax.nn.sigmoid(jax.vmap(jax.vmap(vae.decode))(codes))

    response = []
    for latent in range(bases.shape[1]):
        values = walk(posteriors.mean, table.probability, latent, num_steps)
        codes = np.repeat(bases[:, None, :], num_steps, axis=1)
        codes[:, :, latent] = values
        images = np.asarray(decoded(jnp.asarray(codes, jnp.float32)))
        measured = world.measure(images)
        response.append(np.nanmean(np.ptp(measured, axis=1), axis=0))
    return DecoderResponse(table.names, np.stack(response))
