from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import ELBO, AnnealedTC, Objective
from tinyvae.training import step
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import (
    Member,
    TrainingState,
    initial_state,
    keep_member,
    member_vae,
)
from tinyvae.training.step import advance
from tinyvae.training.stretches import stretches
from tinyvae.worlds import Circles

WORLD = Circles(12)
POPULATION = WORLD.population()
NETWORK = FullyConnected(hidden=(24, 12), latents=2)
CONFIG = TrainingConfig(steps=100, batch_size=32, learning_rate=2e-3)
RECIPE = AnnealedTC()


def keys_of(members: list[Member]):
    return jnp.stack([member.key() for member in members])


def make_vae(key):
    head = GaussianHead(NETWORK.latents)
    return NETWORK.build(WORLD.image_shape, head, Bernoulli(), key=key)


@partial(jax.jit, static_argnames="config")
def start(keys, config=CONFIG) -> TrainingState:
    return initial_state(keys, make_vae, RECIPE, POPULATION, config)


def advance_of(objective: Objective = RECIPE, config=CONFIG):
    return partial(advance, objective, POPULATION, config=config)


def leaves(tree) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]


def test_where_stretches_end_changes_no_bit():
    keys, advance = keys_of([Member(10_000)]), advance_of()
    once = advance(keys, start(keys), 20)
    pieces = start(keys)
    for length in (1, 6, 13):
        pieces = advance(keys, pieces, length)
    # sums are those since the last record, so they differ where a stretch passes one
    parts = [(s.model, s.optimizer_state, s.last) for s in (once, pieces)]
    for a, b in zip(leaves(parts[0]), leaves(parts[1]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_stretches_end_where_they_are_told():
    keys, advance = keys_of([Member(10_000)]), advance_of()
    steps = [int(s.step) for s in stretches(advance, keys, start(keys), CONFIG, 90)]
    assert steps[-1] == 90
    assert all(b > a for a, b in zip(steps, steps[1:], strict=False))


def test_training_raises_the_elbo():
    keys, advance = keys_of([Member(10_000)]), advance_of(ELBO())
    # the state of the recipe's terms has a penalty, which the plain VAE has not
    initial = initial_state(keys, make_vae, ELBO(), POPULATION, CONFIG)
    first = advance(keys, initial, 1)
    last = advance(keys, first, 99)
    assert float(last.last.elbo[0]) > float(first.last.elbo[0]) + 10


def test_a_members_random_numbers_depend_on_its_identity_alone():
    alone = keys_of([Member(10_001, 2)])
    group = keys_of([Member(10_000, 0), Member(10_001, 2), Member(10_002, 1)])
    np.testing.assert_array_equal(
        jax.random.key_data(alone[0]), jax.random.key_data(group[1])
    )
    draw = partial(RECIPE.needs.draw, POPULATION, 32)
    together = jax.vmap(lambda key: draw(key=jax.random.fold_in(key, 5)).images)(group)
    by_itself = draw(key=jax.random.fold_in(alone[0], 5)).images
    np.testing.assert_array_equal(by_itself, together[1])
    for a, b in zip(
        leaves(start(alone).model), leaves(start(group).model), strict=True
    ):
        np.testing.assert_array_equal(a[0], b[1])


def test_a_member_trains_alone_as_in_a_group():
    # Products of another shape are rounded otherwise, and Adam divides small gradients
    # by their own size: after 100 steps weights agree to a few parts in a thousand.
    members = [Member(10_000, number) for number in range(3)]
    advance = advance_of()
    keys = keys_of(members)
    group = advance(keys, start(keys), 100)
    for number, member in enumerate(members):
        key = keys_of([member])
        alone = advance(key, start(key), 100)
        for a, b in zip(
            leaves(member_vae(alone, 0)), leaves(member_vae(group, number)), strict=True
        ):
            np.testing.assert_allclose(a, b, atol=5e-3)


def test_members_one_after_another_train_as_together(monkeypatch):
    keys = keys_of([Member(10_000, number) for number in range(3)])
    # each member has its own numbers of the objective
    objective = jax.tree.map(lambda n: n * jnp.array([1.0, 0.9, 0.8]), RECIPE)
    # another rate for each, since the loop is compiled once for each configuration
    configs = [replace(CONFIG, learning_rate=rate) for rate in (2e-3, 2.0000001e-3)]
    together = advance_of(objective, configs[0])(keys, start(keys), 30)
    monkeypatch.setattr(step, "MOST_NUMBERS_TOGETHER", 0)
    after = advance_of(objective, configs[1])(keys, start(keys), 30)
    for a, b in zip(leaves(together), leaves(after), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-3)


def test_a_group_is_recorded_member_by_member():
    keys, advance = keys_of([Member(10_000), Member(10_001)]), advance_of()
    state = advance(keys, start(keys), 10)
    assert state.last.loss.shape == (2,)
    assert state.last.kl.shape == (2, 2)
    assert list(state.finite_steps) == [10, 10]


def test_training_stops_at_the_step_whose_loss_is_not_finite():
    config = TrainingConfig(steps=100, batch_size=32, learning_rate=1e20)
    keys, advance = keys_of([Member(10_000)]), advance_of(config=config)
    state = advance(keys, start(keys, config), 100)
    assert int(state.step) < 100
    assert int(state.finite_steps[0]) == int(state.step) - 1
    assert not np.isfinite(float(state.last.loss[0]))


def test_a_kept_member_is_that_of_the_group():
    group = start(keys_of([Member(10_000), Member(10_001)]))
    kept = keep_member(group, 1)
    assert kept.finite_steps.shape == (1,)
    for a, b in zip(leaves(member_vae(kept, 0)), leaves(group.model.vae), strict=True):
        np.testing.assert_array_equal(a, b[1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "at least 1 step, got 0"),
        ({"batch_size": 1}, "batch size of at least 2, got 1"),
        ({"learning_rate": -1.0}, "learning rate above 0, got -1.0"),
        ({"learning_rate": float("nan")}, "learning rate above 0, got nan"),
    ],
)
def test_training_that_cannot_run_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TrainingConfig(**settings)


@pytest.mark.parametrize(
    ("given", "likelihood", "expected"),
    [(None, "bernoulli", 7e-3), (None, "gaussian", 1e-3), (0.1, "gaussian", 0.1)],
)
def test_the_learning_rate_is_that_of_the_objective_or_of_a_gaussian(
    given, likelihood, expected
):
    decided = TrainingConfig(learning_rate=given).decided(likelihood, 7e-3)
    assert decided.schedule()(0) == pytest.approx(expected)


def test_a_learning_rate_that_is_not_decided_has_no_schedule():
    with pytest.raises(ValueError, match="expected a learning rate, got None"):
        TrainingConfig().schedule()
