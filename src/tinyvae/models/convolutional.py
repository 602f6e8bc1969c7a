"""Convolutional encoder and decoder. Each takes one example."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.models.convolutions import Convolution, TransposedConvolution, halved
from tinyvae.models.layers import (
    ACTIVATIONS,
    LinearLayers,
    check_activation,
    check_latents,
    check_widths,
)
from tinyvae.models.likelihoods import Likelihood
from tinyvae.models.vae import VAE, Head
from tinyvae.wording import counted

LARGEST_LAST_SIDE = 5  # pixels: pictures are halved until their smaller side is this
SMALLEST_SIDE = LARGEST_LAST_SIDE + 1  # smaller pictures are not halved


class ConvolutionalEncoder(eqx.Module):
    """Image to features: convolutions, then linear layers."""

    convolutions: tuple[Convolution, ...]
    network: LinearLayers

    def __call__(
        self, image: Shaped[Array, "height width channel"]
    ) -> Float[Array, " feature"]:
        """Features for the head."""
        activation = ACTIVATIONS[self.network.activation]
        picture = image.astype(jnp.float32)
        for convolution in self.convolutions:
            picture = activation(convolution(picture))
        return self.network(picture.ravel())


class ConvolutionalDecoder(eqx.Module):
    """Latent to one parameter of the likelihood for each pixel and channel."""

    network: LinearLayers
    convolutions: tuple[TransposedConvolution, ...]
    first_shape: tuple[int, int, int] = eqx.field(static=True)

    def __call__(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "height width channel"]:
        """Parameters of the likelihood at one point of the latent space."""
        activation = ACTIVATIONS[self.network.activation]
        picture = self.network(latent).reshape(self.first_shape)
        for convolution in self.convolutions:
            picture = convolution(activation(picture))
        return picture


def picture_shapes(
    image_shape: tuple[int, int, int], channels: tuple[int, ...]
) -> tuple[tuple[int, int, int], ...]:
    """Shapes (height, width, channel) from the image to the last convolution.

    Both sides are halved, rounding up, until the smaller one is 5 or less (it is then
    3 to 5). If there are more convolutions than `channels`, the last number of
    channels is repeated; if there are fewer, the last numbers are unused.

    >>> picture_shapes((64, 64, 1), (32, 32, 64, 64))[-1]
    (4, 4, 64)
    >>> [shape[:2] for shape in picture_shapes((33, 50, 3), (32, 32, 64, 64))]
    [(33, 50), (17, 25), (9, 13), (5, 7)]
    """
    shapes = [image_shape]
    while min(shapes[-1][:2]) > LARGEST_LAST_SIDE:
        height, width, _ = shapes[-1]
        outputs = channels[min(len(shapes), len(channels)) - 1]
        shapes.append((halved(height), halved(width), outputs))
    return tuple(shapes)


@dataclass(frozen=True)
class Convolutional:
    """Shape of a convolutional encoder; the decoder is its mirror image.

    Convolutions of kernel 4 and stride 2, until the smaller side is 5 pixels or less,
    then one hidden linear layer. ReLU is the activation of the published network.

    Source: Locatello et al. (2019), arXiv:1811.12359, for 64x64 pictures. The encoder
    in their code has kernel 2 in its last two convolutions; here it is 4 in all.

    Args:
        channels: outputs of the convolutions, from the picture inwards; the last
            number is repeated where a larger picture needs more convolutions.
        hidden: width of the linear layer between convolutions and latents.
        activation: relu, silu, gelu, tanh or elu.
        latents: number of latents, 1 to 512.
        kind: the name of this network.

    Raises: ConfigError if a width, the activation or the number of latents is wrong.
    """

    channels: tuple[int, ...] = (32, 32, 64, 64)
    hidden: int = 256
    activation: str = "relu"
    latents: int = 10
    kind: Literal["convolutional"] = "convolutional"

    def __post_init__(self):
        check_latents(self.latents)
        check_widths(self.channels, "convolution", "(32, 32, 64, 64)")
        check_widths((self.hidden,), "hidden layer", "256")
        check_activation(self.activation)

    def describe(self) -> str:
        """The settings in one line.

        >>> Convolutional().describe()
        'convolutional, 32-32-64-64 channels, 256, relu, 10 latents'
        """
        channels = "-".join(map(str, self.channels))
        return (
            f"convolutional, {channels} channels, {self.hidden}, {self.activation}, "
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
        """A VAE with random initial weights.

        Raises: ConfigError if the image is too small to be halved.
        """
        if min(image_shape[:2]) < SMALLEST_SIDE:
            height, width, _ = image_shape
            raise ConfigError(
                f"expected pictures of at least {SMALLEST_SIDE} x {SMALLEST_SIDE} "
                f"pixels for convolutions, got {height} x {width}. Use the "
                "fully connected network for smaller ones and for vectors."
            )
        shapes = picture_shapes(image_shape, self.channels)
        encoder_key, decoder_key = jax.random.split(key)
        return VAE(
            self.encoder(shapes, head.width(), key=encoder_key),
            head,
            self.decoder(shapes, key=decoder_key),
            likelihood,
        )

    def encoder(
        self, shapes: tuple[tuple[int, int, int], ...], width: int, *, key: PRNGKeyArray
    ) -> ConvolutionalEncoder:
        """The encoder for pictures of these shapes, with this number of features."""
        key, network_key = jax.random.split(key)
        widths = (math.prod(shapes[-1]), self.hidden, width)
        keys = jax.random.split(key, len(shapes) - 1)
        convolutions = tuple(
            Convolution(large[-1], small[-1], key=layer_key)
            for (large, small), layer_key in zip(pairwise(shapes), keys, strict=True)
        )
        return ConvolutionalEncoder(
            convolutions, LinearLayers(widths, self.activation, key=network_key)
        )

    def decoder(
        self, shapes: tuple[tuple[int, int, int], ...], *, key: PRNGKeyArray
    ) -> ConvolutionalDecoder:
        """The decoder back through pictures of these shapes."""
        key, network_key = jax.random.split(key)
        widths = (self.latents, self.hidden, math.prod(shapes[-1]))
        keys = jax.random.split(key, len(shapes) - 1)
        convolutions = tuple(
            TransposedConvolution(small[-1], large[-1], large[:2], key=layer_key)
            for (small, large), layer_key in zip(
                pairwise(shapes[::-1]), keys, strict=True
            )
        )
        network = LinearLayers(widths, self.activation, key=network_key)
        return ConvolutionalDecoder(network, convolutions, shapes[-1])
