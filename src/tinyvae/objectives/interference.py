"""Normalised Hessian penalty: how far latents interfere in what a function gives.

Two latents interfere where the effect of one depends on the value of the other: where
the mixed second derivative is not 0.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
from jaxtyping import Array, Float, PRNGKeyArray

Function = Callable[[Float[Array, " latent"]], Float[Array, "..."]]
TINY = 1e-10  # keeps the ratio finite where the function has no curvature at all


def second_differences(
    function: Function,
    point: Float[Array, " latent"],
    directions: Float[Array, "direction latent"],
    step: Float[Array, ""] | float,
) -> Float[Array, "direction output"]:
    """Second difference of each output along each direction.

    (f(z + step v) - 2 f(z) + f(z - step v)) / step^2, which is v' H v for the Hessian H
    of the output, up to terms of the order of step^2. Unlike the derivative it sees
    the kinks of rectifying activations.
    """
    centre = function(point).ravel()

    def along(direction: Float[Array, " latent"]) -> Float[Array, " output"]:
        ahead, behind = (
            function(point + sign * step * direction).ravel() for sign in (1, -1)
        )
        return (ahead - 2 * centre + behind) / step**2

    return jax.vmap(along)(directions)


def curvature_variance(
    function: Function,
    point: Float[Array, " latent"],
    directions: Float[Array, "direction latent"],
    step: Float[Array, ""] | float,
) -> Float[Array, ""]:
    """Variance over directions of the second difference, mean over outputs.

    For directions of random signs its expectation is 2 sum_{i != j} H_ij^2; for
    standard normal ones, 2 sum_ij H_ij^2. (Both times 1 - 1 / directions.)

    Source: Peebles et al. (2020), arXiv:2008.10599.
    """
    differences = second_differences(function, point, directions, step)
    return differences.var(axis=0).mean()


def normalised_hessian_penalty(
    function: Function,
    point: Float[Array, " latent"],
    scale: Float[Array, " latent"],
    *,
    num_directions: int,
    step: Float[Array, ""] | float,
    key: PRNGKeyArray,
) -> Float[Array, ""]:
    """Part of the squared Hessian that is off the diagonal; no unit, 0 to about 1.

    Each is estimated from a few random directions, in units of `scale`: so neither the
    scale of the latents nor that of the outputs changes it.

    Source: Hsu et al. (2024), arXiv:2404.10282.
    """
    signs_key, normal_key = jax.random.split(key)
    shape = (num_directions, len(point))
    signs = jax.random.rademacher(signs_key, shape, point.dtype)
    normal = jax.random.normal(normal_key, shape, point.dtype)
    off_diagonal, whole = (
        curvature_variance(function, point, scale * directions, step)
        for directions in (signs, normal)
    )
    return off_diagonal / (whole + TINY)
