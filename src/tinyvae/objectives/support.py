"""Support of the codes, and its Hausdorff distance from a factorised support.

The support of several latents is factorised if every combination of values that they
take separately is taken jointly too. Dependent latents can have such a support.
"""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient
from jaxtyping import Array, Float


def hausdorff_distance_of_pair(
    first: Float[Array, " code"], second: Float[Array, " code"]
) -> Float[Array, ""]:
    """Squared distance of the product of two latents' values from their joint codes.

    max over (i, j) of min over m of (first_i - first_m)^2 + (second_j - second_m)^2,
    so 0 if every combination of two values is a joint code. Its gradient is that of the
    distance between the two points that attain it.
    """
    across = stop_gradient(first[:, None] - first) ** 2
    down = stop_gradient(second[:, None] - second) ** 2
    # squared[i, j, m]: from the combination (i, j) to code m
    squared = across[:, None] + down[None]
    nearest = jnp.argmin(squared, axis=-1)
    distance = jnp.min(squared, axis=-1)
    i, j = jnp.unravel_index(jnp.argmax(distance), distance.shape)
    m = nearest[i, j]
    return (first[i] - first[m]) ** 2 + (second[j] - second[m]) ** 2


def pairwise_hausdorff_distance(
    codes: Float[Array, "code latent"],
) -> Float[Array, ""]:
    """Sum over all pairs of latents of the squared Hausdorff distance; no unit.

    0 if there is one latent.

    Source: Roth et al. (2023), arXiv:2210.07347.
    """
    pairs = np.array(list(itertools.combinations(range(codes.shape[1]), 2)), int)
    if len(pairs) == 0:
        return jnp.zeros((), codes.dtype)
    # one pair after another: all together would be (pair, code, code, code)
    return jax.lax.map(
        lambda pair: hausdorff_distance_of_pair(codes[:, pair[0]], codes[:, pair[1]]),
        jnp.asarray(pairs),
    ).sum()
