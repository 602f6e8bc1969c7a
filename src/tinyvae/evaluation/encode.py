"""Encodes pictures of a population in chunks, which keeps memory small."""

from __future__ import annotations

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from tinyvae.evaluation.levels import level_entropies
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.vae import VAE, Posterior
from tinyvae.worlds.world import Population

MOST_AT_ONCE = 512  # pictures per chunk
MOST_NUMBERS = 2**21  # per chunk: 512 pictures of 64x64, 42 of 128x128 in colour


def chunk(image_shape: tuple[int, ...]) -> int:
    """How many pictures a network sees at once, so that memory stays bounded.

    >>> chunk((32, 32, 1)), chunk((128, 128, 3))
    (512, 42)
    """
    return max(1, min(MOST_AT_ONCE, MOST_NUMBERS // math.prod(image_shape)))


class Posteriors(NamedTuple):
    """Mean and log variance of q(z|x), as NumPy arrays.

    Quantised latents have no variance: the posterior is the point `mean`.
    """

    mean: Float[np.ndarray, "sample latent"]
    log_variance: Float[np.ndarray, "sample latent"] | None = None

    @property
    def quantised(self) -> bool:
        """Whether each latent takes one of a few values, its levels."""
        return self.log_variance is None

    def mean_kl(
        self, probability: Float[np.ndarray, " sample"]
    ) -> Float[np.ndarray, " latent"]:
        """Mean KL of each latent to the prior over the pictures, in nats.

        The prior is N(0, 1). That of quantised latents is the frequency of each level
        among these pictures, so that the KL is the entropy of the latent's levels.
        """
        if self.log_variance is None:
            return level_entropies(self.mean, probability)
        mean, log_variance = self.mean, self.log_variance
        kl = 0.5 * (mean**2 + np.expm1(log_variance) - log_variance)
        return probability @ kl


@eqx.filter_jit
def draw_rows(
    population: Population, rows: Int[Array | np.ndarray, " sample"]
) -> Shaped[Array, "sample height width channel"]:
    """The pictures of some rows of a population."""
    return population.images(jnp.asarray(rows))


@eqx.filter_jit
def _encode_images(
    vae: VAE, images: Shaped[Array, "sample height width channel"]
) -> Posterior:
    return jax.lax.map(vae.encode, images, batch_size=chunk(images.shape[1:]))


@eqx.filter_jit
def _encode_rows(
    vae: VAE, population: Population, rows: Int[Array, " sample"]
) -> Posterior:
    return jax.lax.map(
        lambda row: vae.encode(population.images(row)),
        rows,
        batch_size=chunk(population.image_shape),
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


def posteriors_of(posterior: Posterior) -> Posteriors:
    """The posteriors as NumPy arrays of 64-bit floats."""
    codes = np.asarray(posterior.code, np.float64)
    if isinstance(posterior, DiagonalGaussian):
        return Posteriors(codes, np.asarray(posterior.log_variance, np.float64))
    return Posteriors(codes)
