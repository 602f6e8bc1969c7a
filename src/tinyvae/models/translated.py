"""An encoder as usual, and a decoder that draws a pattern and moves it to its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.errors import ConfigError
from tinyvae.models.convolutional import Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.layers import LinearLayers, check_latents
from tinyvae.models.likelihoods import Likelihood
from tinyvae.models.of_layers import network_of_layers
from tinyvae.models.vae import VAE, Head

FIRST_REACH = 0.2  # share of a side by which one unit of a latent moves, at the start
FAINT = 0.1  # what latents draw at the start, beside what they draw in other networks
ROOM = 16  # width of the hidden layer that decides how far latents move the pattern
SPOT = 1 / 8  # standard deviation of the first pattern, as a share of the sides
EXACT = jax.lax.Precision.HIGHEST  # not TF32, or patterns would change where they stay


class TranslatedDecoder(eqx.Module):
    """Latent to parameters of the likelihood: a pattern, moved by two of the latents.

    The first latent moves the pattern to the right, the second downwards, both in
    proportion; the others draw it. With `room`, the others also decide how far one unit
    moves it. Where the pattern moves in from outside, its border goes on.
    """

    draw: Callable[[Array], Array]  # latents but two -> (height, width, channel)
    still: Float[Array, "height width channel"]  # drawn whatever the latents
    log_reach: Float[Array, "2"]
    room: LinearLayers | None  # latents but two -> log of a factor
    image_shape: tuple[int, int, int] = eqx.field(static=True)

    @property
    def plain_reach(self) -> Float[Array, "2"]:
        """The reach without `room`, in pixels: to the right, and downwards."""
        height, width, _ = self.image_shape
        return jnp.exp(self.log_reach) * jnp.array([width, height])

    def reach(self, latents: Float[Array, " other"]) -> Float[Array, "2"]:
        """By how many pixels one unit moves the pattern: to the right, and downwards.

        `latents` are all but the first two.
        """
        if self.room is None:
            return self.plain_reach
        return self.plain_reach * jnp.exp(self.room(latents))

    def shift(self, latent: Float[Array, " latent"]) -> Float[Array, "2"]:
        """By how many pixels the pattern moves: to the right, and downwards."""
        return latent[:2] * self.reach(latent[2:])

    def pattern(
        self, latents: Float[Array, " other"]
    ) -> Float[Array, "height width channel"]:
        """What all latents but the first two draw, before it moves."""
        return self.draw(latents) + self.still

    def __call__(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "height width channel"]:
        """Parameters of the likelihood at one point of the latent space."""
        height, width, _ = self.image_shape
        right, down = self.shift(latent)
        rows, columns = interpolation(height, down), interpolation(width, right)
        pattern = self.pattern(latent[2:])
        moved = jnp.einsum("ia,abc->ibc", rows, pattern, precision=EXACT)
        return jnp.einsum("ibc,jb->ijc", moved, columns, precision=EXACT)


def interpolation(
    side: int, shift: Float[Array, ""] | float
) -> Float[Array, "side side"]:
    """Weights with which each pixel of a line sees the pixels of one that has moved.

    Each sees two neighbours, in proportion (linear interpolation), or the border. The
    weights of a pixel have the sum 1.

    >>> interpolation(3, 1.0).round(1).tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    >>> interpolation(3, -0.5).round(1).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]]
    """
    place = jnp.arange(side)[:, None] - shift
    # sums of the weights up to each pixel but the last: then also slopes have the sum 0
    sums = jnp.clip(jnp.arange(1, side) - place, 0, 1)
    return jnp.diff(sums, prepend=0, append=1)


def first_pattern(
    image_shape: tuple[int, int, int],
) -> Float[Array, "height width channel"]:
    """A soft spot in the middle, 1/2 on a ground of -1/2.

    Something that is seen to move tells the encoder to look for places. From a pattern
    without a place, many VAEs never find them.
    """
    height, width, channels = image_shape
    down, across = (
        jnp.exp(-(((jnp.arange(side) + 0.5) / side - 0.5) ** 2) / (2 * SPOT**2))
        for side in (height, width)
    )
    spot = jnp.outer(down, across) - 0.5
    return jnp.repeat(spot[..., None], channels, axis=2)


@dataclass(frozen=True)
class Translated:
    """One encoder, and a decoder that draws a pattern and moves it to its place.

    The first latent moves the pattern to the right, the second downwards. So the
    network is told that there are places, and which latents hold them; it is not told
    any place. Results with it say more about the network than about the objective.
    This suits pictures of one thing whose place varies, wherever it is and even if it
    is cut by the border; the thing itself must fit into the picture.

    Args:
        hidden: widths of the encoder's hidden layers, from the picture inwards; the
            decoder of the pattern mirrors them. One width with convolutions.
        channels: outputs of the convolutions; none for fully connected networks.
        activation: relu, silu, gelu, tanh or elu.
        latents: number of latents, 3 to 512: right, down, and those of the pattern.
        spot: how bright the spot is that the pattern begins as, in units of the
            parameters of the likelihood; negative where things are darker than their
            ground.
        room: whether what is drawn decides how far one unit of a latent moves it. A
            large thing has less room to move than a small one: then independent
            latents can be places relative to that room.
        kind: the name of this network.

    Source: Bepler et al. (2019), arXiv:1909.11663, for latents that are a translation.
    There a network of the coordinates draws each pixel; here a network draws the whole
    pattern at once, which takes less time.
    Raises: ConfigError if the latents are too few, or a width or the activation wrong.
    """

    told: ClassVar[str] = "there are places"
    hidden: tuple[int, ...] = (256, 128)
    channels: tuple[int, ...] = ()
    activation: str = "silu"
    latents: int = 3
    spot: float = 1.0
    room: bool = False
    kind: Literal["translated"] = "translated"

    def __post_init__(self):
        check_latents(self.latents)
        if self.latents < 3:
            raise ConfigError(
                f"expected at least 3 latents, got {self.latents}. Two of them move "
                "the pattern, and one at least draws it."
            )
        self.network()  # checks the layers
        if not math.isfinite(self.spot):
            raise ConfigError(f"expected a finite spot, got {self.spot}.")

    @property
    def told_more(self) -> str:
        """What its settings tell it beside `told`, as the end of that sentence."""
        return ", and the room for them may differ" if self.room else ""

    def describe(self) -> str:
        """The settings in one line.

        >>> Translated().describe()
        'translated pattern; fully connected, 256-128, silu, 3 latents'
        """
        room = " with room" if self.room else ""
        return f"translated pattern{room}; {self.network().describe()}"

    def network(self) -> FullyConnected | Convolutional:
        """The network of the encoder; with two latents less, of the pattern."""
        return network_of_layers(
            self.hidden, self.channels, self.activation, self.latents
        )

    def first_room(self, *, key: PRNGKeyArray) -> LinearLayers:
        """A small network whose output is 0: at first the reach is the same for all."""
        layers = LinearLayers((self.latents - 2, ROOM, 2), self.activation, key=key)
        return eqx.tree_at(
            lambda room: room.layers[-1].weight, layers, replace_fn=jnp.zeros_like
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

        Raises: ConfigError if the image is too small for convolutions.
        """
        encoder_key, pattern_key = jax.random.split(key)
        room_key = jax.random.fold_in(pattern_key, 0)
        network = self.network()
        whole = network.build(image_shape, head, likelihood, key=encoder_key)
        drawing = replace(network, latents=self.latents - 2).build(
            image_shape, head, likelihood, key=pattern_key
        )
        draw = eqx.tree_at(
            lambda decoder: decoder.network.layers[0].weight,
            drawing.decoder,
            replace_fn=lambda weight: FAINT * weight,
        )
        reach = jnp.full(2, math.log(FIRST_REACH))
        still = self.spot * first_pattern(image_shape)
        room = self.first_room(key=room_key) if self.room else None
        decoder = TranslatedDecoder(draw, still, reach, room, image_shape)
        return VAE(whole.encoder, head, decoder, likelihood)
