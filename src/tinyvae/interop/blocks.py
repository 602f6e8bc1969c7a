"""A trained VAE on the rows of an array, block by block.

Every block has the same number of rows, the last one padded. So each function compiles
once for all arrays of a width, and a row has the same result alone and among others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.evaluation.fit import MOST_DRAWS, expected_log_likelihood
from tinyvae.models.vae import VAE

BLOCK = 256  # rows

Rows = Float[np.ndarray, "sample number"]


def codes_of(vae: VAE, rows: Rows) -> Float[np.ndarray, "sample latent"]:
    """Codes: posterior means, or levels of quantised latents."""
    return in_blocks(_codes, vae, rows)


def decoded(vae: VAE, latents: Rows) -> Float[np.ndarray, "sample feature"]:
    """The likelihood's mean at points of the latent space."""
    return in_blocks(_decoded, vae, latents)


def elbos(vae: VAE, rows: Rows) -> Float[np.ndarray, " sample"]:
    """ELBO of each row in nats, from 16 posterior draws.

    The draws depend on the row alone, so that equal rows have equal values.
    """
    return in_blocks(_elbos, vae, rows)


def in_blocks(function: Callable[..., Array], vae: VAE, rows: Rows) -> np.ndarray:
    """The function's results on blocks of rows, joined."""
    parts = [np.asarray(function(vae, block)) for block in _blocks(rows)]
    return np.concatenate(parts)[: len(rows)]


def _blocks(rows: Rows) -> Iterator[Rows]:
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK].astype(np.float32)
        yield np.pad(block, ((0, BLOCK - len(block)), (0, 0)))


@eqx.filter_jit
def _codes(
    vae: VAE, rows: Float[Array | np.ndarray, "block feature"]
) -> Float[Array, "block latent"]:
    return jax.vmap(lambda row: vae.encode(row[None, :, None]).code)(rows)


@eqx.filter_jit
def _decoded(
    vae: VAE, latents: Float[Array | np.ndarray, "block latent"]
) -> Float[Array, "block feature"]:
    return jax.vmap(lambda latent: vae.picture(latent).ravel())(latents)


@eqx.filter_jit
def _elbos(
    vae: VAE, rows: Float[Array | np.ndarray, "block feature"]
) -> Float[Array, " block"]:
    def elbo(row: Float[Array, " feature"]) -> Float[Array, ""]:
        image = row[None, :, None]
        posterior = vae.encode(image)
        keys = jax.random.split(key_of(row), MOST_DRAWS)
        reconstruction = expected_log_likelihood(vae, posterior, image, keys)
        return reconstruction - posterior.kl_to_prior().sum()

    return jax.vmap(elbo)(jnp.asarray(rows))


def key_of(row: Float[Array, " feature"]) -> PRNGKeyArray:
    """A key that depends on the bits of a row."""
    bits = jax.lax.bitcast_convert_type(row, jnp.uint32)
    # odd factors, so that the order of the numbers counts; the sum wraps around
    digest = jnp.sum(bits * (2 * jnp.arange(len(row), dtype=jnp.uint32) + 1))
    return jax.random.fold_in(jax.random.key(0, impl="threefry2x32"), digest)
