"""Cauchy-Schwarz information: how dependent latents are, whatever their precision.

The batch estimate of total correlation puts each draw into the density that contains
its own posterior. That rewards wide posteriors, whether latents are dependent or not.
Here a draw is compared with the draws of other pictures only, so that independent
latents lose next to nothing, however precise they are.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

CAUCHY_SCHWARZ = "Cauchy-Schwarz information"  # name of the penalty
NEAR = 0.003  # share of pairs of independent normal draws that are near one another,
NEAR_PAIRS = 195  # but so many pairs of a smaller batch,
MOST_NEAR = 0.5  # up to this share
TINY = 1e-12  # keeps the logarithm finite where no two draws are near


def cauchy_schwarz_information(
    latent: Float[Array, "batch latent"],
) -> Float[Array, ""]:
    """Cauchy-Schwarz divergence of the latents' joint density from their product.

    -ln of (integral of pq)^2 / (integral of p^2 * integral of q^2), where p is the
    density of the latents and q the product of those of each latent alone. Both are
    seen through Gaussian kernels, as wide as `kernel_width` of a latent's standard
    deviation. At least 0 but for sampling noise; 0 if the latents are independent. The
    scale of a latent does not matter.

    Each integral is a mean over pairs of different draws, which has no bias.

    Source: Principe (2010), "Information Theoretic Learning", section 2.6 (quadratic
    mutual information), there with pairs of a draw and itself.
    """
    num, num_latents = latent.shape
    width = kernel_width(num_latents, num)
    other = 1 - jnp.eye(num)
    joint = other
    each = jnp.ones(num)  # of each draw: product over latents of its nearness to others
    product = jnp.ones(())
    for j in range(num_latents):
        value = latent[:, j] / (width * jnp.sqrt(jnp.var(latent[:, j]) + TINY))
        near = jnp.exp(-0.25 * (value[:, None] - value) ** 2)
        to_others = jnp.sum(near * other, axis=1) / (num - 1)
        joint = joint * near
        each = each * to_others
        product = product * jnp.mean(to_others)
    together = jnp.sum(joint) / (num * (num - 1))
    across = jnp.mean(each)
    return (
        jnp.log(together + TINY) + jnp.log(product + TINY) - 2 * jnp.log(across + TINY)
    )


def kernel_width(num_latents: int, num: int) -> float:
    """Width of a kernel, in standard deviations of a latent, for so many draws.

    Such that two independent draws from normal latents have a mean nearness of 0.003,
    in all latents together: 195 pairs of 256 draws. Of fewer draws, 195 pairs need
    wider kernels; the logarithm of too few would be noise.

    >>> [round(kernel_width(latents, 256), 2) for latents in (2, 3, 10)]
    [0.05, 0.15, 0.67]
    >>> [round(kernel_width(3, num), 2) for num in (1024, 64, 16)]
    [0.15, 0.39, 1.3]
    """
    pairs = num * (num - 1)
    share = min(MOST_NEAR, max(NEAR, NEAR_PAIRS / pairs))
    near = share ** (1 / num_latents)  # = width / sqrt(1 + width^2)
    return near / math.sqrt(1 - near**2)
