"""What an objective needs, where its own settings may decide it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import optax
from jaxtyping import PRNGKeyArray

from tinyvae.models.vae import Head
from tinyvae.objectives.objective import Objective
from tinyvae.worlds.labelled import LabelledPopulation
from tinyvae.worlds.world import Batch, Population


@runtime_checkable
class DrawsBySettings(Protocol):
    """An objective whose own settings decide which pictures it draws."""

    def draw(self, population: Population, num: int, *, key: PRNGKeyArray) -> Batch:
        """The pictures of one step."""
        ...


@runtime_checkable
class HeadBySettings(Protocol):
    """An objective whose own settings decide the head."""

    def head(self, latents: int) -> Head:
        """The head of a VAE with this number of latents."""
        ...


@runtime_checkable
class OptimizerBySettings(Protocol):
    """An objective whose own settings decide the optimiser."""

    def optimizer(self, learning_rate: Any) -> optax.GradientTransformation:
        """The optimiser of a whole Model."""
        ...


@runtime_checkable
class SeesLabels(Protocol):
    """An objective that sees the labels of some pictures, and draws them."""

    @property
    def labelled(self) -> int:
        """Number of labelled pictures."""
        ...

    @property
    def label_seed(self) -> int:
        """Decides which pictures they are."""
        ...


def labelled_for(objective: Objective, population: Population) -> Population:
    """The population that an objective draws from: with labels if it sees some.

    Raises: ConfigError if there are not so many labelled pictures.
    """
    if not isinstance(objective, SeesLabels):
        return population
    return LabelledPopulation(population, objective.labelled, seed=objective.label_seed)


def draw_for(
    objective: Objective, population: Population, num: int, *, key: PRNGKeyArray
) -> Batch:
    """The pictures of one step: as the objective's settings or its needs say."""
    if isinstance(objective, DrawsBySettings):
        return objective.draw(population, num, key=key)
    return objective.needs.draw(population, num, key=key)


def head_for(objective: Objective, latents: int) -> Head:
    """The head of a VAE: as the objective's settings or its needs say."""
    if isinstance(objective, HeadBySettings):
        return objective.head(latents)
    return objective.needs.head(latents)


def optimizer_for(
    objective: Objective, learning_rate: Any
) -> optax.GradientTransformation:
    """The optimiser of a model: as the objective's settings or its needs say."""
    if isinstance(objective, OptimizerBySettings):
        return objective.optimizer(learning_rate)
    return objective.needs.optimizer(learning_rate)
