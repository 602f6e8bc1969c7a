"""The world of shapes: one disc, square, triangle, ellipse or heart on black."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Num

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor
from tinyvae.worlds.checks import as_range, check_whole, is_number
from tinyvae.worlds.grid import GridPopulation, num_combinations
from tinyvae.worlds.hues import red_green_blue
from tinyvae.worlds.shape_factors import (
    hue_factor,
    position_factor,
    rotation_factor,
    rotation_units,
    scale_factor,
    shape_factor,
)
from tinyvae.worlds.shape_measures import measured
from tinyvae.worlds.silhouettes import FORMS

SMALLEST_SIZE, LARGEST_SIZE = 16, 256
LEAST_ROOM = 0.5  # pixels from the middle that a centroid must be able to move


@dataclass(frozen=True)
class Shapes:
    """Pictures of one shape on black, with soft edges; up to six factors vary.

    A factor with one value is constant. By default shape, scale, rotation, x and y
    vary independently, and every combination is equally probable.

    `scale` is the radius of the disc of the same area, in pixels: a square and a heart
    of the same scale have the same area. x and y are the shape's centroid, in pixels
    from the centre of the top-left pixel, y downwards. All shapes are whole.

    `rotation` is circular and clockwise. It covers one turn of the shape's symmetry:
    90 degrees for the square, 120 for the triangle, 180 for the ellipse and 360 for
    the heart. Where shapes of different symmetry vary together, its unit is the
    shape's own turn, from 0 to 1. (In degrees, a square would look the same at four
    rotations, so a picture would not determine its rotation.) A disc looks the same at
    every rotation.

    Args:
        size: height and width of a picture, 16 to 256 pixels.
        shapes: shapes that are drawn, among disc, square, triangle, ellipse and heart.
        scale: smallest and largest scale, or one scale, in pixels. By default it grows
            with the size: 3 to 6 for size 32.
        scales: number of scales, evenly spaced; 1: the middle of the range.
        rotations: number of rotations within a turn; 1: upright.
        positions: number of positions along x and along y, or one number for both;
            1: the middle. They are evenly spaced around the middle, by a multiple of
            half a pixel if there is room.
        hues: number of hues around the colour circle, starting at `hue` or red.
        hue: one hue in degrees (0 red, 120 green, 240 blue). By default, if `hues` is
            1, shapes are white and pictures have one channel instead of three.

    Expect: at best `scale`, x and y. No objective that was compared on these pictures
    without labels, or with those of at most 1000, gave `shape` or `rotation` a latent
    of its own, nor a pair of latents, in any of 10 seeds. `rotation` is a circle and
    needs a pair, which the answer then names; `shape` is categorical, and a latent can
    follow no order of its levels.
    Raises: ConfigError if a setting is out of range or the shapes do not fit.
    """

    size: int = 32
    shapes: tuple[str, ...] = ("square", "ellipse", "heart")
    scale: tuple[float | int, float | int] | float | int | None = None
    scales: int = 4
    rotations: int = 8
    positions: int | tuple[int, int] = 12
    hues: int = 1
    hue: float | int | None = None
    kind: Literal["shapes"] = "shapes"

    def __post_init__(self):
        check_whole("size", self.size, SMALLEST_SIZE, LARGEST_SIZE)
        self._check_shapes()
        if self.scale is None:
            object.__setattr__(self, "scale", (self.size * 3 / 32, self.size * 6 / 32))
        self._check_scale()
        for name in ("scales", "rotations", "hues"):
            check_whole(name, getattr(self, name), 1)
        if len(self.num_positions) != 2:
            raise ConfigError(
                "expected positions to be one number, or one along x and one along y, "
                f"got {self.positions!r}."
            )
        for name, num in zip("xy", self.num_positions, strict=True):
            check_whole(f"positions along {name}", num, 1)
        if self.hue is not None and not is_number(self.hue, 0, 360):
            raise ConfigError(f"expected a hue of 0 to 360 degrees, got {self.hue!r}.")
        self._check_that_something_varies()
        num_combinations(self.factors)

    def _check_shapes(self):
        named = self.shapes if isinstance(self.shapes, tuple) else ()
        if not named or set(named) - set(FORMS) or len(set(named)) < len(named):
            raise ConfigError(
                f"expected different shapes among {', '.join(FORMS)}, "
                f"got {self.shapes!r}. Write them as in shapes=('square', 'heart')."
            )

    def _check_scale(self):
        smallest, largest = self.scale_range
        if smallest < 1:
            raise ConfigError(
                f"expected scales of 1 pixel or more, got {smallest:g}. Raise it."
            )
        if self._room < LEAST_ROOM:
            fits = ((self.size - 3) / 2 - LEAST_ROOM) / self._reach
            raise ConfigError(
                f"expected a largest scale of at most {math.floor(fits * 100) / 100:g} "
                f"pixels, so that the shapes fit into {self.size}x{self.size} pixels, "
                f"got {largest:g}. Lower the scale or raise the size."
            )

    def _check_that_something_varies(self):
        if self.rotations > 1 and self.shapes == ("disc",):
            raise ConfigError(
                "expected rotations to be 1 where only discs are drawn, got "
                f"{self.rotations}: a disc's rotation is not visible. Add a shape."
            )
        if not self.factors:
            raise ConfigError(
                "expected a factor that varies, got one value of each. Name another "
                "shape, or raise scales, rotations, positions or hues."
            )

    @property
    def scale_range(self) -> tuple[float, float]:
        """Smallest and largest scale, in pixels, both included."""
        return as_range("scale", self.scale)

    @property
    def num_positions(self) -> tuple[int, int]:
        """Number of positions along x and along y."""
        if isinstance(self.positions, tuple):
            return self.positions
        return self.positions, self.positions

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        coloured = self.hues > 1 or self.hue is not None
        return self.size, self.size, 3 if coloured else 1

    @cached_property
    def chosen(self) -> dict[str, Factor]:
        """All six factors by name; those with one value are constant."""
        middle, (columns, rows) = (self.size - 1) / 2, self.num_positions
        six = (
            shape_factor(self.shapes),
            scale_factor(*self.scale_range, self.scales),
            rotation_factor(self.shapes, self.rotations),
            position_factor("x", middle, self._room, columns),
            position_factor("y", middle, self._room, rows),
            hue_factor(float(self.hue or 0), self.hues),
        )
        return {factor.name: factor for factor in six}

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that vary, in the order of the columns."""
        return tuple(f for f in self.chosen.values() if len(f.values) > 1)

    @property
    def _reach(self) -> float:
        return max(FORMS[shape].reach for shape in self.shapes)

    @property
    def _room(self) -> float:
        """Largest distance of a centroid from the frame's middle, in pixels.

        Soft edges may light one pixel beyond a shape's reach.
        """
        return (self.size - 1) / 2 - 1 - self._reach * self.scale_range[1]

    def population(self) -> GridPopulation:
        """Every combination of the factors' values."""
        return GridPopulation(self, self.factors, "saturated")

    def describe(self) -> str:
        """One line: the shapes, what varies, and the number of combinations."""
        names = ", ".join(factor.name for factor in self.factors)
        return (
            f"{self.size}x{self.size} pictures of {', '.join(self.shapes)}, varying "
            f"{names} ({num_combinations(self.factors)} combinations)"
        )

    def draw(
        self, factors: Num[Array | np.ndarray, "*batch factor"]
    ) -> Float[Array, "*batch height width channel"]:
        """Pictures of the given factor values, from 0 to 1.

        Runs on the device, inside `jit` too, and for any batch shape.
        """
        columns = jnp.moveaxis(jnp.asarray(factors, jnp.float32), -1, 0)
        held = {
            n: jnp.full_like(columns[0], f.values[0]) for n, f in self.chosen.items()
        }
        varying = {f.name: c for f, c in zip(self.factors, columns, strict=True)}
        value = {name: c[..., None, None] for name, c in (held | varying).items()}
        lit = self._coverage(value)
        if self.image_shape[-1] == 1:
            return lit[..., None]
        return lit[..., None] * red_green_blue(value["hue"])

    def _coverage(self, value: dict[str, Array]) -> Float[Array, "*batch height width"]:
        """Share of each pixel that the shape covers."""
        which = [value["shape"] == index for index in range(len(self.shapes))]
        turns = zip(which, rotation_units(self.shapes), strict=True)
        turn = value["rotation"] * sum(is_it * degrees for is_it, degrees in turns)
        cos, sin = jnp.cos(jnp.radians(turn)), jnp.sin(jnp.radians(turn))
        axis = jnp.arange(self.size, dtype=jnp.float32)
        across, down = axis - value["x"], axis[:, None] - value["y"]
        x, y = cos * across + sin * down, cos * down - sin * across
        covers = [FORMS[shape].cover(x, y, value["scale"]) for shape in self.shapes]
        return jnp.select(which, covers)

    def measure(
        self, images: Float[np.ndarray, "*batch height width channel"]
    ) -> Float[np.ndarray, "*batch factor"]:
        """The factors of the shapes in pictures, from the pixels alone.

        x, y, scale and hue are measured; rotation only if one shape is drawn. NaN
        where they are not visible, and for the shape.
        """
        alone = self.shapes[0] if len(self.shapes) == 1 else None
        found = measured(images, alone)
        unknown = np.full(images.shape[:-3], np.nan)
        return np.stack([found.get(f.name, unknown) for f in self.factors], axis=-1)

    def page_data(self) -> dict[str, Any]:
        """Constant values, varying factors and turns, for a script that draws them.

        `turns`: degrees that one unit of the factor rotation turns each shape.
        """
        return {
            "world": self.kind,
            "size": self.size,
            "channels": self.image_shape[-1],
            "shapes": list(self.shapes),
            "turns": list(rotation_units(self.shapes)),
            "held": {n: f.values[0] for n, f in self.chosen.items()},
            "factors": [factor.name for factor in self.factors],
        }
