"""The diagonal Gaussian posterior: sample, KL to the prior, log density."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

LOG_TWO_PI = 1.8378770664093453


class DiagonalGaussian(eqx.Module):
    """A Gaussian over latents, q(z|x), with independent dimensions; or a batch of them.

    The prior p(z) of every VAE here is the standard normal, N(0, 1) in each dimension.
    """

    mean: Float[Array, "*batch latent"]
    log_variance: Float[Array, "*batch latent"]

    @property
    def code(self) -> Float[Array, "*batch latent"]:
        """The code of the image: the mean."""
        return self.mean

    @property
    def standard_deviation(self) -> Float[Array, "*batch latent"]:
        """Square root of the variance of each dimension."""
        return jnp.exp(0.5 * self.log_variance)

    def sample(self, *, key: PRNGKeyArray) -> Float[Array, "*batch latent"]:
        """One draw, differentiable in mean and variance (reparameterised)."""
        noise = jax.random.normal(key, self.mean.shape, self.mean.dtype)
        return self.mean + self.standard_deviation * noise

    def kl_to_prior(self) -> Float[Array, "*batch latent"]:
        """KL(q(z_j|x) || N(0, 1)) of each dimension j, in nats; 0 for the prior.

        Source: Kingma & Welling (2014), appendix B, arXiv:1312.6114.
        """
        # 1/2 (mean^2 + variance - 1 - ln variance); expm1 keeps precision near 0
        return 0.5 * (self.mean**2 + jnp.expm1(self.log_variance) - self.log_variance)

    def kl_to(self, other: DiagonalGaussian) -> Float[Array, "*batch latent"]:
        """KL(q_j || other_j) of each dimension j to another Gaussian, in nats."""
        # 1/2 (v/w + (m - n)^2/w - 1 - ln v/w), with v/w = exp(ln v - ln w)
        ratio = self.log_variance - other.log_variance
        squared = (self.mean - other.mean) ** 2 * jnp.exp(-other.log_variance)
        return 0.5 * (squared + jnp.expm1(ratio) - ratio)

    def log_density(
        self, latent: Float[Array, "*batch latent"]
    ) -> Float[Array, "*batch latent"]:
        """Log density ln q(z_j|x) of each dimension j at the given point, in nats."""
        squared = (latent - self.mean) ** 2 * jnp.exp(-self.log_variance)
        return -0.5 * (squared + self.log_variance + LOG_TWO_PI)
