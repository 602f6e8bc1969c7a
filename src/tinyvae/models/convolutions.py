"""Convolutions of kernel 4 and stride 2, written as matrix products.

On a CPU, XLA's convolution is slow in its gradients, inside loops, and over members
(each with its own weights). So the same sums are computed as matrix products here.
Forward pass and both gradients of one layer in a loop, batch 64 of 64x64x1, best of
three on two shared cores, in ms (channels in and out, side of the larger picture):

| layer | `lax.conv_general_dilated` | here |
| --- | ---: | ---: |
| down, 1 to 32, 64 | 117 | 11 |
| down, 32 to 32, 32 | 941 | 30 |
| down, 32 to 64, 16 | 388 | 9 |
| down, 64 to 64, 8 | 135 | 5 |
| up, 64 to 64, 8 | 135 | 6 |
| up, 64 to 32, 16 | 443 | 11 |
| up, 32 to 32, 32 | 895 | 23 |
| up, 32 to 1, 64 | 113 | 12 |

`eqx.nn.Conv2d` calls the same convolution. Each direction has two forms with the same
result; the number of channels on one side decides which moves less memory. A picture
of h x w becomes ceil(h/2) x ceil(w/2): one row and column of zeros is added before it,
and one or two after, as in the padding "SAME".
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.layers import he_uniform

KERNEL = 4
FEW_CHANNELS = 4  # up to this number, windows take little more memory than pictures

Picture = Float[Array, "height width input"]
Smaller = Float[Array, "rows columns output"]
Larger = Float[Array, "rows columns output"]
Kernel = Float[Array, "4 4 input output"]


def halved(side: int) -> int:
    """Side of a picture after one convolution."""
    return (side + 1) // 2


def row_pairs(picture: Picture) -> Float[Array, "rows 2 columns pair"]:
    """Padded picture as pairs of rows, with pairs of columns in sequence."""
    height, width, channels = picture.shape
    after = (1 + height % 2, 1 + width % 2)
    padded = jnp.pad(picture, ((1, after[0]), (1, after[1]), (0, 0)))
    rows, columns, _ = padded.shape
    return padded.reshape(rows // 2, 2, columns // 2, 2 * channels)


def convolve_windows(picture: Picture, weight: Kernel) -> Smaller:
    """Each 4x4 window as one row, times the weights: for few inputs."""
    pairs = row_pairs(picture)
    rows = (pairs[:-1, 0], pairs[:-1, 1], pairs[1:, 0], pairs[1:, 1])
    windows = [side for row in rows for side in (row[:, :-1], row[:, 1:])]
    return jnp.concatenate(windows, -1) @ weight.reshape(-1, weight.shape[-1])


def convolve_half_windows(picture: Picture, weight: Kernel) -> Smaller:
    """2x4 windows times both halves of the weights, then the sum of two halves.

    A window is the lower half for one output and the upper half for the next, so it
    is stored only once.
    """
    inputs, outputs = weight.shape[2:]
    pairs = row_pairs(picture)
    rows = (pairs[:, 0], pairs[:, 1])
    windows = [side for row in rows for side in (row[:, :-1], row[:, 1:])]
    # (half, row, column, input, output) -> (row, column, input; half, output)
    halves = weight.reshape(2, 2, KERNEL * inputs, outputs).transpose(1, 2, 0, 3)
    products = jnp.concatenate(windows, -1) @ halves.reshape(-1, 2 * outputs)
    return products[:-1, :, :outputs] + products[1:, :, outputs:]


def spread_windows(picture: Picture, weight: Kernel) -> Larger:
    """Every 2x2 window times the weights gives a 2x2 block of the larger picture."""
    height, width, inputs = picture.shape
    outputs = weight.shape[-1]
    padded = jnp.pad(picture, ((1, 1), (1, 1), (0, 0)))
    neighbours = [
        padded[1:, 1:],
        padded[1:, :-1],
        padded[:-1, 1:],
        padded[:-1, :-1],
    ]
    # pixel 2 b + s of the larger picture gets weight s + 2 t from pixel b - t
    split = weight.reshape(2, 2, 2, 2, inputs, outputs)  # (t, s) of rows, of columns
    matrix = split.transpose(0, 2, 4, 1, 3, 5).reshape(4 * inputs, 4 * outputs)
    blocks = jnp.concatenate(neighbours, -1) @ matrix
    blocks = blocks.reshape(height + 1, width + 1, 2, 2, outputs)
    large = blocks.transpose(0, 2, 1, 3, 4).reshape(2 * height + 2, -1, outputs)
    return large[1:-1, 1:-1]


def spread_pixels(picture: Picture, weight: Kernel) -> Larger:
    """Each pixel times the weights is a 4x4 patch; patches add up: for few outputs."""
    height, width, inputs = picture.shape
    outputs = weight.shape[-1]
    split = weight.reshape(2, 2, 2, 2, inputs, outputs)  # (t, s) of rows, of columns
    matrix = split.transpose(4, 0, 2, 1, 3, 5).reshape(inputs, -1)
    quarters = jnp.split(picture @ matrix, 4, axis=-1)  # each (height, width, 2 2 out)
    shifts = [((t, 1 - t), (u, 1 - u), (0, 0)) for t in (0, 1) for u in (0, 1)]
    blocks = sum(jnp.pad(q, s) for q, s in zip(quarters, shifts, strict=True))
    rows = jnp.split(jnp.asarray(blocks), 2, axis=-1)
    large = jnp.stack(rows, 1).reshape(2 * height + 2, 2 * width + 2, outputs)
    return large[1:-1, 1:-1]


class Convolution(eqx.Module):
    """Kernel 4, stride 2: (h, w, inputs) to (ceil(h/2), ceil(w/2), outputs)."""

    weight: Float[Array, "*member 4 4 input output"]
    bias: Float[Array, "*member output"]

    def __init__(self, inputs: int, outputs: int, *, key: PRNGKeyArray):
        shape = (KERNEL, KERNEL, inputs, outputs)
        self.weight = he_uniform(shape, KERNEL**2 * inputs, key=key)
        self.bias = jnp.zeros(outputs)

    def __call__(self, picture: Picture) -> Smaller:
        """The smaller picture, before any activation."""
        few = picture.shape[-1] <= FEW_CHANNELS
        convolve = convolve_windows if few else convolve_half_windows
        return convolve(picture, self.weight) + self.bias


class TransposedConvolution(eqx.Module):
    """Kernel 4, stride 2: (h, w, inputs) to (2 h, 2 w, outputs), cropped at the end.

    The result is cropped to the size of the picture that a `Convolution` maps to
    (h, w): 2 h or 2 h - 1 rows, 2 w or 2 w - 1 columns.
    """

    weight: Float[Array, "*member 4 4 input output"]
    bias: Float[Array, "*member output"]
    size: tuple[int, int] = eqx.field(static=True)

    def __init__(
        self, inputs: int, outputs: int, size: tuple[int, int], *, key: PRNGKeyArray
    ):
        shape = (KERNEL, KERNEL, inputs, outputs)
        # every pixel of the result is the sum of 2x2 pixels
        self.weight = he_uniform(shape, KERNEL * inputs, key=key)
        self.bias = jnp.zeros(outputs)
        self.size = size

    def __call__(self, picture: Picture) -> Larger:
        """The larger picture, before any activation."""
        few = self.bias.shape[-1] <= FEW_CHANNELS
        spread = spread_pixels if few else spread_windows
        height, width = self.size
        return spread(picture, self.weight)[:height, :width] + self.bias
