"""A network that separates draws of the aggregate posterior from permuted ones."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.layers import LinearLayers
from tinyvae.models.vae import VAE

WIDTH, HIDDEN_LAYERS = 256, 3


class Discriminator(eqx.Module):
    """Latents to the logit that they come from q(z) rather than prod_j q(z_j).

    The logit of an optimal discriminator is ln q(z) / prod_j q(z_j).
    """

    network: LinearLayers

    def __call__(self, latent: Float[Array, " latent"]) -> Float[Array, ""]:
        """The logit at one point of the latent space, in nats."""
        return self.network(latent)[0]


def make_discriminator(vae: VAE, *, key: PRNGKeyArray) -> Discriminator:
    """A discriminator for the latents of a VAE, with random initial weights.

    Three hidden layers of 256 units; Kim & Mnih (2018) take six of 1000 for 64x64
    pictures of five factors.
    """
    widths = (vae.head.latents, *[WIDTH] * HIDDEN_LAYERS, 1)
    return Discriminator(LinearLayers(widths, "relu", key=key))


def permute_latents(
    latent: Float[Array, "batch latent"], *, key: PRNGKeyArray
) -> Float[Array, "batch latent"]:
    """Each column permuted on its own: rows become draws from prod_j q(z_j).

    Source: Kim & Mnih (2018), algorithm 1, arXiv:1802.05983.
    """
    keys = jax.random.split(key, latent.shape[1])
    permute = jax.vmap(jax.random.permutation, in_axes=(0, 1), out_axes=1)
    return permute(keys, latent)


def classification_loss(
    discriminator: Discriminator,
    joint: Float[Array, "batch latent"],
    permuted: Float[Array, "other latent"],
) -> Float[Array, ""]:
    """Mean cross entropy of the discriminator on joint and permuted draws, in nats.

    ln 2 if it cannot separate them.

    Source: Kim & Mnih (2018), algorithm 2, arXiv:1802.05983.
    """
    right = jax.nn.softplus(-jax.vmap(discriminator)(joint)).mean()
    wrong = jax.nn.softplus(jax.vmap(discriminator)(permuted)).mean()
    return 0.5 * (right + wrong)


def density_ratio_estimate(
    discriminator: Discriminator, latent: Float[Array, "batch latent"]
) -> Float[Array, ""]:
    """Total correlation by the discriminator: its mean logit, in nats.

    Source: Kim & Mnih (2018), eq. 3, arXiv:1802.05983.
    """
    return jnp.mean(jax.vmap(discriminator)(latent))
