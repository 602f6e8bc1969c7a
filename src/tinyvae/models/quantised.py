"""Quantised latents: each takes one of a few values, which are its levels.

The posterior of a picture is a single point: for each latent, the level that the
encoder's feature is nearest to.
"""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient
from jaxtyping import Array, Float, Int, PRNGKeyArray

from tinyvae.errors import ConfigError
from tinyvae.models.vae import Head

FEWEST_LEVELS, MOST_LEVELS = 2, 256


class QuantisedPosterior(eqx.Module):
    """The level of each latent for a picture, a point; or a batch of them."""

    continuous: Float[Array, "*batch latent"]  # before quantisation
    quantised: Float[Array, "*batch latent"]  # value of the level
    level: Int[Array, "*batch latent"]  # its number, from 0
    num_levels: int = eqx.field(static=True)

    @property
    def code(self) -> Float[Array, "*batch latent"]:
        """The code of the image: the value of each latent's level."""
        return self.quantised

    def straight_through(self) -> Float[Array, "*batch latent"]:
        """The code, with the gradient of the continuous value before it.

        A step function has no slope to follow, so quantisation counts as the identity.

        Source: Bengio et al. (2013), arXiv:1308.3432.
        """
        # exactly the code: a number minus itself is 0
        slope = self.continuous - stop_gradient(self.continuous)
        return stop_gradient(self.quantised) + slope

    def sample(self, *, key: PRNGKeyArray) -> Float[Array, "*batch latent"]:
        """The only point of the posterior, differentiable as the identity."""
        return self.straight_through()

    def kl_to_prior(self) -> Float[Array, "*batch latent"]:
        """KL to equally probable levels: ln(levels) nats for every picture."""
        return jnp.full(self.quantised.shape, math.log(self.num_levels))


@runtime_checkable
class QuantisedHead(Head, Protocol):
    """A head whose latents have levels."""

    def levels(self) -> Float[Array, "latent level"]:
        """Values of the levels of each latent."""
        ...


class CodebookHead(eqx.Module):
    """Each feature to the nearest value of its latent's codebook, which is learned.

    The codebooks begin as evenly spaced values from -1/2 to 1/2.

    Source: Hsu et al. (2023), arXiv:2305.18378.
    """

    values: Float[Array, "*member latent level"]

    def __init__(self, latents: int, num_levels: int):
        start = jnp.linspace(-0.5, 0.5, num_levels, dtype=jnp.float32)
        self.values = jnp.tile(start, (latents, 1))

    @property
    def latents(self) -> int:
        """Number of latents: one for each codebook."""
        return self.values.shape[-2]

    def width(self) -> int:
        """One feature for each latent."""
        return self.latents

    def levels(self) -> Float[Array, "latent level"]:
        """The codebooks."""
        return self.values

    def __call__(self, features: Float[Array, " feature"]) -> QuantisedPosterior:
        """The nearest values; of two equally near ones, the first of the codebook."""
        distance = jnp.abs(features[:, None] - self.values)
        level = jnp.argmin(distance, axis=1)
        value = jnp.take_along_axis(self.values, level[:, None], axis=1)[:, 0]
        return QuantisedPosterior(features, value, level, self.values.shape[-1])


class FiniteScalarHead(eqx.Module):
    """Each feature, bounded by tanh, to the nearest of evenly spaced, fixed values.

    The levels of every latent run from -1 to 1.

    Source: Mentzer et al. (2024), arXiv:2309.15505, with the levels of Hsu et al.
    (2024), arXiv:2404.10282, which include both ends.
    """

    latents: int = eqx.field(static=True)
    num_levels: int = eqx.field(static=True)

    def width(self) -> int:
        """One feature for each latent."""
        return self.latents

    def levels(self) -> Float[Array, "latent level"]:
        """The same levels for every latent."""
        return jnp.tile(self._values(), (self.latents, 1))

    def _values(self) -> Float[Array, " level"]:
        # a table, so that equal levels have equal bits however they are compiled
        return jnp.asarray(np.linspace(-1, 1, self.num_levels), jnp.float32)

    def __call__(self, features: Float[Array, " feature"]) -> QuantisedPosterior:
        """The nearest levels; halfway between two, that of even number."""
        bounded = jnp.tanh(features)
        level = jnp.round((bounded + 1) / 2 * (self.num_levels - 1)).astype(jnp.int32)
        value = self._values()[level]
        return QuantisedPosterior(bounded, value, level, self.num_levels)


def check_levels(levels: int) -> None:
    """Raises: ConfigError unless the number of levels is 2 to 256."""  # noqa: D402
    if not FEWEST_LEVELS <= levels <= MOST_LEVELS:
        raise ConfigError(
            f"expected {FEWEST_LEVELS} to {MOST_LEVELS} levels of each latent, got "
            f"{levels}. 10 is a usual number."
        )
