"""The world of two circles: a bright one before a dim one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Num

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.worlds.checks import as_range, check_whole
from tinyvae.worlds.circles import Circles
from tinyvae.worlds.grid import GridPopulation, num_combinations
from tinyvae.worlds.listed import ListedPopulation

SMALLEST_SIZE, LARGEST_SIZE = 16, 256
BRIGHT, DIM = 1.0, 0.5
MOST_LISTED = 5_000_000


@dataclass(frozen=True)
class TwoCircles:
    """Pictures of two circles on black, each drawn as `cv2.circle` draws it.

    Circle 1 is white; circle 2 is grey (0.5) and larger. (Two equal circles could be
    exchanged without changing the picture.) The bright circle is drawn over the dim
    one. It never hides all of it, so every combination is a different picture. Both
    circles are whole.

    Args:
        size: height and width of a picture, 16 to 256 pixels.
        bright_radius: radius of circle 1, or smallest and largest radius, in pixels.
            By default it grows with the size: 3 for size 32.
        dim_radius: radius of circle 2, in the same form; it must be larger than every
            radius of circle 1. By default 6 for size 32.
        step: pixels between neighbouring positions. By default it grows with the size:
            2 for size 32.
        overlap: whether one circle may hide part of the other. If not, centres are more
            than the sum of the radii and one pixel apart, and the factors depend on
            one another.

    Expect: a factor for each coordinate that varies, so four latents are needed by
    default, one more than for a single circle.
    Raises: ConfigError if a setting is out of range or the circles do not fit.
    """

    size: int = 32
    bright_radius: tuple[int, int] | int | None = None
    dim_radius: tuple[int, int] | int | None = None
    step: int | None = None
    overlap: bool = True
    kind: Literal["two-circles"] = "two-circles"

    def __post_init__(self):
        check_whole("size", self.size, SMALLEST_SIZE, LARGEST_SIZE)
        defaults = {
            "bright_radius": max(1, self.size * 3 // 32),
            "dim_radius": self.size * 6 // 32,
            "step": max(1, self.size // 16),
        }
        for name, default in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        self._check_radii()
        check_whole("step", self.step, 1)
        num = num_combinations(self.factors)
        if not self.overlap and num > MOST_LISTED:
            raise ConfigError(
                f"expected at most {MOST_LISTED} combinations before removing those "
                f"with overlap, got {num}. Raise the step."
            )
        if not self.overlap:
            _ = self.table  # refuses circles that do not fit beside each other

    def _check_radii(self):
        most = (self.size - 2) // 2  # room for at least two centres on each axis
        for name in ("bright_radius", "dim_radius"):
            value = getattr(self, name)
            as_range(name, value)
            for end in value if isinstance(value, tuple) else (value,):
                check_whole(name, end, 1, most)
        (_, bright), (dim, _) = self.radii
        if bright >= dim:
            raise ConfigError(
                "expected every radius of the dim circle above those of the bright "
                f"one, which lies before it, got {dim} and {bright} pixels."
            )

    @property
    def radii(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Smallest and largest radius of the bright, then of the dim circle, in px."""
        bright, dim = (
            as_range("radius", radius)
            for radius in (self.bright_radius, self.dim_radius)
        )
        return (int(bright[0]), int(bright[1])), (int(dim[0]), int(dim[1]))

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.size, self.size, 1

    @cached_property
    def chosen(self) -> dict[str, Factor]:
        """All six factors by name; a radius with one value is constant."""
        factors = []
        for number, look in enumerate(("bright", "dim")):
            smallest, largest = self.radii[number]
            radii = tuple(map(float, range(smallest, largest + 1)))
            places = self._places(largest)
            for name, values, grows, falls in (
                ("radius", radii, "larger", "smaller"),
                ("x", places, "further right", "further left"),
                ("y", places, "further down", "further up"),
            ):
                factor = Factor(f"{name}{number + 1}", values, "px")
                words = {
                    "grows": f"{look} circle {grows}",
                    "falls": f"{look} circle {falls}",
                }
                factors.append(replace(factor, **words))
        return {factor.name: factor for factor in factors}

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that vary: radius1 and radius2 if ranges, x1, y1, x2 and y2."""
        return tuple(f for f in self.chosen.values() if len(f.values) > 1)

    def _places(self, radius: int) -> tuple[float, ...]:
        """Positions at which a circle is whole, `step` apart, around the middle."""
        assert self.step is not None  # __post_init__ has filled it in
        first, last = radius, self.size - 1 - radius
        first += (last - first) % self.step // 2
        return tuple(map(float, range(first, last + 1, self.step)))

    @cached_property
    def table(self) -> FactorTable:
        """Every combination that is drawn, equally probable; first factor slowest."""
        whole = full_grid(self.factors)
        if self.overlap:
            return whole
        columns = whole.values.T
        radius1, x1, y1, radius2, x2, y2 = self._all_six(columns)
        apart = np.hypot(x1 - x2, y1 - y2) > radius1 + radius2 + 1
        if not apart.any():
            raise ConfigError(
                f"expected circles that fit beside each other into {self.size}x"
                f"{self.size} pixels, got radii {self.radii}. Lower them."
            )
        values = whole.values[apart]
        probability = np.full(len(values), 1 / len(values))
        return FactorTable(_seen(self.factors, values), values, probability, False)

    def _all_six(self, columns):
        """Columns of the varying factors, and the values of the constant ones."""
        names = [factor.name for factor in self.factors]
        varying = dict(zip(names, columns, strict=True))
        return [varying.get(n, f.values[0]) for n, f in self.chosen.items()]

    def population(self) -> GridPopulation | ListedPopulation:
        """Every combination, or those without overlap."""
        if self.overlap:
            return GridPopulation(self, self.factors, "saturated")
        return ListedPopulation(self, "saturated")

    def describe(self) -> str:
        """One line: the size, the radii, whether circles overlap."""
        radii = " and ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in self.radii)
        num = num_combinations(self.factors) if self.overlap else len(self.table)
        return (
            f"two circles in {self.size}x{self.size} pixels, bright before dim, radius "
            f"{radii} px, {'' if self.overlap else 'not '}overlapping "
            f"({num} different pictures)"
        )

    def draw(
        self, factors: Num[Array | np.ndarray, "*batch factor"]
    ) -> Float[Array, "*batch height width channel"]:
        """Pictures of the given factor values: 0 black, 0.5 dim, 1 bright.

        Runs on the device, inside `jit` too, and for any batch shape.
        """
        columns = jnp.moveaxis(jnp.asarray(factors), -1, 0)
        six = [jnp.broadcast_to(c, columns[0].shape) for c in self._all_six(columns)]
        bright, dim = (
            Circles(self.size, radii, "clipped").draw(jnp.stack(circle, axis=-1))
            for radii, circle in zip(self.radii, (six[:3], six[3:]), strict=True)
        )
        return jnp.where(bright, BRIGHT, jnp.where(dim, DIM, 0.0))


def _seen(
    factors: tuple[Factor, ...], values: Float[np.ndarray, "row factor"]
) -> tuple[Factor, ...]:
    """The factors with the values that still appear."""
    return tuple(
        replace(factor, values=tuple(np.unique(column).tolist()))
        for factor, column in zip(factors, values.T, strict=True)
    )
