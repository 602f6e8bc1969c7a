"""Draws: from a population to the pictures of one training step."""

from __future__ import annotations

import jax
from jaxtyping import PRNGKeyArray

from tinyvae.worlds.world import Batch, Population


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
