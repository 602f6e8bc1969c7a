"""Encodes pictures of a population in chunks, which keeps memory small."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.vae import VAE
from tinyvae.worlds.world import Population

CHUNK = 512  # pictures per chunk


class Posteriors(NamedTuple):
    """Mean and log variance of q(z|x), as NumPy arrays."""

    mean: Float[np.ndarray, "sample latent"]
    log_variance: Float[np.ndarray, "sample latent"]

    def kl_to_prior(self) -> Float[np.ndarray, "sample latent"]:
        """KL(q(z_j|x) || N(0, 1)) of each latent, in nats."""
        mean, log_variance = self.mean, self.log_variance
        return 0.5 * (mean**2 + np.expm1(log_variance) - log_variance)


@eqx.filter_jit
def draw_rows(
    population: Population, rows: Int[Array | np.ndarray, " sample"]
) -> Shaped[Array, "sample height width channel"]:
    """The pictures of some rows of a population."""
    return population.images(jnp.asarray(rows))


@eqx.filter_jit
def _encode_images(
    vae: VAE, images: Shaped[Array, "sample height width channel"]
) -> DiagonalGaussian:
    return jax.lax.map(vae.encode, images, batch_size=CHUNK)


@eqx.filter_jit
def _encode_rows(
    vae: VAE, population: Population, rows: Int[Array, " sample"]
) -> DiagonalGaussian:
    return jax.lax.map(
        lambda row: vae.encode(population.images(row)), rows, batch_size=CHUNK
    )


def encode_images(
    vae: VAE, images: Shaped[Array | np.ndarray, "sample height width channel"]
) -> Posteriors:
    """Posteriors of pictures, whose pixels are as the VAE was trained on."""
    return posteriors_of(_encode_images(vae, jnp.asarray(images)))


def encode_rows(
    vae: VAE, population: Population, rows: Int[Array | np.ndarray, " sample"]
) -> Posteriors:
    """Posteriors of some rows of a population; the pictures are never all in memory."""
    return posteriors_of(_encode_rows(vae, population, jnp.asarray(rows)))


def posteriors_of(posterior: DiagonalGaussian) -> Posteriors:
    """The posteriors as NumPy arrays of 64-bit floats."""
    return Posteriors(
        np.asarray(posterior.mean, np.float64),
        np.asarray(posterior.log_variance, np.float64),
    )
