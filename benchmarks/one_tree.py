"""Trains with whichever tinyvae is on the path, for `before_and_after.py`.

Reads a line `case steps` for each turn, and answers with the seconds that the turn took
on the clock and on the cores. Everything is compiled before the first turn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

import jax

from tinyvae.objectives import ELBO, AnnealedTC
from tinyvae.worlds import Circles

Train = Callable[[int], None]  # (steps) -> trained for so many steps, and finished
STEPS = 10**6  # of the schedules, so that no turn comes to their end


class Case(NamedTuple):
    """What is trained; 32x32 circles drawn at each step."""

    objective: type
    members: int
    batch_size: int
    hidden: tuple[int, ...]
    activation: str
    steps: int  # of a turn


CASES = {
    "recipe, 1 member": Case(AnnealedTC, 1, 256, (256, 128), "silu", 24),
    "plain VAE": Case(ELBO, 1, 256, (256, 128), "silu", 24),
    "recipe, 4 members": Case(AnnealedTC, 4, 256, (256, 128), "silu", 6),
    "plain VAE, 1024-512-256-3": Case(ELBO, 1, 128, (512, 256), "relu", 24),
}


def train_since_populations(case: Case) -> Train:
    """The loop of a tree that passes a population as an argument."""
    from functools import partial

    from tinyvae.models import FullyConnected
    from tinyvae.models.likelihoods import Bernoulli
    from tinyvae.models.vae import GaussianHead
    from tinyvae.training.config import TrainingConfig
    from tinyvae.training.state import initial_state
    from tinyvae.training.step import advance

    config = TrainingConfig(STEPS, case.batch_size, 4e-3)
    network = FullyConnected(case.hidden, case.activation, 3)
    objective, population = case.objective(), Circles().population()

    def make_vae(key):
        head, shape = GaussianHead(3), population.image_shape
        return network.build(shape, head, Bernoulli(), key=key)

    keys = member_keys(case.members)
    state = initial_state(keys, make_vae, objective, population, config)
    go_on = partial(advance, objective, population, config=config)
    return continued(go_on, keys, state)


def train_before_populations(case: Case) -> Train:
    """The loop of a tree that compiles one function for each set of pictures."""
    from tinyvae.networks import NetworkConfig  # pyright: ignore
    from tinyvae.vae import fully_connected_vae  # pyright: ignore
    from tinyvae.worlds.minibatches import minibatch_drawer  # pyright: ignore

    from tinyvae.training import (
        TrainingConfig,  # pyright: ignore
        compile_advance,  # pyright: ignore
        initial_state,  # pyright: ignore
    )

    world = Circles()
    config = TrainingConfig(STEPS, case.batch_size, 4e-3)
    network = NetworkConfig(case.hidden, case.activation, 3)
    draw = minibatch_drawer(world, world.table, case.batch_size)
    keys = member_keys(case.members)
    state = initial_state(
        keys, lambda key: fully_connected_vae((32, 32), network, key=key), config
    )
    return continued(compile_advance(case.objective(), config, draw), keys, state)


def member_keys(members: int) -> jax.Array:
    """A key for each member."""
    return jax.random.split(jax.random.key(0, impl="threefry2x32"), members)


def continued(go_on: Callable, keys: jax.Array, state) -> Train:
    """Train on from where the turn before ended."""

    def train(steps: int) -> None:
        nonlocal state
        state = jax.block_until_ready(go_on(keys, state, steps))

    return train


def main() -> None:
    """Compile the cases that the command line names, then take turns as asked."""
    new = find_spec("tinyvae.models") is not None
    make = train_since_populations if new else train_before_populations
    trains = {name: make(CASES[name]) for name in sys.argv[1:]}
    for train in trains.values():
        train(2)
    print("ready", flush=True)
    for line in sys.stdin:
        train, steps = trains[line.strip()], CASES[line.strip()].steps
        clock, cores = time.perf_counter(), time.process_time()
        train(steps)
        elapsed = time.perf_counter() - clock, time.process_time() - cores
        print(json.dumps(elapsed), flush=True)


if __name__ == "__main__":
    main()
