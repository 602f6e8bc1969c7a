"""A fixed data set, drawn once from a population: training rows and test rows."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray, Shaped

from tinyvae.factors import Factor, FactorTable
from tinyvae.pixels import Pixels
from tinyvae.worlds.world import Population


class RecordedPopulation(eqx.Module):
    """Random rows of a population: four fifths to train on, the rest to test.

    The answer is still measured on the whole population.
    """

    whole: Population
    training: Int[Array, " training"]
    test: Int[Array, " test"]

    def __init__(self, whole: Population, num_samples: int, *, key: PRNGKeyArray):
        rows = whole.sample(num_samples, key=key)
        num_training = num_samples * 4 // 5
        self.whole = whole
        self.training, self.test = rows[:num_training], rows[num_training:]

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that vary, in the order of the columns."""
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
        """Random rows of the training pictures, with replacement."""
        return self.training[jax.random.randint(key, (num,), 0, len(self.training))]

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
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """The test pictures, or the first `most` of them."""
        rows = np.asarray(self.test)[:most]
        table = FactorTable(
            self.factors,
            np.asarray(self.factor_values(rows), np.float64),
            np.full(len(rows), 1 / len(rows)),
            independent=False,
            complete=False,
        )
        return table, rows
