"""One training step, for one member and for a group; and many steps, compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from tinyvae.objectives.by_settings import draw_for, optimizer_for
from tinyvae.objectives.objective import Model, Objective, Terms
from tinyvae.training.config import TrainingConfig
from tinyvae.training.rates import slower_with_inputs
from tinyvae.training.state import MemberKeys, TrainingState
from tinyvae.worlds.world import Population

# On a CPU, members of pictures with more numbers than this (48x48) train one after
# another. That is as fast there, and takes the memory of one member: 0.4 GB instead of
# 1.6 GB for four members of the convolutional network at 64x64 and batch 256.
MOST_NUMBERS_TOGETHER = 48 * 48

# (member keys, state, number of steps) -> the state after these steps
Advance = Callable[[MemberKeys, TrainingState, int], TrainingState]


def member_step(
    objective: Objective,
    population: Population,
    config: TrainingConfig,
    step: Int[Array, ""],
    member: tuple[PRNGKeyArray, Model, Any],
) -> tuple[Model, Any, Terms]:
    """Model and optimiser state of one member after a step, and its terms."""
    key: PRNGKeyArray
    model: Any  # a Model, which optax types as a tree of arrays
    key, model, optimizer_state = member
    batch_key, noise_key = jax.random.split(jax.random.fold_in(key, step + 1))
    batch = draw_for(objective, population, config.batch_size, key=batch_key)

    def loss(model: Model) -> tuple[Float[Array, ""], Terms]:
        return objective.loss(model, batch, step / config.steps, key=noise_key)

    gradient, terms = jax.grad(loss, has_aux=True)(model)
    optimizer = optimizer_for(objective, config.schedule())
    updates, optimizer_state = optimizer.update(gradient, optimizer_state, model)
    model = eqx.apply_updates(model, slower_with_inputs(updates))
    return model, optimizer_state, terms


def group_step(
    objective: Objective,
    population: Population,
    config: TrainingConfig,
    keys: MemberKeys,
    state: TrainingState,
) -> tuple[Model, Any, Terms]:
    """The step of all members. Numbers of the objective may have a member axis.

    A single member has no member axis, except in the terms.
    """

    def one(objective: Objective, member: Any) -> tuple[Model, Any, Terms]:
        return member_step(objective, population, config, state.step, member)

    if len(keys) == 1:
        alone = jax.tree.map(lambda number: jnp.reshape(number, ()), objective)
        model, optimizer_state, terms = one(
            alone, (keys[0], state.model, state.optimizer_state)
        )
        return model, optimizer_state, jax.tree.map(lambda leaf: leaf[None], terms)
    members = (keys, state.model, state.optimizer_state)
    if one_after_another(population):
        each = jax.tree.map(lambda n: jnp.broadcast_to(n, len(keys)), objective)
        return jax.lax.map(lambda both: one(*both), (each, members))
    axes = jax.tree.map(lambda number: 0 if jnp.ndim(number) else None, objective)
    return jax.vmap(one, (axes, 0))(objective, members)


def one_after_another(population: Population) -> bool:
    """Whether members train one after another instead of together."""
    numbers = math.prod(population.image_shape)
    return jax.default_backend() == "cpu" and numbers > MOST_NUMBERS_TOGETHER


def change_members(
    state: TrainingState, change: Callable[[Array], Array]
) -> TrainingState:
    """The state with `change` applied to every array of its models and optimisers."""
    changed = jax.tree.map(change, (state.model, state.optimizer_state))
    return eqx.tree_at(lambda s: (s.model, s.optimizer_state), state, changed)


@partial(jax.jit, static_argnames="config")
def advance(
    objective: Objective,
    population: Population,
    keys: MemberKeys,
    state: TrainingState,
    num_steps: Int[Array, ""] | int,
    *,
    config: TrainingConfig,
) -> TrainingState:
    """The state after `num_steps`, compiled once for all numbers of the objective.

    Objective and population are arguments, so that neither weights nor pictures become
    constants of the program. Stops early if no member's loss is finite any more.
    """
    end = state.step + num_steps
    start_anew = state.step % config.record_every == 0
    sums = jax.tree.map(lambda s: jnp.where(start_anew, 0, s), state.sums)
    state = eqx.tree_at(lambda s: s.sums, state, sums)

    def more(state: TrainingState) -> Bool[Array, ""]:
        return (state.step < end) & jnp.any(state.finite_steps == state.step)

    def step_group(state: TrainingState) -> TrainingState:
        model, optimizer_state, terms = group_step(
            objective, population, config, keys, state
        )
        finite = (state.finite_steps == state.step) & jnp.isfinite(terms.loss)
        return TrainingState(
            state.step + 1,
            model,
            optimizer_state,
            jax.tree.map(jnp.add, state.sums, terms),
            terms,
            state.finite_steps + finite,
        )

    if len(keys) > 1:
        return jax.lax.while_loop(more, step_group, state)
    # A single member trains without its axis. On a CPU, a matrix product batched over
    # one member takes twice as long, and dropping the axis within the loop would copy
    # the weights and both moments at each step.
    alone = change_members(state, lambda leaf: leaf[0])
    after = jax.lax.while_loop(more, step_group, alone)
    return change_members(after, lambda leaf: leaf[None])
