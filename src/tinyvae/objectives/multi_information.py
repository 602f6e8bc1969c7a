"""Multi-information of codes, by a kernel density estimate over a minibatch."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.objectives.total_correlation import log_mixtures


def silverman_factor(num_codes: int, num_latents: int) -> float:
    """Width of a kernel over the standard deviation, by Silverman's rule.

    Source: Silverman (1986); `scipy.stats.gaussian_kde` has the same.

    >>> round(silverman_factor(256, 3), 4)
    0.4387
    """
    return (num_codes * (num_latents + 2) / 4) ** (-1 / (num_latents + 4))


def multi_information(
    codes: Float[Array, "batch latent"], scale: Float[Array, " latent"]
) -> Float[Array, ""]:
    """Total correlation of a kernel density estimate from the codes, in nats.

    One Gaussian kernel stands at each code; its width in each latent is Silverman's
    factor times `scale`. The latents' own densities are the marginals of this estimate.
    With `scale` the standard deviation, the scale of a latent does not matter.

    Source: Hsu et al. (2024), arXiv:2404.10282. In the published code
    the kernels of the marginals are as wide as the standard deviation itself.
    """
    num_codes, num_latents = codes.shape
    width = silverman_factor(num_codes, num_latents) * scale
    kernels = DiagonalGaussian(codes, jnp.broadcast_to(2 * jnp.log(width), codes.shape))
    joint, marginals = log_mixtures(kernels, codes)
    return jnp.mean(joint - marginals) + (num_latents - 1) * jnp.log(num_codes)
