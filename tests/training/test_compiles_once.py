"""Laws of compilation: numbers of an objective and pictures are arguments of the loop.

JAX calls an objective's `loss` only while it traces, so its calls tell how often the
loop was compiled anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest

from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import AnnealedTC, BetaVAE
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, TrainingState, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles

# settings that no other test has, or JAX would know the compiled loop already
CONFIG = TrainingConfig(steps=10, batch_size=4, learning_rate=1.25e-3)
WORLD = Circles(16)
KEYS = Member(seed=0).key()[None]
BUILD = partial(
    FullyConnected((8,), latents=3).build,
    WORLD.image_shape,
    GaussianHead(3),
    Bernoulli(),
)


def fresh_state(objective) -> TrainingState:
    """One member before its first step."""
    pictures = WORLD.population()
    return initial_state(KEYS, lambda key: BUILD(key=key), objective, pictures, CONFIG)


def trained(objective, population, state: TrainingState, config=CONFIG) -> float:
    """The loss of the last of three steps."""
    after = advance(objective, population, KEYS, state, 3, config=config)
    return float(after.last.loss[0])


@pytest.fixture
def count_traces(monkeypatch):
    """Make a class of objectives count the calls of its `loss`."""

    def count(objective: type) -> list[int]:
        calls: list[int] = []
        loss = objective.loss

        def counted(self, *arguments, **keywords):
            calls.append(1)
            return loss(self, *arguments, **keywords)

        monkeypatch.setattr(objective, "loss", counted)
        return calls

    return count


@pytest.mark.parametrize(
    ("objective", "settings"),
    [
        (BetaVAE, [{"beta": beta} for beta in (1.0, 4.0, 16.0)]),
        (AnnealedTC, [{"tc_weight": weight} for weight in (0.0, 10.0, 30.0)]),
    ],
)
def test_a_sweep_over_a_weight_compiles_once(count_traces, objective, settings):
    state, population = fresh_state(objective()), WORLD.population()
    calls = count_traces(objective)
    losses = [trained(objective(**settings[0]), population, state)]
    after_the_first = len(calls)
    losses += [trained(objective(**one), population, state) for one in settings[1:]]
    assert after_the_first > 0
    assert len(calls) == after_the_first
    assert len(np.unique(losses)) == 3


def test_other_pictures_of_the_same_shape_compile_nothing(count_traces):
    objective, population = BetaVAE(), WORLD.population()
    state, config = fresh_state(objective), replace(CONFIG, learning_rate=1.5e-3)
    calls = count_traces(BetaVAE)
    first = trained(objective, population, state, config)
    after_the_first = len(calls)
    assert after_the_first > 0
    other = jax.tree.map(lambda leaf: leaf[::-1], population)
    assert trained(objective, other, state, config) != first
    assert len(calls) == after_the_first
