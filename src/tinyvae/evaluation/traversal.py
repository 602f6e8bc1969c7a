"""Latent traversals: decoded pictures along a latent, and what changes in them.

This measures the decoder: not which factor the encoder puts into a latent, but how a
picture changes when the latent is moved.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from tinyvae.evaluation.encode import Posteriors, chunk
from tinyvae.evaluation.levels import nearest_levels
from tinyvae.evaluation.results import DecoderResponse
from tinyvae.factors import FactorTable
from tinyvae.models.vae import VAE
from tinyvae.worlds.world import Measures

# A walk covers the middle of the codes: from this quantile to 1 minus it.
OUTER_QUANTILE = 0.025
NUM_BASES = 64  # codes from which the response to each latent is measured


class Traversal(NamedTuple):
    """Pictures along one latent, with the others held."""

    latent: int
    values: Float[np.ndarray, " step"]  # of the latent
    images: Float[np.ndarray, "step height width channel"]  # what the decoder shows


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


def walk_of(
    posteriors: Posteriors,
    probability: Float[np.ndarray, " sample"],
    latent: int,
    num_steps: int,
) -> Float[np.ndarray, " step"]:
    """Values of a latent to walk along: as `walk`, or the levels nearest to those."""
    values = walk(posteriors.mean, probability, latent, num_steps)
    if not posteriors.quantised:
        return values
    return nearest_levels(values, posteriors.mean[:, latent])


def traverse(
    vae: VAE,
    base: Float[np.ndarray, " latent"],
    latent: int,
    values: Float[np.ndarray, " step"],
) -> Traversal:
    """Decode `base` with one latent replaced by each of the values."""
    codes = np.tile(base, (len(values), 1))
    codes[:, latent] = values
    return Traversal(latent, values, decode_pictures(vae, codes))


@eqx.filter_jit
def _pictures(
    vae: VAE, latents: Float[Array, "sample latent"]
) -> Float[Array, "sample height width channel"]:
    shape = jax.eval_shape(vae.picture, latents[0]).shape
    return jax.lax.map(vae.picture, latents, batch_size=chunk(shape))


def decode_pictures(
    vae: VAE, latents: Float[Array | np.ndarray, "sample latent"]
) -> Float[np.ndarray, "sample height width channel"]:
    """The pictures to show at points of the latent space."""
    return np.asarray(_pictures(vae, jnp.asarray(latents, jnp.float32)))


def central_code(
    codes: Float[np.ndarray, "sample latent"], probability: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " latent"]:
    """The code nearest to the mean code: a base that belongs to a real picture."""
    distance = np.linalg.norm(codes - probability @ codes, axis=1)
    return codes[np.argmin(distance)]


def decoder_response(
    vae: VAE,
    world: Measures,
    posteriors: Posteriors,
    table: FactorTable,
    *,
    num_steps: int = 11,
) -> DecoderResponse:
    """Range of each measured factor while each latent is walked, mean over 64 bases.

    The factors are measured in the decoded pictures, in their own units. 0: the latent
    does not move the factor; about the whole range of the factor: the latent alone
    controls it. NaN: it cannot be measured.
    """
    bases = walk_bases(posteriors, table)
    response = []
    for latent in range(bases.shape[1]):
        images = walk_from_bases(vae, posteriors, table, bases, latent, num_steps)
        measured = world.measure(images)
        with np.errstate(invalid="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # an empty mean is NaN
            response.append(np.nanmean(np.ptp(measured, axis=1), axis=0))
    return DecoderResponse(table.names, np.stack(response))


def walk_bases(
    posteriors: Posteriors, table: FactorTable
) -> Float[np.ndarray, "base latent"]:
    """Codes of 64 random pictures, from which latents are walked."""
    rng = np.random.default_rng(0)
    rows = rng.choice(len(table), size=NUM_BASES, p=table.probability)
    return posteriors.mean[rows]


def walk_from_bases(
    vae: VAE,
    posteriors: Posteriors,
    table: FactorTable,
    bases: Float[np.ndarray, "base latent"],
    latent: int,
    num_steps: int,
) -> Float[np.ndarray, "base step height width channel"]:
    """Pictures along one latent, from every base."""
    values = walk_of(posteriors, table.probability, latent, num_steps)
    codes = np.repeat(bases[:, None, :], num_steps, axis=1)
    codes[:, :, latent] = values
    images = decode_pictures(vae, codes.reshape(-1, bases.shape[1]))
    return images.reshape(len(bases), num_steps, *images.shape[1:])
