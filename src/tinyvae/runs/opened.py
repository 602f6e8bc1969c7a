"""A run's settings with everything decided, and the pictures that they define."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import jax
from jaxtyping import PRNGKeyArray

from tinyvae.errors import ConfigError
from tinyvae.models import LIKELIHOODS, BySize
from tinyvae.models.likelihoods import likelihood_kind
from tinyvae.models.vae import VAE, Network
from tinyvae.objectives import Objective
from tinyvae.objectives.by_settings import (
    SeesLabels,
    draw_for,
    head_for,
    labelled_for,
)
from tinyvae.pixels import Pixels
from tinyvae.runs.config import RunConfig
from tinyvae.training.config import TrainingConfig
from tinyvae.training.trial import check_own_loss
from tinyvae.worlds.labelled import LabelledPopulation, num_columns
from tinyvae.worlds.recorded import RecordedPopulation
from tinyvae.worlds.trial import check_own_pictures
from tinyvae.worlds.world import KeepsPictures, Population, SettlesSettings, World

LATENTS_OF_OWN_PICTURES = 10
# likelihoods that fit each type of pixels
FITTING: dict[Pixels, tuple[str, ...]] = {
    "binary": ("bernoulli", "continuous-bernoulli", "gaussian"),
    "saturated": ("bernoulli", "continuous-bernoulli", "gaussian"),
    "grey": ("gaussian", "continuous-bernoulli"),
    "real": ("gaussian",),
}


class Opened(NamedTuple):
    """Fully decided settings, and their pictures."""

    config: RunConfig
    population: Population

    def training_population(self) -> Population:
        """The pictures as training draws them: some with labels, if it sees labels."""
        return labelled_for(self.config.objective, self.population)


def open_world(config: RunConfig) -> Opened:
    """Open the pictures, and decide all settings that are still open.

    Raises: ConfigError or DataError if the pictures cannot be read, or if the settings
    do not fit them.
    """
    world = config.world
    if isinstance(world, SettlesSettings):
        world = world.settled()
    population = world.population()
    check_own_pictures(world, population)
    likelihood = config.likelihood or likelihood_kind(population.pixels)
    check_likelihood(likelihood, population.pixels)
    decided = replace(
        config,
        world=world,
        network=chosen_network(config, world, population),
        likelihood=likelihood,
        training=chosen_training(config, likelihood),
    )
    if config.samples is not None:
        key = jax.random.key(config.seed, impl="threefry2x32")
        population = RecordedPopulation(population, config.samples, key=key)
    opened = Opened(decided, population)
    check_draw(opened)
    check_loss(opened)
    return opened


def chosen_training(config: RunConfig, likelihood: str) -> TrainingConfig:
    """The training with a learning rate: by default the objective's."""
    rate = config.objective.needs.learning_rate
    return config.training.decided(likelihood, rate)


def has_default_rate(config: RunConfig) -> bool:
    """Whether the learning rate is the one that a run without any would take."""
    undecided = replace(config, training=replace(config.training, learning_rate=None))
    return chosen_training(undecided, config.likelihood or "") == config.training


def chosen_network(config: RunConfig, world: World, population: Population) -> Network:
    """The network of these settings, with everything decided."""
    if not isinstance(config.network, BySize):
        return config.network
    latents = default_latents(world, population, config.objective)
    drawn = not isinstance(world, KeepsPictures)
    return config.network.choose(population.image_shape, latents, drawn=drawn)


def check_draw(opened: Opened) -> None:
    """Refuse pictures that do not come as the objective needs them.

    Raises: ConfigError, where an objective needs pairs or labels and there are none, or
    where labels need more latents than the network has.
    """
    objective = opened.config.objective
    if objective.needs.supervision == "none":
        return
    population = opened.training_population()
    if isinstance(population, LabelledPopulation):
        check_latents_for_labels(opened.config.network.latents, population)
    key = jax.random.key(0)
    jax.eval_shape(lambda key: draw_for(objective, population, 2, key=key), key)


def check_loss(opened: Opened) -> None:
    """Refuse a user's own objective whose loss fails on these pictures.

    Raises: ConfigError.
    """
    config = opened.config
    check_own_loss(
        config.objective,
        lambda key: vae_of(config, key=key),
        opened.population,
        config.training.batch_size,
    )


def check_latents_for_labels(
    latents: int | None, population: LabelledPopulation
) -> None:
    """Refuse a network with fewer latents than labels.

    Raises: ConfigError.
    """
    needed = num_columns(population.factors)
    if latents is not None and latents < needed:
        raise ConfigError(
            f"expected at least {needed} latents, one for each label (two for a "
            f"circular one), got {latents}. Raise the number of latents."
        )


def default_latents(world: World, population: Population, objective: Objective) -> int:
    """One for each factor of a drawn world, or of pictures of all combinations; or 10.

    Labels of own pictures are seldom all that varies in them. An objective that sees
    labels has at least as many latents as it is told numbers of a picture.
    """
    told = isinstance(objective, SeesLabels)
    least = num_columns(population.factors) if told else 1
    if isinstance(world, KeepsPictures):
        table, _ = population.table(1)
        if not (table.independent or table.complete):
            return max(least, LATENTS_OF_OWN_PICTURES)
    return max(least, len(population.factors))


def check_likelihood(likelihood: str, pixels: Pixels) -> None:
    """Refuse a likelihood that gives these pixels no probability.

    Raises: ConfigError, naming the likelihoods that fit.
    """
    if likelihood not in FITTING[pixels]:
        meaning = {
            "saturated": "between 0 and 1, most of them near an end",
            "grey": "between 0 and 1",
            "real": "any numbers",
        }[pixels]
        raise ConfigError(
            f"expected a likelihood that fits these pixels ({meaning}), got "
            f"{likelihood!r}. Choose {' or '.join(FITTING[pixels])}, or leave it out."
        )


def vae_of(config: RunConfig, *, key: PRNGKeyArray) -> VAE:
    """A VAE with random initial weights, from fully decided settings."""
    network, kind = config.network, config.likelihood
    if isinstance(network, BySize) or kind is None:
        raise ConfigError(
            f"expected settings that name network and likelihood, got {network} and "
            f"{kind}. `open_world` decides them."
        )
    head = head_for(config.objective, network.latents)
    likelihood = LIKELIHOODS[kind]()
    return network.build(config.world.image_shape, head, likelihood, key=key)
