"""Maximum mean discrepancy: a distance between two distributions, from draws of each.

MMD^2 = E[k(x, x')] + E[k(y, y')] - 2 E[k(x, y)] for a kernel k; no unit. Both kernels
here are 1 at distance 0, so MMD^2 lies between 0 and 2; 0 only for equal distributions.
"""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
from jaxtyping import Array, Float

Kernel = Literal["rbf", "inverse-multiquadratic"]


def squared_distances(
    first: Float[Array, "draw latent"], second: Float[Array, "other latent"]
) -> Float[Array, "draw other"]:
    """Squared Euclidean distance of each draw of one set to each of the other."""
    return jnp.sum((first[:, None] - second[None]) ** 2, axis=-1)


def kernel_values(
    first: Float[Array, "draw latent"],
    second: Float[Array, "other latent"],
    kernel: str,
    width: Float[Array, ""] | float,
) -> Float[Array, "draw other"]:
    """The kernel of each draw of one set with each of the other.

    `rbf`: exp(-d^2 / (2 width^2)); `inverse-multiquadratic`: c / (c + d^2) with
    c = 2 width^2, where d is the Euclidean distance.
    """
    squared, scale = squared_distances(first, second), 2 * width**2
    if kernel == "rbf":
        return jnp.exp(-squared / scale)
    return scale / (scale + squared)


def squared_discrepancy(
    first: Float[Array, "draw latent"],
    second: Float[Array, "other latent"],
    kernel: str,
    width: Float[Array, ""] | float,
) -> Float[Array, ""]:
    """MMD^2 from draws of two distributions, without bias.

    No draw is compared with itself, so the value can fall below 0 by chance.

    Source: Gretton et al. (2012), eq. 3, JMLR 13 (A kernel two-sample test).
    """
    within = [
        (values.sum() - jnp.trace(values)) / (len(draws) * (len(draws) - 1))
        for draws in (first, second)
        for values in [kernel_values(draws, draws, kernel, width)]
    ]
    between = kernel_values(first, second, kernel, width).mean()
    return sum(within) - 2 * between
