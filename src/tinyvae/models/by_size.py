"""The network that is used by default, chosen by the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tinyvae.errors import ConfigError
from tinyvae.models.convolutional import SMALLEST_SIDE, Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.layers import check_latents
from tinyvae.models.vae import Network
from tinyvae.own import refuse_class

MOST_PIXELS_FULLY_CONNECTED = 32 * 32


@dataclass(frozen=True)
class BySize:
    """Fully connected for drawn worlds, small pictures and vectors; or convolutional.

    What a world draws is simple: also in large pictures of circles the fully connected
    network finds the factors, and it trains many times as fast as convolutions.

    Args:
        latents: number of latents, 1 to 512. By default one for each factor of a drawn
            world, 10 for own pictures; more if the objective is told more labels.
        kind: the name of this choice.

    Raises: ConfigError if the number of latents is out of range.
    """

    latents: int | None = None
    kind: Literal["by-size"] = "by-size"

    def __post_init__(self):
        if self.latents is not None:
            check_latents(self.latents)

    def describe(self) -> str:
        """The choice in one line."""
        return "chosen by the pictures"

    def choose(
        self, image_shape: tuple[int, int, int], latents: int, *, drawn: bool = False
    ) -> FullyConnected | Convolutional:
        """The network for images of this shape, with this default number of latents.

        Fully connected if they are drawn, up to 32x32 pixels (in any shape), and for
        vectors (a side of less than 6 pixels); else convolutional.
        """
        height, width, _ = image_shape
        small = height * width <= MOST_PIXELS_FULLY_CONNECTED
        latents = self.latents or latents
        if drawn or small or min(height, width) < SMALLEST_SIDE:
            return FullyConnected(latents=latents)
        return Convolutional(latents=latents)


def check_network(network: Any) -> None:
    """Refuse what is neither a network nor the choice of one.

    Raises: ConfigError.
    """
    example = "tv.FullyConnected(latents=3)"
    refuse_class(network, "a network", example)
    if not isinstance(network, Network | BySize):
        raise ConfigError(f"expected a network such as {example}, got {network!r}.")
