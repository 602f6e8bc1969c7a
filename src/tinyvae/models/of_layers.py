"""The network of given layers: with convolutions before them, or without."""

from __future__ import annotations

from tinyvae.errors import ConfigError
from tinyvae.models.convolutional import Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.layers import check_widths


def network_of_layers(
    hidden: tuple[int, ...], channels: tuple[int, ...], activation: str, latents: int
) -> FullyConnected | Convolutional:
    """Fully connected layers, or convolutions of so many outputs and one layer.

    Raises: ConfigError if a width or the activation is wrong, or if there are
    convolutions and several layers.
    """
    if not channels:
        return FullyConnected(hidden, activation, latents)
    check_widths(channels, "convolution", "(32, 32, 64, 64)")
    if len(hidden) != 1:
        raise ConfigError(
            "expected one hidden layer between convolutions and latents, got "
            f"{tuple(hidden)}. Give one width, such as (256,)."
        )
    return Convolutional(channels, hidden[0], activation, latents)
