"""The population of a world that lists its rows: any probabilities, any rows held out.

Where factors depend on one another, or combinations are missing, the world gives a
`FactorTable` of all rows. Its values are kept as an array.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, Shaped

from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.pixels import Pixels
from tinyvae.worlds.grid import Drawable
from tinyvae.worlds.partners import partner_in_table, partner_on_grid


@runtime_checkable
class ListedWorld(Drawable, Protocol):
    """Settings of a world that lists its rows."""

    @cached_property
    def table(self) -> FactorTable:
        """Every row, with its probability in the answer."""
        ...


class ListedPopulation(eqx.Module):
    """The rows of a world's table, drawn by their probability.

    Args:
        world: the settings; its `table` lists the rows.
        pixels: type of the pixels.
        left_out: rows that `sample` never draws; the others are drawn in proportion to
            their probabilities. By default none.
    """

    values: Float[Array, "row factor"]
    cumulative: Float[Array, " row"]  # probability of this row and those before it
    left_out: Bool[Array, " row"]
    world: ListedWorld = eqx.field(static=True)
    pixels: Pixels = eqx.field(static=True)
    uniform: bool = eqx.field(static=True)  # all rows are drawn equally often
    in_order: bool = eqx.field(static=True)  # rows count through all combinations

    def __init__(
        self,
        world: ListedWorld,
        pixels: Pixels,
        left_out: Bool[np.ndarray, " row"] | None = None,
    ):
        table = world.table
        if left_out is None:
            left_out = np.zeros(len(table), bool)
        weight = np.where(left_out, 0.0, table.probability)
        self.values = jnp.asarray(table.values, jnp.float32)
        self.cumulative = jnp.asarray(np.cumsum(weight / weight.sum()), jnp.float32)
        self.left_out = jnp.asarray(left_out)
        self.world = world
        self.pixels = pixels
        self.uniform = table.uniform and not left_out.any()
        self.in_order = _counts_through(table)

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that vary, in the order of the columns."""
        return self.world.table.factors

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.world.image_shape

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Random rows, with replacement, by probability; never one that is left out.

        The first row whose cumulative probability exceeds a random level is drawn. A
        row of probability 0 adds nothing, so it is never the first.
        """
        if self.uniform:
            return jax.random.randint(key, (num,), 0, len(self.values))
        level = jax.random.uniform(key, (num,)) * self.cumulative[-1]
        return jnp.searchsorted(self.cumulative, level, side="right")

    def factor_values(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch factor"]:
        """Values of the factors in these rows."""
        return self.values[rows]

    def images(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Shaped[Array, "*batch height width channel"]:
        """Pictures of these rows."""
        return self.world.draw(self.factor_values(rows))

    def partner(
        self,
        rows: Int[Array, " num"],
        changed: Bool[Array, "num factor"],
        *,
        key: PRNGKeyArray,
    ) -> Int[Array, " num"]:
        """Rows that differ from these in the changed factors alone, by probability.

        A row of which there is no such partner is its own.

        Raises: ConfigError if the table has too many rows to be searched at each step.
        """
        if self.uniform and self.in_order:
            sizes = [len(factor.values) for factor in self.factors]
            return partner_on_grid(rows, changed, sizes, key=key)
        probability = jnp.diff(self.cumulative, prepend=0.0)
        return partner_in_table(rows, changed, self.values, probability, key=key)

    def table(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """All rows, held out or not, if there are at most `most`; else a sample.

        The sample is drawn by probability, with replacement.
        """
        whole = self.world.table
        if len(whole) <= most:
            return whole, np.arange(len(whole), dtype=np.int32)
        return _sample(whole, np.arange(len(whole), dtype=np.int32), most, seed)

    def held_out(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]] | None:
        """The rows that `sample` never draws, or a random sample of `most` of them."""
        rows = np.flatnonzero(np.asarray(self.left_out)).astype(np.int32)
        if len(rows) == 0:
            return None
        whole = self.world.table
        share = whole.probability[rows]
        values = whole.values[rows]
        held_out = replace(
            whole,
            values=values,
            probability=share / share.sum(),
            independent=whole.independent and _is_a_grid(values),
        )
        if len(rows) <= most:
            return held_out, rows
        return _sample(held_out, rows, most, seed)


def _sample(table: FactorTable, rows: np.ndarray, most: int, seed: int):
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(table), most, p=table.probability)
    sample = replace(
        table,
        values=table.values[chosen],
        probability=np.full(most, 1 / most),
        complete=False,
    )
    return sample, rows[chosen]


def _counts_through(table: FactorTable) -> bool:
    """Whether rows are all combinations of the factors, the last factor fastest."""
    num = math.prod(len(factor.values) for factor in table.factors)
    if num != len(table):
        return False
    return np.array_equal(full_grid(table.factors).values, table.values)


def _is_a_grid(values: np.ndarray) -> bool:
    """Whether equally probable rows are all combinations of their values."""
    return len(values) == math.prod(len(np.unique(column)) for column in values.T)
