"""A population of the rows of an array, and the units of its numbers."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from tinyvae.factors import Factor, FactorTable
from tinyvae.pixels import Pixels

FEWEST_ROWS = 256  # smaller arrays are padded to this number of rows


class Units(NamedTuple):
    """Offset and scale of each number: the network sees (number - offset) / scale."""

    offset: Float[np.ndarray, " feature"]
    scale: Float[np.ndarray, " feature"]

    def standardised(
        self, numbers: Float[np.ndarray, "sample feature"]
    ) -> Float[np.ndarray, "sample feature"]:
        """Numbers for the network, as 32-bit floats."""
        return ((numbers - self.offset) / self.scale).astype(np.float32)

    def restored(
        self, standardised: Float[np.ndarray, "sample feature"]
    ) -> Float[np.ndarray, "sample feature"]:
        """Numbers of the network in the units of the array."""
        return standardised * self.scale + self.offset

    def log_volume(self) -> float:
        """What a log density loses by the change from the network's units, in nats."""
        return float(np.log(self.scale).sum())


def as_they_are(width: int) -> Units:
    """Units that change nothing."""
    return Units(np.zeros(width), np.ones(width))


def units_of(numbers: Float[np.ndarray, "sample feature"]) -> Units:
    """Mean and standard deviation of each feature; 1 in place of a deviation of 0."""
    mean = numbers.mean(0, dtype=np.float64)
    deviation = numbers.std(0, dtype=np.float64)
    varies = deviation > 1e-12 * np.maximum(1e-300, np.abs(mean))
    return Units(mean, np.where(varies, deviation, 1.0))


class ArrayRows(eqx.Module):
    """The rows of an array, as pictures of height 1.

    Rows of zeros pad the array, and `num` counts those that are not padding. So arrays
    of similar length share one compiled program, such as the folds of a
    cross-validation.
    """

    stored: Float[Array, "capacity feature"]
    num: Int[Array, ""]
    pixels: Pixels = eqx.field(static=True)

    @property
    def factors(self) -> tuple[Factor, ...]:
        """No factor is known."""
        return ()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """A row is a picture of height 1 with one channel."""
        return (1, self.stored.shape[-1], 1)

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Random row numbers, drawn with replacement."""
        return jax.random.randint(key, (num,), 0, self.num)

    def factor_values(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch 0"]:
        """No values, since no factor is known."""
        return jnp.zeros((*rows.shape, 0))

    def images(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch 1 feature 1"]:
        """These rows as pictures."""
        return self.stored[rows][..., None, :, None]

    def table(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """A table without factors of all rows, or of `most` random ones."""
        rows = np.arange(int(self.num))
        if len(rows) > most:
            rng = np.random.default_rng(seed)
            rows = np.sort(rng.choice(rows, most, replace=False))
        probability = np.full(len(rows), 1 / len(rows))
        values = np.empty((len(rows), 0))
        table = FactorTable((), values, probability, independent=False, complete=False)
        return table, rows

    def held_out(self, most: int, *, seed: int = 0) -> None:
        """No row is held out."""
        return


def array_rows(
    numbers: Float[np.ndarray, "sample feature"], pixels: Pixels
) -> ArrayRows:
    """The population of the rows of an array."""
    num = len(numbers)
    padding = np.zeros((capacity(num) - num, numbers.shape[1]), np.float32)
    stored = np.concatenate([numbers.astype(np.float32), padding])
    return ArrayRows(jnp.asarray(stored), jnp.asarray(num, jnp.int32), pixels)


def capacity(num: int) -> int:
    """The number of rows after padding: at least 256, and at most an eighth more.

    >>> capacity(20), capacity(1437), capacity(1_000_000)
    (256, 1536, 1048576)
    """
    step = max(FEWEST_ROWS, 1 << max(0, num.bit_length() - 4))
    return -(-num // step) * step
