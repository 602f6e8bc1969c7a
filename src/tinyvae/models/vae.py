"""VAE = encoder + head + decoder + likelihood. It contains no loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.likelihoods import Likelihood

# The log variance stays within +-12, so that a variance lies in [6e-6, 2e5] for all
# weights, and its exponential cannot overflow.
LOG_VARIANCE_LIMIT = 12.0


@runtime_checkable
class Posterior(Protocol):
    """What the encoder says of the latents of one image, or of a batch of images."""

    @property
    def code(self) -> Float[Array, "*batch latent"]:
        """One number for each latent: all that the scores see."""
        ...

    def sample(self, *, key: PRNGKeyArray) -> Float[Array, "*batch latent"]:
        """One draw, with a gradient."""
        ...

    def kl_to_prior(self) -> Float[Array, "*batch latent"]:
        """KL to the prior in each latent, in nats."""
        ...


@runtime_checkable
class Head(Protocol):
    """Turns the encoder's features into a posterior."""

    @property
    def latents(self) -> int:
        """Number of latents."""
        ...

    def width(self) -> int:
        """Number of features that it needs."""
        ...

    def __call__(self, features: Float[Array, " feature"]) -> Posterior:
        """The posterior that the features describe."""
        ...


class GaussianHead(eqx.Module):
    """Features to a Gaussian: first the means, then the log variances."""

    latents: int = eqx.field(static=True)

    def width(self) -> int:
        """Two features for each latent."""
        return 2 * self.latents

    def __call__(self, features: Float[Array, " feature"]) -> DiagonalGaussian:
        """The posterior, with log variances limited smoothly to +-12."""
        mean, raw = jnp.split(features, 2)
        log_variance = LOG_VARIANCE_LIMIT * jnp.tanh(raw / LOG_VARIANCE_LIMIT)
        return DiagonalGaussian(mean, log_variance)


class VAE(eqx.Module):
    """A variational autoencoder: image to posterior, latent to image.

    The encoder maps an image to features, and the head maps these to a posterior. The
    decoder maps a latent to parameters of the likelihood, one for each pixel and
    channel. Every method takes one example; batch with `jax.vmap`.
    """

    encoder: Callable[[Array], Array]
    head: Head
    decoder: Callable[[Array], Array]
    likelihood: Likelihood

    def encode(self, image: Shaped[Array, "height width channel"]) -> Posterior:
        """The posterior q(z | image), which has the code."""
        return self.head(self.encoder(image))

    def decode(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "height width channel"]:
        """Parameters of the likelihood at one point of the latent space."""
        return self.decoder(latent)

    def picture(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "height width channel"]:
        """The picture to show for a latent: the likelihood's mean."""
        return self.likelihood.mean(self.decode(latent))

    def log_likelihood(
        self,
        image: Shaped[Array, "height width channel"],
        latent: Float[Array, " latent"],
    ) -> Float[Array, ""]:
        """Log likelihood ln p(image | latent), in nats, summed over the pixels."""
        return self.likelihood.log_likelihood(self.decode(latent), image)

    def reconstruct(
        self, image: Shaped[Array, "height width channel"]
    ) -> Float[Array, "height width channel"]:
        """The picture decoded from the image's code."""
        return self.picture(self.encode(image).code)


def gaussian(posterior: Posterior, what: str) -> DiagonalGaussian:
    """The posterior, where `what` needs a Gaussian one.

    Raises: ConfigError if the latents are quantised.
    """
    if not isinstance(posterior, DiagonalGaussian):
        raise ConfigError(
            f"expected Gaussian latents for {what}, got a {type(posterior).__name__}, "
            "which has no density."
        )
    return posterior


@runtime_checkable
class Network(Protocol):
    """Settings of an encoder and its decoder, from which a VAE is built."""

    @property
    def kind(self) -> str:
        """Its name in a configuration."""
        ...

    @property
    def latents(self) -> int:
        """Number of latents."""
        ...

    def describe(self) -> str:
        """The settings in one line."""
        ...

    def build(
        self,
        image_shape: tuple[int, int, int],
        head: Head,
        likelihood: Likelihood,
        *,
        key: PRNGKeyArray,
    ) -> VAE:
        """A VAE with random initial weights."""
        ...
