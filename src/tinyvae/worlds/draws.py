"""Minibatches: pictures drawn on the device from a table of factors."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, PRNGKeyArray

from tinyvae.factors import FactorTable
from tinyvae.worlds.circles import Circles


def minibatch_drawer(
    world: Circles, table: FactorTable, batch_size: int
) -> Callable[[PRNGKeyArray], Bool[Array, "batch height width"]]:
    """(key) -> pictures of rows of the table, drawn with replacement by probability."""
    rows = jnp.asarray(table.values.astype(np.int16))
    if table.uniform:

        def draw_uniform(key: PRNGKeyArray) -> Bool[Array, "batch height width"]:
            index = jax.random.randint(key, (batch_size,), 0, len(rows))
            return world.draw(rows[index])

        return draw_uniform

    cumulative = jnp.asarray(np.cumsum(table.probability), jnp.float32)

    def draw_weighted(key: PRNGKeyArray) -> Bool[Array, "batch height width"]:
        level = jax.random.uniform(key, (batch_size,)) * cumulative[-1]
        index = jnp.searchsorted(cumulative, level, side="right")
        return world.draw(rows[jnp.clip(index, 0, len(rows) - 1)])

    return draw_weighted
