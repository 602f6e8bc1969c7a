"""Trains VAEs on a population without known factors, and keeps the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from tinyvae.models import LIKELIHOODS, FullyConnected
from tinyvae.models.likelihoods import LikelihoodKind
from tinyvae.models.vae import VAE
from tinyvae.objectives import Objective
from tinyvae.objectives.by_settings import head_for
from tinyvae.training.config import TrainingConfig
from tinyvae.training.finite import check_finite
from tinyvae.training.history import HistoryRow, history_rows
from tinyvae.training.selection import selection_losses, selection_step
from tinyvae.training.state import (
    MakeVAE,
    Member,
    MemberKeys,
    TrainingState,
    initial_state,
    keep_member,
    member_vae,
)
from tinyvae.training.step import advance
from tinyvae.training.stretches import stretches
from tinyvae.training.trial import check_own_loss
from tinyvae.worlds.world import Population


@dataclass(frozen=True)
class ArrayTraining:
    """Network, likelihood, and length and speed of training."""

    network: FullyConnected
    likelihood: LikelihoodKind
    training: TrainingConfig


@partial(jax.jit, static_argnames="settings")
def start(
    objective: Objective,
    population: Population,
    keys: MemberKeys,
    *,
    settings: ArrayTraining,
) -> TrainingState:
    """VAEs with random initial weights, one for each key."""
    make_vae = vae_maker(objective, population, settings)
    return initial_state(keys, make_vae, objective, population, settings.training)


def vae_maker(
    objective: Objective, population: Population, settings: ArrayTraining
) -> MakeVAE:
    """What makes a VAE with random initial weights from a key."""

    def make_vae(key: PRNGKeyArray) -> VAE:
        head = head_for(objective, settings.network.latents)
        likelihood = LIKELIHOODS[settings.likelihood]()
        shape = population.image_shape
        return settings.network.build(shape, head, likelihood, key=key)

    return make_vae


def trained(
    objective: Objective,
    population: Population,
    settings: ArrayTraining,
    *,
    seed: int,
    members: int,
) -> tuple[VAE, list[HistoryRow]]:
    """The trained VAE, and its history.

    Several members train to the objective's selection, and the one of lowest loss
    continues alone; the history is that of this member.

    Raises: NonFiniteLoss if the loss of every member became infinite or NaN,
    ConfigError if the loss of a user's own objective fails.
    """
    config = settings.training
    make_vae = vae_maker(objective, population, settings)
    check_own_loss(objective, make_vae, population, config.batch_size)
    numbers = tuple(range(members))
    keys = jnp.stack([Member(seed, number).key() for number in numbers])
    state = start(objective, population, keys, settings=settings)
    go_on = partial(advance, objective, population, config=config)
    history: list[HistoryRow] = []
    ends = [config.steps]
    if members > 1:
        ends.insert(0, selection_step(objective, config))
    for end in ends:
        left = keys[np.array(numbers)]
        for after in stretches(go_on, left, state, config, end):
            check_finite(after, state, numbers)
            state = after
            history += history_rows(state, numbers, config)
        place = lowest_loss(state, history, numbers, objective, config)
        state, numbers = keep_member(state, place), (numbers[place],)
    return member_vae(state, 0), [row for row in history if row.member == numbers[0]]


def lowest_loss(
    state: TrainingState,
    history: list[HistoryRow],
    numbers: tuple[int, ...],
    objective: Objective,
    config: TrainingConfig,
) -> int:
    """Position of the member whose loss in the selection window is lowest."""
    if len(numbers) == 1:
        return 0
    losses = np.array(selection_losses(history, numbers, objective, config))
    finite = np.asarray(state.finite_steps) == int(state.step)
    return int(np.argmin(np.where(finite & np.isfinite(losses), losses, np.inf)))
