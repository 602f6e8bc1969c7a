"""Draws: from a population to the pictures of one training step."""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from tinyvae.errors import ConfigError
from tinyvae.worlds.labelled import LabelledPopulation
from tinyvae.worlds.world import Batch, HasPartners, Labelled, Population


def draw_one(population: Population, num: int, *, key: PRNGKeyArray) -> Batch:
    """A batch of random training pictures."""
    return Batch(population.images(population.sample(num, key=key)))


def draw_two(population: Population, num: int, *, key: PRNGKeyArray) -> Batch:
    """Two batches of random training pictures, independent of one another."""
    first, second = jax.random.split(key)
    return Batch(
        population.images(population.sample(num, key=first)),
        population.images(population.sample(num, key=second)),
    )


def draw_with_labels(
    population: LabelledPopulation,
    targets: Float[Array, "label column"],
    num: int,
    *,
    key: PRNGKeyArray,
) -> Batch:
    """The pictures that `draw_one` draws, and labelled ones.

    All labelled pictures if there are at most `num`, else a random batch of them.

    Args:
        population: the pictures, some of them labelled.
        targets: what is told of each labelled picture.
        num: number of pictures.
        key: of the pictures, and of which labelled ones are drawn.
    """
    rows = population.labelled
    if len(rows) > num:
        # `key` itself draws the others, as without labels
        places = jax.random.randint(jax.random.fold_in(key, 1), (num,), 0, len(rows))
        rows, targets = rows[places], targets[places]
    labelled = Labelled(population.images(rows), targets)
    return draw_one(population, num, key=key)._replace(labelled=labelled)


def draw_pairs(
    population: Population,
    num: int,
    *,
    changed: int | Literal["random"],
    key: PRNGKeyArray,
) -> Batch:
    """Random training pictures, and partners that differ from them in a few factors.

    Args:
        population: a population that has partners.
        num: number of pairs.
        changed: number of factors that differ, drawn for each pair; `random` draws the
            number as well, from 1 to all factors but one.
        key: of the pictures, of which factors change, and of their new values.

    Raises: ConfigError if the population has no partners or too few factors.
    """
    if not isinstance(population, HasPartners):
        raise ConfigError(
            "expected pictures that come in pairs, which differ in a few factors alone:"
            " a world that draws them, without a fixed number of samples. Got "
            "pictures without pairs. With labels of some of them, use semi-supervised."
        )
    num_factors = len(population.factors)
    least = 2 if changed == "random" else changed + 1
    if num_factors < least:
        raise ConfigError(
            f"expected a world of at least {least} factors, so that a pair shares one "
            f"while {changed} change, got {num_factors}. Lower the number that changes."
        )
    row_key, which_key, partner_key = jax.random.split(key, 3)
    rows = population.sample(num, key=row_key)
    which = choose_factors(num, num_factors, changed, key=which_key)
    partners = population.partner(rows, which, key=partner_key)
    return Batch(population.images(rows), population.images(partners))


def choose_factors(
    num: int,
    num_factors: int,
    changed: int | Literal["random"],
    *,
    key: PRNGKeyArray,
) -> Bool[Array, "num factor"]:
    """Which factors change in each pair: every choice of that many is as likely."""
    order_key, number_key = jax.random.split(key)
    shuffled = jax.random.uniform(order_key, (num, num_factors)).argsort(axis=-1)
    if changed == "random":
        number = jax.random.randint(number_key, (num, 1), 1, num_factors)
    else:
        number = jnp.full((num, 1), changed)
    return shuffled < number
