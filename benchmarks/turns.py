"""The turns of `throughput.py`: their interface, and tinyvae's own turns."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tinyvae.models.fully_connected import NetworkConfig
from tinyvae.models.vae import fully_connected_vae
from tinyvae.objectives import ELBO
from tinyvae.training.stretches import (
    DrawBatch,
    Member,
    TrainingConfig,
    compile_advance,
    initial_state,
)
from tinyvae.worlds import Circles
from tinyvae.worlds.draws import minibatch_drawer

HIDDEN, LATENTS, LEARNING_RATE = (512, 256), 3, 1e-3

Train = Callable[[int], None]  # (steps) -> trains this number of steps, and finishes


class Turn(NamedTuple):
    """The work to time: `train(steps)` does `steps * work` pictures, or GFLOP."""

    name: str
    train: Train
    work: float


def floating_operations(image_pixels: int) -> int:
    """Floating-point operations of the matrix products of one picture's step.

    Forward, weight gradients and input gradients each take 2 * inputs * outputs; the
    first encoder layer needs no input gradient. Nothing else is counted.
    """
    encoder = (image_pixels, *HIDDEN, 2 * LATENTS)
    decoder = (LATENTS, *HIDDEN[::-1], image_pixels)
    products = [a * b for widths in (encoder, decoder) for a, b in pairwise(widths)]
    return 6 * sum(products) - 2 * products[0]


def tinyvae_turn(name: str, draw_batch: DrawBatch, batch_size: int) -> Turn:
    """The loop that `tinyvae train` runs, with one member."""
    config = TrainingConfig(
        steps=10**6, batch_size=batch_size, learning_rate=LEARNING_RATE
    )
    network = NetworkConfig(HIDDEN, "relu", LATENTS)
    keys = Member(seed=0).key()[None]
    state = initial_state(
        keys, lambda key: fully_connected_vae((32, 32), network, key=key), config
    )
    advance = compile_advance(ELBO(), config, draw_batch)

    def train(steps: int) -> None:
        nonlocal state
        state = jax.block_until_ready(advance(keys, state, steps))

    return Turn(name, train, batch_size)


def tinyvae_turns(world: Circles, pictures: np.ndarray, batch_size: int) -> list[Turn]:
    """Pictures drawn at each step, and pictures taken from memory."""
    fixed = jnp.asarray(pictures)

    def take_batch(key):
        return fixed[jax.random.randint(key, (batch_size,), 0, len(fixed))]

    drawn = minibatch_drawer(world, world.table, batch_size)
    return [
        tinyvae_turn("tinyvae f32, pictures drawn at each step", drawn, batch_size),
        tinyvae_turn("tinyvae f32, pictures from memory", take_batch, batch_size),
    ]
