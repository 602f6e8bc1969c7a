"""The population of a world of independent factors: a grid that is never stored.

Row numbers count through the combinations, the last factor fastest. A row's factor
values are computed from its number, so a grid of a billion rows takes no memory.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Num, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor, FactorTable
from tinyvae.own import missing_members
from tinyvae.pixels import Pixels, check_pixels
from tinyvae.worlds.partners import partner_on_grid, places_of

MOST_ROWS = 2**31 - 1  # row numbers are int32


@runtime_checkable
class Drawable(Protocol):
    """What a population needs from the settings of its world."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        ...

    def draw(
        self, factors: Num[Array | np.ndarray, "*batch factor"]
    ) -> Shaped[Array, "*batch height width channel"]:
        """Pictures of the given factor values; can be traced."""
        ...


def num_combinations(factors: tuple[Factor, ...]) -> int:
    """Number of combinations of the factors' values; 1 if there are no factors.

    Raises: ConfigError if there are more than int32 can count.
    """
    num = math.prod(len(factor.values) for factor in factors)
    if num > MOST_ROWS:
        sizes = ", ".join(f"{f.name} {len(f.values)}" for f in factors)
        raise ConfigError(
            f"expected at most {MOST_ROWS} combinations of factors, got {num} "
            f"({sizes}). Give some factors fewer values, or hold them fixed."
        )
    return num


def check_drawable(world: Any, factors: Any) -> None:
    """Refuse a world that does not draw, and factors that are none.

    Raises: ConfigError, naming the class.
    """
    name = type(world).__name__
    if missing := missing_members(world, Drawable):
        raise ConfigError(
            f"expected a world with {', '.join(missing)}, got {name} without."
        )
    if callable(factors):
        raise ConfigError(
            f"expected the factors of {name}, got a method that gives them. Write "
            "@property above it."
        )
    several = isinstance(factors, tuple | list)
    if not (several and all(isinstance(factor, Factor) for factor in factors)):
        raise ConfigError(
            f"expected the factors of {name} as a tuple of tv.Factor, got {factors!r}."
        )


class GridPopulation(eqx.Module):
    """Every combination of a world's factor values, all equally probable.

    Args:
        world: the settings, which draw the pictures.
        factors: the factors that vary, in the order of the columns.
        pixels: type of the pixels.

    Raises: ConfigError if the world does not draw, if factors or pixels are none, or if
    there are more combinations than int32 can count.
    """

    grids: tuple[Float[Array, " value"], ...]  # one per factor
    world: Drawable = eqx.field(static=True)
    factors: tuple[Factor, ...] = eqx.field(static=True)
    pixels: Pixels = eqx.field(static=True)

    def __init__(self, world: Drawable, factors: tuple[Factor, ...], pixels: Pixels):
        check_drawable(world, factors)
        check_pixels(pixels)
        num_combinations(factors)
        self.grids = tuple(jnp.asarray(f.values, jnp.float32) for f in factors)
        self.world = world
        self.factors = tuple(factors)
        self.pixels = pixels

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.world.image_shape

    @property
    def num_rows(self) -> int:
        """Number of combinations."""
        return num_combinations(self.factors)

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Random rows, with replacement; all are equally probable."""
        return jax.random.randint(key, (num,), 0, self.num_rows)

    def factor_values(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch factor"]:
        """Values of the factors in these rows."""
        places = places_of(jnp.asarray(rows), self._sizes)
        columns = [grid[at] for grid, at in zip(self.grids, places, strict=True)]
        if not columns:
            return jnp.zeros((*rows.shape, 0), jnp.float32)
        return jnp.stack(columns, axis=-1)

    def images(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Shaped[Array, "*batch height width channel"]:
        """Pictures of these rows."""
        return self.world.draw(self.factor_values(rows))

    def table(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """The whole grid if it has at most `most` rows, else a random sample.

        The sample holds `most` different rows in random order.
        """
        complete = self.num_rows <= most
        if complete:
            rows = np.arange(self.num_rows, dtype=np.int32)
        else:
            rng = np.random.default_rng(seed)
            rows = rng.choice(self.num_rows, most, replace=False).astype(np.int32)
        values = np.empty((len(rows), len(self.factors)))
        for column, (factor, at) in enumerate(
            zip(self.factors, places_of(rows, self._sizes), strict=True)
        ):
            values[:, column] = np.asarray(factor.values)[at]
        probability = np.full(len(rows), 1 / len(rows))
        table = FactorTable(self.factors, values, probability, True, complete)
        return table, rows

    def held_out(self, most: int, *, seed: int = 0) -> None:
        """None: `sample` may draw every row."""
        return

    def partner(
        self,
        rows: Int[Array, " num"],
        changed: Bool[Array, "num factor"],
        *,
        key: PRNGKeyArray,
    ) -> Int[Array, " num"]:
        """Rows whose changed factors have other values, and whose others are equal."""
        return partner_on_grid(rows, changed, self._sizes, key=key)

    @property
    def _sizes(self) -> list[int]:
        """Number of values of each factor."""
        return [len(factor.values) for factor in self.factors]
