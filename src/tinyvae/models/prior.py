"""Random points of the latent space, from which pictures are generated."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tinyvae.models.quantised import QuantisedHead
from tinyvae.models.vae import VAE


def random_latents(
    vae: VAE, num: int, rng: np.random.Generator | np.random.RandomState
) -> Float[np.ndarray, "sample latent"]:
    """Points drawn from the prior: N(0, 1) in each latent, all independent.

    Of quantised latents, every level is equally probable.
    """
    shape = (num, vae.head.latents)
    if not isinstance(vae.head, QuantisedHead):
        return rng.standard_normal(shape)
    levels = np.asarray(vae.head.levels(), np.float64)
    chosen = (rng.uniform(size=shape) * levels.shape[1]).astype(int)
    return levels[np.arange(shape[1]), chosen]
