"""The world of correlated circles: two factors vary together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Array, Bool, Float, Num

from tinyvae.errors import ConfigError
from tinyvae.factors import FactorTable
from tinyvae.worlds.checks import is_number
from tinyvae.worlds.circles import Circles
from tinyvae.worlds.coupling import coupled
from tinyvae.worlds.listed import ListedPopulation

STRONGEST = 0.95


@dataclass(frozen=True)
class CorrelatedCircles:
    """Circles of layout `margin`, with two correlated factors.

    Every combination of radius, x and y still appears, some more often than others.
    Each factor alone stays uniform, and the third is independent of the other two. So
    the effect of dependence can be separated from that of rare values.

    Args:
        size: height and width of a picture, 8 to 256 pixels.
        radius: smallest and largest radius in pixels, as for `Circles`.
        pair: the two factors, among radius, x and y.
        correlation: their Pearson correlation, -0.95 to 0.95.

    Expect: mixtures of the pair from objectives that ask for independent latents, since
    a rotation of two correlated factors has coordinates that are uncorrelated.
    Raises: ValueError if a setting is out of range or the circles do not fit.
    """

    size: int = 32
    radius: tuple[int, int] | None = None
    pair: tuple[str, str] = ("radius", "x")
    correlation: float | int = 0.7
    kind: Literal["correlated-circles"] = "correlated-circles"

    def __post_init__(self):
        names = self.circles.table.names
        if len(set(self.pair) & set(names)) != 2 or len(self.pair) != 2:
            raise ConfigError(
                f"expected a pair of different factors among {', '.join(names)}, "
                f"got {self.pair!r}."
            )
        if not is_number(self.correlation, -STRONGEST, STRONGEST):
            raise ConfigError(
                f"expected a correlation from {-STRONGEST} to {STRONGEST}, "
                f"got {self.correlation!r}."
            )
        _ = self.table  # refuses a correlation that the grid does not allow

    @cached_property
    def circles(self) -> Circles:
        """The circles that are drawn, without the correlation."""
        return Circles(self.size, self.radius)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.size, self.size, 1

    @cached_property
    def table(self) -> FactorTable:
        """Every circle with its probability; radius slowest."""
        whole = self.circles.table
        columns = [whole.names.index(name) for name in self.pair]
        grids = [np.asarray(whole.factors[column].values) for column in columns]
        joint = coupled(grids[0], grids[1], float(self.correlation))
        first, second = (
            np.searchsorted(grid, whole.values[:, column])
            for grid, column in zip(grids, columns, strict=True)
        )
        values_of_the_third = len(whole) // joint.size
        probability = joint[first, second] / values_of_the_third
        independent = self.correlation == 0
        return replace(whole, probability=probability, independent=independent)

    def population(self) -> ListedPopulation:
        """Every circle, drawn by its probability."""
        return ListedPopulation(self, "binary")

    def describe(self) -> str:
        """One line: the size, the correlation, and the number of pictures."""
        return (
            f"{self.size}x{self.size} circles, {' and '.join(self.pair)} correlated by "
            f"{self.correlation:g} ({len(self.table)} different pictures)"
        )

    def draw(
        self, factors: Num[Array | np.ndarray, "*batch factor"]
    ) -> Bool[Array, "*batch height width channel"]:
        """Pictures of the given (radius, x, y), in pixels; True is white."""
        return self.circles.draw(factors)

    def measure(
        self, images: Float[np.ndarray, "*batch height width channel"]
    ) -> Float[np.ndarray, "*batch factor"]:
        """Radius, x and y of the circles in pictures, as `Circles.measure`."""
        return self.circles.measure(images)
