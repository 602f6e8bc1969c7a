"""Linear layers, activations, and the checks that all networks share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.errors import ConfigError

Activation = Literal["relu", "silu", "gelu", "tanh", "elu"]
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "gelu": jax.nn.gelu,
    "tanh": jnp.tanh,
    "elu": jax.nn.elu,
}
MOST_LATENTS = 512


def he_uniform(
    shape: tuple[int, ...], inputs: int, *, key: PRNGKeyArray
) -> Float[Array, "..."]:
    """Initial weights that keep the scale of a signal through rectifying activations.

    Uniform with variance 2 / inputs, where each output sums `inputs` numbers.

    Source: He et al. (2015), eq. 10, arXiv:1502.01852.
    """
    limit = math.sqrt(6 / inputs)
    return jax.random.uniform(key, shape, minval=-limit, maxval=limit)


def linear_layer(width_in: int, width_out: int, *, key: PRNGKeyArray) -> eqx.nn.Linear:
    """A linear layer with weights of `he_uniform` and biases of zero."""
    layer = eqx.nn.Linear(width_in, width_out, key=key)
    weight = he_uniform((width_out, width_in), width_in, key=key)
    bias = jnp.zeros(width_out)
    return eqx.tree_at(lambda layer: (layer.weight, layer.bias), layer, (weight, bias))


class LinearLayers(eqx.Module):
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


def check_latents(latents: int) -> None:
    """Raises: ConfigError unless the number of latents is 1 to 512."""  # noqa: D402
    if not 1 <= latents <= MOST_LATENTS:
        raise ConfigError(
            f"expected 1 to {MOST_LATENTS} latents, got {latents}. "
            "Use one latent for each factor that you expect, and a few more."
        )


def check_activation(activation: str) -> None:
    """Raises: ConfigError unless the activation is known."""  # noqa: D402
    if activation not in get_args(Activation):
        raise ConfigError(
            f"expected an activation among {', '.join(get_args(Activation))}, "
            f"got {activation!r}."
        )


def check_widths(widths: tuple[int, ...], what: str, example: str) -> None:
    """Raises: ConfigError unless there is a layer, and each has a width above 0."""
    if len(widths) == 0 or min(widths) < 1:
        raise ConfigError(
            f"expected at least one {what} and widths of at least 1, "
            f"got {tuple(widths)}. {example} is the default."
        )
