"""A population of a user's own pictures: rows in memory or on disk."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray, Shaped

from tinyvae.errors import DataError
from tinyvae.factors import Factor, FactorTable
from tinyvae.pictures import Reading, Report
from tinyvae.pixels import Pixels

RESIDENT_BYTES = 2**28  # up to this size, all pictures are kept on the device
BLOCK = 4096  # rows per read, when all are read


class PictureRows(eqx.Module):
    """Pictures by row number.

    Up to 256 MiB of pictures are kept on the device, as stored (bytes stay bytes). If
    there are more, each batch is read from the store when drawn, and none is kept.
    """

    values: Float[Array, "sample factor"]  # NaN where a label is missing
    training: Int[Array, " training"]
    offsets: Float[Array, " number"]  # of a table of numbers, else empty
    scales: Float[Array, " number"]
    stored: Shaped[Array, "sample height width channel"] | None
    factors: tuple[Factor, ...] = eqx.field(static=True)
    image_shape: tuple[int, int, int] = eqx.field(static=True)
    pixels: Pixels = eqx.field(static=True)
    reading: Reading = eqx.field(static=True)

    @property
    def names(self) -> Sequence[str]:
        """Names of the pictures: file names, or row numbers as texts."""
        return self.reading.names

    @property
    def report(self) -> Report:
        """What was read, joined, guessed and left out."""
        return self.reading.report

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Row numbers of random training pictures, drawn with replacement."""
        places = jax.random.randint(key, (num,), 0, len(self.training))
        return self.training[places]

    def factor_values(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch factor"]:
        """Values of the factors in these pictures; NaN where unknown."""
        return self.values[rows]

    def images(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Shaped[Array, "*batch height width channel"]:
        """These pictures: bool where all pixels are 0 or 1, else float32.

        In [0, 1], except for a table of numbers, which is standardised.
        """
        stored = self._read(rows) if self.stored is None else self.stored[rows]
        if self.pixels == "binary":
            return stored != 0
        if self.pixels == "real":
            return (stored - self.offsets[:, None]) / self.scales[:, None]
        return stored.astype(jnp.float32) / jnp.float32(self.reading.store.peak)

    def _read(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Shaped[Array, "*batch height width channel"]:
        store, shape = self.reading.store, self.image_shape
        last = store.shape[0] - 1

        def read(numbers: Array) -> np.ndarray:
            places = np.clip(np.asarray(numbers), 0, last)
            return store.read(places.ravel()).reshape(*places.shape, *shape)

        result = jax.ShapeDtypeStruct((*rows.shape, *shape), store.dtype)
        return jax.pure_callback(read, result, rows, vmap_method="expand_dims")

    def table(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """The held-out pictures that have all labels, at most `most` of them.

        If no picture is held out, all pictures. All rows are equally probable.
        """
        held = self.reading.held
        return self._table(held if held.any() else np.ones_like(held), most, seed)

    def held_out(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]] | None:
        """Pictures that `sample` never draws, as in `table`; None if there are none."""
        return self.table(most, seed=seed) if self.reading.held.any() else None

    def _table(
        self, which: np.ndarray, most: int, seed: int
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        values = self.reading.values
        rows = np.flatnonzero(which & ~np.isnan(values).any(axis=1))
        if len(rows) > most:
            rng = np.random.default_rng(seed)
            rows = np.sort(rng.choice(rows, most, replace=False))
        probability = np.full(len(rows), 1 / len(rows))
        group = self.reading.group
        table = FactorTable(
            self.factors,
            values[rows],
            probability,
            independent=False,
            complete=False,
            group=None if group is None else group[rows],
        )
        return table, rows


def picture_rows(
    reading: Reading, offsets: Sequence[float] = (), scales: Sequence[float] = ()
) -> PictureRows:
    """The population of pictures that were read.

    A table of numbers is standardised by the given offsets and scales, or else by the
    mean and standard deviation of its training rows. A number that is constant there
    is divided by 1.

    Raises: DataError if the number of columns and the number of scales differ.
    """
    store = reading.store
    training = np.flatnonzero(~reading.held)
    size = store.dtype.itemsize * int(np.prod(store.shape, dtype=object))
    stored = None
    if size <= RESIDENT_BYTES:
        stored = jnp.asarray(store.read(np.arange(store.shape[0])))
    if reading.form.vectors and len(scales) not in (0, reading.form.width):
        raise DataError(
            f"expected {len(scales)} numbers per row, as the run was trained on, got "
            f"{reading.form.width}."
        )
    if reading.form.vectors and not len(scales):
        offsets, scales = _moments(reading, training)
    return PictureRows(
        values=jnp.asarray(reading.values, jnp.float32),
        training=jnp.asarray(training, jnp.int32),
        offsets=jnp.asarray(offsets, jnp.float32),
        scales=jnp.asarray(scales, jnp.float32),
        stored=stored,
        factors=reading.factors,
        image_shape=reading.form.shape,
        pixels=reading.pixels,
        reading=reading,
    )


def _moments(
    reading: Reading, rows: Int[np.ndarray, " training"]
) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each number over these rows, in two passes."""
    width = reading.form.width
    blocks = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
    mean = np.zeros(width)
    for block in blocks:
        mean += reading.store.read(block).reshape(-1, width).sum(0, np.float64)
    mean /= len(rows)
    square = np.zeros(width)
    for block in blocks:
        centred = reading.store.read(block).reshape(-1, width) - mean
        square += (centred**2).sum(0)
    deviation = np.sqrt(square / len(rows))
    varies = deviation > 1e-12 * np.maximum(1, np.abs(mean))
    return mean.tolist(), np.where(varies, deviation, 1.0).tolist()
