"""The world of circles: one white disc on black, drawn as OpenCV draws it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from typing import Any, Literal, get_args

import cv2
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int, Num

from tinyvae.factors import Factor, FactorTable
from tinyvae.worlds.layouts import INDEPENDENT, RULES, Layout
from tinyvae.worlds.listed import ListedPopulation

SMALLEST_SIZE, LARGEST_SIZE = 8, 256
# what a person sees when a coordinate grows, and when it falls
WORDS: dict[str, Any] = {
    "radius": {"grows": "larger circle", "falls": "smaller circle"},
    "x": {"grows": "further right", "falls": "further left"},
    "y": {"grows": "further down", "falls": "further up"},
    "x + y": {"grows": "further down and right", "falls": "further up and left"},
    "x - y": {"grows": "further up and right", "falls": "further down and left"},
}


@dataclass(frozen=True)
class Circles:
    """Pictures of one white circle on black, with random radius, x and y.

    Each picture is what `cv2.circle(image, (x, y), radius, 255, thickness=-1)` draws,
    bit for bit. The factors are integers, in pixels; x and y count from the centre of
    the top-left pixel, y downwards.

    Args:
        size: height and width of a picture, 8 to 256 pixels.
        radius: smallest and largest radius, both included. By default it grows with
            the size: 3 to 8 for size 32.
        layout: where centres may be: margin, inside, clipped, diamond, disc or
            gaussian. `margin`: where the largest circle is whole, so that radius, x and
            y are independent; `inside`: where each circle is whole; `clipped`:
            everywhere, so that the frame cuts some circles; `diamond`, `disc`,
            `gaussian`: control experiments within the square of `margin`.

    Expect: with the default objective, a latent for each factor in layout `margin`,
    where they are independent (20 of 20 seeds at size 32). In `diamond` it finds the
    diagonals, which are independent there. In `inside` and `clipped` it finds radius, x
    and y with the network `translated`, and not with the default one.
    Raises: ValueError if the size is out of range or the circles do not fit.
    """

    size: int = 32
    radius: tuple[int, int] | None = None
    layout: str = "margin"
    kind: Literal["circles"] = "circles"

    def __post_init__(self):
        if not isinstance(self.size, Integral):
            raise ValueError(f"expected a whole number of pixels, got {self.size!r}.")
        if not SMALLEST_SIZE <= self.size <= LARGEST_SIZE:
            raise ValueError(
                f"expected a size of {SMALLEST_SIZE} to {LARGEST_SIZE} pixels, "
                f"got {self.size}."
            )
        if self.layout not in get_args(Layout):
            raise ValueError(
                f"expected a layout among {', '.join(get_args(Layout))}, "
                f"got {self.layout!r}."
            )
        if self.radius is None:
            smallest = max(1, self.size * 3 // 32)
            largest = max(smallest + 1, self.size // 4)
            object.__setattr__(self, "radius", (smallest, largest))
        self._check_radius()

    def _check_radius(self):
        if not (
            isinstance(self.radius, Sequence)
            and len(self.radius) == 2
            and all(isinstance(end, Integral) for end in self.radius)
        ):
            raise ValueError(
                "expected a radius range (low, high) in whole pixels, such as (3, 8), "
                f"got {self.radius!r}."
            )
        smallest, largest = self.radius_range
        fits = (self.size - 2) // 2  # room for at least two centres on each axis
        if not 1 <= smallest <= largest:
            raise ValueError(
                "expected a radius range low:high with 1 <= low <= high, in pixels, "
                f"got {smallest}:{largest}."
            )
        if self.layout == "clipped":
            fits = self.size
        if largest > fits:
            raise ValueError(
                f"expected a largest radius of at most {fits} pixels, so that circles "
                f"of layout {self.layout!r} fit into {self.size}x{self.size} pixels, "
                f"got {largest}. Lower the radius or raise the size."
            )

    @property
    def radius_range(self) -> tuple[int, int]:
        """Smallest and largest radius, in pixels, both included."""
        assert self.radius is not None  # __post_init__ has filled it in
        return self.radius

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height and width of a picture, in pixels, and its one channel."""
        return (self.size, self.size, 1)

    def population(self) -> ListedPopulation:
        """The pictures by row number, in the order of `table`."""
        return ListedPopulation(self, "binary")

    def describe(self) -> str:
        """One line: size, radii, layout, and the number of pictures.

        >>> Circles().describe()
        '32x32 circles, radius 3 to 8 px, layout margin (1536 different pictures)'
        """
        low, high = self.radius_range
        return (
            f"{self.size}x{self.size} circles, radius {low} to {high} px, layout "
            f"{self.layout} ({len(self.table)} different pictures)"
        )

    def page_data(self) -> dict[str, Any]:
        """Half the width of each row of each disc: all that the page needs to draw."""
        return {"halfWidth": self.half_width.tolist()}

    @cached_property
    def table(self) -> FactorTable:
        """Every circle of this world, with its probability; radius slowest.

        The radius is uniform; the centre follows the layout, given the radius.
        """
        smallest, largest = self.radius_range
        radii = range(smallest, largest + 1)
        blocks, weights = [], []
        for radius in radii:
            centres = RULES[self.layout](self.size, radius, largest)
            column = np.full(len(centres.weight), float(radius))
            blocks.append(np.column_stack([column, centres.position]))
            weights.append(centres.weight / centres.weight.sum() / len(radii))
        values = np.concatenate(blocks)
        names = ("radius", "x", "y")
        factors = tuple(
            Factor(name, tuple(np.unique(column).tolist()), "px", **WORDS[name])
            for name, column in zip(names, values.T, strict=True)
        )
        independent = self.layout in INDEPENDENT
        return FactorTable(factors, values, np.concatenate(weights), independent)

    @cached_property
    def half_width(self) -> Int[np.ndarray, "radius row"]:
        """Half the width of each row of each radius's disc, from `cv2.circle`.

        Row i of a disc of radius r is i - LARGEST rows below its centre and is lit
        from x - half_width to x + half_width; -1 where the row is dark. `cv2.circle`
        is fully described by these widths, so that any circle can be drawn from them.
        """
        largest = self.radius_range[1]
        width = 2 * largest + 1
        rows = np.full((largest + 1, width), -1, np.int16)
        for radius in range(1, largest + 1):
            stamp = np.zeros((width, width), np.uint8)
            cv2.circle(stamp, (largest, largest), radius, (1,), thickness=-1)
            rows[radius] = np.where(
                stamp.any(1), (stamp.sum(1, dtype=int) - 1) // 2, -1
            )
        return rows

    def draw(
        self, factors: Num[Array | np.ndarray, "*batch factor"]
    ) -> Bool[Array, "*batch height width 1"]:
        """Pictures of the given (radius, x, y), in pixels; True is white.

        Runs on the device, inside `jit` too, and for any batch shape.
        """
        largest = self.radius_range[1]
        # with the smallest type that holds every distance the device draws fastest
        pixels = jnp.int8 if self.size + 2 * largest < 128 else jnp.int16
        radius, x, y = jnp.moveaxis(jnp.asarray(factors).astype(pixels), -1, 0)
        axis = jnp.arange(self.size, dtype=pixels)
        row = axis - y[..., None] + largest
        half_width = jnp.asarray(self.half_width, pixels)[
            radius[..., None], jnp.clip(row, 0, 2 * largest)
        ]
        half_width = jnp.where((row >= 0) & (row <= 2 * largest), half_width, -1)
        distance = jnp.abs(axis - x[..., None])
        # without the barrier the look-up is repeated for every pixel of a row
        half_width, distance = lax.optimization_barrier((half_width, distance))
        return (distance[..., None, :] <= half_width[..., :, None])[..., None]

    def measure(
        self, images: Float[np.ndarray, "*batch height width 1"]
    ) -> Float[np.ndarray, "*batch factor"]:
        """Radius, x and y of the circles in pictures, in pixels, from the pixels alone.

        Pixels in [0, 1] count as shares of white. The centre is the centroid; the
        radius is that of the disc of the same area. A black picture gives NaN; a circle
        cut by the frame gives the centre of the visible part.
        """
        images = images[..., 0]
        area = images.sum((-2, -1))
        axis = np.arange(self.size)
        with np.errstate(invalid="ignore"):
            x = (images.sum(-2) @ axis) / area
            y = (images.sum(-1) @ axis) / area
        radii = np.arange(self.half_width.shape[0])
        areas = np.where(self.half_width < 0, 0, 2 * self.half_width + 1).sum(1)
        radius = np.interp(area, areas, radii, right=np.inf)
        beyond = np.isinf(radius)  # larger than every circle of this world
        largest = radii[-1] * np.sqrt(area / areas[-1])
        radius = np.where(beyond, largest, radius)
        return np.stack([np.where(area > 0, radius, np.nan), x, y], axis=-1)

    def independent_coordinates(self, table: FactorTable) -> FactorTable | None:
        """The rows of a table in coordinates that are independent of one another.

        `inside`: x and y relative to the room that the radius leaves, from 0 to 1, in
        as many equal parts as the largest circle has places; `diamond`: the diagonals
        x + y and x - y, in pixels. None for other layouts: either they are independent
        already, or no such coordinates are known.
        """
        radius, x, y = table.values.T
        if self.layout == "diamond":
            columns = {"radius": radius, "x + y": x + y, "x - y": x - y}
        elif self.layout == "inside":
            columns = {
                "radius": radius,
                "x in its room": self._relative(x, radius),
                "y in its room": self._relative(y, radius),
            }
        else:
            return None
        factors = tuple(
            Factor(name, tuple(np.unique(column).tolist()), unit, **WORDS.get(name, {}))
            for (name, column), unit in zip(
                columns.items(),
                ("px", "px", "px") if self.layout == "diamond" else ("px", "", ""),
                strict=True,
            )
        )
        values = np.stack(list(columns.values()), axis=1)
        return replace(table, factors=factors, values=values, independent=True)

    def _repr_html_(self) -> str:
        """Ten of its pictures, and the factors that vary in them."""
        rows = self.table.sample_rows(10, seed=0).values
        strip = np.asarray(self.draw(rows))[..., 0].astype(np.uint8) * 255
        framed = np.pad(strip, ((0, 0), (1, 1), (1, 1)), constant_values=128)
        _, png = cv2.imencode(".png", np.concatenate(list(framed), axis=1))
        source = f"data:image/png;base64,{b64encode(png.tobytes()).decode()}"
        ranges = "; ".join(
            f"{factor.name} {factor.values[0]:g} to {factor.values[-1]:g} {factor.unit}"
            for factor in self.table.factors
        )
        return (
            f"<p><b>{self.size}x{self.size} circles</b>, layout {self.layout}: "
            f"{len(self.table)} different pictures ({ranges})</p>"
            f'<img alt="ten random pictures" style="image-rendering: pixelated" '
            f'height="66" src="{source}">'
        )

    def _relative(self, position: np.ndarray, radius: np.ndarray) -> np.ndarray:
        first, last = radius, self.size - 1 - radius
        relative = (position - first + 0.5) / (last - first + 1)
        # With finer parts, some would hold circles of one radius only.
        parts = self.size - 2 * radius.max()
        return (np.floor(relative * parts) + 0.5) / parts
