"""Where the centres of circles may be: one rule for each layout.

A rule takes the picture's size, the radius and the largest radius, in pixels, and
returns every allowed centre (x, y) with its weight. Coordinates count from the
centre of the top-left pixel; x grows to the right and y downwards.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

Layout = Literal["margin", "inside", "clipped", "diamond", "disc", "gaussian"]


class Centres(NamedTuple):
    """Allowed centres, in pixels, with weights that need not add up to 1."""

    position: Float[np.ndarray, "centre 2"]  # x, y
    weight: Float[np.ndarray, " centre"]


def room(size: int, radius: int) -> tuple[int, int]:
    """First and last coordinate, in pixels, at which a circle is whole."""
    return radius, size - 1 - radius


def _square(first: int, last: int) -> Centres:
    axis = np.arange(first, last + 1, dtype=float)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    position = np.stack([x.ravel(), y.ravel()], axis=1)
    return Centres(position, np.ones(len(position)))


def margin(size: int, radius: int, largest_radius: int) -> Centres:
    """The square in which the largest circle is whole: all factors independent."""
    return _square(*room(size, largest_radius))


def inside(size: int, radius: int, largest_radius: int) -> Centres:
    """The square in which this circle is whole: small circles have more room."""
    return _square(*room(size, radius))


def clipped(size: int, radius: int, largest_radius: int) -> Centres:
    """The whole frame: all factors independent, circles may be cut."""
    return _square(0, size - 1)


def diamond(size: int, radius: int, largest_radius: int) -> Centres:
    """The square of `margin` turned by 45 degrees: the diagonals are independent."""
    square, offset, reach = _from_the_middle(size, largest_radius)
    return _where(square, np.abs(offset).sum(axis=1) <= reach)


def disc(size: int, radius: int, largest_radius: int) -> Centres:
    """The disc within the square of `margin`: no straight axes are independent."""
    square, offset, reach = _from_the_middle(size, largest_radius)
    return _where(square, np.hypot(*offset.T) <= reach)


def gaussian(size: int, radius: int, largest_radius: int) -> Centres:
    """The square of `margin`, weighted by a normal density of 1/4 of its width.

    Every pair of perpendicular axes is (nearly) independent, so no objective that
    looks at independence alone can find x and y.
    """
    square, offset, reach = _from_the_middle(size, largest_radius)
    return Centres(
        square.position, np.exp(-0.5 * ((offset / (reach / 2)) ** 2).sum(axis=1))
    )


def _from_the_middle(size: int, largest_radius: int):
    square = margin(size, largest_radius, largest_radius)
    first, last = room(size, largest_radius)
    return square, square.position - (first + last) / 2, (last - first) / 2


def _where(centres: Centres, allowed: np.ndarray) -> Centres:
    return Centres(centres.position[allowed], centres.weight[allowed])


RULES = {
    "margin": margin,
    "inside": inside,
    "clipped": clipped,
    "diamond": diamond,
    "disc": disc,
    "gaussian": gaussian,
}
# In these layouts radius, x and y are independent.
INDEPENDENT = frozenset({"margin", "clipped", "gaussian"})
