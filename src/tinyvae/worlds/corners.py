"""The world of held-out corners: combinations that training never shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Array, Bool, Float, Num

from tinyvae.errors import ConfigError
from tinyvae.factors import FactorTable
from tinyvae.worlds.checks import is_number
from tinyvae.worlds.circles import Circles
from tinyvae.worlds.listed import ListedPopulation


@dataclass(frozen=True)
class HeldOutCorners:
    """Circles of layout `margin`, with some combinations held out of training.

    Training shows every value of every factor, but not every combination. The answer
    is measured on all combinations; `held_out` of the population gives those that
    training never shows. The others are equally probable in training, so the factors
    named in a corner depend on one another a little there.

    Args:
        size: height and width of a picture, 8 to 256 pixels.
        radius: smallest and largest radius in pixels, as for `Circles`.
        corners: the combinations held out; in a command, separated by ';'. Each names
            two or three factors and an end of each, such as "high radius, low x";
            circles in all these ends are left out.
        share: the part of a factor's values in its high or low end, up to 0.5.

    Expect: the same answer as without corners from a code that generalises; the
    difference is what the held-out combinations cost.
    Raises: ValueError if a setting is out of range or the circles do not fit.
    """

    size: int = 32
    radius: tuple[int, int] | None = None
    # corners contain commas
    corners: tuple[str, ...] = field(
        default=("high radius, high x",), metadata={"separator": ";"}
    )
    share: float | int = 1 / 3
    kind: Literal["held-out-corners"] = "held-out-corners"

    def __post_init__(self):
        if not is_number(self.share, 0, 0.5) or self.share == 0:
            raise ConfigError(
                f"expected a share above 0 and up to 0.5, got {self.share!r}."
            )
        if not self.corners or not isinstance(self.corners, tuple):
            raise ConfigError(
                "expected at least one corner, as in corners=('high radius, high x',), "
                f"got {self.corners!r}. The world 'circles' leaves nothing out."
            )
        self._check_that_values_are_seen()

    def _check_that_values_are_seen(self):
        seen = self.table.values[~self.left_out]
        for factor, column in zip(self.table.factors, seen.T, strict=True):
            missing = set(factor.values) - set(column.tolist())
            if missing:
                raise ConfigError(
                    f"expected training to see every {factor.name}, got corners that "
                    f"leave out all circles of {factor.name} {min(missing):g} "
                    f"{factor.unit}. Name fewer corners or lower the share."
                )

    @cached_property
    def circles(self) -> Circles:
        """The circles that are drawn, with nothing left out."""
        return Circles(self.size, self.radius)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.size, self.size, 1

    @cached_property
    def table(self) -> FactorTable:
        """Every circle, left out or not, equally probable; radius slowest."""
        return self.circles.table

    @cached_property
    def left_out(self) -> Bool[np.ndarray, " row"]:
        """Which rows of the table are held out of training."""
        corners = [self._in_corner(corner) for corner in self.corners]
        return np.any(corners, axis=0)

    def _in_corner(self, corner: str) -> Bool[np.ndarray, " row"]:
        names = self.table.names
        ends = [tuple(end.split()) for end in corner.split(",")]
        known = all(
            len(end) == 2 and end[0] in ("high", "low") and end[1] in names
            for end in ends
        )
        if not known or len({end[-1] for end in ends if end}) < max(2, len(ends)):
            raise ConfigError(
                "expected a corner to name an end, high or low, of two or three "
                f"different factors among {', '.join(names)}, as in 'high radius, "
                f"low x', got {corner!r}."
            )
        return np.all([self._at_end(end, name) for end, name in ends], axis=0)

    def _at_end(self, end: str, name: str) -> Bool[np.ndarray, " row"]:
        column = self.table.names.index(name)
        grid = self.table.factors[column].values
        num = max(1, round(self.share * len(grid)))
        values = self.table.values[:, column]
        return values >= grid[-num] if end == "high" else values <= grid[num - 1]

    def population(self) -> ListedPopulation:
        """Every circle; those of the corners are never drawn by `sample`."""
        return ListedPopulation(self, "binary", self.left_out)

    def describe(self) -> str:
        """One line: the size, the corners, and how many pictures are held out."""
        return (
            f"{self.size}x{self.size} circles without {'; '.join(self.corners)} "
            f"({self.left_out.sum()} of {len(self.table)} pictures held out)"
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
