"""The state of training: everything that a group of members needs to continue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PRNGKeyArray

from tinyvae.models.vae import VAE
from tinyvae.objectives.by_settings import draw_for, optimizer_for
from tinyvae.objectives.objective import Model, Objective, Terms
from tinyvae.training.config import TrainingConfig
from tinyvae.worlds.world import Population

MemberKeys = Key[Array, " member"]  # one key for each member of a group
MakeVAE = Callable[[PRNGKeyArray], VAE]


class TrainingState(eqx.Module):
    """Everything that a group of members needs to continue training.

    Every leaf but `step` has a leading member axis. `sums` adds up the terms since the
    last record; `last` holds the terms of the last step.
    """

    step: Int[Array, ""]
    model: Model
    optimizer_state: Any
    sums: Terms
    last: Terms
    finite_steps: Int[Array, " member"]


@dataclass(frozen=True)
class Member:
    """A member's identity: these two numbers determine all of its random numbers."""

    seed: int
    number: int = 0

    def key(self) -> PRNGKeyArray:
        """Key of this member, the same alone and in any group."""
        return jax.random.fold_in(
            jax.random.key(self.seed, impl="threefry2x32"), self.number
        )


def initial_state(
    keys: MemberKeys,
    make_vae: MakeVAE,
    objective: Objective,
    population: Population,
    config: TrainingConfig,
) -> TrainingState:
    """Members with random initial weights, one for each key, before the first step."""
    optimizer = optimizer_for(objective, config.schedule())

    def one(key: PRNGKeyArray) -> tuple[Model, Any]:
        model = make_model(key, make_vae, objective)
        return model, optimizer.init(model)  # type: ignore[arg-type]

    # one after another, so that weights do not depend on the number of members
    models, optimizer_states = jax.lax.map(one, keys)
    terms = no_terms(keys, make_vae, objective, population, config)
    return TrainingState(
        jnp.zeros((), jnp.int32),
        models,
        optimizer_states,
        terms,
        terms,
        jnp.zeros(len(keys), jnp.int32),
    )


def make_model(key: PRNGKeyArray, make_vae: MakeVAE, objective: Objective) -> Model:
    """A VAE with random weights, and the auxiliary network that its objective needs."""
    vae = make_vae(jax.random.fold_in(key, 0))
    auxiliary_key = jax.random.fold_in(jax.random.fold_in(key, 0), 1)
    return Model(vae, objective.needs.auxiliary(vae, key=auxiliary_key))


def no_terms(
    keys: MemberKeys,
    make_vae: MakeVAE,
    objective: Objective,
    population: Population,
    config: TrainingConfig,
) -> Terms:
    """Terms of the right shapes, all 0, with a leading member axis."""

    def terms(key: PRNGKeyArray, progress: Float[Array, ""]) -> Terms:
        batch = draw_for(objective, population, config.batch_size, key=key)
        model = make_model(key, make_vae, objective)
        return objective.loss(model, batch, progress, key=key)[1]

    shapes = jax.eval_shape(terms, keys[0], jnp.zeros(()))
    return jax.tree.map(lambda s: jnp.zeros((len(keys), *s.shape), s.dtype), shapes)


def keep_member(state: TrainingState, place: int) -> TrainingState:
    """The state of a group that holds only the member at this position."""
    one = slice(place, place + 1)
    # the step is the only leaf without a member axis
    return jax.tree.map(lambda leaf: leaf[one] if leaf.ndim else leaf, state)


def member_vae(state: TrainingState, place: int) -> VAE:
    """The VAE of one member of the group."""
    return jax.tree.map(lambda leaf: leaf[place], state.model.vae)
