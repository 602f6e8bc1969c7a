"""Pictures from coarse to fine: a blur whose width can be traced.

In a blurred picture, a thing that moves changes every pixel a little, and always in the
same direction. In a sharp one, two places that do not overlap are equally different,
however far apart. So place and size are learned first, and edges later.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

EXACT = jax.lax.Precision.HIGHEST  # not TF32, or pictures would change at width 0


def blurred(
    images: Shaped[Array, "batch height width channel"],
    share: Float[Array, ""] | float,
) -> Float[Array, "batch height width channel"]:
    """Pictures in which light has spread from pixel to pixel, and none has left.

    Each channel by itself. The sum of its pixels stays, so that a circle at the border
    is not taken for a smaller one.

    Args:
        images: pictures of any numbers.
        share: standard deviation of the spread along a side, as a share of this side.

    Pictures of height or width 1 stay as they are: rows of a table, whose neighbours
    mean nothing.
    """
    pixels = images.astype(jnp.float32)
    sides = images.shape[1:3]
    if 1 in sides:
        return pixels
    down, across = (spread(side, share * side) for side in sides)
    return jnp.einsum("ij,bjkc,lk->bilc", down, pixels, across, precision=EXACT)


def spread(side: int, width: Float[Array, ""] | float) -> Float[Array, "side side"]:
    """The matrix that blurs a column of pixels by this standard deviation, in pixels.

    It is the heat equation on the pixels, insulated at both ends: a random walk from
    pixel to pixel of so many steps that their variance is width squared. So its entries
    are not negative, every row and column has the sum 1, and width 0 is no blur. Inside
    of the picture it is a Gaussian blur.

    Source: Lindeberg (1990), "Scale-space for discrete signals", sections III and IV.
    """
    waves = np.arange(side)
    modes = np.cos(np.pi / side * np.outer(waves, np.arange(side) + 0.5))
    modes = modes / np.linalg.norm(modes, axis=1, keepdims=True)
    modes = jnp.asarray(modes, jnp.float32)
    rate = jnp.asarray(1 - np.cos(np.pi / side * waves), jnp.float32)
    left = jnp.exp(-(width**2) * rate)
    return jnp.matmul(modes.T, left[:, None] * modes, precision=EXACT)
