"""What takes turns in `throughput.py`, and tinyvae's own turns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import ELBO
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles

HIDDEN, LATENTS, LEARNING_RATE = (512, 256), 3, 1e-3

Train = Callable[[int], None]  # (steps) -> trained for so many steps, and finished


class Turn(NamedTuple):
    """What is timed: `train(steps)` does `steps * work` pictures, or GFLOP."""

    name: str
    train: Train
    work: float


def floating_operations(image_pixels: int, hidden: tuple[int, ...] = HIDDEN) -> int:
    """Floating-point operations of the matrix products of one picture's step.

    Forward, weight gradients and input gradients each take 2 * inputs * outputs; the
    first encoder layer needs no input gradient. Nothing else is counted.
    """
    encoder = (image_pixels, *hidden, 2 * LATENTS)
    decoder = (LATENTS, *hidden[::-1], image_pixels)
    products = [a * b for widths in (encoder, decoder) for a, b in pairwise(widths)]
    return 6 * sum(products) - 2 * products[0]


class KeptPictures(eqx.Module):
    """Pictures in memory: all of a population that training asks for."""

    pictures: Float[Array, "picture height width channel"]

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Numbers of random pictures."""
        return jax.random.randint(key, (num,), 0, len(self.pictures))

    def images(
        self, rows: Int[Array, "*batch"]
    ) -> Float[Array, "*batch height width channel"]:
        """Pictures of these numbers."""
        return self.pictures[rows]


def tinyvae_turn(name: str, population: Any, batch_size: int) -> Turn:
    """The loop that `tinyvae train` runs, with one member."""
    config = TrainingConfig(
        steps=10**6, batch_size=batch_size, learning_rate=LEARNING_RATE
    )
    build = partial(
        FullyConnected(HIDDEN, "relu", LATENTS).build,
        (32, 32, 1),
        GaussianHead(LATENTS),
        Bernoulli(),
    )
    keys = Member(seed=0).key()[None]
    state = initial_state(keys, lambda key: build(key=key), ELBO(), population, config)

    def train(steps: int) -> None:
        nonlocal state
        after = advance(ELBO(), population, keys, state, steps, config=config)
        state = jax.block_until_ready(after)

    return Turn(name, train, batch_size)


def tinyvae_turns(world: Circles, pictures: np.ndarray, batch_size: int) -> list[Turn]:
    """Pictures drawn anew at each step, and pictures taken from memory."""
    drawn, kept = world.population(), KeptPictures(jnp.asarray(pictures))
    return [
        tinyvae_turn("tinyvae f32, pictures drawn at each step", drawn, batch_size),
        tinyvae_turn("tinyvae f32, pictures from memory", kept, batch_size),
    ]
