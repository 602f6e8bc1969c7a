"""Encoders and decoders. Each takes one example; batch with `jax.vmap`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.models.gaussian import DiagonalGaussian

Activation = Literal["relu", "silu", "gelu", "tanh", "elu"]
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "gelu": jax.nn.gelu,
    "tanh": jnp.tanh,
    "elu": jax.nn.elu,
}
# The log variance stays within +-12, so that a variance lies in [6e-6, 2e5] whatever
# the weights are, and its exponential can never overflow.
LOG_VARIANCE_LIMIT = 12.0


def linear_layer(width_in: int, width_out: int, *, key: PRNGKeyArray) -> eqx.nn.Linear:
    """A layer that keeps the size of its signal through rectifying activations.

    Weights are uniform with variance 2 / width_in, biases zero.

    Source: He et al. (2015), eq. 10, arXiv:1502.01852.
    """
    layer = eqx.nn.Linear(width_in, width_out, key=key)
    limit = math.sqrt(6 / width_in)
    weight = jax.random.uniform(key, layer.weight.shape, minval=-limit, maxval=limit)
    bias = jnp.zeros(width_out)
    return eqx.tree_at(lambda layer: (layer.weight, layer.bias), layer, (weight, bias))


class FullyConnected(eqx.Module):
    """Linear layers with an activation between them, none after the last."""

    layers: tuple[eqx.nn.Linear, ...]
    activation: str = eqx.field(static=True)

    def __init__(self, widths: tuple[int, ...], activation: str, *, key: PRNGKeyArray):
        keys = jax.random.split(key, len(widths) - 1)
        self.layers = tuple(
            linear_layer(width_in, width_out, key=layer_key)
            for width_in, width_out, layer_key in zip(
                widths[:-1], widths[1:], keys, strict=True
            )
        )
        self.activation = activation

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of the input and of every layer's output."""
        first = self.layers[0].weight.shape[-1]
        return (first, *(layer.weight.shape[-2] for layer in self.layers))

    def __call__(self, features: Float[Array, " input"]) -> Float[Array, " output"]:
        """Features after every layer."""
        activation = ACTIVATIONS[self.activation]
        for layer in self.layers[:-1]:
            features = activation(layer(features))
        return self.layers[-1](features)


class FullyConnectedEncoder(eqx.Module):
    """Image to posterior: flattened pixels to mean and log variance."""

    network: FullyConnected

    def __init__(self, image_shape, latents, hidden, activation, *, key):
        widths = (math.prod(image_shape), *hidden, 2 * latents)
        self.network = FullyConnected(widths, activation, key=key)

    def __call__(self, image: Shaped[Array, "height width"]) -> DiagonalGaussian:
        """The posterior q(z | image); pixels in [0, 1]."""
        mean, raw = jnp.split(self.network(image.ravel().astype(jnp.float32)), 2)
        log_variance = LOG_VARIANCE_LIMIT * jnp.tanh(raw / LOG_VARIANCE_LIMIT)
        return DiagonalGaussian(mean, log_variance)


class FullyConnectedDecoder(eqx.Module):
    """Latent to the logit of each pixel."""

    network: FullyConnected
    image_shape: tuple[int, int] = eqx.field(static=True)

    def __init__(self, image_shape, latents, hidden, activation, *, key):
        widths = (latents, *hidden[::-1], math.prod(image_shape))
        self.network = FullyConnected(widths, activation, key=key)
        self.image_shape = tuple(image_shape)

    def __call__(self, latent: Float[Array, " latent"]) -> Float[Array, "height width"]:
        """Logits of the pixels at one point of the latent space."""
        return self.network(latent).reshape(self.image_shape)


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of the encoder; the decoder is its mirror image.

    Args:
        hidden: widths of the encoder's hidden layers, from the picture inwards.
        activation: relu, silu, gelu, tanh or elu.
        latents: dimensions of the latent space.

    Raises: ValueError if a width or the number of latents is below 1.
    """

    hidden: tuple[int, ...] = (256, 128)
    activation: str = "silu"
    latents: int = 3

    def __post_init__(self):
        if self.latents < 1:
            raise ValueError(f"expected at least 1 latent, got {self.latents}.")
        if len(self.hidden) == 0 or min(self.hidden) < 1:
            raise ValueError(
                "expected at least one hidden layer and widths of at least 1, "
                f"got {tuple(self.hidden)}."
            )
        if self.activation not in get_args(Activation):
            raise ValueError(
                f"expected an activation among {', '.join(get_args(Activation))}, "
                f"got {self.activation!r}."
            )
