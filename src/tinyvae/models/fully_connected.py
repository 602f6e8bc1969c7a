"""Fully connected encoder and decoder. Each takes one example."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.models.layers import (
    LinearLayers,
    check_activation,
    check_latents,
    check_widths,
)
from tinyvae.models.likelihoods import Likelihood
from tinyvae.models.vae import VAE, Head
from tinyvae.wording import counted


class FullyConnectedEncoder(eqx.Module):
    """Image to features; every pixel and channel is an input of the first layer."""

    network: LinearLayers

    def __call__(
        self, image: Shaped[Array, "height width channel"]
    ) -> Float[Array, " feature"]:
        """Features for the head."""
        return self.network(image.ravel().astype(jnp.float32))


class FullyConnectedDecoder(eqx.Module):
    """Latent to one parameter of the likelihood for each pixel and channel."""

    network: LinearLayers
    image_shape: tuple[int, int, int] = eqx.field(static=True)

    def __call__(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "height width channel"]:
        """Parameters of the likelihood at one point of the latent space."""
        return self.network(latent).reshape(self.image_shape)


@dataclass(frozen=True)
class FullyConnected:
    """Shape of a fully connected encoder; the decoder is its mirror image.

    Args:
        hidden: widths of the encoder's hidden layers, from the picture inwards.
        activation: relu, silu, gelu, tanh or elu.
        latents: number of latents, 1 to 512.
        kind: the name of this network.

    Raises: ConfigError if a width, the activation or the number of latents is wrong.
    """

    hidden: tuple[int, ...] = (256, 128)
    activation: str = "silu"
    latents: int = 3
    kind: Literal["fully-connected"] = "fully-connected"

    def __post_init__(self):
        check_latents(self.latents)
        check_widths(self.hidden, "hidden layer", "(256, 128)")
        check_activation(self.activation)

    def describe(self) -> str:
        """The settings in one line.

        >>> FullyConnected().describe()
        'fully connected, 256-128, silu, 3 latents'
        """
        widths = "-".join(map(str, self.hidden))
        return (
            f"fully connected, {widths}, {self.activation}, "
            f"{counted(self.latents, 'latent')}"
        )

    def build(
        self,
        image_shape: tuple[int, int, int],
        head: Head,
        likelihood: Likelihood,
        *,
        key: PRNGKeyArray,
    ) -> VAE:
        """A VAE with random initial weights."""
        encoder_key, decoder_key = jax.random.split(key)
        inputs = math.prod(image_shape)
        encoder = LinearLayers(
            (inputs, *self.hidden, head.width()), self.activation, key=encoder_key
        )
        decoder = LinearLayers(
            (self.latents, *self.hidden[::-1], inputs), self.activation, key=decoder_key
        )
        return VAE(
            FullyConnectedEncoder(encoder),
            head,
            FullyConnectedDecoder(decoder, image_shape),
            likelihood,
        )
