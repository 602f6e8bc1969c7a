"""Laws of the rates at which weights learn."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import ELBO
from tinyvae.objectives.objective import adam
from tinyvae.training.config import TrainingConfig
from tinyvae.training.rates import slower_with_inputs
from tinyvae.training.state import Member, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles

RATE = 1.5e-3


def sums_in_training(weight, pictures, steps=20):
    """Weighted sums of these pictures after each of so many steps of Adam."""
    layer = {"weight": weight.reshape(len(weight), -1), "bias": jnp.zeros(len(weight))}
    rows = pictures.reshape(len(pictures), -1)

    def sums(layer):
        return rows @ layer["weight"].T + layer["bias"]

    optimizer = adam(0.01)
    state = optimizer.init(layer)
    found = []
    for _ in range(steps):
        gradient = jax.grad(lambda layer: jnp.sin(sums(layer)).mean())(layer)
        updates, state = optimizer.update(gradient, state)
        layer = optax.apply_updates(layer, slower_with_inputs(updates))
        found.append(sums(layer))
    return np.array(found)


@pytest.mark.parametrize("times", [2, 3])
def test_sums_over_finer_pictures_move_as_those_over_the_coarse_ones(times):
    """Each pixel is cut into times x times equal ones, which share its weight."""
    rng = np.random.default_rng(10_000)
    pictures = (rng.random((8, 32, 32)) < 0.2).astype(np.float32)
    weight = 0.05 * rng.standard_normal((5, 32, 32)).astype(np.float32)

    def finer(arrays):
        return arrays.repeat(times, axis=1).repeat(times, axis=2)

    coarse = sums_in_training(weight, pictures)
    assert np.ptp(coarse, axis=0).min() > 0.1  # they do move
    found = sums_in_training(finer(weight) / times**2, finer(pictures))
    np.testing.assert_allclose(found, coarse, atol=1e-3)


def encoder_layers(state) -> Any:
    """The linear layers of the encoder of the only member."""
    return state.model.vae.encoder.network.layers


def test_training_moves_the_first_layer_of_larger_pictures_less():
    """Adam's first step moves every weight with a gradient by the rate."""
    world = Circles(64)
    build = partial(
        FullyConnected((8,)).build, world.image_shape, GaussianHead(3), Bernoulli()
    )
    keys = Member(seed=10_000).key()[None]
    config = TrainingConfig(steps=10, batch_size=4, learning_rate=RATE)
    objective, pictures = ELBO(), world.population()
    state = initial_state(keys, lambda k: build(key=k), objective, pictures, config)
    after = advance(objective, pictures, keys, state, 1, config=config)
    first, last = (
        float(jnp.abs(new.weight - old.weight).max())
        for old, new in zip(encoder_layers(state), encoder_layers(after), strict=True)
    )
    np.testing.assert_allclose([first, last], [RATE / 4, RATE], rtol=1e-3)
