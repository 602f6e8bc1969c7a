"""Pictures from coarse to fine: a Gaussian blur whose width can be traced.

In a blurred picture, a thing that moves changes every pixel a little, and always in the
same direction. In a sharp one, two places that do not overlap are equally different,
however far apart. So place and size are learned first, and edges later.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

NARROWEST = 0.05  # pixels; a kernel of this width leaves a picture as it is


def blurred(
    images: Shaped[Array, "batch height width channel"],
    share: Float[Array, ""] | float,
) -> Float[Array, "batch height width channel"]:
    """Pictures after a Gaussian blur, each channel by itself, as if black went on.

    Args:
        images: pictures of any numbers.
        share: standard deviation of the kernel along a side, as a share of this side.

    Pictures of height or width 1 stay as they are: rows of a table, whose neighbours
    mean nothing.
    """
    pixels = images.astype(jnp.float32)
    sides = images.shape[1:3]
    if 1 in sides:
        return pixels
    down, across = (kernel(side, share * side) for side in sides)
    return jnp.einsum("ij,bjkc,lk->bilc", down, pixels, across)


def kernel(side: int, width: Float[Array, ""] | float) -> Float[Array, "side side"]:
    """The matrix that blurs a column of pixels by this standard deviation, in pixels.

    Its entries sum to 1 with those that fall outside of the picture.
    """
    offsets = jnp.arange(1 - side, side)
    weights = jnp.exp(-0.5 * (offsets / jnp.maximum(width, NARROWEST)) ** 2)
    place = jnp.arange(side)
    return (weights / weights.sum())[place[:, None] - place + side - 1]
