"""Labelled pictures: a few training pictures whose factors an objective may see."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor, FactorTable
from tinyvae.pixels import Pixels
from tinyvae.worlds.world import Population

FIRST_DRAWS, MOST_DRAWS = 2**10, 2**20  # rows drawn in search of different ones


@runtime_checkable
class ListsTraining(Protocol):
    """A population that lists the rows that it trains on."""

    @property
    def training(self) -> Int[Array, " training"]:
        """Row numbers of the training pictures."""
        ...


class LabelledPopulation(eqx.Module):
    """A population of which some training pictures have labels.

    It draws the same pictures as the whole population. The labelled pictures are
    different rows, chosen once by their own seed: they are data, and do not change with
    the seed of a run.

    Args:
        whole: the population, with factors.
        num: number of labelled pictures.
        seed: decides which pictures they are.

    Raises: ConfigError if there are no factors, or too few training pictures with a
    label.
    """

    whole: Population
    labelled: Int[Array, " label"]  # row numbers
    # what `label_columns` gives for these rows; NaN where a label is missing
    labels: Float[Array, "label column"]

    def __init__(self, whole: Population, num: int, *, seed: int):
        if not whole.factors:
            raise ConfigError(
                "expected pictures with labels, for an objective that sees some of "
                "them, got pictures without any. Give labels, or choose another "
                "objective."
            )
        rows = labelled_rows(whole, num, seed=seed)
        values = np.asarray(whole.factor_values(rows))
        self.whole = whole
        self.labelled = jnp.asarray(rows, jnp.int32)
        self.labels = jnp.asarray(label_columns(whole.factors, values), jnp.float32)

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The known factors, in the order of the columns of their values."""
        return self.whole.factors

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.whole.image_shape

    @property
    def pixels(self) -> Pixels:
        """The type of the pixels."""
        return self.whole.pixels

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Random training rows, with labels or without."""
        return self.whole.sample(num, key=key)

    def factor_values(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch factor"]:
        """Values of the factors in these rows."""
        return self.whole.factor_values(rows)

    def images(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Shaped[Array, "*batch height width channel"]:
        """Pictures of these rows."""
        return self.whole.images(rows)

    def table(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """The table of the whole population."""
        return self.whole.table(most, seed=seed)

    def held_out(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]] | None:
        """Pictures that `sample` never draws, as in the whole population."""
        return self.whole.held_out(most, seed=seed)


def label_columns(
    factors: tuple[Factor, ...], values: Float[np.ndarray, "label factor"]
) -> Float[np.ndarray, "label column"]:
    """Factor values as numbers, each of which one latent can hold.

    An ordered factor is its value; a circular one the cosine and sine of its angle; a
    categorical one the position of its level in their order. NaN stays NaN.
    """
    pairs = zip(factors, np.asarray(values, np.float64).T, strict=True)
    return np.column_stack([factor.columns(column) for factor, column in pairs])


def num_columns(factors: tuple[Factor, ...]) -> int:
    """Number of columns of `label_columns`.

    >>> num_columns((Factor("x", (0.0, 1.0)), Factor("hue", (0.0,), kind="circular")))
    3
    """
    return sum(2 if factor.kind == "circular" else 1 for factor in factors)


def labelled_rows(
    population: Population, num: int, *, seed: int
) -> Int[np.ndarray, " num"]:
    """Different training rows that have at least one label, in random order.

    Raises: ConfigError if there are not so many.
    """
    if isinstance(population, ListsTraining):
        rows = np.unique(np.asarray(population.training))
        rows = np.random.default_rng(seed).permutation(with_label(population, rows))
    else:
        rows = drawn_rows(population, num, seed=seed)
    if len(rows) < num:
        raise ConfigError(
            f"expected at least {num} different training pictures with labels, got "
            f"{len(rows)}. Lower the number of labelled pictures."
        )
    return rows[:num]


def drawn_rows(
    population: Population, num: int, *, seed: int
) -> Int[np.ndarray, " row"]:
    """Different rows with a label as `sample` draws them, in order of appearance.

    At least `num`, unless so many were not found in a million draws. What is drawn
    first does not depend on `num`.
    """
    key = jax.random.key(seed, impl="threefry2x32")
    drawn = np.zeros(0, np.int32)
    rows = drawn
    while len(rows) < num and len(drawn) < MOST_DRAWS:
        more = max(FIRST_DRAWS, len(drawn))  # so that the number doubles
        part = population.sample(more, key=jax.random.fold_in(key, len(drawn)))
        drawn = np.concatenate([drawn, np.asarray(part, np.int32)])
        _, first = np.unique(drawn, return_index=True)
        rows = with_label(population, drawn[np.sort(first)])
    return rows


def with_label(
    population: Population, rows: Int[np.ndarray, " row"]
) -> Int[np.ndarray, " known"]:
    """Those of the rows of which at least one factor is known."""
    unknown = np.isnan(np.asarray(population.factor_values(rows)))
    return rows[~unknown.all(axis=1)]
